//! The grants over the wire: what is sent, where to, and what each answer becomes.

use std::error::Error as _;
use std::time::Duration;

use datto_common::{Credentials as _, Error, ErrorKind, Grant, OAuth, Secret, TokenCache, TokenSource as _, reqwest};
use url::Url;

use crate::server::{Seen, Server, Step, answer, head};

const KEY: &str = "KEY&with=odd characters";
const SECRET: &str = "s3cret+/&=% é\"end";
const TOKEN: &str = "opaque-token-0001";
const HINT: &str = "check the key";

fn source(origin: &str, grant: Grant) -> OAuth {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).tls_certs_only([]).no_proxy();
    let url = Url::parse(&format!("{origin}/auth/oauth/token")).unwrap();
    OAuth::new(http.build().unwrap(), url, grant, "Test", HINT)
}

fn password(origin: &str) -> OAuth {
    let client = ("public-client", "public");
    source(origin, Grant::Password { key: Secret::new(KEY), secret: Secret::new(SECRET), client })
}

fn good() -> Vec<Step> {
    let body = format!(
        r#"{{"access_token":"{TOKEN}","token_type":"bearer","expires_in":360000,"scope":"default","jti":"x"}}"#
    );
    answer(200, &[("Content-Type", "application/json")], body)
}

fn form(seen: &Seen) -> Vec<(String, String)> {
    url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Everything that an error shows.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.body_snippet(), error.hint());
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(" {inner} {inner:?}"));
        cause = inner.source();
    }
    text
}

#[tokio::test]
async fn the_password_grant_carries_the_public_client_and_the_key_encoded() {
    let server = Server::saying(good()).await;
    let token = password(&server.origin).login().await.unwrap();
    assert_eq!((token.value.expose(), token.lifetime), (TOKEN, Some(Duration::from_secs(360_000))));
    let seen = &server.seen()[0];
    assert!(seen.head.starts_with("POST /auth/oauth/token HTTP/1.1"), "{}", seen.head);
    assert_eq!(seen.header("authorization"), Some("Basic cHVibGljLWNsaWVudDpwdWJsaWM="));
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(form(seen), pairs(&[("grant_type", "password"), ("username", KEY), ("password", SECRET)]));
    assert!(!seen.head.contains("s3cret"));
}

#[tokio::test]
async fn the_client_credentials_grant_carries_its_pair_in_the_header() {
    let server = Server::saying(good()).await;
    let grant = Grant::ClientCredentials { id: Secret::new("the-id"), secret: Secret::new("the-secret") };
    source(&server.origin, grant).login().await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), Some("Basic dGhlLWlkOnRoZS1zZWNyZXQ="));
    assert_eq!(form(seen), pairs(&[("grant_type", "client_credentials")]));
}

#[tokio::test]
async fn a_redirect_of_the_login_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::saying(good()).await;
        let here = Server::saying(answer(status, &[("Location", &elsewhere.origin)], "")).await;
        let error = password(&here.origin).login().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        assert!(error.hint().unwrap().contains("not followed"), "{error}");
        assert_eq!((elsewhere.connections(), here.seen().len()), (0, 1), "{status}");
    }
}

#[tokio::test]
async fn each_answer_becomes_an_error_of_its_kind() {
    use ErrorKind::{Blocked, Decode, Login, NotFound, RateLimited, Redirect, Server as Failing, TooLarge};
    let refused = r#"{"error":"invalid_grant","error_description":"Bad credentials"}"#;
    let huge = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(100_000));
    let half = format!(r#"{{"access_token":"{TOKEN}","token_ty"#);
    let json = ("Content-Type", "application/json");
    let html = "<html><title>Login</title></html>";
    let wait = ("Retry-After", "7");
    for (status, headers, body, kind, words) in [
        (400, vec![json], refused, Login, "invalid_grant: Bad credentials"),
        (401, vec![json], refused, Login, "invalid_grant"),
        (400, vec![json], r#"{"message":"nope"}"#, Login, HINT),
        (400, vec![], "", Login, HINT),
        (401, vec![], "", Login, HINT),
        (401, vec![("Content-Type", "text/html")], html, Login, HINT),
        (403, vec![json], r#"{"error":"forbidden"}"#, Login, HINT),
        (403, vec![], html, Blocked, "blocked"),
        (403, vec![wait], "", Blocked, "blocked"),
        (404, vec![json], r#"{"error":"Not Found","path":"/x"}"#, NotFound, "check the URL"),
        (404, vec![], html, NotFound, "check the URL"),
        (429, vec![wait], "", RateLimited, "try again later"),
        (429, vec![json], refused, RateLimited, "try again later"),
        (500, vec![json], refused, Failing, "try again later"),
        (503, vec![], html, Failing, "try again later"),
        (302, vec![], "", Redirect, "elsewhere"),
        (200, vec![("Content-Type", "text/html")], html, Decode, "HTML"),
        (200, vec![json], "", Decode, "empty"),
        (200, vec![json], "\0\0\0", Decode, "no token answer"),
        (200, vec![json], "[1]", Decode, "no token answer"),
        (200, vec![json], "{}", Decode, "no token answer"),
        (405, vec![], html, NotFound, "no login is taken"),
        (200, vec![json], r#"{"access_token":7,"token_type":"bearer"}"#, Decode, "access_token"),
        (200, vec![json], r#"{"access_token":" ","token_type":"bearer"}"#, Decode, "empty token"),
        (200, vec![json], &half, Decode, "no token answer"),
        (200, vec![json], refused, Decode, "no token answer"),
        (200, vec![json], &huge, TooLarge, "too large"),
    ] {
        let server = Server::saying(answer(status, &headers, body)).await;
        let error = password(&server.origin).login().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body:.60}: {error}");
        assert!(error.to_string().contains(words), "{status} {body:.60}: {error}");
        assert!(error.to_string().starts_with("Test login: "), "{error}");
        let asked = headers.contains(&wait).then_some(Duration::from_secs(7));
        assert_eq!(error.retry_after(), asked, "{status}");
        assert!(!shown(&error).contains(TOKEN), "{}", shown(&error));
    }
}

#[tokio::test]
async fn a_token_is_taken_whatever_its_answer_is_said_to_be() {
    for (status, kind) in [(200, "text/plain"), (201, "application/json;charset=UTF-8"), (200, "text/html")] {
        let body = format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer"}}"#);
        let server = Server::saying(answer(status, &[("Content-Type", kind)], &body)).await;
        let token = password(&server.origin).login().await.unwrap();
        assert_eq!((token.value.expose(), token.lifetime), (TOKEN, None), "{kind}");
    }
}

#[tokio::test]
async fn a_token_is_taken_in_each_form_that_says_the_same() {
    let hour = Some(Duration::from_secs(3_600));
    for (rest, lifetime) in [
        (r#","token_type":"bearer","expires_in":3600"#, hour),
        (r#","token_type":"bearer","expires_in":"3600""#, hour),
        (r#","token_type":"bearer","expires_in":3600.0"#, hour),
        (r#","token_type":"bearer","expires_in":-1"#, None),
        (r#","token_type":"bearer","expires_in":null"#, None),
        (r#","token_type":"bearer","expires_in":"soon""#, None),
        (r#","expires_in":3600"#, hour),
        (r#","token_type":null,"expires_in":1e300"#, None),
    ] {
        for mark in ["", "\u{feff}"] {
            let body = format!(r#"{mark}{{"access_token":"{TOKEN}"{rest}}}"#);
            let server = Server::saying(answer(200, &[], &body)).await;
            let token = password(&server.origin).login().await.unwrap();
            assert_eq!((token.value.expose(), token.lifetime), (TOKEN, lifetime), "{rest}");
        }
    }
}

#[tokio::test]
async fn a_login_that_breaks_off_or_is_endless_is_an_error() {
    let length = head(200, &[("Content-Length", "500")]);
    for (steps, kind) in [
        (vec![], ErrorKind::Transport),
        (vec![Step::Send([&length[..], b"{\"access_token\":\"opaque-token-0001"].concat())], ErrorKind::Transport),
        (vec![Step::Send(head(200, &[])), Step::Repeat(vec![b' '; 4_096])], ErrorKind::TooLarge),
        (vec![Step::Send(head(400, &[])), Step::Repeat(vec![b' '; 4_096])], ErrorKind::TooLarge),
    ] {
        let server = Server::saying(steps.clone()).await;
        let error = password(&server.origin).login().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{steps:?}: {error}");
        assert!(!shown(&error).contains(TOKEN), "{}", shown(&error));
    }
    let error = password("http://127.0.0.1:9").login().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_login_without_an_answer_ends_after_thirty_seconds() {
    let server = Server::saying(vec![Step::Hold]).await;
    let start = tokio::time::Instant::now();
    let error = password(&server.origin).login().await.unwrap_err();
    assert_eq!((error.kind(), start.elapsed()), (ErrorKind::Timeout, Duration::from_secs(30)), "{error}");
}

#[tokio::test]
async fn no_failure_shows_the_key_the_secret_or_the_token() {
    let secrets =
        [SECRET.to_owned(), "s3cret".to_owned(), url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect()];
    let echoes: [fn(&Seen) -> Vec<Step>; 5] = [
        |seen| answer(400, &[], format!(r#"{{"error":"invalid_grant","error_description":{:?}}}"#, seen.body)),
        |_| {
            answer(
                401,
                &[],
                serde_json::json!({"error": "x", "error_description": format!("{SECRET} is wrong")}).to_string(),
            )
        },
        |seen| answer(500, &[], format!("{} {}", seen.head, seen.body)),
        |seen| answer(200, &[], format!("<html>{}", seen.body)),
        |seen| answer(200, &[], format!(r#"{{"access_token":["{TOKEN}"],"echo":{:?}}}"#, seen.body)),
    ];
    for (number, echo) in echoes.into_iter().enumerate() {
        let server = Server::start(move |seen, _| echo(seen)).await;
        let source = password(&server.origin);
        let cache = TokenCache::new(password(&server.origin));
        for error in [source.login().await.unwrap_err(), cache.authorize().await.unwrap_err()] {
            let text = format!("{} {source:?} {cache:?}", shown(&error));
            assert!(!text.contains(TOKEN), "{number}: {text}");
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{number}: {text}");
            assert!(error.message().len() < 300, "{number}: {text}");
        }
    }
}
