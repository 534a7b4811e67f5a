//! The activity log.

use datto_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::Rmm;

/// 2026-11-01T00:00:00Z.
const NOW: i64 = 1_793_491_200_000;
const MONTH: &str = "from=2026-10-01T00:00:00Z&until=2026-11-02T00:00:00Z";

async fn rmm() -> Rmm {
    Rmm::start(Sandbox::builder().devices(100).now_ms(NOW)).await
}

fn lines(page: &Value) -> &Vec<Value> {
    page["activities"].as_array().expect("activities")
}

fn dates(page: &Value) -> Vec<f64> {
    lines(page).iter().map(|line| line["date"].as_f64().expect("seconds")).collect()
}

#[tokio::test(start_paused = true)]
async fn the_window_is_a_quarter_of_an_hour_unless_told_otherwise() {
    let rmm = rmm().await;
    let seconds = NOW as f64 / 1_000.0;
    let recent = rmm.read("/v2/activity-logs?size=250").await;
    assert!(!lines(&recent).is_empty());
    assert!(dates(&recent).iter().all(|date| *date >= seconds - 900.0));
    let month = rmm.read(&format!("/v2/activity-logs?size=250&{MONTH}")).await;
    assert!(lines(&month).len() > lines(&recent).len());
    let default = rmm.read(&format!("/v2/activity-logs?max=3&{MONTH}")).await;
    assert_eq!(lines(&default).len(), 50, "max is passed over");
    for wrong in ["from=2026-10-01T00:00:00.000Z", "from=1793491200000", "order=up", "size=0", "searchAfter=1"] {
        assert_eq!(rmm.get(&format!("/v2/activity-logs?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_cursor_loses_and_repeats_no_line_in_either_order() {
    let rmm = rmm().await;
    for order in ["asc", "desc"] {
        let mut ids = Vec::new();
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = rmm.read(&format!("/v2/activity-logs?size=7&order={order}&{MONTH}{cursor}")).await;
            ids.extend(lines(&page).iter().map(|line| line["id"].as_str().unwrap().to_owned()));
            all.extend(dates(&page));
            let Some(next) = page["pageDetails"]["nextPageUrl"].as_str() else { break };
            assert!(!next.contains("from=") && next.contains("page=next"), "{next}");
            let after = next.split("searchAfter=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
            cursor = format!("&page=next&searchAfter={after}");
        }
        let total = ids.len();
        assert!(total > 200 && all.is_sorted_by(|a, b| if order == "asc" { a <= b } else { a >= b }));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), total);
    }
}

#[tokio::test(start_paused = true)]
async fn the_previous_page_is_the_one_before() {
    let rmm = rmm().await;
    let first = rmm.read(&format!("/v2/activity-logs?size=5&{MONTH}")).await;
    assert_eq!(first["pageDetails"]["prevPageUrl"], Value::Null);
    let step = |page: &Value, link: &str| {
        let url = page["pageDetails"][link].as_str().expect("a link").to_owned();
        format!("{}&{MONTH}", url.split_once("/api").expect("a path").1)
    };
    let second = rmm.read(&step(&first, "nextPageUrl")).await;
    let back = rmm.read(&step(&second, "prevPageUrl")).await;
    assert_eq!(lines(&back), lines(&first));
}

#[tokio::test(start_paused = true)]
async fn filters_are_comma_joined() {
    let rmm = rmm().await;
    let read = async |filter: &str| rmm.read(&format!("/v2/activity-logs?size=250&{MONTH}&{filter}")).await;
    let users = read("entities=user").await;
    assert!(!lines(&users).is_empty() && lines(&users).iter().all(|line| line["entity"] == "USER"));
    let both = read("entities=user,device").await;
    assert!(lines(&both).iter().any(|line| line["entity"] == "DEVICE"));
    let remote = read("categories=remote&actions=chat,nothing").await;
    assert!(!lines(&remote).is_empty() && lines(&remote).iter().all(|line| line["action"] == "chat"));
    let site = lines(&both).iter().find_map(|line| line["site"]["id"].as_i64()).expect("a site");
    let of_site = read(&format!("siteIds={site}")).await;
    assert!(!lines(&of_site).is_empty() && lines(&of_site).iter().all(|line| line["site"]["id"] == site));
    let user = lines(&both)[0]["user"]["id"].as_i64().expect("a user");
    assert!(lines(&read(&format!("userIds={user}")).await).iter().all(|line| line["user"]["id"] == user));
    let found = read("searchQuery=JRTO").await;
    assert!(!lines(&found).is_empty() && lines(&found).iter().all(|line| line["action"] == "jrto"));
}

#[tokio::test(start_paused = true)]
async fn what_is_done_through_the_api_appears() {
    let rmm = rmm().await;
    let device = rmm.read("/v2/account/devices?max=1").await["devices"][0].clone();
    let component = rmm.sandbox.truth().rmm.working_component;
    let job = json!({"jobName": "Seen", "jobComponent": {"componentUid": component}});
    let path = format!("/v2/device/{}/quickjob", device["uid"].as_str().unwrap());
    rmm.send("PUT", &path, Some(&job)).await;
    rmm.send("PUT", "/v2/site", Some(&json!({"name": "Seen too"}))).await;
    let page = rmm.read("/v2/activity-logs?size=2").await;
    let mut seen: Vec<_> = lines(&page).iter().map(|line| (line["category"].clone(), line["action"].clone())).collect();
    seen.sort_by_key(|(category, _)| category.to_string());
    assert_eq!(seen, [(json!("job"), json!("create")), (json!("site"), json!("create"))]);
    let line = lines(&page).iter().find(|line| line["category"] == "job").unwrap();
    let details: Value = serde_json::from_str(line["details"].as_str().expect("JSON in a string")).unwrap();
    assert_eq!((&details["job.name"], &details["device.hostname"]), (&json!("Seen"), &device["hostname"]));
}

#[tokio::test(start_paused = true)]
async fn a_200_may_carry_an_error() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).activity_log_error(true)).await;
    let page = rmm.read("/v2/activity-logs").await;
    assert!(page["error"].is_string() && page["activities"].is_null());
}
