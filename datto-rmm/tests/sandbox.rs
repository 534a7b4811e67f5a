//! The client against the sandbox, end to end.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::HashSet;
use std::time::Duration;

use datto_rmm::{Continuation, ErrorKind, Listing, RmmClient};
use datto_sandbox::{Fault, Product, Sandbox};

fn client(sandbox: &Sandbox) -> RmmClient {
    let (key, secret) = sandbox.rmm_key();
    RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap()
}

async fn sandbox(devices: usize) -> Sandbox {
    Sandbox::builder().devices(devices).seed(7).start().await.unwrap()
}

async fn walk(rmm: &RmmClient, concurrency: usize) -> Vec<String> {
    let devices = rmm.devices().list().concurrency(concurrency).collect().await.unwrap();
    devices.into_iter().map(|device| device.uid.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_pager_yields_each_of_ten_thousand_devices_once_whatever_fails() {
    let sandbox = sandbox(10_000).await;
    let rmm = client(&sandbox);
    let calm = walk(&rmm, 1).await;
    assert_eq!(calm.len(), sandbox.truth().rmm.total_devices);
    assert_eq!(calm.iter().collect::<HashSet<_>>().len(), calm.len());
    for concurrency in [1, 8] {
        for (skip, fault) in [
            (1, Fault::status(503)),
            (3, Fault::status(429).header("Retry-After", "2")),
            (5, Fault::reset()),
            (7, Fault::cut_body(1_000)),
            (9, Fault::status(500)),
        ] {
            sandbox.inject(fault.product(Product::Rmm).path_contains("/account/devices").after(skip));
        }
        assert_eq!(walk(&rmm, concurrency).await, calm, "concurrency {concurrency}");
    }
    assert_eq!(sandbox.logins(), 1);
}

/// Of any list: so many records first, and the rest by where they ended.
async fn in_two_parts<L: Listing>(list: impl Fn() -> L, first: usize) -> (usize, usize) {
    let mut records = list().page_size(10).concurrency(4).pager();
    for _ in 0..first {
        records.next().await.unwrap().unwrap();
    }
    let place = serde_json::to_string(&records.continuation()).unwrap();
    let place: Option<Continuation> = serde_json::from_str(&place).unwrap();
    let rest = list().resume(place).collect().await.unwrap().len();
    let all = list().collect_measured().await;
    (first + rest, all.known().unwrap().len())
}

#[tokio::test(start_paused = true)]
async fn one_function_walks_any_list() {
    let sandbox = sandbox(120).await;
    let (rmm, truth) = (client(&sandbox), sandbox.truth().rmm);
    let (parts, whole) = in_two_parts(|| rmm.devices().list(), 25).await;
    assert_eq!((parts, whole), (truth.total_devices, truth.total_devices));
    let (parts, whole) = in_two_parts(|| rmm.sites().list(), 3).await;
    assert_eq!(parts, whole);
    assert!(whole > 3);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_had_ends_the_stream_and_the_rest_can_be_resumed() {
    let sandbox = sandbox(1_200).await;
    let rmm = client(&sandbox);
    let calm = walk(&rmm, 1).await;
    for concurrency in [1, 8] {
        sandbox.clear_faults();
        sandbox.inject(Fault::status(503).path_contains("/account/devices").after(2).always());
        let mut pager = rmm.devices().list().concurrency(concurrency).pager();
        let (mut uids, mut error) = (Vec::new(), None);
        while let Some(device) = pager.next().await {
            match device {
                Ok(device) => uids.push(device.uid.to_string()),
                Err(failed) => error = Some(failed),
            }
        }
        let error = error.expect("the stream ends in an error");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 4));
        assert_eq!(uids, calm[..500]);
        let place = serde_json::to_string(&pager.continuation().unwrap()).unwrap();
        sandbox.clear_faults();
        let rest = rmm
            .devices()
            .list()
            .concurrency(concurrency)
            .resume(serde_json::from_str::<datto_rmm::Continuation>(&place).unwrap())
            .collect()
            .await
            .unwrap();
        uids.extend(rest.into_iter().map(|device| device.uid.to_string()));
        assert_eq!(uids, calm);
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_with_an_expired_token_log_in_once() {
    let sandbox = sandbox(20).await;
    let rmm = client(&sandbox);
    rmm.account().get().await.unwrap();
    sandbox.expire_tokens();
    let calls = (0..50).map(|_| tokio::spawn(rmm.account().get().send()));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sandbox.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_named_and_does_not_hammer_the_login() {
    let sandbox = sandbox(20).await;
    let rmm =
        RmmClient::builder().url(sandbox.rmm_url()).api_key("wrong-key-0001", "wrong-secret-0001").build().unwrap();
    let calls = (0..50).map(|_| tokio::spawn(rmm.account().get().send()));
    for call in calls.collect::<Vec<_>>() {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login);
        assert!(error.hint().unwrap().contains("platform"));
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    rmm.account().get().await.unwrap_err();
    let logins = sandbox.journal().iter().filter(|entry| entry.path.contains("/oauth/token")).count();
    assert_eq!(logins, 1);
    let report = rmm.check_connection().await;
    assert!(!report.is_connected() && report.finding("wrong_key").is_some(), "{report}");
    assert!(!format!("{report} {rmm:?}").contains("wrong-secret"));
}
