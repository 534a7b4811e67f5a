//! The headers that say how long to wait.

use std::time::{Duration, Instant};

use datto_workplace::ErrorKind;
use wiremock::ResponseTemplate;

use crate::case::{Server, body};

#[tokio::test]
async fn a_refusal_is_waited_for_as_its_header_says() {
    let server = Server::start().await;
    for headers in [
        &[("X-Rate-Limit-Retry-After-Seconds", "1")][..],
        &[("Retry-After", "1")][..],
        &[("Retry-After", "30"), ("X-Rate-Limit-Retry-After-Seconds", "1")][..],
    ] {
        let mut refusal = ResponseTemplate::new(429);
        for (name, value) in headers {
            refusal = refusal.append_header(*name, *value);
        }
        server.answer_first(refusal.clone(), body("[]")).await;
        // A client of its own each: the pace of a client slows down after a refusal.
        let (files, begun) = (server.client(), Instant::now());
        assert!(files.projects().list().await.unwrap().is_empty());
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_secs(1) && waited < Duration::from_secs(20), "{headers:?}: {waited:?}");
        assert_eq!(server.sent().await.len(), 2);
    }
    let refusal = ResponseTemplate::new(429).append_header("X-Rate-Limit-Retry-After-Seconds", "400");
    server.answer(refusal).await;
    let error = server.client().projects().list().await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(400))));
    assert!(error.hint().unwrap().contains("team"));
    server.stop().await;
}
