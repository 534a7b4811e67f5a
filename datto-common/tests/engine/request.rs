//! A request as a future, and the options that one call can have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use datto_common::internal::{Call, Core};
use datto_common::{ErrorKind, Method, RawRequest, Request, RetryPolicy};
use futures_util::future::{join_all, poll_immediate};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use crate::product::{GET, LIST, REMOVE, core};
use crate::server::{Server, Step, answer};

datto_common::list_builder! {
    /// Things.
    pub struct ListThings -> Value {}
}

fn get(core: &Core, uid: &str) -> Request<Value> {
    core.call(&GET, [uid]).json()
}

#[tokio::test]
async fn a_request_is_taken_wherever_a_future_is() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let core = core(&server.origin);
    assert!(join_all([get(&core, "1"), get(&core, "2")]).await.iter().all(Result::is_ok));
    assert_eq!(stream::iter([get(&core, "3"), get(&core, "4")]).buffer_unordered(2).count().await, 2);
    assert!(tokio::spawn(get(&core, "5")).await.unwrap().is_ok());
    assert!(tokio::spawn(RawRequest::new(&core, Method::GET, ["6"])).await.unwrap().is_ok());
    assert_eq!(server.seen().len(), 6);
    // What a program holds that has thousands of them under way at once, beside the call itself on the heap.
    let sizes = [size_of_val(&get(&core, "7")), size_of_val(&get(&core, "7").send())];
    assert!(sizes.iter().all(|size| *size < 1_024), "{sizes:?}");
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&get(&core, "7"));
}

#[tokio::test]
async fn a_request_that_was_polled_goes_on_and_is_not_sent_again() {
    let server =
        Server::start(|_, _| [vec![Step::Wait(Duration::from_millis(100))], answer(200, &[], "{}")].concat()).await;
    let core = core(&server.origin);
    let mut call = get(&core, "1");
    assert!(poll_immediate(&mut call).await.is_none());
    assert_eq!(call.send_with_meta().await.unwrap().attempts, 1);
    assert_eq!(server.seen().len(), 1);

    let mut call = get(&core, "2");
    assert!((&mut call).await.is_ok());
    assert_eq!((&mut call).await.unwrap_err().kind(), ErrorKind::Internal);
    assert!(call.clone().await.is_ok(), "a clone is another call");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_call_has_a_policy_and_headers_of_its_own() {
    let server = Server::saying(answer(503, &[], "")).await;
    let core = core(&server.origin);
    let error = get(&core, "1").retry(RetryPolicy::never()).header(" X-Trace ", "abc-1").await.unwrap_err();
    assert_eq!((error.attempts(), server.seen().len()), (1, 1));
    assert_eq!(server.seen()[0].header("x-trace"), Some("abc-1"));

    for (name, value) in [
        ("Authorization", "x"),
        ("content-length", "3"),
        ("HOST", "x"),
        ("a b", "x"),
        ("", "x"),
        ("x-a", "b\r\nx-c: d"),
    ] {
        let error = get(&core, "1").header(name, value).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{name:?}");
    }
    assert_eq!(server.seen().len(), 1);
    assert!(!format!("{:?}", get(&core, "1").header("x-key", "hidden-1")).contains("hidden-1"));
}

#[tokio::test]
async fn a_list_has_them_too_for_each_of_its_pages() {
    let page = r#"{"things":[1],"details":{"next":"?page=1","total":2}}"#;
    let server = Server::start(move |seen, _| match seen.target().contains("page=0") {
        true => answer(200, &[], page),
        false => answer(503, &[], ""),
    })
    .await;
    let list: ListThings = core(&server.origin).call(&LIST, []).list();
    let error = list.page_size(1).retry(RetryPolicy::never()).header("x-trace", "abc-2").collect().await.unwrap_err();
    let seen = server.seen();
    assert_eq!((error.attempts(), seen.len()), (1, 2));
    assert!(seen.iter().all(|seen| seen.header("x-trace") == Some("abc-2")));
}

#[tokio::test]
async fn what_is_done_at_the_end_is_done_when_the_call_ends_or_is_dropped_and_not_before() {
    let server = Server::start(|seen, _| match seen.target() {
        "/thing/slow" => vec![Step::Hold],
        _ => answer(204, &[], ""),
    })
    .await;
    let core = core(&server.origin);
    let done = Arc::new(AtomicUsize::new(0));
    let remove = |id: &str| {
        let done = Arc::clone(&done);
        let call = Call::new(&REMOVE, &[id]);
        Request::<()>::new(&core, call, |answer| answer.nothing())
            .finally(move || _ = done.fetch_add(1, Ordering::SeqCst))
    };
    drop(remove("1"));
    assert_eq!(done.load(Ordering::SeqCst), 0, "nothing was sent");
    remove("1").await.unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 1);
    let mut slow = remove("slow");
    assert!(poll_immediate(&mut slow).await.is_none());
    assert_eq!(done.load(Ordering::SeqCst), 1);
    drop(slow);
    assert_eq!(done.load(Ordering::SeqCst), 2, "it may have happened");
    let _: Value =
        RawRequest::new(&core, Method::GET, ["1"]).after_write(|| panic!("a read changes nothing")).await.unwrap();
}
