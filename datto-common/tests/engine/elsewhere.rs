//! Redirects and ids that would lead elsewhere.

use datto_common::internal::{Call, Core};
use datto_common::{ErrorKind, Method, RawRequest, Request};

use crate::product::{PASSWORD, REMOVE, USER, core, get, make};
use crate::server::{Server, answer};

#[tokio::test]
async fn redirects_are_not_followed_whatever_their_number() {
    for status in [300, 301, 302, 303, 307, 308] {
        let elsewhere = Server::saying(answer(200, &[], "{}")).await;
        let there = format!("{}/stolen", elsewhere.origin);
        let here = Server::saying(answer(status, &[("Location", &there)], "")).await;
        let core = core(&here.origin);
        for error in [get(&core, "1").await.unwrap_err(), make(&core).await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
            assert!(error.message().contains("127.0.0.1") && error.hint().is_some(), "{error}");
            assert!(!format!("{error} {error:?}").contains("stolen"), "{error:?}");
        }
        assert_eq!((elsewhere.connections(), here.seen().len()), (0, 2), "{status}");
    }
}

#[tokio::test]
async fn a_location_of_any_shape_is_only_told() {
    for location in
        ["", "/", "//evil.example.com/x", "javascript:alert(1)", "http://[::1", "https://u:p@evil.test/?token=x"]
    {
        let here = Server::saying(answer(302, &[("Location", location)], "")).await;
        let error = get(&core(&here.origin), "1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        assert!(!error.to_string().contains("token"), "{error}");
    }
}

async fn target(core: &Core, server: &Server, uid: &str) -> String {
    get(core, uid).await.unwrap();
    server.seen().last().unwrap().target().to_owned()
}

#[tokio::test]
async fn an_id_is_one_segment_of_the_path_and_nothing_else() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let core = core(&format!("{}/api", server.origin));
    for (uid, segment) in [
        ("%2e%2e", "%252e%252e"),
        ("%2E", "%252E"),
        (".%2e", ".%252e"),
        ("...", "..."),
        ("a/../../b", "a%2F..%2F..%2Fb"),
        ("..\\..\\b", "..%5C..%5Cb"),
        ("a?b=c", "a%3Fb=c"),
        ("a#b", "a%23b"),
        ("@evil.test", "@evil.test"),
        ("//evil.test", "%2F%2Fevil.test"),
        ("a b", "a%20b"),
        (" HTTP/1.1", "%20HTTP%2F1.1"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("%0d%0aX-Evil: 1", "%250d%250aX-Evil:%201"),
    ] {
        assert_eq!(target(&core, &server, uid).await, format!("/api/thing/{segment}"), "{uid}");
    }
    assert!(server.seen().iter().all(|seen| seen.header("x-evil").is_none()));
}

#[tokio::test]
async fn ids_that_a_url_would_resolve_or_a_header_would_split_at_are_refused() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let core = core(&server.origin);
    for uid in ["", ".", "..", "a\r\nX-Evil: 1", "a\0", "\t", "\u{7f}", "\u{85}"] {
        let error = get(&core, uid).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{uid:?}");
        assert!(error.message().starts_with("thingUid "), "{error}");
        let error =
            Request::new(&core, Call::new(&REMOVE, &[uid]), |answer| answer.nothing()).send().await.unwrap_err();
        assert!(!error.may_have_happened());
        let error = RawRequest::new(&core, Method::GET, ["v2", uid]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{uid:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn query_values_cannot_leave_the_query() {
    let server = Server::saying(answer(200, &[], "{}")).await;
    let core = core(&server.origin);
    let evil = "x&admin=1#\r\nX-Evil: 1 HTTP/1.1";
    RawRequest::new(&core, Method::GET, ["things"]).query(evil, evil).query("plain", "1").await.unwrap();
    let seen = &server.seen()[0];
    assert!(seen.header("x-evil").is_none(), "{}", seen.head);
    let pairs: Vec<_> =
        url::Url::parse("http://host").unwrap().join(seen.target()).unwrap().query_pairs().into_owned().collect();
    assert_eq!(pairs, [(evil.to_owned(), evil.to_owned()), ("plain".to_owned(), "1".to_owned())]);
}

#[tokio::test]
async fn a_server_that_echoes_what_it_got_gives_nothing_away() {
    let echo = |seen: &crate::server::Seen, _: usize| answer(400, &[], format!("<html>{} {PASSWORD}", seen.head));
    let server = Server::start(echo).await;
    let error = get(&core(&server.origin), "1").await.unwrap_err();
    let header = server.seen()[0].header("authorization").unwrap().to_owned();
    let pair = header.strip_prefix("Basic ").unwrap();
    let shown = format!("{error} {error:?} {:?}", error.body_snippet());
    assert!(shown.contains("redacted") && !shown.contains(pair) && !shown.contains(PASSWORD), "{shown}");
    assert!(!pair.contains(USER), "it is encoded");
}

#[tokio::test]
async fn an_echo_in_a_header_or_a_location_gives_nothing_away() {
    let echo = |_: &crate::server::Seen, _: usize| {
        answer(302, &[("X-Request-Id", PASSWORD), ("Location", "https://the-secret-half.test/")], "")
    };
    let server = Server::start(echo).await;
    let error = get(&core(&server.origin), "1").await.unwrap_err();
    let shown = format!("{error} {error:?} {:?} {}", error.request_id(), serde_json::to_string(&error).unwrap());
    assert!(shown.contains("redacted") && !shown.contains(PASSWORD), "{shown}");
}
