//! Servers that take their time, with paused time.

use std::time::Duration;

use datto_common::{ErrorKind, RetryPolicy};
use tokio::time::Instant;

use crate::product::{core, get, make, with_retry};
use crate::server::{Server, Step, answer, head};

/// A body of this many spaces, one at a time.
fn drip(bytes: usize, gap: Duration) -> Vec<Step> {
    let mut steps = vec![Step::Send(head(200, &[("Content-Length", &bytes.to_string())]))];
    for _ in 0..bytes {
        steps.extend([Step::Wait(gap), Step::Send(b" ".to_vec())]);
    }
    steps
}

#[tokio::test(start_paused = true)]
async fn a_drip_ends_with_the_time_of_the_attempt_and_of_the_call() {
    let server = Server::saying(drip(100_000, Duration::from_secs(1))).await;
    let start = Instant::now();
    let error = get(&core(&server.origin), "1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() <= Duration::from_secs(181), "{:?}", start.elapsed());
    assert_eq!(server.seen().len(), 3, "sixty seconds each");
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_time_of_the_attempt() {
    for steps in [vec![Step::Hold], vec![Step::Send(b"HTTP/1.1 200".to_vec()), Step::Hold]] {
        let server = Server::saying(steps).await;
        let start = Instant::now();
        let error = make(&core(&server.origin)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{error}");
        assert!(error.may_have_happened());
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}

#[tokio::test(start_paused = true)]
async fn an_absurd_wait_is_not_waited() {
    for (asked, longest) in [
        ("99999999999", 9),
        ("1e300", 9),
        ("-1", 9),
        ("NaN", 9),
        ("inf", 9),
        ("x", 9),
        ("3600", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 9),
    ] {
        let server = Server::saying(answer(429, &[("Retry-After", asked)], "")).await;
        let start = Instant::now();
        let error = get(&with_retry(&server.origin, RetryPolicy::default()), "1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{asked}: {error}");
        assert!(start.elapsed() <= Duration::from_secs(longest), "{asked}: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_says_how_long_it_would_have_been() {
    let server = Server::saying(answer(429, &[("Retry-After", "3600")], "")).await;
    let core = core(&server.origin);
    let error = get(&core, "1").await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(3_600))));
    assert!(error.message().contains("3600.0 s"), "{error}");
    // The next caller learns at once, and nothing is sent; after ten minutes one call finds out.
    let error = get(&core, "1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(get(&core, "1").await.unwrap_err().attempts(), 1);
    assert_eq!(server.seen().len(), 2);
}
