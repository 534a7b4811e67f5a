//! A world that changes: by call, by plan and by itself.

use std::collections::BTreeSet;
use std::time::Duration;

use datto_sandbox::{Change, SaasCase, Sandbox, When};
use serde_json::{Value, json};

use crate::client::{Rmm, request};
use crate::pair::basic;

async fn bcdr(sandbox: &Sandbox, path: &str) -> Value {
    let url = format!("{}{path}", sandbox.bcdr_url());
    request("GET", &url, &[("authorization", &basic(&sandbox.bcdr_key()))], b"").await.expect("an answer").json()
}

async fn uids(rmm: &Rmm) -> Vec<String> {
    let page = rmm.read("/v2/account/devices").await;
    page["devices"].as_array().unwrap().iter().map(|device| device["uid"].as_str().unwrap().to_owned()).collect()
}

fn change(value: Value) -> Change {
    serde_json::from_value(value).expect("a change")
}

#[tokio::test(start_paused = true)]
async fn alerts_are_raised_and_resolved() {
    let rmm = Rmm::start(Sandbox::builder().devices(60)).await;
    let device = rmm.sandbox.truth().rmm.computers[0].clone();
    let raise = json!({"change": "raise_alert", "device": device, "priority": "Critical", "class": "ransomware_ctx"});
    let uid = rmm.sandbox.change(change(raise)).unwrap();
    let alert = rmm.read(&format!("/v2/alert/{uid}")).await;
    assert_eq!((&alert["priority"], &alert["alertContext"]["@class"]), (&json!("Critical"), &json!("ransomware_ctx")));
    assert_eq!((&alert["alertSourceInfo"]["deviceUid"], &alert["resolved"]), (&json!(device), &json!(false)));
    assert_eq!(alert["timestamp"], json!(rmm.sandbox.now_ms()));
    assert!(rmm.sandbox.truth().rmm.open_alerts.contains(&uid));
    rmm.sandbox.change(Change::ResolveAlert { alert: Some(uid.clone()) }).unwrap();
    assert_eq!(rmm.read(&format!("/v2/alert/{uid}")).await["resolved"], true);
    assert!(!rmm.sandbox.truth().rmm.open_alerts.contains(&uid));
    let again = rmm.sandbox.change(Change::ResolveAlert { alert: Some(uid.clone()) }).unwrap_err();
    assert!(again.to_string().contains(&uid), "{again}");
    let unknown = json!({"change": "raise_alert", "priority": "Terrible"});
    assert!(rmm.sandbox.change(change(unknown)).unwrap_err().to_string().contains("Terrible"));
}

#[tokio::test(start_paused = true)]
async fn devices_come_move_and_go() {
    let rmm = Rmm::start(Sandbox::builder().devices(60)).await;
    let sandbox = &rmm.sandbox;
    let site = sandbox.change(Change::AddSite { name: Some("Brand new".to_owned()) }).unwrap();
    let add = Change::AddDevice { site: Some(site.clone()), hostname: Some("FRESH-1".to_owned()), place: Some(0) };
    let uid = sandbox.change(add).unwrap();
    assert_eq!(uids(&rmm).await[0], uid);
    let device = async || rmm.read(&format!("/v2/device/{uid}")).await;
    assert_eq!((&device().await["hostname"], &device().await["siteName"]), (&json!("FRESH-1"), &json!("Brand new")));
    let other = sandbox.truth().rmm.site_uids[3].clone();
    sandbox.change(Change::MoveDevice { device: Some(uid.clone()), site: Some(other.clone()) }).unwrap();
    sandbox.change(Change::RenameDevice { device: Some(uid.clone()), hostname: Some("OLD-1".to_owned()) }).unwrap();
    assert_eq!((&device().await["siteUid"], &device().await["hostname"]), (&json!(other), &json!("OLD-1")));
    sandbox.change(Change::DeviceOnline { device: Some(uid.clone()), online: false }).unwrap();
    assert!(sandbox.truth().rmm.offline_devices.contains(&uid));
    sandbox.change(Change::DeleteDevice { device: Some(uid.clone()) }).unwrap();
    assert_eq!((&device().await["deleted"], &device().await["siteName"]), (&json!(true), &json!("Deleted Devices")));
    assert!(sandbox.truth().rmm.deleted_devices.contains(&uid));
    sandbox.change(Change::RemoveDevice { device: Some(uid.clone()) }).unwrap();
    assert_eq!(rmm.get(&format!("/v2/device/{uid}")).await.status, 404);
    assert_eq!(sandbox.truth().rmm.total_devices, 60);
    let before = uids(&rmm).await;
    sandbox.change(Change::ShuffleDevices {}).unwrap();
    let after = uids(&rmm).await;
    assert_ne!(before, after);
    assert_eq!(before.iter().collect::<BTreeSet<_>>(), after.iter().collect());
    for uid in &after {
        assert_eq!(rmm.read(&format!("/v2/device/{uid}")).await["uid"], json!(uid));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_changes_in_the_middle_of_a_walk() {
    let list = || "devices.list".to_owned();
    let builder = Sandbox::builder().devices(40).event(
        When::BeforePage { list: list(), page: 2 },
        Change::AddDevice { site: None, hostname: Some("IN-FRONT".to_owned()), place: Some(0) },
    );
    let rmm = Rmm::start(builder).await;
    let mut seen = Vec::new();
    for page in 0..5 {
        let page = rmm.read(&format!("/v2/account/devices?max=10&page={page}")).await;
        seen.extend(page["devices"].as_array().unwrap().iter().map(|device| device["uid"].clone()));
        seen.dedup();
    }
    // The last row of the second page was pushed to the third, where it came once more; it is a neighbour of itself.
    assert_eq!(seen.len(), 40);
    let first = rmm.read("/v2/account/devices?max=10&page=0").await;
    assert_eq!(first["devices"][0]["hostname"], "IN-FRONT");
    assert_eq!(first["pageDetails"]["totalCount"], 41);
    rmm.read("/v2/account/devices?max=10&page=2").await;
    assert_eq!(rmm.sandbox.truth().rmm.total_devices, 41, "it happens once");
}

#[tokio::test(start_paused = true)]
async fn what_is_planned_happens_at_its_moment() {
    let builder = Sandbox::builder().devices(30).event(
        When::After(Duration::from_secs(300)),
        change(json!({"change": "add_site", "name": "After five minutes"})),
    );
    let rmm = Rmm::start(builder).await;
    let sites = async || rmm.read("/v2/account/sites?siteName=five").await["sites"].as_array().unwrap().len();
    tokio::time::sleep(Duration::from_secs(299)).await;
    assert_eq!(sites().await, 0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(sites().await, 1);
    let later = When::After(Duration::from_secs(3_600));
    rmm.sandbox.schedule(later, Change::AddSite { name: Some("five more".to_owned()) });
    rmm.sandbox.forward(Duration::from_secs(4_000));
    assert_eq!(sites().await, 2);
    assert!(rmm.sandbox.uptime() < Duration::from_secs(400));
}

#[tokio::test(start_paused = true)]
async fn a_job_ends_late() {
    let rmm = Rmm::start(Sandbox::builder().devices(60)).await;
    let truth = rmm.sandbox.truth().rmm;
    let device = truth.computers.iter().find(|uid| truth.online_devices.contains(uid)).unwrap();
    let slow = Change::SlowJobs { device: Some(device.clone()), takes: "10m".to_owned() };
    rmm.sandbox.change(slow).unwrap();
    let body = json!({"jobName": "Late", "jobComponent": {"componentUid": truth.working_component}});
    let job = rmm.send("PUT", &format!("/v2/device/{device}/quickjob"), Some(&body)).await.json();
    let uid = job["job"]["uid"].as_str().unwrap().to_owned();
    let status = async || rmm.read(&format!("/v2/job/{uid}")).await["status"].clone();
    tokio::time::sleep(Duration::from_secs(599)).await;
    assert_eq!(status().await, "active");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(status().await, "completed");
}

#[tokio::test(start_paused = true)]
async fn backups_run_pause_and_end() {
    let sandbox = Sandbox::builder().appliances(4).start().await.expect("free ports");
    let truth = sandbox.truth().bcdr;
    let (serial, volume) = truth.failed_backups[0].clone();
    let named = |volume: &str| Some(volume.to_owned());
    let asset = async || bcdr(&sandbox, &format!("/bcdr/device/{serial}/asset/{volume}")).await[0].clone();
    sandbox.change(Change::RunBackup { volume: named(&volume), good: true }).unwrap();
    assert!(!sandbox.truth().bcdr.failed_backups.contains(&(serial.clone(), volume.clone())));
    assert_eq!(asset().await["lastSnapshot"], json!(sandbox.now_ms().div_euclid(1_000)));
    sandbox.change(Change::RunBackup { volume: named(&volume), good: false }).unwrap();
    assert_eq!(
        asset().await["lastSnapshot"],
        json!(sandbox.now_ms().div_euclid(1_000)),
        "a failed run changes nothing"
    );
    sandbox.change(Change::PauseAsset { volume: named(&volume), paused: true }).unwrap();
    assert_eq!(asset().await["isPaused"], true);
    sandbox.change(Change::ArchiveAsset { volume: named(&volume), archived: true }).unwrap();
    assert_eq!(asset().await["isArchived"], true);
    sandbox.change(Change::RemoveAsset { volume: named(&volume) }).unwrap();
    assert_eq!(asset().await, Value::Null);
    assert!(!sandbox.truth().bcdr.assets.iter().any(|asset| asset.volume == volume));

    let added = sandbox.change(Change::AddAppliance { client: None }).unwrap();
    let asset =
        sandbox.change(Change::AddAsset { appliance: named(&added), name: named("fresh.example.com") }).unwrap();
    assert!(sandbox.truth().bcdr.never_backed_up.contains(&(added.clone(), asset)));
    sandbox.change(Change::ApplianceOnline { appliance: named(&added), online: false }).unwrap();
    assert!(sandbox.truth().bcdr.devices_offline.contains(&added));
    sandbox.change(Change::EndService { appliance: named(&added) }).unwrap();
    let device = bcdr(&sandbox, &format!("/bcdr/device/{added}")).await;
    assert!(device["servicePeriod"].as_str() < device["lastSeenDate"].as_str(), "{device}");
    sandbox.change(Change::RemoveAppliance { appliance: named(&added) }).unwrap();
    assert_eq!(bcdr(&sandbox, &format!("/bcdr/device/{added}")).await["code"], "exception.notfoundhttpexception");
}

#[tokio::test(start_paused = true)]
async fn seats_come_and_go_and_a_tenant_ends() {
    let sandbox = Sandbox::builder().saas_customers(3).start().await.expect("free ports");
    let customer = sandbox.truth().bcdr.saas_customers[1];
    let seats = async || bcdr(&sandbox, &format!("/saas/{customer}/seats")).await.as_array().unwrap().clone();
    let before = seats().await.len();
    let add = json!({"change": "add_seat", "customer": customer, "kind": "SharedMailbox", "name": "Front Desk"});
    let id = sandbox.change(change(add)).unwrap();
    let added = seats().await.into_iter().find(|seat| seat["remoteId"] == json!(id)).unwrap();
    assert_eq!((&added["seatType"], &added["name"]), (&json!("SharedMailbox"), &json!("Front Desk")));
    assert_eq!(sandbox.truth().bcdr.saas_seats[&customer], before + 1);
    sandbox.change(Change::RemoveSeat { customer: Some(customer), seat: Some(id) }).unwrap();
    assert_eq!(seats().await.len(), before);
    sandbox.change(Change::TenantGone { customer: Some(customer) }).unwrap();
    assert!(seats().await.iter().all(|seat| seat["seatState"] == "Archived"));
    let report = bcdr(&sandbox, &format!("/saas/{customer}/applications")).await;
    for app in report["items"][0]["suites"][0]["appTypes"].as_array().unwrap() {
        assert_eq!(
            (&app["lastFullyProtectedTime"], &app["backupHistory"][0]["activeServiceCount"]),
            (&json!("OVER_10_DAYS_AGO"), &json!(0))
        );
    }
    let truth = sandbox.truth().bcdr;
    assert!(truth.saas_gone.iter().all(|(id, _)| *id == customer) && truth.saas_gone.len() > 2);
    assert!(truth.saas_cases.iter().any(|(id, _, case)| *id == customer && *case == SaasCase::Gone));
}

#[tokio::test(start_paused = true)]
async fn files_are_changed_by_somebody_else() {
    let sandbox = Sandbox::builder().start().await.expect("free ports");
    let project = sandbox.truth().workplace.projects[0].name.clone();
    let path = format!("{project}/Empty/note.txt");
    let put = |text: &str| Change::PutFile { path: path.clone(), text: text.to_owned() };
    let id = sandbox.change(put("one")).unwrap();
    let first = sandbox.workplace_tree()[&path].clone();
    assert_eq!((first.id.to_string(), first.size), (id.clone(), 3));
    assert_eq!(sandbox.change(put("three")).unwrap(), id);
    assert_ne!(sandbox.workplace_tree()[&path].md5, first.md5);
    sandbox.change(Change::RenameItem { path: path.clone(), name: "renamed.txt".to_owned() }).unwrap();
    assert!(sandbox.workplace_tree().contains_key(&format!("{project}/Empty/renamed.txt")));
    sandbox.change(Change::DeleteItem { path: format!("{project}/Empty") }).unwrap();
    assert!(!sandbox.workplace_tree().contains_key(&format!("{project}/Empty")));
    assert!(sandbox.change(Change::DeleteItem { path }).is_err());
}

#[tokio::test(start_paused = true)]
async fn an_account_lives_by_itself_and_the_seed_decides_how() {
    let live = async |seed: u64, alive: bool| {
        let builder = Sandbox::builder().devices(200).seed(seed).life(alive).now_ms(1_780_000_000_000);
        let sandbox = builder.start().await.expect("free ports");
        sandbox.forward(Duration::from_secs(3 * 86_400));
        sandbox.truth()
    };
    let (still, one, same, other) =
        (live(1, false).await, live(1, true).await, live(1, true).await, live(2, true).await);
    assert_eq!(one, same);
    assert_ne!(one.rmm, other.rmm);
    assert_ne!(still.rmm.open_alerts, one.rmm.open_alerts);
    assert_ne!(still.rmm.offline_devices, one.rmm.offline_devices);
    // Without life, three days leave nothing that was backed up in the last two; with it, the schedule goes on.
    assert!(one.bcdr.failed_backups.len() * 2 < still.bcdr.failed_backups.len());
}

#[tokio::test(start_paused = true)]
async fn time_can_run_faster_in_the_data() {
    let sandbox = Sandbox::builder().devices(50).life(true).speed(3_600).start().await.expect("free ports");
    let (before, start) = (sandbox.truth().rmm, sandbox.now_ms());
    tokio::time::sleep(Duration::from_secs(48)).await;
    assert_eq!(sandbox.now_ms() - start, 48 * 3_600_000);
    assert_ne!(sandbox.truth().rmm.open_alerts, before.open_alerts);
}
