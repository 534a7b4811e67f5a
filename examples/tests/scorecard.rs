//! The scorecard against what the sandbox planted, through the libraries and as the program that a newcomer runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Output;

use datto_bcdr::BcdrClient;
use datto_bcdr::metrics::{BackupPolicy, backup_health};
use datto_examples::demo;
use datto_rmm::RmmClient;
use datto_rmm::metrics::fleet_summary;
use datto_sandbox::{Fault, KeyScope, Product, RmmTruth, Sandbox};
use proptest::prelude::*;
use serde_json::Value;

fn uids(figure: &datto_rmm::metrics::Figure) -> BTreeSet<String> {
    figure.evidence.iter().map(|device| device.device_uid.to_string()).collect()
}

/// What was planted, without the devices that are set aside: those on demand and those suspended.
fn judged(truth: &RmmTruth, planted: &[String]) -> BTreeSet<String> {
    let aside = |uid: &String| truth.on_demand_devices.contains(uid) || truth.suspended_devices.contains(uid);
    planted.iter().filter(|uid| !aside(uid)).cloned().collect()
}

/// Those that were planted without a hosted antivirus: none, or what comes with Windows.
fn without_hosted(truth: &RmmTruth) -> Vec<String> {
    let built_in = truth.antivirus_products.iter().filter(|(_, product)| *product == "Windows Defender");
    let told = built_in.map(|(uid, _)| uid).filter(|uid| !truth.antivirus_of_unknown_status.contains(uid));
    truth.without_antivirus.iter().chain(told).cloned().collect()
}

fn assets(figure: &datto_bcdr::metrics::Figure) -> BTreeSet<(String, String)> {
    let pair = |finding: &datto_bcdr::metrics::Finding| {
        Some((finding.serial_number.as_ref()?.to_string(), finding.volume.as_ref()?.to_string()))
    };
    figure.evidence.iter().filter_map(pair).collect()
}

fn apps(figure: &datto_bcdr::metrics::Figure) -> BTreeSet<(i64, String)> {
    let pair =
        |finding: &datto_bcdr::metrics::Finding| Some((finding.customer_id.as_ref()?.as_i64()?, finding.app.clone()?));
    figure.evidence.iter().filter_map(pair).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_six_figures_are_the_planted_truth(seed in any::<u64>(), devices in 1_usize..700) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let sandbox = Sandbox::builder().devices(devices).seed(seed).start().await.unwrap();
            let (settings, truth) = (demo::settings(&sandbox), sandbox.truth());
            let rmm = RmmClient::from_vars(|name| settings.get(name)).unwrap();
            let bcdr = BcdrClient::from_vars(|name| settings.get(name)).unwrap();

            let fleet = fleet_summary(&rmm).await;
            let fleet = fleet.value().unwrap();
            // A figure that no device tells anything about is unknown, never 0.
            let reporting = judged(&truth.rmm, &truth.rmm.patch_reporters).len();
            if reporting > 0 {
                let missing = fleet.patches.missing_patches.known().unwrap();
                prop_assert_eq!(uids(missing), judged(&truth.rmm, &truth.rmm.missing_patches));
                prop_assert_eq!(missing.rests_on, reporting as u64);
            } else {
                prop_assert!(fleet.patches.missing_patches.known().is_none_or(|figure| figure.value == 0 && figure.rests_on == 0));
            }
            for (figure, planted) in [
                (&fleet.windows.windows_7, &truth.rmm.windows_7),
                (&fleet.windows.windows_10, &truth.rmm.windows_10),
                (&fleet.windows.windows_11, &truth.rmm.windows_11),
                (&fleet.antivirus.without, &truth.rmm.without_antivirus),
                (&fleet.antivirus.without_hosted, &without_hosted(&truth.rmm)),
            ] {
                match figure.value() {
                    Some(figure) => prop_assert_eq!(uids(figure), judged(&truth.rmm, planted)),
                    None => prop_assert!(judged(&truth.rmm, planted).is_empty()),
                }
            }

            let health = backup_health(&bcdr, &BackupPolicy::default()).await;
            let health = health.known().unwrap_or_else(|| panic!("{health:?}"));
            prop_assert_eq!(assets(health.failed_backups.known().unwrap()), truth.bcdr.failed_backups.iter().cloned().collect());
            prop_assert_eq!(assets(health.offsite_old.known().unwrap()), truth.bcdr.offsite_old.iter().cloned().collect());
            prop_assert_eq!(apps(health.saas_failed.known().unwrap()), truth.bcdr.saas_failed.iter().cloned().collect());
            prop_assert_eq!(health.saas_failed.known().unwrap().rests_on, truth.bcdr.saas_apps_judged as u64);
            Ok(())
        })?;
    }
}

/// The example as it was built beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(format!("scorecard{}", std::env::consts::EXE_SUFFIX))
}

/// Runs it with these variables alone, where there is no `.env` file.
async fn run(arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let mut command = tokio::process::Command::new(program());
    command.args(arguments).env_clear().envs(variables.iter().cloned()).current_dir(std::env::temp_dir());
    command.output().await.unwrap()
}

const NAMES: [&str; 6] = [
    "DATTO_RMM_URL",
    "DATTO_RMM_API_KEY",
    "DATTO_RMM_API_SECRET",
    "DATTO_BCDR_URL",
    "DATTO_BCDR_PUBLIC_KEY",
    "DATTO_BCDR_SECRET_KEY",
];

fn variables(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let settings = demo::settings(sandbox);
    NAMES.into_iter().map(|name| (name, settings.get(name).unwrap())).collect()
}

fn with(variables: &[(&'static str, String)], name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let others = variables.iter().filter(|(other, _)| *other != name).cloned();
    others.chain([(name, value.to_owned())]).collect()
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

fn line<'a>(lines: &'a [String], title: &str) -> &'a str {
    lines.iter().find(|line| line.starts_with(title)).unwrap_or_else(|| panic!("no line {title} in {lines:#?}"))
}

#[tokio::test]
async fn without_credentials_the_first_line_says_that_the_data_is_simulated() {
    let output = run(&["--devices", "60"], &[]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let lines = lines(&output);
    assert!(lines[0].starts_with("Simulated data"), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.contains("  of ")).count(), 6, "{lines:#?}");
}

#[tokio::test]
async fn the_program_prints_the_planted_figures_and_the_objects_behind_them() {
    let sandbox = Sandbox::builder().devices(120).seed(3).start().await.unwrap();
    let (variables, truth) = (variables(&sandbox), sandbox.truth());
    let output = run(&["--json"], &variables).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let card: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = |id: &str| card["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
    assert_eq!(row("backups_failed")["value"]["figure"], truth.bcdr.failed_backups.len());
    assert_eq!(row("offsite_old")["value"]["figure"], truth.bcdr.offsite_old.len());
    assert_eq!(row("saas_failed")["value"]["figure"], truth.bcdr.saas_failed.len());
    assert_eq!(row("patches_missing")["value"]["figure"], judged(&truth.rmm, &truth.rmm.missing_patches).len());
    assert_eq!(row("antivirus_missing")["value"]["figure"], judged(&truth.rmm, &without_hosted(&truth.rmm)).len());
    assert_eq!(row("windows_totals")["value"]["figure"][2][1], judged(&truth.rmm, &truth.rmm.windows_11).len());
    assert_eq!((row("patches_missing")["state"].as_str(), card["simulated"].as_bool()), (Some("known"), Some(false)));

    let details = lines(&run(&["--details"], &variables).await);
    let objects = details.iter().filter(|line| line.starts_with("    ")).count();
    let count = |planted: &[String]| judged(&truth.rmm, planted).len();
    let windows = count(&truth.rmm.windows_7) + count(&truth.rmm.windows_10) + count(&truth.rmm.windows_11);
    let others = [
        truth.bcdr.failed_backups.len(),
        truth.bcdr.offsite_old.len(),
        truth.bcdr.saas_failed.len(),
        count(&truth.rmm.missing_patches),
        count(&without_hosted(&truth.rmm)),
    ];
    assert_eq!(objects, windows + others.into_iter().sum::<usize>());
}

#[tokio::test]
async fn keys_that_see_nothing_have_no_zeros() {
    let empty = Sandbox::builder().devices(0).appliances(0).saas_customers(0).start().await.unwrap();
    let output = run(&[], &variables(&empty)).await;
    assert_eq!(output.status.code(), Some(2));
    let lines = lines(&output);
    assert_eq!(lines.iter().filter(|line| line.contains("  nothing to judge: ")).count(), 6, "{lines:#?}");
    assert!(line(&lines, "Seen with the key of RMM").ends_with(" 0 devices"), "{lines:#?}");
    assert!(line(&lines, "Seen with the key of BCDR").contains("sees no appliance and no SaaS customer"), "{lines:#?}");
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_panic() {
    let mut command = tokio::process::Command::new(program());
    command.args(["--details", "--devices", "2000"]).env_clear().current_dir(std::env::temp_dir());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{output:?}");
}

#[tokio::test]
async fn a_product_without_credentials_is_not_configured_and_no_failure() {
    let sandbox = Sandbox::builder().devices(30).start().await.unwrap();
    let all = variables(&sandbox);
    let output = run(&[], &all[3..]).await;
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    assert!(line(&lines, "Devices missing").contains("not configured"));
    assert!(line(&lines, "BCDR backups").contains("  of "));
}

#[tokio::test]
async fn one_product_that_fails_leaves_the_others_standing() {
    let sandbox = Sandbox::builder().devices(30).start().await.unwrap();
    sandbox.inject(Fault::html().product(Product::Bcdr).always());
    let output = run(&[], &variables(&sandbox)).await;
    assert_eq!(output.status.code(), Some(2));
    let lines = lines(&output);
    for title in ["BCDR backups", "Offsite copies", "SaaS backups"] {
        let line = line(&lines, title);
        assert!(line.contains("unknown: ") && line.contains("HTML where JSON should be"), "{line}");
    }
    assert!(line(&lines, "Devices without").contains("  of "));
}

#[tokio::test]
async fn bad_input_is_named_with_the_next_step_and_without_a_secret() {
    let sandbox = Sandbox::builder().devices(30).bcdr_key_scope(KeyScope::Missing).start().await.unwrap();
    let good = variables(&sandbox);
    for (variables, title, said) in [
        (with(&good, "DATTO_RMM_API_SECRET", "wrong-secret-4711"), "Devices missing", &["login", "platform"][..]),
        (
            with(&good, "DATTO_RMM_URL", "https://portal.dattobackup.com"),
            "Devices missing",
            &["not to Datto RMM", "rmm.datto.com"],
        ),
        (with(&good, "DATTO_RMM_URL", "marlot"), "Devices missing", &["marlot", "merlot"]),
        (with(&good, "DATTO_RMM_URL", "http://127.0.0.1:9"), "Devices missing", &["no connection", "check the host"]),
        (with(&good, "DATTO_RMM_API_KEY", " "), "Devices missing", &["DATTO_RMM_API_KEY is not set"]),
        (good.clone(), "BCDR backups", &["403", "scope"]),
        (with(&good, "DATTO_BCDR_SECRET_KEY", "wrong-secret-4711"), "BCDR backups", &["401", "key"]),
        (with(&good, "DATTO_BCDR_URL", "https://merlot.rmm.datto.com"), "BCDR backups", &["RMM"]),
    ] {
        let output = run(&[], &variables).await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let lines = lines(&output);
        let line = line(&lines, title);
        assert!(line.contains("unknown: "), "{line}");
        for part in said {
            assert!(line.to_lowercase().contains(&part.to_lowercase()), "no {part:?} in {line:?}");
        }
        let all = format!("{lines:?} {}", String::from_utf8_lossy(&output.stderr));
        for (name, value) in &variables {
            assert!(
                !name.contains("SECRET") || value.len() < 4 || !all.contains(value.as_str()),
                "{name} is shown in {all}"
            );
        }
        assert!(!all.contains("panicked"), "{all}");
    }
}
