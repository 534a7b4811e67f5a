//! What callers may rely on when things go wrong outside of the service: a service in an outage, logins that fail, code of the user's that
//! panics, times without end, no runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use datto_common::internal::{Setup, Stall};
use datto_common::{
    Credentials, Error, ErrorKind, Event, Method, Observer, RawRequest, Result, RetryPolicy, Secret, Token, TokenCache,
    TokenSource, async_trait,
};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::Instant;

use crate::product::{GET, core, get, make, with, with_retry};
use crate::server::{Server, Step, answer};

#[tokio::test]
async fn a_write_without_a_body_says_so_and_a_read_says_nothing() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let core = core(&server.origin);
    for (method, length) in
        [("POST", Some("0")), ("PUT", Some("0")), ("PATCH", Some("0")), ("GET", None), ("DELETE", None)]
    {
        RawRequest::new(&core, Method::from_bytes(method.as_bytes()).unwrap(), ["things"]).await.unwrap();
        let seen = server.seen().pop().unwrap();
        assert!(seen.head.starts_with(method), "{}", seen.head);
        assert_eq!(seen.header("content-length"), length, "{method}");
        assert_eq!(seen.header("transfer-encoding"), None, "{method}");
    }
}

#[tokio::test]
async fn a_record_that_came_for_another_is_told() {
    let server = Server::start(|seen, _| {
        let uid = match seen.target().trim_start_matches("/thing/") {
            "asked" => "\"other\"",
            "SAME" => "\"same\"",
            "7" => "7",
            "8" => "9",
            _ => "null",
        };
        answer(200, &[], format!(r#"{{"name": "x", "uid": {uid}, "more": [1]}}"#))
    })
    .await;
    let core = core(&server.origin);
    for (asked, good) in [("asked", false), ("SAME", true), ("7", true), ("8", false), ("silent", true)] {
        let outcome = get(&core, asked).await;
        assert_eq!(outcome.is_ok(), good, "{asked}: {outcome:?}");
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(error.message().contains("another record"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_balancers_408_is_tried_again_for_reads_alone() {
    let late = |_: &crate::server::Seen, number: usize| answer(if number == 0 { 408 } else { 200 }, &[], "{}");
    let server = Server::start(late).await;
    get(&core(&server.origin), "1").await.unwrap();
    assert_eq!(server.seen().len(), 2);
    let server = Server::start(late).await;
    assert_eq!(make(&core(&server.origin)).await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_do_not_knock_four_hundred_times_at_a_service_that_is_down() {
    let server = Server::saying(answer(503, &[], "")).await;
    let core = with_retry(&server.origin, RetryPolicy::default());
    let outcomes = join_all((0..100).map(|_| get(&core, "1"))).await;
    let knocks = server.seen().len();
    assert!((120..=170).contains(&knocks), "{knocks}");
    let told = |error: &&Error| error.message().contains("too many calls of this client fail");
    assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).filter(told).count() >= 50);
    // A single caller is as patient as ever a minute later.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(get(&core, "1").await.unwrap_err().attempts(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_sleeps_no_longer_than_a_call_would() {
    for asked in ["3600", "80000"] {
        let server = Server::saying(answer(429, &[("Retry-After", asked)], "")).await;
        let mut call = datto_common::internal::Call::new(&GET, &["1"]);
        call.set_stall(Stall { after: Duration::from_secs(100), moved: Arc::default() });
        let start = Instant::now();
        let error = core(&server.origin).open(&call).await.unwrap_err();
        assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::RateLimited, 0), "{error}");
        assert!(error.message().contains("the wait of"), "{error}");
        assert!(!error.message().starts_with("; "), "{error}");
    }
}

#[tokio::test]
async fn a_time_without_end_is_no_panic() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let setup = Setup {
        timeout: Some(Duration::MAX),
        attempt_timeout: Some(Duration::MAX),
        retry: RetryPolicy::default().waits(Duration::MAX, Duration::MAX),
        ..Setup::default()
    };
    let core = with(&server.origin, setup, Arc::new(datto_common::Bearer::new("x")));
    let mut call = datto_common::internal::Call::new(&GET, &["1"]);
    call.set_timeout(Duration::MAX);
    core.read(&call, |answer| answer.json::<Value>()).await.unwrap();
    call.set_stall(Stall { after: Duration::MAX, moved: Arc::default() });
    core.open(&call).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_a_time_of_its_own() {
    let server = Server::saying(vec![Step::Hold]).await;
    let setup =
        Setup { attempt_timeout: Some(Duration::from_secs(5)), retry: RetryPolicy::never(), ..Setup::default() };
    let core = with(&server.origin, setup, Arc::new(datto_common::Bearer::new("x")));
    let start = Instant::now();
    assert_eq!(get(&core, "1").await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[test]
fn without_a_runtime_a_call_says_so() {
    let core = core("http://127.0.0.1:9");
    let error = get(&core, "1").now_or_never().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Config, 0));
    assert!(error.message().contains("tokio runtime") && error.hint().is_some(), "{error}");
}

#[derive(Debug)]
struct Panics;

impl Observer for Panics {
    fn on_event(&self, _: &Event<'_>) {
        panic!("as a bug of the user's");
    }
}

#[derive(Debug, Default, Clone)]
struct Counts(Arc<AtomicU32>);

impl Observer for Counts {
    fn on_event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn observers_that_panic_cost_nothing_and_all_of_them_watch() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let counts = Counts::default();
    let setup = Setup { observers: vec![Arc::new(Panics), Arc::new(counts.clone())], ..Setup::default() };
    let core = with(&server.origin, setup, Arc::new(datto_common::Bearer::new("x")));
    get(&core, "1").await.unwrap();
    assert_eq!(counts.0.load(Ordering::Relaxed), 2, "the attempt and the end");
}

/// A login that fails so often before it works.
#[derive(Debug)]
struct Fails(AtomicU32, ErrorKind);

#[async_trait]
impl TokenSource for Fails {
    async fn login(&self) -> Result<Token> {
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            Ok(_) => Err(Error::new(self.1, "no luck")),
            Err(_) => Ok(Token { value: Secret::new("token"), lifetime: None }),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_names_the_call_that_waited_for_it() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    for (fails, kind, logins, good) in
        [(9, ErrorKind::Server, 4, false), (9, ErrorKind::Login, 1, false), (2, ErrorKind::Connect, 0, true)]
    {
        let credentials: Arc<dyn Credentials> = Arc::new(TokenCache::new(Fails(AtomicU32::new(fails), kind)));
        let core = with(&server.origin, Setup::default(), credentials);
        let start = Instant::now();
        let outcome = get(&core, "1").await;
        assert_eq!(outcome.is_ok(), good, "{outcome:?}");
        let Err(error) = outcome else { continue };
        assert_eq!((error.operation(), error.attempts(), error.login_attempts()), (Some("thing.get"), 0, logins));
        assert_eq!(error.elapsed(), start.elapsed());
        let told = error.to_string();
        assert!(
            told.starts_with("Test thing.get: ") && told.contains("at the login") && told.ends_with("no luck"),
            "{told}"
        );
    }
}
