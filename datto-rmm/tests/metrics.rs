//! The figures of a fleet against what the sandbox planted.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use std::collections::BTreeSet;

use datto_rmm::metrics::{AntivirusPolicy, Figure, FleetPolicy, FleetSummary, fleet_summary, fleet_summary_with};
use datto_rmm::{Measured, RmmClient};
use datto_sandbox::{Fault, Sandbox};

async fn sandbox(devices: usize, seed: u64) -> (Sandbox, RmmClient) {
    let sandbox = Sandbox::builder().devices(devices).seed(seed).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    (sandbox, rmm)
}

/// The devices that a known figure counts are those that were planted.
fn assert_counts(figure: &Measured<Figure>, planted: &[String], what: &str) {
    let figure = figure.known().unwrap_or_else(|| panic!("{what}: {figure:?}"));
    let counted: BTreeSet<&str> = figure.evidence.iter().map(|evidence| evidence.device_uid.as_str()).collect();
    let planted: BTreeSet<&str> = planted.iter().map(String::as_str).collect();
    assert_eq!(counted, planted, "{what}");
    assert_eq!(figure.value as usize, planted.len(), "{what}");
}

#[tokio::test(start_paused = true)]
async fn the_figures_are_those_that_were_planted_for_several_seeds_and_sizes() {
    for (devices, seed) in [(40, 1), (260, 2), (1_200, 7), (333, 99)] {
        let (sandbox, rmm) = sandbox(devices, seed).await;
        let truth = sandbox.truth().rmm;
        let fleet = fleet_summary(&rmm).await;
        let fleet = fleet.known().unwrap_or_else(|| panic!("{devices} {seed}: {:?}", fleet.missing()));
        assert_eq!(fleet.sites.known(), Some(&(truth.total_sites as u64 - 1)), "all but the site of deleted devices");
        let present = truth.total_devices - truth.deleted_devices.len();
        assert_eq!(fleet.devices.known(), Some(&(present as u64)));
        assert_counts(&fleet.online, &truth.online_devices, "online");
        assert_counts(&fleet.offline, &truth.offline_devices, "offline");
        assert_counts(&fleet.patches.missing_patches, &truth.missing_patches, "missing patches");
        let patches = fleet.patches.missing_patches.known().unwrap();
        assert_eq!(
            (patches.rests_on, patches.silent),
            (truth.reporting_patches as u64, truth.not_reporting_patches as u64)
        );
        assert_counts(&fleet.antivirus.without, &truth.without_antivirus, "without antivirus");
        assert_counts(&fleet.antivirus.not_running, &truth.antivirus_not_running, "antivirus not running");
        assert_counts(&fleet.antivirus.outdated, &truth.antivirus_outdated, "antivirus outdated");
        assert_counts(&fleet.antivirus.protected, &truth.antivirus_protected, "protected");
        assert_counts(&fleet.windows.windows_7, &truth.windows_7, "Windows 7");
        assert_counts(&fleet.windows.windows_8, &truth.windows_8, "Windows 8");
        assert_counts(&fleet.windows.windows_10, &truth.windows_10, "Windows 10");
        assert_counts(&fleet.windows.windows_11, &truth.windows_11, "Windows 11");
        assert_counts(&fleet.windows.server, &truth.windows_servers, "servers");
        let alerts = fleet.open_alerts.known().unwrap();
        assert_eq!(alerts.total() as usize, truth.open_alerts.len());
        let planted = |name: &str| truth.open_alerts_by_priority.get(name).copied().unwrap_or(0) as u64;
        assert_eq!(
            [alerts.critical, alerts.high, alerts.moderate, alerts.low, alerts.information],
            ["Critical", "High", "Moderate", "Low", "Information"].map(planted)
        );
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
    let reporting =
        truth.antivirus_not_running.len() + truth.antivirus_outdated.len() + truth.antivirus_protected.len();
    assert_eq!(antivirus.without.known().unwrap().value as usize, truth.without_antivirus.len() + reporting);
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
