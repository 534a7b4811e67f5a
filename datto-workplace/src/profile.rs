//! What the core has to know of Datto Workplace: its pace, and what its failures mean.

use std::time::Duration;

use datto_common::internal::{Failure, Pace, Profile, Rules};
use datto_common::{ErrorKind, Method};

/// The product, as the core sees it.
pub(crate) static PROFILE: Profile = Profile {
    product: "Workplace",
    user_agent: concat!("datto-workplace/", env!("CARGO_PKG_VERSION")),
    wait_headers: &["x-rate-limit-retry-after-seconds", "retry-after"],
    hint,
    is_block: |_| false,
    limits,
};

#[cfg(feature = "oauth")]
pub(crate) const LOGIN_HINT: &str = "check the client id, its secret and the token URL; what the tile of the API integration shows is for Basic, which needs no token URL";

/// How many calls the account may make is not known; the service says so when it is too much. After a refusal calls are
/// kept apart, as in a program that runs on large teams (observed).
fn limits() -> Rules {
    let pace = Pace {
        first: Duration::from_millis(450),
        longest: Duration::from_secs(8),
        easing: Duration::from_millis(25),
        after_503: true,
    };
    Rules { pace: Some(pace), ..Rules::NONE }
}

fn hint(failure: &Failure<'_>, kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unauthenticated => Some(
            "check the client id and secret; the integration may be disabled or deleted, and a new one has a new id too",
        ),
        ErrorKind::Forbidden if failure.operation.method == Method::DELETE => Some(
            "share the project with the integration at the level Full Access: only owners and Full Access may delete",
        ),
        ErrorKind::Forbidden => Some(
            "share the project with the integration at a level that allows this: Modify, Create & Modify or Full Access",
        ),
        ErrorKind::NotFound if failure.operation.name == "projects.list" => {
            Some("nothing answers there: check domain and cell against the Endpoint URL of the API integration's tile")
        }
        ErrorKind::NotFound => Some("no such item, or one in a project that is not shared with the integration"),
        ErrorKind::Conflict => Some("an item of this name exists in the folder"),
        ErrorKind::RateLimited => {
            Some("the limit counts for the whole team: other programs and copies of this one share it")
        }
        _ => None,
    }
}
