//! The scenarios that have names, played out.

use std::time::Duration;

use datto_sandbox::{Sandbox, Truth};

use crate::client::{Rmm, request};

async fn start(name: &str) -> Rmm {
    Rmm::start(Sandbox::builder().scenario(name).unwrap()).await
}

/// The truth at the beginning and after a while.
async fn after(rmm: &Rmm, minutes: u64) -> (Truth, Truth) {
    let before = rmm.sandbox.truth();
    rmm.sandbox.forward(Duration::from_secs(minutes * 60));
    (before, rmm.sandbox.truth())
}

#[tokio::test(start_paused = true)]
async fn monday_morning() {
    let rmm = start("monday-morning").await;
    let statuses: Vec<u16> = {
        let mut statuses = Vec::new();
        for _ in 0..70 {
            statuses.push(rmm.get("/v2/account").await.status);
        }
        statuses
    };
    assert_eq!(statuses.iter().filter(|status| **status == 503).count(), 2);
    let (before, later) = after(&rmm, 59).await;
    assert!(later.rmm.online_devices.len() > before.rmm.online_devices.len() + 30);
    assert!(later.rmm.open_alerts_by_priority["Critical"] >= before.rmm.open_alerts_by_priority["Critical"] + 30);
}

#[tokio::test(start_paused = true)]
async fn ransomware() {
    let rmm = start("ransomware").await;
    let (before, later) = after(&rmm, 10).await;
    assert_eq!(later.rmm.open_alerts.len(), before.rmm.open_alerts.len() + 12);
    assert_eq!(later.rmm.offline_devices.len(), before.rmm.offline_devices.len() + 20);
    assert_eq!(later.bcdr.devices_offline.len(), before.bcdr.devices_offline.len() + 1);
    let newest = later.rmm.open_alerts.last().unwrap();
    assert_eq!(rmm.read(&format!("/v2/alert/{newest}")).await["alertContext"]["@class"], "ransomware_ctx");
}

#[tokio::test(start_paused = true)]
async fn half_blind_key() {
    let rmm = start("half-blind-key").await;
    let truth = rmm.sandbox.truth();
    let computer = &truth.rmm.computers[0];
    assert_eq!(rmm.get(&format!("/v2/audit/device/{computer}")).await.status, 403);
    assert!(rmm.read("/v2/activity-logs").await["error"].is_string());
    let pair = ("authorization", "Basic c2FuZGJveC13b3JrcGxhY2UtaWQ6c2FuZGJveC13b3JrcGxhY2Utc2VjcmV0");
    let url = format!("{}/file/projects", rmm.sandbox.workplace_url());
    let projects = request("GET", &url, &[pair], b"").await.expect("an answer").json();
    assert_eq!(projects["result"].as_array().map(Vec::len), Some(0));
    let pair = ("authorization", "Basic c2FuZGJveC1iY2RyLXB1YmxpYzpzYW5kYm94LWJjZHItc2VjcmV0");
    let url = format!("{}/bcdr/device", rmm.sandbox.bcdr_url());
    let seen = request("GET", &url, &[pair], b"").await.expect("an answer").json();
    assert!(seen["items"].as_array().unwrap().len() < truth.bcdr.devices_visible.len());
}

#[tokio::test(start_paused = true)]
async fn tenant_gone() {
    let rmm = start("tenant-gone").await;
    let (before, later) = after(&rmm, 4).await;
    assert!(later.bcdr.saas_gone.len() > before.bcdr.saas_gone.len());
    assert_eq!(later.bcdr.saas_customers, before.bcdr.saas_customers);
    let appliances = |truth: &Truth| truth.bcdr.devices_visible.len() + truth.bcdr.devices_hidden.len();
    assert_eq!(appliances(&later) + 1, appliances(&before));
}

#[tokio::test(start_paused = true)]
async fn moving_list() {
    let rmm = start("moving-list").await;
    let before = rmm.sandbox.truth();
    let mut seen = Vec::new();
    for page in 0..5 {
        let page = rmm.read(&format!("/v2/account/devices?page={page}")).await;
        seen.extend(page["devices"].as_array().unwrap().iter().map(|device| device["uid"].clone()));
    }
    let rows = seen.len();
    seen.sort_by_key(ToString::to_string);
    seen.dedup();
    assert!(seen.len() < rows, "some come twice, so others do not come");
    assert_eq!(rmm.sandbox.truth().rmm.total_devices, before.rmm.total_devices);
}
