//! The truth against what is served, counted in the other direction: from the wire.

use std::collections::BTreeSet;

use datto_sandbox::Sandbox;
use serde_json::Value;

use crate::client::Rmm;

async fn devices(rmm: &Rmm) -> Vec<Value> {
    let mut devices = Vec::new();
    for page in 0.. {
        let page = rmm.read(&format!("/v2/account/devices?page={page}")).await;
        devices.extend(page["devices"].as_array().unwrap().iter().cloned());
        if page["pageDetails"]["nextPageUrl"].is_null() {
            break;
        }
    }
    devices
}

fn uids<'a>(devices: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    devices.into_iter().map(|device| device["uid"].as_str().unwrap().to_owned()).collect()
}

fn set(uids: &[String]) -> BTreeSet<String> {
    uids.iter().cloned().collect()
}

fn missing(device: &Value) -> i64 {
    let figures = &device["patchManagement"];
    figures["patchesApprovedPending"].as_i64().unwrap() + figures["patchesNotApproved"].as_i64().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_truth_is_what_the_wire_says() {
    for seed in [1, 7, 42] {
        let rmm = Rmm::start(Sandbox::builder().devices(1_200).seed(seed)).await;
        let truth = rmm.sandbox.truth().rmm;
        let devices = devices(&rmm).await;
        assert_eq!((devices.len(), truth.total_devices), (1_200, 1_200));
        let gone =
            |device: &&Value| device["deleted"] == true || device["siteUid"] == truth.deleted_devices_site.as_str();
        assert_eq!(uids(devices.iter().filter(gone)), set(&truth.deleted_devices));
        let here: Vec<&Value> = devices.iter().filter(|device| !gone(device)).collect();
        let of = |wanted: &dyn Fn(&Value) -> bool| uids(here.iter().copied().filter(|device| wanted(device)));
        assert_eq!(of(&|device| device["online"] == false), set(&truth.offline_devices));
        assert_eq!(of(&|device| device["online"] == true), set(&truth.online_devices));
        assert_eq!(of(&|device| device["deviceClass"] == "device"), set(&truth.computers));
        assert_eq!(of(&|device| device["deviceClass"] == "rmmnetworkdevice"), set(&truth.network_devices));
        let odd = |device: &Value| device["deviceClass"] == "unknown" || device["deviceClass"] == "clouddevice";
        assert_eq!(of(&odd), set(&truth.unclassified));
        assert_eq!(of(&|device| device["deviceClass"] == "printer"), set(&truth.printers));
        assert_eq!(of(&|device| device["deviceClass"] == "esxihost"), set(&truth.esxi_hosts));

        let machine = |device: &Value| device["deviceClass"] == "device";
        let reports = |device: &Value| {
            let status = device["patchManagement"]["patchStatus"].as_str();
            machine(device) && status.is_some_and(|status| status != "NoData" && status != "NoPolicy")
        };
        assert_eq!(of(&|device| reports(device) && missing(device) > 5), set(&truth.missing_patches));
        assert_eq!(of(&|device| reports(device) && missing(device) == 0), set(&truth.missing_no_patches));
        assert_eq!(of(&reports).len(), truth.reporting_patches);
        assert_eq!(of(&|device| machine(device) && !reports(device)).len(), truth.not_reporting_patches);
        for (status, list) in [
            ("NotDetected", &truth.without_antivirus),
            ("NotRunning", &truth.antivirus_not_running),
            ("RunningAndNotUpToDate", &truth.antivirus_outdated),
            ("RunningAndUpToDate", &truth.antivirus_protected),
            ("Snoozed", &truth.antivirus_of_unknown_status),
        ] {
            assert_eq!(of(&|device| machine(device) && device["antivirus"]["antivirusStatus"] == status), set(list));
        }
        assert_eq!(of(&|device| machine(device) && device["antivirus"].is_null()).len(), truth.not_reporting_antivirus);

        let system =
            |device: &Value, name: &str| device["operatingSystem"].as_str().is_some_and(|system| system.contains(name));
        assert_eq!(of(&|device| system(device, "Windows 7 ")), set(&truth.windows_7));
        assert_eq!(of(&|device| system(device, "Windows 8")), set(&truth.windows_8));
        let is_server = |device: &Value| {
            ["Windows Server ", "Storage Server", "Azure Stack HCI"].iter().any(|name| system(device, name))
        };
        assert_eq!(of(&is_server), set(&truth.windows_servers));
        assert_eq!(of(&|device| machine(device) && device["operatingSystem"].is_null()), set(&truth.without_system));
        // Where name and build differ, the build tells.
        let newer = |device: &Value| system(device, "Windows 10 Pro 10.0.26200");
        let is_11 = |device: &Value| newer(device) || system(device, "Windows 11 ") || system(device, "Windows® 11 ");
        assert_eq!(of(&|device| system(device, "Windows 10 ") && !newer(device)), set(&truth.windows_10));
        assert_eq!(of(&is_11), set(&truth.windows_11));
        for list in
            [&truth.windows_7, &truth.windows_10, &truth.windows_11, &truth.without_antivirus, &truth.missing_patches]
        {
            assert!(list.len() > 20 && list.len() < 900, "{}", list.len());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_and_sites_are_as_planted() {
    let rmm = Rmm::start(Sandbox::builder().devices(500).seed(9)).await;
    let truth = rmm.sandbox.truth().rmm;
    let alerts = rmm.read("/v2/account/alerts/open").await;
    let open: Vec<&str> =
        alerts["alerts"].as_array().unwrap().iter().filter_map(|alert| alert["alertUid"].as_str()).collect();
    assert_eq!(open, truth.open_alerts);
    for (priority, count) in &truth.open_alerts_by_priority {
        let same = |alert: &&Value| alert["priority"] == priority.as_str();
        assert_eq!(alerts["alerts"].as_array().unwrap().iter().filter(same).count(), *count, "{priority}");
    }
    assert_eq!(truth.open_alerts_by_priority.values().sum::<usize>(), open.len());
    let resolved = rmm.read("/v2/account/alerts/resolved").await;
    assert_eq!(resolved["alerts"].as_array().map(Vec::len), Some(truth.resolved_alerts));
    let classes: BTreeSet<&str> = alerts["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|alert| alert["alertContext"]["@class"].as_str())
        .collect();
    assert_eq!(classes.len(), 31, "thirty known kinds and an unknown one");
    let sites = rmm.read("/v2/account/sites").await;
    let names: Vec<&str> = sites["sites"].as_array().unwrap().iter().filter_map(|site| site["name"].as_str()).collect();
    assert_eq!(&names[..3], ["Managed", "OnDemand", "Deleted Devices"]);
    assert_eq!(names.len(), truth.total_sites);
    assert!(!truth.deleted_devices_site.contains("-4"), "no GUID");
    assert_eq!(rmm.read("/v2/account").await["uid"], truth.account_uid);
}

#[tokio::test(start_paused = true)]
async fn patch_lists_agree_with_the_figures() {
    let rmm = Rmm::start(Sandbox::builder().devices(200)).await;
    let uid = rmm.sandbox.truth().rmm.missing_patches[0].clone();
    let device = rmm.read(&format!("/v2/device/{uid}")).await;
    let count = async |status: &str| {
        let page = rmm.read(&format!("/v2/device/{uid}/patches?installStatus={status}")).await;
        page["pageDetails"]["totalCount"].clone()
    };
    let figures = &device["patchManagement"];
    assert_eq!(count("APPROVED_PENDING").await, figures["patchesApprovedPending"]);
    assert_eq!(count("NOT_APPROVED").await, figures["patchesNotApproved"]);
    assert_eq!(count("INSTALLED").await, figures["patchesInstalled"]);
    assert_eq!(rmm.get(&format!("/v2/device/{uid}/patches?installStatus=MAYBE")).await.status, 400);
    let site = device["siteUid"].as_str().unwrap();
    let rows = rmm.read(&format!("/v2/site/{site}/patches")).await;
    assert!(
        rows["patches"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["totalDevices"].as_i64().is_some_and(|count| count > 0))
    );
}

#[tokio::test(start_paused = true)]
async fn the_seed_alone_decides() {
    let make =
        async |seed| Sandbox::builder().devices(200).seed(seed).now_ms(0).start().await.expect("free ports").truth();
    assert_eq!(make(7).await, make(7).await);
    assert_ne!(make(7).await.rmm.offline_devices, make(8).await.rmm.offline_devices);
}

#[tokio::test(start_paused = true)]
async fn oddities_are_planted_and_can_be_left_out() {
    let devices_of = async |odd| devices(&Rmm::start(Sandbox::builder().devices(1_500).odd_values(odd)).await).await;
    let count =
        |devices: &[Value], wanted: &dyn Fn(&Value) -> bool| devices.iter().filter(|device| wanted(device)).count();
    let odd: [&dyn Fn(&Value) -> bool; 4] = [
        &|device| device["deviceClass"] == "clouddevice",
        &|device| device["antivirus"]["antivirusStatus"] == "Snoozed",
        &|device| device.get("agentChannel").is_some(),
        &|device| device["deleted"].is_null(),
    ];
    let (with, without) = (devices_of(true).await, devices_of(false).await);
    for wanted in odd {
        assert!(count(&with, wanted) > 0);
        assert_eq!(count(&without, wanted), 0);
    }
    assert_eq!(count(&with, &|device| device["lastSeen"].is_string()), 0);
    assert!(count(&with, &|device| device["lastSeen"].is_i64()) > 1_000);
    assert!(count(&with, &|device| device["lastReboot"] == -62_135_596_800_000_i64) > 0);
}
