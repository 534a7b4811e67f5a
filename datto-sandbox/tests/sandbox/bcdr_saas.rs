//! SaaS Protection, Direct-to-Cloud and the activity log over HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use datto_sandbox::{BulkAnswer, SaasCase, Sandbox, SandboxBuilder};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::Answer;
use crate::pair::{basic, send};

/// 2026-11-20T12:00:00Z
const NOW_MS: i64 = 1_795_176_000_000;
const DAY_MS: i64 = 86_400_000;

async fn start(builder: SandboxBuilder) -> Sandbox {
    builder.now_ms(NOW_MS).start().await.expect("start")
}

async fn ask(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Answer {
    let authorization = basic(&sandbox.bcdr_key());
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    send(method, &format!("{}{path}", sandbox.bcdr_url()), &headers, body.as_bytes()).await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let answer = ask(sandbox, "GET", path, "").await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn app_types(report: &Value) -> Vec<Value> {
    let items = report["items"].as_array().expect("items");
    assert_eq!(items.len(), 1);
    items[0]["suites"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|suite| suite["appTypes"].as_array().unwrap().clone())
        .collect()
}

/// The window of a day, if services are missing in it and it can be judged.
fn lacks(app: &Value, window: &str) -> bool {
    app["backupHistory"].as_array().unwrap().iter().any(|day| {
        day["timeWindow"] == json!(window)
            && day["status"] != json!("Insufficient History")
            && day["activeServiceWithBackupCount"].as_i64().unwrap() < day["activeServiceCount"].as_i64().unwrap()
    })
}

#[tokio::test]
async fn the_two_newest_windows_tell_what_was_planted() {
    for seed in [1, 7, 23] {
        let sandbox = start(Sandbox::builder().seed(seed).devices(600)).await;
        let truth = sandbox.truth().bcdr;
        let domains = get(&sandbox, "/saas/domains").await;
        let customers: Vec<i64> =
            domains.as_array().unwrap().iter().map(|row| row["saasCustomerId"].as_i64().unwrap()).collect();
        assert_eq!(customers, truth.saas_customers);
        let (mut failed, mut uningested, mut apps, mut judged) = (BTreeSet::new(), BTreeSet::new(), 0, 0);
        for customer in customers {
            for app in app_types(&get(&sandbox, &format!("/saas/{customer}/applications")).await) {
                apps += 1;
                let newest = &app["backupHistory"][0];
                let active = newest["activeServiceCount"].as_i64().unwrap() > 0;
                judged += usize::from(active && newest["status"] != json!("Insufficient History"));
                let key = (customer, app["appType"].as_str().unwrap().to_owned());
                if lacks(&app, "Between0dAnd1d") && lacks(&app, "Between1dAnd2d") {
                    failed.insert(key.clone());
                }
                if app["uningestedServiceCount"].as_i64().unwrap() > 0 {
                    uningested.insert(key);
                }
            }
        }
        assert_eq!((apps, judged), (truth.saas_apps, truth.saas_apps_judged));
        assert_eq!(failed, truth.saas_failed.into_iter().collect());
        assert_eq!(uningested, truth.saas_uningested.into_iter().collect());
        assert!(!failed.is_empty() && failed.len() < apps / 2);
    }
}

#[tokio::test]
async fn two_customers_have_every_case() {
    let truth = start(Sandbox::builder().saas_customers(2)).await.truth().bcdr;
    for case in SaasCase::ALL {
        assert!(truth.saas_cases.iter().any(|(_, _, planted)| *planted == case), "{case:?}");
    }
}

#[tokio::test]
async fn history_is_newest_first_with_inverted_times_and_as_long_as_asked() {
    let sandbox = start(Sandbox::builder()).await;
    let truth = sandbox.truth().bcdr;
    let (customer, app_type, _) = truth.saas_cases.iter().find(|(_, _, case)| *case == SaasCase::Fine).unwrap();
    let history = async |query: &str| {
        let report = get(&sandbox, &format!("/saas/{customer}/applications{query}")).await;
        let apps = app_types(&report);
        let app = apps.iter().find(|app| app["appType"] == json!(app_type)).unwrap();
        app["backupHistory"].as_array().unwrap().clone()
    };
    let ten = history("").await;
    assert_eq!(ten.len(), 10);
    assert_eq!(history("?daysUntil=0").await.len(), 0);
    assert_eq!(history("?daysUntil=30").await.len(), 30);
    assert_eq!(ask(&sandbox, "GET", &format!("/saas/{customer}/applications?daysUntil=31"), "").await.status, 400);
    for (day, window) in (0i64..).zip(&ten) {
        assert_eq!(window["timeWindow"], json!(format!("Between{day}dAnd{}d", day + 1)));
        assert_eq!(window["startTime"], json!(NOW_MS - day * DAY_MS));
        assert_eq!(window["startTime"].as_i64().unwrap() - window["endTime"].as_i64().unwrap(), DAY_MS);
    }
    let plain = get(&sandbox, &format!("/saas/{customer}/applications")).await;
    assert!(plain["items"][0].get("remoteIds").is_none());
    let with_ids = get(&sandbox, &format!("/saas/{customer}/applications?includeRemoteID=1")).await;
    let listed: usize = with_ids["items"][0]["remoteIds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["remoteIds"].as_array().unwrap().len())
        .sum();
    assert_eq!(listed, truth.saas_seats[customer]);
}

#[tokio::test]
async fn seats_are_a_bare_array_filtered_by_exact_types() {
    let sandbox = start(Sandbox::builder()).await;
    let truth = sandbox.truth().bcdr;
    let customer = truth.saas_customers[0];
    let seats = get(&sandbox, &format!("/saas/{customer}/seats?_perPage=5")).await;
    let seats = seats.as_array().unwrap();
    assert_eq!(seats.len(), truth.saas_seats[&customer]);
    let used = |seat: &&Value| seat["seatType"] == json!("User") && seat["seatState"] != json!("Unprotected");
    for seat in seats {
        assert_eq!(seat["billable"], json!(if used(&seat) { "1" } else { "" }));
    }
    let domains = get(&sandbox, "/saas/domains").await;
    assert_eq!(domains[0]["seatsUsed"], json!(seats.iter().filter(used).count()));
    let two = get(&sandbox, &format!("/saas/{customer}/seats?seatType=SharedMailbox,Team")).await;
    let kinds: BTreeSet<&str> = two.as_array().unwrap().iter().map(|seat| seat["seatType"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["SharedMailbox", "Team"]));
    let refused = ask(&sandbox, "GET", &format!("/saas/{customer}/seats?seatType=user"), "").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("User, SharedMailbox, Site, TeamSite, Team, SharedDrive"));
    assert_eq!(ask(&sandbox, "GET", "/saas/1/seats", "").await.status, 404);
}

#[tokio::test]
async fn a_long_list_of_seats_times_out_unless_it_is_of_one_type() {
    let sandbox = start(Sandbox::builder().seats_time_out_above(40)).await;
    let customer = sandbox.truth().bcdr.saas_customers[0];
    let late = ask(&sandbox, "GET", &format!("/saas/{customer}/seats"), "").await;
    assert_eq!((late.status, late.header("content-type")), (504, Some("text/html")));
    assert_eq!(ask(&sandbox, "GET", &format!("/saas/{customer}/seats?seatType=User,Team"), "").await.status, 504);
    assert!(get(&sandbox, &format!("/saas/{customer}/seats?seatType=User")).await.as_array().unwrap().len() > 40);
}

/// The seats of a type that are in a state.
async fn of_state(sandbox: &Sandbox, customer: i64, state: &str) -> Vec<String> {
    let seats = get(sandbox, &format!("/saas/{customer}/seats?seatType=User")).await;
    let seats = seats.as_array().unwrap().iter().filter(|seat| seat["seatState"] == json!(state));
    seats.map(|seat| seat["remoteId"].as_str().unwrap().to_owned()).collect()
}

async fn bulk(sandbox: &Sandbox, customer: i64, body: Value) -> Answer {
    let domains = get(sandbox, "/saas/domains").await;
    let domain = domains.as_array().unwrap().iter().find(|row| row["saasCustomerId"] == json!(customer)).unwrap();
    let subscription = domain["externalSubscriptionId"].as_str().unwrap().replace(':', "%3A");
    ask(sandbox, "PUT", &format!("/saas/{customer}/{subscription}/bulkSeatChange"), &body.to_string()).await
}

#[tokio::test]
async fn a_bulk_change_changes_the_seats_it_names() {
    let sandbox = start(Sandbox::builder()).await;
    let customer = sandbox.truth().bcdr.saas_customers[0];
    let active = of_state(&sandbox, customer, "Active").await;
    let ids = &active[..20];
    for (action, state) in [("Pause", "Paused"), ("Unlicense", "Unprotected"), ("License", "Active")] {
        let answer = bulk(&sandbox, customer, json!({"seat_type": "User", "action_type": action, "ids": ids})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["customerId"], json!(customer));
        let now = of_state(&sandbox, customer, state).await;
        assert!(ids.iter().all(|id| now.contains(id)), "{state}");
    }
    for (body, reason) in [
        (json!({"seatType": "User", "actionType": "Pause", "ids": ids}), "camel case"),
        (json!({"seat_type": "User", "action_type": "Delete", "ids": ids}), "an unknown action"),
        (json!({"seat_type": "Users", "action_type": "Pause", "ids": ids}), "an unknown type"),
        (json!({"seat_type": "User", "action_type": "Pause", "ids": &active[..101]}), "too many"),
        (json!({"seat_type": "User", "action_type": "Pause", "ids": []}), "none"),
    ] {
        assert_eq!(bulk(&sandbox, customer, body).await.status, 400, "{reason}");
    }
    let wrong = ask(&sandbox, "PUT", &format!("/saas/{customer}/Classic:Office365:1/bulkSeatChange"), "{}").await;
    assert_eq!(wrong.status, 404);
    assert_eq!(of_state(&sandbox, customer, "Active").await, active);
}

#[tokio::test]
async fn a_bulk_change_can_answer_200_and_change_a_part() {
    let sandbox = start(Sandbox::builder().bulk_change_percent(40).bulk_answer(BulkAnswer::Empty)).await;
    let customer = sandbox.truth().bcdr.saas_customers[0];
    let ids = of_state(&sandbox, customer, "Active").await[..50].to_vec();
    let mut left = vec![ids.len()];
    while left[left.len() - 1] > 0 && left.len() < 50 {
        let answer = bulk(&sandbox, customer, json!({"seat_type": "User", "action_type": "Pause", "ids": ids})).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, ""));
        let active = of_state(&sandbox, customer, "Active").await;
        left.push(ids.iter().filter(|id| active.contains(id)).count());
    }
    assert_eq!((&left[..3], left[left.len() - 1]), ([50, 30, 18].as_slice(), 0));
}

#[tokio::test(start_paused = true)]
async fn saas_calls_take_as_long_as_they_were_told() {
    let sandbox = start(Sandbox::builder().saas_latency(Duration::from_secs(34))).await;
    let begun = Instant::now();
    get(&sandbox, "/bcdr/device").await;
    assert!(begun.elapsed() < Duration::from_secs(1));
    get(&sandbox, "/saas/domains").await;
    assert!(begun.elapsed() >= Duration::from_secs(34));
}

#[tokio::test]
async fn detailed_stats_are_a_route_only_when_switched_on() {
    let off = start(Sandbox::builder()).await;
    let customer = off.truth().bcdr.saas_customers[0];
    let path = format!("/saas/{customer}/detailedBackupStats");
    assert_eq!(ask(&off, "GET", &path, "").await.status, 404);
    let on = start(Sandbox::builder().detailed_backup_stats(true)).await;
    assert!(get(&on, &path).await["users"].is_array());
}

#[tokio::test]
async fn direct_to_cloud_assets_by_client_and_by_id() {
    let sandbox = start(Sandbox::builder().appliances(12)).await;
    let truth = sandbox.truth().bcdr;
    let all = get(&sandbox, "/dtc/assets?_perPage=250").await;
    let rows = all["items"].as_array().unwrap();
    assert_eq!(rows.len(), truth.dtc_assets);
    let failed: Vec<&str> = rows
        .iter()
        .filter(|row| row["backupStateSuccessful"] == json!(false))
        .map(|row| row["assetUuid"].as_str().unwrap())
        .collect();
    assert_eq!(failed, truth.dtc_failed);
    let (client, uuid) = (rows[0]["organizationId"].as_i64().unwrap(), rows[0]["assetUuid"].as_str().unwrap());
    let of_client = get(&sandbox, &format!("/dtc/{client}/assets")).await;
    assert_eq!(of_client, get(&sandbox, &format!("/dtc/assets?clientId={client}")).await);
    assert!(of_client["items"].as_array().unwrap().iter().all(|row| row["organizationId"] == json!(client)));
    let one = get(&sandbox, &format!("/dtc/{client}/assets/{uuid}")).await;
    assert_eq!((&one["assetUuid"], one["last10Backups"].as_array().unwrap().len()), (&json!(uuid), 10));
    let picture = ask(&sandbox, "GET", &format!("/dtc/{client}/assets/{uuid}/screenshot/latest"), "").await;
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert_eq!(ask(&sandbox, "GET", "/dtc/1/assets", "").await.status, 404);
    assert!(get(&sandbox, "/dtc/rmm-templates").await[0]["tokenUuid"].is_string());
    assert_eq!(get(&sandbox, "/dtc/storage-pool?poolName=Servers").await.as_array().unwrap().len(), 1);
    assert_eq!(get(&sandbox, "/bcdr/agent").await["clients"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn bandwidth_settings_are_kept() {
    let sandbox = start(Sandbox::builder()).await;
    let all = get(&sandbox, "/dtc/assets").await;
    let uuid = all["items"][0]["assetUuid"].as_str().unwrap();
    let path = format!("/dtc/agent/{uuid}/bandwidth");
    let whole =
        json!({"pauseWhileMetered": true, "maximumBandwidthInBits": 8_000, "maximumThrottledBandwidthInBits": null});
    let mut expected = whole.clone();
    expected["agentUuid"] = json!(uuid);
    assert_eq!(ask(&sandbox, "PUT", &path, &whole.to_string()).await.json(), expected);
    expected["maximumBandwidthInBits"] = json!(null);
    assert_eq!(ask(&sandbox, "PUT", &path, r#"{"maximumBandwidthInBits": null}"#).await.json(), expected);
    assert_eq!(ask(&sandbox, "PUT", &path, r#"{"pauseWhileMetered": 1}"#).await.status, 400);
    assert_eq!(ask(&sandbox, "PUT", "/dtc/agent/nobody/bandwidth", "{}").await.status, 404);
}

#[tokio::test]
async fn the_activity_log_looks_back_and_filters() {
    let sandbox = start(Sandbox::builder()).await;
    let count = async |query: &str| {
        get(&sandbox, &format!("/report/activity-log{query}")).await["pagination"]["count"].as_u64().unwrap()
    };
    let (day, month) = (count("").await, count("?since=30").await);
    assert!(0 < day && day < month, "{day} {month}");
    assert_eq!(count("?since=24&sinceUnits=hours").await, day);
    assert_eq!(count("?since=1440&sinceUnits=minutes").await, day);
    let alex = count("?since=30&user=ALEX").await;
    assert!(0 < alex && alex < month);
    let serials = sandbox.truth().bcdr.devices_visible;
    let one = count(&format!("?since=30&target=bcdr-device:{}", serials[0])).await;
    let two = count(&format!("?since=30&target=bcdr-device:{},bcdr-device:{}", serials[0], serials[1])).await;
    let repeated =
        count(&format!("?since=30&target=bcdr-device:{}&target=bcdr-device:{}", serials[0], serials[1])).await;
    assert!(0 < one && one < two && two == repeated);
    assert_eq!(count("?since=30&targetType=bcdr-device").await, month);
    assert_eq!(count("?since=30&targetType=saas").await, 0);
    assert_eq!(ask(&sandbox, "GET", "/report/activity-log?sinceUnits=weeks", "").await.status, 400);
    assert_eq!(ask(&sandbox, "GET", "/report/activity-log?since=2026-11-01", "").await.status, 400);
}
