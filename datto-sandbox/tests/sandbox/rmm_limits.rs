//! The limits of the account.

use std::time::Duration;

use datto_sandbox::Sandbox;
use serde_json::json;
use tokio::time::Instant;

use crate::client::Rmm;

#[tokio::test(start_paused = true)]
async fn the_service_slows_down_and_then_refuses() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    rmm.sandbox.spend_reads(539);
    let start = Instant::now();
    rmm.read("/v2/account").await;
    assert_eq!(start.elapsed(), Duration::ZERO, "540 of 600 is nine tenths and not above");
    rmm.read("/v2/account").await;
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    rmm.sandbox.spend_reads(59);
    let refused = rmm.get("/v2/account").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("59")));
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(rmm.get("/v2/account").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn switches_leave_out_the_header_or_the_limits() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).retry_after_header(false)).await;
    rmm.sandbox.spend_reads(600);
    let refused = rmm.get("/v2/account").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    let rmm = Rmm::start(Sandbox::builder().devices(20).rate_limits(false)).await;
    rmm.sandbox.spend_reads(6_000);
    assert_eq!(rmm.get("/v2/account").await.status, 200);
    assert_eq!(rmm.sandbox.uptime(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn each_write_operation_has_its_own_limit() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    let before = rmm.read("/v2/system/request_rate").await;
    assert_eq!((&before["accountRateLimit"], &before["accountCount"]), (&json!(600), &json!(1)));
    assert_eq!(before["operationWriteStatus"].as_object().map(serde_json::Map::len), Some(16));
    assert_eq!(before["operationWriteStatus"]["device-udf-set"], json!({"limit": 600, "count": 0}));
    let variable = json!({"name": "n", "value": "v"});
    for _ in 0..90 {
        assert_eq!(rmm.send("PUT", "/v2/account/variable", Some(&variable)).await.status, 200);
    }
    let status = rmm.read("/v2/system/request_rate").await;
    assert_eq!(status["operationWriteStatus"]["account-variable-create"], json!({"limit": 100, "count": 90}));
    assert_eq!((&status["accountWriteCount"], &status["accountCount"]), (&json!(90), &json!(2)));
    for _ in 0..10 {
        rmm.send("PUT", "/v2/account/variable", Some(&variable)).await;
    }
    assert_eq!(rmm.send("PUT", "/v2/account/variable", Some(&variable)).await.status, 429);
    assert_eq!(rmm.send("PUT", "/v2/site", Some(&json!({"name": "Other"}))).await.status, 200);
    let variables = rmm.read("/v2/account/variables").await;
    assert_eq!(variables["pageDetails"]["totalCount"], 103, "what was refused was not done");
}

#[tokio::test(start_paused = true)]
async fn refused_and_missing_things_count_too() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    rmm.get("/v2/device/nope").await;
    rmm.get("/v2/nowhere").await;
    assert_eq!(rmm.read("/v2/system/request_rate").await["accountCount"], 3);
}

#[tokio::test(start_paused = true)]
async fn an_old_account_says_nothing_of_writes_and_counts_all_alike() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).legacy_rate_limits(true)).await;
    rmm.send("PUT", "/v2/account/variable", Some(&json!({"name": "n"}))).await;
    let status = rmm.read("/v2/system/request_rate").await;
    assert_eq!(status["accountCount"], 2);
    for absent in ["accountWriteRateLimit", "accountWriteCount", "operationWriteStatus"] {
        assert!(status.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test(start_paused = true)]
async fn windows_can_be_short() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).rate_window(Duration::from_millis(3_900))).await;
    rmm.sandbox.spend_reads(600);
    let refused = rmm.get("/v2/account").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("3")));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let rate = rmm.get("/v2/system/request_rate").await.json();
    assert_eq!((&rate["slidingTimeWindowSizeSeconds"], &rate["accountCount"]), (&json!(3), &json!(1)));
}
