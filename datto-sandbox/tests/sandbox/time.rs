//! Paused time, and what starts and ends with the sandbox.

use std::time::Duration;

use datto_sandbox::{Fault, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Rmm, log_in};

#[tokio::test(start_paused = true)]
async fn a_hundred_hours_pass_in_no_time() {
    let real = std::time::Instant::now();
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    tokio::time::sleep(Duration::from_secs(359_999)).await;
    assert_eq!(rmm.get("/v2/account").await.status, 200);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rmm.get("/v2/account").await.status, 401);
    assert_eq!(rmm.sandbox.uptime().as_secs(), 360_001);
    assert!(real.elapsed() < Duration::from_secs(20), "{:?}", real.elapsed());
}

#[tokio::test(start_paused = true)]
async fn no_time_passes_while_answers_travel() {
    let rmm = Rmm::start(Sandbox::builder().devices(300)).await;
    for _ in 0..50 {
        let answer = tokio::time::timeout(Duration::from_secs(1), rmm.get("/v2/account/devices")).await;
        assert_eq!(answer.map(|answer| answer.status), Ok(200));
    }
    assert_eq!(rmm.sandbox.uptime(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn latency_is_waited_for_every_request() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).latency(Duration::from_secs(30))).await;
    rmm.read("/v2/account").await;
    assert_eq!(rmm.sandbox.uptime(), Duration::from_secs(60));
}

#[tokio::test]
async fn real_time_works_too_and_on_several_threads() {
    let runtime = tokio::task::spawn_blocking(|| tokio::runtime::Builder::new_multi_thread().enable_all().build());
    let runtime = runtime.await.expect("no panic").expect("a runtime");
    let served =
        runtime.spawn(async { Rmm::start(Sandbox::builder().devices(20)).await.get("/v2/account").await.status });
    assert_eq!(served.await.ok(), Some(200));
    runtime.shutdown_background();
}

#[tokio::test(start_paused = true)]
async fn listeners_end_with_the_last_handle() {
    let first = Sandbox::builder().devices(20).start().await.expect("free ports");
    let second = first.clone();
    let address = first.rmm_url().trim_start_matches("http://").to_owned();
    drop(first);
    assert_eq!(log_in(&second).await.status, 200);
    drop(second);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn urls_have_the_shapes_of_the_services() {
    let sandbox = Sandbox::builder().devices(20).start().await.expect("free ports");
    assert!(sandbox.rmm_url().starts_with("http://127.0.0.1:"));
    assert!(sandbox.bcdr_url().ends_with("/v1"));
    assert!(sandbox.workplace_url().ends_with("/2/api/v1"));
    let pairs = [sandbox.rmm_key(), sandbox.bcdr_key(), sandbox.workplace_key()];
    assert!(pairs.iter().all(|(key, secret)| !key.is_empty() && !secret.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_connection_serves_many_requests_until_a_fault_ends_it() {
    let sandbox = Sandbox::builder().devices(20).start().await.expect("free ports");
    let mut stream = TcpStream::connect(sandbox.rmm_url().trim_start_matches("http://")).await.expect("a connection");
    let mut buffer = vec![0; 4_096];
    for _ in 0..3 {
        stream.write_all(b"GET /api/v2/system/status HTTP/1.1\r\nhost: sandbox\r\n\r\n").await.unwrap();
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200"));
    }
    sandbox.inject(Fault::reset());
    stream.write_all(b"GET /api/v2/system/status HTTP/1.1\r\nhost: sandbox\r\n\r\n").await.unwrap();
    assert_eq!(stream.read(&mut buffer).await.ok(), Some(0));
    assert_eq!(sandbox.journal().len(), 4);
}
