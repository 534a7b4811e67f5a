//! What slow, greedy and hostile clients cost.

use std::time::Duration;

use datto_sandbox::{Sandbox, SandboxBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Rmm, request};

const SOON: Duration = Duration::from_secs(20);

async fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.rmm_url().strip_prefix("http://").unwrap()).await.unwrap()
}

async fn start(builder: SandboxBuilder) -> Sandbox {
    builder.devices(20).start().await.expect("free ports")
}

/// Whether the other side ends the connection before long.
async fn is_ended(mut stream: TcpStream) -> bool {
    timeout(SOON, stream.read_to_end(&mut Vec::new())).await.is_ok()
}

#[tokio::test]
async fn who_keeps_one_waiting_is_dropped() {
    let sandbox = start(Sandbox::builder().patience(Duration::from_millis(50))).await;
    for begun in ["", "GET /api/v2/acc", "POST /auth/oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\ngra"] {
        let mut stream = connect(&sandbox).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert!(is_ended(stream).await, "{begun:?}");
    }
}

#[tokio::test]
async fn who_does_not_take_the_answer_is_dropped() {
    let sandbox = start(Sandbox::builder().patience(Duration::from_millis(100)).connections(1)).await;
    sandbox.inject(datto_sandbox::Fault::endless("1"));
    let mut greedy = connect(&sandbox).await;
    greedy.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    // The next one is served once the first is dropped, though that is still open at its own end.
    let url = format!("{}/api/v2/system/status", sandbox.rmm_url());
    let answer = timeout(SOON, request("GET", &url, &[], b"")).await.expect("in time").expect("an answer");
    assert_eq!(answer.status, 200);
    drop(greedy);
}

#[tokio::test]
async fn only_so_many_connections_are_served_at_once() {
    let sandbox = start(Sandbox::builder().connections(2)).await;
    let (first, second) = (connect(&sandbox).await, connect(&sandbox).await);
    let url = format!("{}/api/v2/system/status", sandbox.rmm_url());
    let waiting = request("GET", &url, &[], b"");
    tokio::pin!(waiting);
    assert!(timeout(Duration::from_millis(100), &mut waiting).await.is_err());
    drop((first, second));
    assert_eq!(timeout(SOON, waiting).await.expect("in time").expect("an answer").status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_body_has_a_limit() {
    let sandbox = start(Sandbox::builder().body_limit(2_000_000)).await;
    let url = format!("{}/file/1/files", sandbox.workplace_url());
    assert_eq!(request("POST", &url, &[], &vec![b'x'; 2_000_001]).await.expect("an answer").status, 413);
    assert_eq!(request("POST", &url, &[], &vec![b'x'; 1_999_999]).await.expect("an answer").status, 401);
}

#[tokio::test(start_paused = true)]
async fn the_journal_keeps_the_newest() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).journal_entries(3)).await;
    for _ in 0..9 {
        rmm.get("/v2/account").await;
    }
    // The login was the first.
    let numbers: Vec<u64> = rmm.sandbox.journal().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [8, 9, 10]);
    assert!(rmm.sandbox.journal().iter().all(|entry| entry.status == Some(200)));

    let sandbox = start(Sandbox::builder().journal_bytes(50_000)).await;
    let url = format!("{}/auth/oauth/token", sandbox.rmm_url());
    for _ in 0..9 {
        request("POST", &url, &[], &[b'x'; 20_000]).await.expect("an answer");
    }
    assert_eq!(sandbox.journal().len(), 2);
}
