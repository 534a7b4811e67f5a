//! Bodies that are too large, broken or something else than JSON.

use std::time::{Duration, Instant};

use datto_common::internal::Call;
use datto_common::{Error, ErrorKind, Request};

use crate::product::{CAP, LIST, MAKE, core, get, make};
use crate::server::{Server, Step, answer, head};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// What a call of a server that does this comes to, and how many requests it took.
async fn outcome(steps: Vec<Step>) -> (Error, usize) {
    let server = Server::saying(steps).await;
    let start = Instant::now();
    let error = get(&core(&server.origin), "1").await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(20), "in bounded time");
    assert_eq!(error.operation(), Some("thing.get"));
    (error, server.seen().len())
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[tokio::test]
async fn a_length_beyond_the_cap_is_refused_before_the_body() {
    let length = (CAP + 1).to_string();
    let steps = vec![Step::Send(head(200, &[JSON, ("Content-Length", &length)])), Step::Hold];
    let (error, requests) = outcome(steps).await;
    assert_eq!((error.kind(), requests), (ErrorKind::TooLarge, 1), "{error}");
    let (error, _) =
        outcome(vec![Step::Send(head(200, &[("Content-Length", "99999999999999999999")])), Step::Hold]).await;
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

#[tokio::test]
async fn an_endless_body_is_left_at_the_cap() {
    for (headers, piece) in
        [(vec![JSON, ("Transfer-Encoding", "chunked")], chunk(&[b' '; 65_536])), (vec![JSON], vec![b' '; 65_536])]
    {
        let (error, requests) = outcome(vec![Step::Send(head(200, &headers)), Step::Repeat(piece)]).await;
        assert_eq!((error.kind(), requests), (ErrorKind::TooLarge, 1), "{error}");
        assert!(error.message().contains("1 MiB"), "{error}");
        assert_eq!(error.status().unwrap().as_u16(), 200, "the status came before the body");
    }
}

#[tokio::test]
async fn an_endless_refusal_is_a_refusal() {
    let (error, _) = outcome(vec![Step::Send(head(403, &[JSON])), Step::Repeat(vec![b' '; 65_536])]).await;
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Forbidden, 403), "{error}");
}

#[tokio::test]
async fn endless_headers_are_an_error() {
    let (error, _) = outcome(vec![
        Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Step::Repeat(b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(100)),
    ])
    .await;
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

/// A gzip stream of this many zeros: about one byte for two hundred, and no end.
fn bomb(zeros: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut held, mut count) = (0_u32, 0);
    let mut bits = |value: u32, width: u32, out: &mut Vec<u8>| {
        held |= value << count;
        count += width;
        while count >= 8 {
            out.push((held & 255) as u8);
            held >>= 8;
            count -= 8;
        }
    };
    bits(0b010, 3, &mut out); // not the last block, fixed codes
    bits(0b0000_1100, 8, &mut out); // the literal 0: code 00110000, most significant bit first
    for _ in 0..zeros / 258 {
        bits(0b1010_0011, 8, &mut out); // a match of 258: code 11000101, most significant bit first
        bits(0, 5, &mut out); // one byte back
    }
    out
}

#[tokio::test]
async fn a_bomb_is_defused_at_the_cap() {
    let bomb = bomb(100 * CAP);
    assert!(bomb.len() < CAP, "what counts is what comes out");
    let headers = [JSON, ("Content-Encoding", "gzip")];
    let before = resident();
    let (error, requests) = outcome(answer(200, &headers, &bomb)).await;
    assert_eq!((error.kind(), requests), (ErrorKind::TooLarge, 1), "{error}");
    assert!(resident().saturating_sub(before) < 50 * 1024, "KiB more than before");
    // A refusal that is one is a refusal all the same.
    let (error, _) = outcome(answer(404, &headers, &bomb)).await;
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

/// The memory of this process in KiB; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_broken_compression_is_an_error() {
    let (error, requests) = outcome(answer(200, &[JSON, ("Content-Encoding", "gzip")], "{\"a\":1}")).await;
    assert_eq!((error.kind(), requests), (ErrorKind::Transport, 4), "{error}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_again() {
    for (headers, body) in [
        ([JSON, ("Content-Length", "100")], &b"{\"a\":"[..]),
        ([JSON, ("Transfer-Encoding", "chunked")], b"5\r\n{\"a\":\r\n"),
    ] {
        let (error, requests) = outcome(vec![Step::Send([&head(200, &headers), body].concat())]).await;
        assert_eq!((error.kind(), error.attempts(), requests), (ErrorKind::Transport, 4, 4), "{error}");
        assert!(error.message().contains("broke off"), "{error}");
        assert_eq!(error.status().unwrap().as_u16(), 200, "the status came before the body");
    }
}

#[tokio::test]
async fn what_is_no_json_is_named() {
    let deep = "[".repeat(100_000);
    for (kind, body, words) in [
        ("application/json", &b"{\"a\": [1, 2"[..], "EOF"),
        ("application/json", b"{\"a\":1}{\"b\":2}", "trailing"),
        ("application/json", b"{\"a\":1,}", "trailing comma"),
        ("application/json", b"\xff\xfe{\0}\0", "UTF-8"),
        ("application/json", deep.as_bytes(), "recursion"),
        ("application/json", b"", "empty"),
        ("application/json", b" \r\n\t ", "empty"),
        ("application/json", b"\xef\xbb\xbf", "empty"),
        ("text/html", b"<!DOCTYPE html><title>Down</title>", "HTML where JSON should be, titled \"Down\""),
        ("application/json", b"  <html>", "HTML"),
        ("application/octet-stream", b"\0\0\0\0", "expected value"),
        ("text/plain", b"ok", "expected"),
    ] {
        let (error, requests) = outcome(answer(200, &[("Content-Type", kind)], body)).await;
        let what = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!((error.kind(), requests), (ErrorKind::Decode, 1), "{what}: {error}");
        assert!(error.message().contains(words), "{what}: {error}");
        assert_eq!(error.status().unwrap().as_u16(), 200);
        assert!(error.body_snippet().unwrap_or_default().len() <= 1_024);
    }
}

#[tokio::test]
async fn json_is_read_whatever_its_type_is_said_to_be() {
    for (headers, body) in [
        (vec![], &b"{\"a\":1}"[..]),
        (vec![("Content-Type", "text/html")], b"{\"a\":1}"),
        (vec![JSON], b"\xef\xbb\xbf{\"a\":1}"),
        (vec![JSON], b"\n {\"a\":1} \n"),
    ] {
        let server = Server::saying(answer(200, &headers, body)).await;
        assert_eq!(get(&core(&server.origin), "1").await.unwrap(), serde_json::json!({"a": 1}));
    }
}

#[tokio::test]
async fn an_answer_to_a_write_that_cannot_be_read_leaves_it_open() {
    for steps in [
        answer(200, &[JSON], "{"),
        answer(200, &[], "<html>"),
        vec![Step::Send(head(200, &[("Content-Length", "10")]))],
        vec![Step::Send(head(200, &[("Content-Length", "9999999")])), Step::Hold],
        vec![],
        vec![Step::Send(b"SSH-2.0-OpenSSH\r\n".to_vec())],
    ] {
        let server = Server::saying(steps.clone()).await;
        let error = make(&core(&server.origin)).await.unwrap_err();
        assert!(error.may_have_happened(), "{steps:?}: {error}");
        let bodies: Vec<_> = server.seen().into_iter().map(|seen| seen.body).collect();
        assert_eq!(bodies, [r#"{"name":"x"}"#], "{steps:?}: {error}");
    }
}

/// A write that answers nothing.
async fn void(steps: Vec<Step>) -> Result<(), Error> {
    let server = Server::saying(steps).await;
    Request::new(&core(&server.origin), Call::new(&MAKE, &[]), |answer| answer.nothing()).send().await
}

#[tokio::test]
async fn a_void_answer_that_tells_of_a_failure_is_no_success() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (body, words) in [
        (b"{\"status\":500,\"error\":\"Internal Server Error\"}".to_vec(), "Internal Server Error"),
        (b"{\"errorMessage\":\"locked by another\"}".to_vec(), "locked by another"),
        (b"{\"success\":false,\"message\":\"no\"}".to_vec(), "no"),
        (b"Service temporarily unavailable".to_vec(), "Service temporarily unavailable"),
        (b"\"Service temporarily unavailable\"".to_vec(), "Service temporarily unavailable"),
        (b"\xef\xbb\xbf<html><title>Down</title>".to_vec(), "titled \"Down\""),
        (wide("\u{feff}<html><title>Down</title>"), "titled \"Down\""),
        (wide("<html><title>Down</title>"), "titled \"Down\""),
        (wide("\u{feff}{\"status\":503,\"message\":\"wide\"}"), "wide"),
    ] {
        let error = void(answer(200, &[], &body)).await.unwrap_err();
        assert!(error.message().contains(words), "{error}");
        assert!(error.may_have_happened() && error.status().unwrap().is_success(), "{error}");
    }
}

#[tokio::test]
async fn a_void_answer_that_says_nothing_is_fine() {
    for (status, body) in [
        (200, ""),
        (200, " \r\n"),
        (200, "null"),
        (200, "\"\""),
        (200, "{}"),
        (200, "\u{feff}"),
        (200, "[]"),
        (200, "true"),
        (200, "OK"),
        (200, "{\"uid\":\"x\",\"status\":\"active\",\"error\":null}"),
        (201, ""),
        (202, "queued for later"),
        (204, ""),
    ] {
        void(answer(status, &[], body)).await.unwrap();
    }
}

#[tokio::test]
async fn an_odd_character_costs_its_text_alone() {
    for (body, name) in [(&b"{\"a\":\"M\xfcller\"}"[..], "M\u{fffd}ller"), (b"{\"a\":\"x\x02y\"}", "x\u{2}y")] {
        let server = Server::saying(answer(200, &[JSON], body)).await;
        assert_eq!(get(&core(&server.origin), "1").await.unwrap(), serde_json::json!({"a": name}));
    }
    let page = b"{\"details\":{\"total\":2},\"things\":[{\"a\":\"M\xfc\x01\"},{\"a\":\"b\"}]}";
    let server = Server::saying(answer(200, &[JSON], page)).await;
    let list = datto_common::internal::List::<serde_json::Value>::new(&core(&server.origin), Call::new(&LIST, &[]));
    let names: Vec<_> = list.collect().await.unwrap().into_iter().map(|thing| thing["a"].clone()).collect();
    assert_eq!(names, ["M\u{fffd}\u{1}", "b"]);
}
