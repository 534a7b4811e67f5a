//! A product that exists only here: a few operations on the engine.

use std::time::Duration;

use datto_common::internal::{Call, Core, Failure, Profile, Rules, Setup};
use datto_common::{
    Basic, Credentials, Echo, Effect, ErrorKind, Method, Operation, Paging, Request, Result, RetryPolicy, Scheme,
};
use serde_json::Value;
use url::Url;

const LINKS: Scheme = Scheme::Link { param: "page", first: 0, next: "next", total: "total" };

pub(crate) static GET: Operation = Operation::read("thing.get", "/thing/{thingUid}").echoes("uid");
pub(crate) static LIST: Operation =
    Operation::read("things.list", "/things").paged(Paging::new("things", "details", "max", (10, 10), LINKS));
pub(crate) static LOOSE: Operation =
    Operation::read("things.loose", "/things").paged(Paging::new("things", "details", "max", (10, 10), LINKS).loose());
/// Links, and pages that say how many records they have.
pub(crate) static SIZED: Operation = Operation::read("things.sized", "/things")
    .paged(Paging::new("things", "details", "max", (10, 10), LINKS).echoing(Echo { page: "", size: "", rows: "rows" }));
/// Pages that are counted, and say which they are.
pub(crate) static COUNTED: Operation = Operation::read("things.counted", "/things").paged(
    Paging::new(
        "things",
        "details",
        "max",
        (10, 20),
        Scheme::Count { param: "page", first: 1, pages: "pages", total: "count" },
    )
    .echoing(Echo { page: "number", size: "size", rows: "" }),
);
pub(crate) static CURSOR: Operation = Operation::read("things.cursor", "/things").paged(Paging::new(
    "things",
    "details",
    "max",
    (10, 10),
    Scheme::Cursor { carry: &["after"], next: "next" },
));
pub(crate) static MAKE: Operation = Operation::write("thing.make", Method::PUT, "/thing", Effect::Once, "");
pub(crate) static REMOVE: Operation =
    Operation::write("thing.remove", Method::DELETE, "/thing/{thingUid}", Effect::Repeatable, "");

static PROFILE: Profile = Profile {
    product: "Test",
    user_agent: "test",
    wait_headers: &["retry-after"],
    hint: |_: &Failure<'_>, _: ErrorKind| None,
    is_block: |failure: &Failure<'_>| failure.html,
    limits: || Rules::NONE,
};

/// A mebibyte, the cap of bodies here.
pub(crate) const CAP: usize = 1024 * 1024;

pub(crate) const USER: &str = "the-public-half";
pub(crate) const PASSWORD: &str = "the-secret-half";

/// A core that does not wait between attempts.
pub(crate) fn core(origin: &str) -> Core {
    with_retry(origin, RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO))
}

pub(crate) fn with_retry(origin: &str, retry: RetryPolicy) -> Core {
    with(origin, Setup { retry, ..Setup::default() }, std::sync::Arc::new(Basic::new(USER, PASSWORD)))
}

pub(crate) fn with(origin: &str, mut setup: Setup, credentials: std::sync::Arc<dyn Credentials>) -> Core {
    setup.body_cap = Some(CAP);
    let base = Url::parse(origin).unwrap();
    setup.check(&base).unwrap();
    setup.configure = Some(Box::new(|http| http.tls_certs_only([])));
    let http = setup.http(&base, &PROFILE).unwrap();
    setup.finish(&PROFILE, base, http, credentials)
}

/// Gets a thing as JSON.
pub(crate) async fn get(core: &Core, uid: &str) -> Result<Value> {
    Request::new(core, Call::new(&GET, &[uid]), |answer| answer.json()).send().await
}

/// Makes a thing, which must not happen twice.
pub(crate) async fn make(core: &Core) -> Result<Value> {
    let mut call = Call::new(&MAKE, &[]);
    call.set_json(&serde_json::json!({"name": "x"}));
    Request::new(core, call, |answer| answer.json()).send().await
}
