//! What a program can watch: events and counters.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_rmm::{Counters, ErrorKind, Event, Observer, RetryPolicy, RmmClient, RmmClientBuilder};
use datto_sandbox::{Fault, Sandbox};

fn builder(sandbox: &Sandbox) -> RmmClientBuilder {
    let (key, secret) = sandbox.rmm_key();
    let builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret);
    builder.configure_http(|http| http.tls_certs_only([]))
}

/// Writes down what it hears.
#[derive(Debug, Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Observer for Diary {
    fn on_event(&self, event: &Event<'_>) {
        let line = match event {
            Event::Limited { operation, .. } => format!("{} limited", operation.name),
            Event::Attempt { operation, number, status, .. } => {
                format!("{} attempt {number}: {:?}", operation.name, status.map(|status| status.as_u16()))
            }
            Event::Retrying { operation, number, kind, wait } => {
                format!("{} retrying after {number}: {kind} in {wait:?}", operation.name)
            }
            Event::Finished { operation, attempts, error, .. } => {
                format!("{} finished after {attempts}: {error:?}", operation.name)
            }
            Event::Login { product, error, .. } => format!("{product} login: {error:?}"),
            Event::Unread { operation, members } => format!("{} cannot read {members:?}", operation.name),
            _ => panic!("{event:?}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_hears_attempts_waits_and_ends_in_order() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let diary = Diary::default();
    let rmm = builder(&sandbox).observer(diary.clone()).build().unwrap();
    sandbox.inject(Fault::status(429).header("Retry-After", "3").path_contains("/v2/account"));
    sandbox.inject(Fault::reset().path_contains("/v2/account"));
    sandbox.inject(Fault::status(403).path_contains("/v2/account"));
    let error = rmm.account().get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let heard = diary.0.lock().unwrap().clone();
    let expected = [
        "RMM login: None",
        "account.get attempt 1: Some(429)",
        "account.get retrying after 1: rate limited in 3s",
        "account.get attempt 2: None",
        "account.get retrying after 2: connection broken in ",
        "account.get attempt 3: Some(403)",
        "account.get finished after 3: Some(Forbidden)",
    ];
    assert_eq!(heard.len(), expected.len(), "{heard:#?}");
    assert!(heard.iter().zip(expected).all(|(line, start)| line.starts_with(start)), "{heard:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_login_is_heard_once_however_many_calls_wait_for_it() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let (diary, counters) = (Diary::default(), Counters::new());
    let (key, _) = sandbox.rmm_key();
    let builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, "another-secret");
    let rmm = builder.configure_http(|http| http.tls_certs_only([]));
    let rmm = rmm.observer(diary.clone()).observer(counters.clone()).build().unwrap();
    let calls: Vec<_> = (0..5).map(|_| rmm.account().get()).collect();
    assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_err));
    let heard = diary.0.lock().unwrap().clone();
    assert_eq!(heard.iter().filter(|line| *line == "RMM login: Some(Login)").count(), 1, "{heard:#?}");
    assert_eq!(counters.snapshot().logins, 1);
}

#[tokio::test(start_paused = true)]
async fn members_that_cannot_be_read_are_heard_and_told_by_the_record() {
    let sandbox = Sandbox::builder().devices(30).start().await.unwrap();
    let (diary, counters) = (Diary::default(), Counters::new());
    let rmm = builder(&sandbox).observer(diary.clone()).observer(counters.clone()).build().unwrap();
    let body = r#"{"pageDetails":{"count":2,"totalCount":2,"prevPageUrl":null,"nextPageUrl":null},"devices":[
        {"uid":"a","online":"perhaps","patchManagement":{"patchStatus":{"odd":1}}},{"uid":"b","online":true}]}"#;
    sandbox.inject(Fault::body("application/json", body).path_contains("/v2/account/devices"));
    let devices = rmm.devices().list().collect().await.unwrap();
    assert_eq!(
        devices.iter().map(|device| device.extra.unread().to_vec()).collect::<Vec<_>>(),
        [vec!["online"], vec![]]
    );
    let patches = devices[0].patch_management.as_ref().unwrap();
    assert_eq!(patches.extra.unread(), ["patchStatus"]);
    let body = r#"{"uid":"c","online":[1]}"#;
    sandbox.inject(Fault::body("application/json", body).path_contains("/v2/device/c"));
    assert_eq!(rmm.devices().get("c").await.unwrap().extra.unread(), ["online"]);
    let heard: Vec<String> = diary.0.lock().unwrap().iter().filter(|line| line.contains("cannot")).cloned().collect();
    let expected = [
        r#"devices.list cannot read ["online", "patchManagement.patchStatus"]"#,
        r#"devices.get cannot read ["online"]"#,
    ];
    assert_eq!(heard, expected);
    assert_eq!(counters.snapshot().unread_members, 3);
}

#[tokio::test(start_paused = true)]
async fn counters_count() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let counters = Counters::new();
    let rmm = builder(&sandbox).observer(counters.clone()).build().unwrap();
    sandbox.inject(Fault::status(503).path_contains("/v2/account").times(2));
    sandbox.inject(Fault::status(404).path_contains("/v2/account").times(2));
    rmm.account().get().await.unwrap_err();
    rmm.account().get().await.unwrap_err();
    for _ in 0..600 {
        rmm.account().get().await.unwrap();
    }
    let counts = counters.snapshot();
    assert_eq!((counts.calls, counts.attempts, counts.retries), (602, 604, 2));
    assert_eq!((counts.failed(), counts.failures.get(&ErrorKind::NotFound)), (2, Some(&2)));
    assert!(counts.limited > 0 && counts.limited_ms > 1_000, "{counts:?}");
    let json = serde_json::to_value(&counts).unwrap();
    assert_eq!((&json["calls"], &json["failures"]["not_found"]), (&602.into(), &2.into()));
    let quiet = builder(&sandbox).retry(RetryPolicy::never()).timeout(Duration::from_secs(9)).build().unwrap();
    quiet.account().get().await.unwrap();
    assert_eq!(counters.snapshot(), counts, "another client is not counted");
}

#[tokio::test(start_paused = true)]
async fn a_good_answer_that_cannot_be_read_is_a_failure_to_those_who_watch() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let counters = Counters::new();
    let rmm = builder(&sandbox).observer(counters.clone()).build().unwrap();
    sandbox.inject(Fault::html().path_contains("/v2/account").times(2));
    assert_eq!(rmm.account().get().await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(rmm.devices().list().collect().await.unwrap_err().kind(), ErrorKind::Decode);
    let counts = counters.snapshot();
    assert_eq!((counts.calls, counts.failures.get(&ErrorKind::Decode)), (2, Some(&2)));
}
