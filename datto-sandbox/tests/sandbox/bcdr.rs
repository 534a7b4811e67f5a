//! The appliances and assets of the BCDR service over HTTP, and that they agree with what was planted.

use std::collections::BTreeSet;
use std::time::Duration;

use datto_sandbox::{AssetCase, KeyScope, Sandbox, SandboxBuilder};
use serde_json::{Value, json};

use crate::client::Answer;
use crate::pair::{basic, send};

/// 2026-11-20T12:00:00Z
const NOW_MS: i64 = 1_795_176_000_000;
const NOW: i64 = NOW_MS / 1_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

async fn start(builder: SandboxBuilder) -> Sandbox {
    builder.now_ms(NOW_MS).start().await.expect("start")
}

async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    let authorization = basic(&sandbox.bcdr_key());
    send("GET", &format!("{}{path}", sandbox.bcdr_url()), &[("Authorization", &authorization)], b"").await
}

async fn items(sandbox: &Sandbox, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 1.. {
        let separator = if path.contains('?') { '&' } else { '?' };
        let answer = get(sandbox, &format!("{path}{separator}_page={page}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let body = answer.json();
        all.extend(body["items"].as_array().expect("items").clone());
        if page >= body["pagination"]["totalPages"].as_u64().expect("totalPages") {
            break;
        }
    }
    all
}

fn texts(rows: &[Value], field: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[field].as_str().expect(field).to_owned()).collect()
}

/// Seconds since 1970 of `2020-04-29T14:01:03+00:00`, counted day by day so that it shares nothing with the writer.
fn seconds(text: &str) -> i64 {
    assert!(text.ends_with("+00:00") && text.len() == 25, "{text}");
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().expect("digits");
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let (year, month) = (part(0, 4), part(5, 7));
    let months = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum::<i64>()
        + months.iter().take(usize::try_from(month - 1).unwrap()).sum::<i64>()
        + part(8, 10)
        - 1;
    days * DAY + part(11, 13) * HOUR + part(14, 16) * 60 + part(17, 19)
}

/// The rules of the truth, told once more over what a client can see.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    watched: usize,
    failed: BTreeSet<(String, String)>,
    never: BTreeSet<(String, String)>,
    pending: BTreeSet<(String, String)>,
    paused: BTreeSet<(String, String)>,
    screenshots: usize,
    screenshots_failed: BTreeSet<(String, String)>,
    screenshots_overdue: BTreeSet<(String, String)>,
    verifications_failed: BTreeSet<(String, String)>,
    volumes_unprotected: BTreeSet<(String, String)>,
    offsite_expected: usize,
    offsite_old: BTreeSet<(String, String)>,
}

impl Seen {
    fn note(&mut self, device: &Value, asset: &Value) {
        let key =
            || (device["serialNumber"].as_str().unwrap().to_owned(), asset["volume"].as_str().unwrap().to_owned());
        if asset["isPaused"] == json!(true) {
            self.paused.insert(key());
        }
        if asset["isPaused"] == json!(true) || asset["isArchived"] == json!(true) {
            return;
        }
        self.watched += 1;
        if asset["unprotectedVolumesCount"].as_i64().unwrap() > 0 {
            self.volumes_unprotected.insert(key());
        }
        let runs = asset["backups"].as_array().cloned().unwrap_or_default();
        let of_status = |status: &str| {
            let of_status = runs.iter().filter(|run| run["backup"]["status"] == json!(status));
            of_status.map(|run| seconds(run["timestamp"].as_str().unwrap())).collect::<Vec<_>>()
        };
        let snapshot = asset["lastSnapshot"].as_i64().filter(|at| *at > 0);
        let last_good = of_status("success").into_iter().chain(snapshot).max();
        let failures = of_status("failure");
        match (last_good, failures.iter().min().copied()) {
            (Some(at), _) if at < NOW - 48 * HOUR => _ = self.failed.insert(key()),
            (None, Some(at)) if at < NOW - 48 * HOUR || failures.len() >= 3 => _ = self.failed.insert(key()),
            (None, Some(_)) => _ = self.pending.insert(key()),
            (None, None) => _ = self.never.insert(key()),
            _ => {}
        }
        if let Some(at) = last_good {
            assert!(at >= NOW - DAY || at <= NOW - 5 * DAY, "{at} is too near to the border of two days");
        }
        let offsite = asset["latestOffsite"].as_i64();
        if let Some(at) = offsite {
            assert!(at >= NOW - 2 * DAY || at <= NOW - 12 * DAY, "{at} is too near to the border of seven days");
        }
        let has_cloud = device["model"] != json!("CLDSIRIS") && device["servicePlan"] != json!("1 Year Local Only");
        if offsite.is_some() || has_cloud && last_good.is_some() {
            self.offsite_expected += 1;
            if offsite.is_none_or(|at| at < NOW - 7 * DAY) {
                self.offsite_old.insert(key());
            }
        }
        if last_good.is_some_and(|at| at >= NOW - 48 * HOUR) {
            self.note_what_follows(asset, &runs, key);
        }
    }

    fn note_what_follows(&mut self, asset: &Value, runs: &[Value], key: impl Fn() -> (String, String)) {
        let good = runs.iter().filter(|run| run["backup"]["status"] == json!("success"));
        let newest = good.max_by_key(|run| seconds(run["timestamp"].as_str().unwrap()));
        if newest.is_some_and(|run| run["localVerification"]["status"] == json!("failure")) {
            self.verifications_failed.insert(key());
        }
        let tried = asset["lastScreenshotAttempt"].as_i64().unwrap();
        if tried > 0 {
            self.screenshots += 1;
            let status = &asset["lastScreenshotAttemptStatus"];
            if *status == json!(false) || *status == json!("") {
                self.screenshots_failed.insert(key());
            } else if tried < NOW - 48 * HOUR {
                self.screenshots_overdue.insert(key());
            }
        }
    }
}

#[tokio::test]
async fn what_a_client_sees_equals_what_was_planted() {
    for (seed, devices) in [(1, 40), (7, 400), (23, 1_200)] {
        let sandbox = start(Sandbox::builder().seed(seed).devices(devices)).await;
        let truth = sandbox.truth().bcdr;
        let visible = items(&sandbox, "/bcdr/device?showHiddenDevices=0").await;
        assert_eq!(texts(&visible, "serialNumber"), truth.devices_visible.iter().cloned().collect());
        let mut seen = Seen::default();
        let mut assets_visible = 0;
        for device in &visible {
            let serial = device["serialNumber"].as_str().unwrap();
            let assets = items(&sandbox, &format!("/bcdr/device/{serial}/asset")).await;
            assets_visible += assets.len();
            assert_eq!(
                device["agentCount"].as_u64().unwrap() + device["shareCount"].as_u64().unwrap(),
                assets.len() as u64
            );
            assets.iter().for_each(|asset| seen.note(device, asset));
        }
        assert_eq!(assets_visible, truth.assets_visible);
        let planted = Seen {
            watched: truth.assets_watched,
            failed: truth.failed_backups.iter().cloned().collect(),
            never: truth.never_backed_up.iter().cloned().collect(),
            pending: truth.first_backup_pending.iter().cloned().collect(),
            paused: truth.paused.iter().cloned().collect(),
            screenshots: truth.screenshots_tried,
            screenshots_failed: truth.screenshots_failed.iter().cloned().collect(),
            screenshots_overdue: truth.screenshots_overdue.iter().cloned().collect(),
            verifications_failed: truth.verifications_failed.iter().cloned().collect(),
            volumes_unprotected: truth.volumes_unprotected.iter().cloned().collect(),
            offsite_expected: truth.offsite_expected,
            offsite_old: truth.offsite_old.iter().cloned().collect(),
        };
        assert_eq!(seen, planted, "seed {seed}, {devices} devices");
        assert_eq!(planted.failed.len(), truth.failed_backups.len(), "no asset is named twice");
    }
}

#[tokio::test]
async fn the_smallest_fleet_has_every_case() {
    let sandbox = start(Sandbox::builder().devices(1)).await;
    let truth = sandbox.truth().bcdr;
    for case in AssetCase::ALL {
        for share in [false, true] {
            let planted = truth.assets.iter().any(|asset| {
                asset.case == case && asset.share == share && truth.devices_visible.contains(&asset.serial)
            });
            assert!(planted, "{case:?}, share: {share}");
        }
    }
    for (what, figure) in [
        ("failed", truth.failed_backups.len()),
        ("never", truth.never_backed_up.len()),
        ("offsite", truth.offsite_old.len()),
        ("hidden", truth.devices_hidden.len()),
        ("pending", truth.first_backup_pending.len()),
        ("paused", truth.paused.len()),
        ("full", truth.devices_full.len()),
    ] {
        assert!(figure > 0, "{what}");
    }
    assert!(truth.failed_backups.len() < truth.assets_watched / 2);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers_and_another_one_others() {
    let body = async |seed| {
        let sandbox = start(Sandbox::builder().seed(seed)).await;
        get(&sandbox, "/bcdr/device").await.body
    };
    assert_eq!(body(5).await, body(5).await);
    assert_ne!(body(5).await, body(6).await);
}

#[tokio::test]
async fn hidden_devices_and_child_resellers_are_listed_unless_left_out() {
    let sandbox = start(Sandbox::builder().appliances(60)).await;
    let truth = sandbox.truth().bcdr;
    let all = items(&sandbox, "/bcdr/device").await;
    assert_eq!(all.len(), 60);
    assert_eq!(items(&sandbox, "/bcdr/device?showHiddenDevices=1&showChildResellerDevices=1").await.len(), 60);
    let hidden = all.iter().filter(|device| device["hidden"] == json!(true)).cloned().collect::<Vec<_>>();
    assert_eq!(texts(&hidden, "serialNumber"), truth.devices_hidden.iter().cloned().collect());
    let own = texts(&items(&sandbox, "/bcdr/device?showChildResellerDevices=0").await, "serialNumber");
    assert_eq!(own.len(), 60 - truth.devices_of_child_resellers.len());
    assert!(truth.devices_of_child_resellers.iter().all(|serial| !own.contains(serial)));
    let offline =
        all.iter().filter(|device| device["lastSeenDate"].as_str().is_some_and(|at| seconds(at) < NOW - 5 * DAY));
    assert_eq!(offline.count(), truth.devices_offline.len());
    let full = all.iter().filter(|device| {
        let size = |name: &str| device[name]["size"].as_i64().or_else(|| device[name]["size"].as_str()?.parse().ok());
        let sizes = size("localStorageUsed").zip(size("localStorageAvailable"));
        sizes.is_some_and(|(used, free)| used * 100 >= (used + free) * 95)
    });
    let full = full.cloned().collect::<Vec<_>>();
    assert_eq!(texts(&full, "serialNumber"), truth.devices_full.iter().cloned().collect());
    assert!(all.iter().any(|device| device["model"] == json!("CLDSIRIS") && device["localStorageUsed"].is_null()));
    assert!(all.iter().any(|device| device["name"] == json!("backupDevice") && device["lastSeenDate"].is_null()));
}

#[tokio::test]
async fn pages_begin_at_one_and_say_how_many_there_are() {
    let sandbox = start(Sandbox::builder().appliances(7)).await;
    let first = get(&sandbox, "/bcdr/device?_page=1&_perPage=3").await.json();
    assert_eq!(first["pagination"], json!({"page": 1, "perPage": 3, "totalPages": 3, "count": 7}));
    assert_eq!(get(&sandbox, "/bcdr/device?_page=3&_perPage=3").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(get(&sandbox, "/bcdr/device").await.json()["pagination"]["perPage"], json!(100));
    assert_eq!(get(&sandbox, "/bcdr/device?_page=0").await.status, 400);
    // Without the underscore they are no parameters of the service.
    assert_eq!(get(&sandbox, "/bcdr/device?page=2&perPage=3").await.json()["pagination"]["page"], json!(1));
}

#[tokio::test]
async fn a_raw_list_of_assets_is_an_array_or_an_object_keyed_by_index() {
    let sandbox = start(Sandbox::builder().appliances(40)).await;
    let (mut arrays, mut objects) = (0, 0);
    for serial in sandbox.truth().bcdr.devices_visible {
        let paged = items(&sandbox, &format!("/bcdr/device/{serial}/asset")).await;
        let raw = get(&sandbox, &format!("/bcdr/device/{serial}/asset")).await.json();
        let raw: Vec<Value> = match raw {
            Value::Array(rows) => {
                arrays += 1;
                rows
            }
            Value::Object(rows) => {
                objects += 1;
                assert!(rows.keys().all(|key| key.parse::<usize>().is_ok()));
                rows.into_iter().map(|(_, row)| row).collect()
            }
            other => panic!("{other}"),
        };
        assert_eq!(texts(&raw, "volume"), texts(&paged, "volume"));
        let agents = items(&sandbox, &format!("/bcdr/device/{serial}/asset/agent")).await;
        let shares = items(&sandbox, &format!("/bcdr/device/{serial}/asset/share")).await;
        assert_eq!(agents.len() + shares.len(), paged.len());
        assert!(agents.iter().chain(&shares).all(|asset| asset.get("type").is_none()));
        assert_eq!(agents.len(), paged.iter().filter(|asset| asset["type"] == json!("agent")).count());
    }
    assert!(arrays > 0 && objects > 0, "{arrays} arrays, {objects} objects");
}

#[tokio::test]
async fn the_switch_makes_every_raw_list_an_object_the_empty_one_too() {
    let sandbox = start(Sandbox::builder().appliances(10).index_keyed_assets(true)).await;
    let truth = sandbox.truth().bcdr;
    for serial in &truth.devices_visible {
        assert!(get(&sandbox, &format!("/bcdr/device/{serial}/asset")).await.json().is_object());
    }
    let empty = &truth.devices_empty[0];
    assert_eq!(get(&sandbox, &format!("/bcdr/device/{empty}/asset")).await.text(), "{}");
    assert_eq!(
        get(&sandbox, &format!("/bcdr/device/{empty}/asset?_page=1")).await.json()["pagination"]["totalPages"],
        json!(0)
    );
}

#[tokio::test]
async fn one_asset_is_an_array_of_one_or_none_and_its_screenshot_is_a_picture() {
    let sandbox = start(Sandbox::builder()).await;
    let truth = sandbox.truth().bcdr;
    let find = |case, share| truth.assets.iter().find(|asset| asset.case == case && asset.share == share).unwrap();
    let fine = find(AssetCase::Fine, false);
    let path = format!("/bcdr/device/{}/asset/{}", fine.serial.to_lowercase(), fine.volume);
    let found = get(&sandbox, &path).await.json();
    assert_eq!(found[0]["volume"], json!(fine.volume));
    assert_eq!(found.as_array().unwrap().len(), 1);
    let none = get(&sandbox, &format!("/bcdr/device/{}/asset/{}", fine.serial, "0".repeat(32))).await;
    assert_eq!((none.status, none.json()), (200, json!([])));
    let picture = get(&sandbox, &format!("{path}/screenshot/latest")).await;
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert!(picture.body.starts_with(&[0xFF, 0xD8, 0xFF]) && picture.body.ends_with(&[0xFF, 0xD9]));
    let never = find(AssetCase::NeverTried, true);
    let none = get(&sandbox, &format!("/bcdr/device/{}/asset/{}/screenshot/latest", never.serial, never.volume)).await;
    assert_eq!(none.status, 404);
}

#[tokio::test]
async fn alerts_come_a_hundred_a_page_whatever_was_asked() {
    let sandbox = start(Sandbox::builder()).await;
    let truth = sandbox.truth().bcdr;
    let mut count = 0;
    let mut full_pages = 0;
    for serial in &truth.devices_visible {
        let page = get(&sandbox, &format!("/bcdr/device/{serial}/alert?_perPage=5")).await.json();
        assert_eq!(page["pagination"]["perPage"], json!(100));
        full_pages += usize::from(page["items"].as_array().unwrap().len() == 100);
        count += items(&sandbox, &format!("/bcdr/device/{serial}/alert")).await.len();
    }
    assert_eq!(count, truth.alerts_visible);
    assert!(full_pages > 0);
}

#[tokio::test]
async fn a_route_is_looked_for_before_the_pair() {
    let sandbox = start(Sandbox::builder()).await;
    let url = sandbox.bcdr_url();
    let ask = async |method: &str, path: &str, pair: (&str, &str)| {
        let authorization = basic(&(pair.0.to_owned(), pair.1.to_owned()));
        send(method, &format!("{url}{path}"), &[("Authorization", &authorization)], b"").await
    };
    let wrong = ("nobody", "knows");
    let unknown = ask("GET", "/bcdr/devices", wrong).await;
    assert_eq!((unknown.status, unknown.json()["code"].clone()), (404, json!("exception.notfoundhttpexception")));
    let refused = ask("GET", "/bcdr/device", wrong).await;
    assert_eq!(refused.status, 401);
    assert!(refused.json()["code"].is_string() && refused.json()["message"].is_string());
    assert_eq!(send("GET", &format!("{url}/bcdr/device"), &[], b"").await.status, 401);
    assert_eq!(ask("DELETE", "/bcdr/device", wrong).await.status, 405);
    assert_eq!(ask("GET", "/bcdr/device/NOSUCH", wrong).await.status, 401);
    assert_eq!(get(&sandbox, "/bcdr/device/NOSUCH").await.status, 404);
    assert_eq!(get(&sandbox, "/bcdr/device/NOSUCH/asset").await.status, 404);
}

#[tokio::test]
async fn restricted_keys_see_less() {
    let vendor = start(Sandbox::builder().bcdr_key_scope(KeyScope::Vendor)).await;
    assert_eq!(get(&vendor, "/saas/domains").await.status, 401);
    assert_eq!(get(&vendor, "/bcdr/device").await.status, 200);
    let missing = start(Sandbox::builder().bcdr_key_scope(KeyScope::Missing)).await;
    assert_eq!(get(&missing, "/bcdr/device").await.status, 403);
    let limited = start(Sandbox::builder().appliances(20).bcdr_key_scope(KeyScope::OneClient)).await;
    let truth = limited.truth().bcdr;
    let seen = texts(&items(&limited, "/bcdr/device").await, "serialNumber");
    assert_eq!(seen, truth.devices_of_one_client.iter().cloned().collect());
    assert!(!seen.is_empty() && seen.len() < 20);
    let other = truth.devices_visible.iter().find(|serial| !seen.contains(*serial)).unwrap();
    assert_eq!(get(&limited, &format!("/bcdr/device/{other}/asset")).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn the_budget_runs_out_and_is_whole_again_after_an_hour() {
    let sandbox = start(Sandbox::builder().bcdr_budget(3)).await;
    for left in ["2", "1", "0"] {
        let answer = get(&sandbox, "/bcdr/device").await;
        assert_eq!((answer.status, answer.header("X-API-Limit-Remaining")), (200, Some(left)));
        assert_eq!(answer.header("X-API-Limit-Cost"), Some("1"));
        assert!(answer.header("X-Request-Id").is_some());
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    let refused = get(&sandbox, "/bcdr/device").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("Retry-After"), refused.header("X-API-Limit-Resets"));
    let wait: u64 = refused.header("Retry-After").unwrap().parse().unwrap();
    assert!((2_990..=3_000).contains(&wait), "{wait}");
    // An unknown route and a wrong pair cost nothing, and carry the headers all the same.
    assert_eq!(get(&sandbox, "/nowhere").await.header("X-API-Limit-Cost"), Some("0"));
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(get(&sandbox, "/bcdr/device").await.header("X-API-Limit-Remaining"), Some("2"));
}
