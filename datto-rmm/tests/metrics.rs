//! The figures of a fleet against what the sandbox planted.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use datto_rmm::metrics::{
    AlertPolicy, AntivirusPolicy, Figure, FleetPolicy, FleetSummary, HardwarePolicy, alert_posture, bill,
    fleet_summary, fleet_summary_with, hardware_posture, missing_patches, read_audits,
};
use datto_rmm::{Measured, PatchInstallStatus, RmmClient, Timestamp};
use datto_sandbox::{Fault, RmmTruth, Sandbox};
use proptest::prelude::*;

async fn sandbox(devices: usize, seed: u64) -> (Sandbox, RmmClient) {
    let sandbox = Sandbox::builder().devices(devices).seed(seed).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    (sandbox, rmm)
}

/// What was planted, without the devices that are set aside.
struct Judged<'a>(&'a RmmTruth);

impl Judged<'_> {
    fn aside(&self, uid: &String) -> bool {
        self.0.on_demand_devices.contains(uid) || self.0.suspended_devices.contains(uid)
    }

    fn judged<'b>(&self, uids: impl IntoIterator<Item = &'b String>) -> BTreeSet<&'b str> {
        uids.into_iter().filter(|uid| !self.aside(uid)).map(String::as_str).collect()
    }
}

/// The devices that a figure counts are those that were planted; where none tells anything, it is unknown and none was planted.
fn assert_counts(figure: &Measured<Figure>, planted: &BTreeSet<&str>, what: &str) {
    let Some(figure) = figure.known() else {
        assert!(figure.value().is_none() && planted.is_empty(), "{what}: {figure:?}");
        return;
    };
    let counted: BTreeSet<&str> = figure.evidence.iter().map(|evidence| evidence.device_uid.as_str()).collect();
    assert_eq!(&counted, planted, "{what}");
    assert_eq!(figure.value as usize, planted.len(), "{what}");
    let keys: BTreeSet<&str> = figure.evidence.iter().map(|evidence| evidence.key.as_str()).collect();
    assert_eq!(keys.len(), planted.len(), "{what}: keys do not collide");
}

fn day(now: &Timestamp) -> String {
    now.to_string()[..10].to_owned()
}

/// Each figure against what the sandbox planted, by rules written a second time.
fn assert_truth(fleet: &FleetSummary, truth: &RmmTruth) {
    const DAY_MS: i64 = 86_400_000;
    let judged = Judged(truth);
    let now = fleet.as_of.moment().unwrap();
    let today = day(&fleet.as_of);
    assert_eq!(fleet.sites.known(), Some(&(truth.total_sites as u64 - 1)), "all but the site of deleted devices");
    let present = truth.total_devices - truth.deleted_devices.len();
    assert_eq!(fleet.devices.known(), Some(&(present as u64)));
    assert_eq!(fleet.on_demand.known(), Some(&(truth.on_demand_devices.len() as u64)));
    assert_eq!(fleet.suspended.known(), Some(&(truth.suspended_devices.len() as u64)));
    let windows = &fleet.windows;
    for (figure, planted, what) in [
        (&fleet.online, &truth.online_devices, "online"),
        (&fleet.offline, &truth.offline_devices, "offline"),
        (&fleet.patches.missing_patches, &truth.missing_patches, "missing patches"),
        (&fleet.antivirus.without, &truth.without_antivirus, "without antivirus"),
        (&fleet.antivirus.not_running, &truth.antivirus_not_running, "antivirus not running"),
        (&fleet.antivirus.outdated, &truth.antivirus_outdated, "antivirus outdated"),
        (&fleet.antivirus.protected, &truth.antivirus_protected, "protected"),
        (&windows.windows_7, &truth.windows_7, "Windows 7"),
        (&windows.windows_8, &truth.windows_8, "Windows 8"),
        (&windows.windows_10, &truth.windows_10, "Windows 10"),
        (&windows.windows_11, &truth.windows_11, "Windows 11"),
        (&windows.server, &truth.windows_servers, "servers"),
    ] {
        assert_counts(figure, &judged.judged(planted), what);
    }
    if let Some(patches) = fleet.patches.missing_patches.known() {
        assert_eq!(patches.rests_on as usize, judged.judged(&truth.patch_reporters).len());
    }
    let ended = truth.updates_end.iter().filter(|(_, last)| **last < today).map(|(uid, _)| uid);
    assert_counts(&windows.unsupported, &judged.judged(ended), "unsupported");
    let soon = day(&fleet.as_of.plus(Duration::from_secs(182 * 86_400)));
    let ending = truth.updates_end.iter().filter(|(_, last)| **last >= today && **last < soon).map(|(uid, _)| uid);
    assert_counts(&windows.ending_soon, &judged.judged(ending), "ending soon");

    let known_status = |uid: &&String| !truth.antivirus_of_unknown_status.contains(uid);
    let built_in =
        truth.antivirus_products.iter().filter(|(_, product)| *product == "Windows Defender").map(|(uid, _)| uid);
    let without_hosted = truth.without_antivirus.iter().chain(built_in.filter(known_status));
    assert_counts(&fleet.antivirus.without_hosted, &judged.judged(without_hosted), "without hosted antivirus");
    if let Some(products) = fleet.antivirus.products.known() {
        let planted = judged.judged(truth.antivirus_products.keys()).len();
        assert_eq!(products.iter().map(|product| product.devices).sum::<u64>() as usize, planted);
    }

    let upkeep = &fleet.upkeep;
    let over = truth.warranties.iter().filter(|(_, last)| **last < today).map(|(uid, _)| uid);
    assert_counts(&upkeep.warranty_ended, &judged.judged(over), "warranty ended");
    let required = truth.restarts_required.iter().filter(|(_, required)| **required).map(|(uid, _)| uid);
    let computers = required.filter(|uid| truth.computers.contains(uid));
    assert_counts(&upkeep.restart_required, &judged.judged(computers), "restart required");
    let stale =
        truth.last_seen.iter().filter(|(uid, seen)| !truth.online_devices.contains(uid) && now - **seen > 30 * DAY_MS);
    assert_counts(&upkeep.stale, &judged.judged(stale.map(|(uid, _)| uid)), "stale");
    let overdue = truth.last_reboots.iter().filter(|(uid, reboot)| {
        let until = if truth.online_devices.contains(uid) { Some(now) } else { truth.last_seen.get(*uid).copied() };
        truth.computers.contains(uid) && until.is_some_and(|until| until - **reboot > 30 * DAY_MS)
    });
    assert_counts(&upkeep.restart_overdue, &judged.judged(overdue.map(|(uid, _)| uid)), "restart overdue");

    let alerts = fleet.open_alerts.known().unwrap();
    assert_eq!(alerts.total() as usize, truth.open_alerts.len());
    let planted = |name: &str| truth.open_alerts_by_priority.get(name).copied().unwrap_or(0) as u64;
    assert_eq!(
        [alerts.critical, alerts.high, alerts.moderate, alerts.low, alerts.information],
        ["Critical", "High", "Moderate", "Low", "Information"].map(planted)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_figures_are_those_that_were_planted(seed in any::<u64>(), devices in 1_usize..900) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (sandbox, rmm) = sandbox(devices, seed).await;
            let truth = sandbox.truth().rmm;
            let fleet = fleet_summary(&rmm).await;
            if truth.total_devices == truth.deleted_devices.len() {
                assert!(!fleet.is_known(), "nothing to judge");
            } else {
                assert_truth(fleet.value().unwrap(), &truth);
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_decides_which_product_counts() {
    let (sandbox, rmm) = sandbox(260, 2).await;
    let mut policy = FleetPolicy::default();
    policy.antivirus = AntivirusPolicy::default().product("no product of this name");
    let fleet = fleet_summary_with(&rmm, &policy).await;
    let FleetSummary { antivirus, .. } = fleet.known().unwrap();
    let truth = sandbox.truth().rmm;
    let lists =
        [&truth.without_antivirus, &truth.antivirus_not_running, &truth.antivirus_outdated, &truth.antivirus_protected];
    let all = Judged(&truth).judged(lists.into_iter().flatten());
    assert_counts(&antivirus.without, &all, "without");
    assert_eq!(antivirus.protected.known().unwrap().value, 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_leaves_the_others_be() {
    let (sandbox, rmm) = sandbox(600, 2).await;
    let whole = fleet_summary(&rmm).await.known().unwrap().clone();
    sandbox.inject(Fault::status(503).path_contains("/account/devices").always());
    let fleet = fleet_summary(&rmm).await;
    let summary = fleet.value().unwrap();
    assert!(!fleet.is_known());
    assert_eq!(summary.sites, whole.sites);
    assert_eq!(summary.open_alerts, whole.open_alerts);
    assert!(matches!(summary.patches.missing_patches, Measured::Unknown { .. }), "never a zero");

    sandbox.clear_faults();
    sandbox.inject(Fault::status(503).path_contains("/account/devices").after(1).always());
    let summary = fleet_summary(&rmm).await.value().unwrap().clone();
    let Measured::Partial { value, missing } = summary.devices else { panic!("{:?}", summary.devices) };
    assert!(value > 0 && value < *whole.devices.known().unwrap() && !missing.is_empty());
    assert!(matches!(summary.windows.windows_10, Measured::Partial { .. }));

    sandbox.clear_faults();
    for list in ["/account/sites", "/account/devices", "/alerts/open"] {
        sandbox.inject(Fault::html().path_contains(list).always());
    }
    assert!(matches!(fleet_summary(&rmm).await, Measured::Unknown { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn alerts_and_bills_are_those_that_were_planted(seed in any::<u64>(), count in 1_usize..500) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (sandbox, rmm) = sandbox(count, seed).await;
    let truth = sandbox.truth().rmm;
    let (open, resolved) =
        (rmm.alerts().open().collect_measured().await, rmm.alerts().resolved().collect_measured().await);
    let posture = alert_posture(&open, &resolved, &AlertPolicy::default());
    let kinds = posture.kinds.known().unwrap();
    assert_eq!(kinds.iter().map(|kind| kind.open).sum::<u64>() as usize, truth.open_alerts.len());
    let of_devices: usize = posture.devices.known().unwrap().iter().map(|device| device.alerts.len()).sum();
    assert_eq!(of_devices, truth.open_alerts.len());
    assert!(posture.flapping.is_known());

    let devices = rmm.devices().list().collect().await.unwrap();
    let bills = bill(&devices, &Timestamp::now());
    let class = |name: &str| bills.iter().filter_map(|bill| bill.classes.get(name)).sum::<u64>() as usize;
    assert_eq!(
        [class("device"), class("printer"), class("esxihost"), class("rmmnetworkdevice")],
        [&truth.computers, &truth.printers, &truth.esxi_hosts, &truth.network_devices].map(Vec::len)
    );
    let present = truth.total_devices - truth.deleted_devices.len();
    assert_eq!(bills.iter().map(|bill| bill.devices()).sum::<u64>() as usize, present);
    assert_eq!(bills.iter().map(|bill| bill.suspended).sum::<u64>() as usize, truth.suspended_devices.len());
        });
    }
}

#[tokio::test(start_paused = true)]
async fn hardware_is_told_of_those_that_were_audited() {
    let (sandbox, rmm) = sandbox(400, 5).await;
    let truth = sandbox.truth().rmm;
    let devices = rmm.devices().list().collect().await.unwrap();
    let audits = read_audits(&rmm, &devices, 8).await;
    let hardware = hardware_posture(&devices, &audits, &HardwarePolicy::default(), &Timestamp::now());
    let computers = Judged(&truth).judged(&truth.computers).len();
    let memory = hardware.little_memory.known().unwrap();
    assert_eq!((memory.rests_on + memory.silent) as usize, computers);
    assert!(memory.rests_on > 0 && hardware.bios_old.is_known());

    // What fails to come is named, and is no zero.
    let lost = truth.computers.iter().find(|uid| !truth.suspended_devices.contains(uid)).unwrap();
    sandbox.inject(Fault::status(403).path_contains(format!("/audit/device/{lost}")).always());
    let audits = read_audits(&rmm, &devices, 8).await;
    assert_eq!(audits.missing().len(), 1);
    let hardware = hardware_posture(&devices, &audits, &HardwarePolicy::default(), &Timestamp::now());
    assert!(matches!(hardware.little_memory, Measured::Partial { .. }));
}

#[tokio::test(start_paused = true)]
async fn missing_patches_are_those_that_devices_tell_of() {
    let (sandbox, rmm) = sandbox(60, 5).await;
    let sites = rmm.sites().list().collect().await.unwrap();
    let missing = missing_patches(&rmm, &sites, 4).await;
    let by_site: BTreeMap<String, (u64, u64)> = missing
        .known()
        .unwrap()
        .iter()
        .map(|patch| (patch.title.clone(), (patch.approved, patch.not_approved)))
        .collect();
    let mut by_device = BTreeMap::<String, (u64, u64)>::new();
    for device in rmm.devices().list().collect().await.unwrap() {
        if device.deleted == Some(true) {
            continue;
        }
        for patch in rmm.devices().patches(&device.uid).collect().await.unwrap() {
            let (approved, not_approved) = match patch.install_status {
                Some(PatchInstallStatus::ApprovedPending) => (1, 0),
                Some(PatchInstallStatus::NotApproved) => (0, 1),
                _ => continue,
            };
            let count = by_device.entry(patch.title.unwrap()).or_default();
            *count = (count.0 + approved, count.1 + not_approved);
        }
    }
    assert!(!by_device.is_empty());
    assert_eq!(by_site, by_device);

    sandbox.inject(Fault::status(404).path_contains("/patches").always());
    assert!(matches!(missing_patches(&rmm, &sites, 4).await, Measured::Unknown { .. }));
}
