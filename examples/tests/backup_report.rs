//! The report on backups as the program that a newcomer runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::process::Output;

use datto_examples::demo;
use datto_sandbox::{Fault, Product, Sandbox};
use serde_json::Value;

/// Runs it with these variables alone, where there is no `.env` file.
async fn run(arguments: &[&str], sandbox: Option<&Sandbox>) -> Output {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let program = examples.join(format!("backup_report{}", std::env::consts::EXE_SUFFIX));
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).env_clear().current_dir(std::env::temp_dir());
    if let Some(sandbox) = sandbox {
        let settings = demo::settings(sandbox);
        let names = ["DATTO_BCDR_URL", "DATTO_BCDR_PUBLIC_KEY", "DATTO_BCDR_SECRET_KEY"];
        command.envs(names.map(|name| (name, settings.get(name).unwrap())));
    }
    command.output().await.unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn without_an_account_it_reports_on_the_sandbox() {
    let few = run(&[], None).await;
    assert!(text(&few).starts_with("Simulated data"), "{few:?}");
    assert!(text(&few).contains("All clients: "));
    assert_eq!(few.status.code(), Some(3));
    let all = run(&["--all"], None).await;
    assert!(text(&all).lines().count() > text(&few).lines().count());
}

#[tokio::test]
async fn the_sums_are_what_was_planted() {
    let sandbox = Sandbox::builder().seed(5).appliances(9).saas_customers(5).start().await.unwrap();
    let truth = sandbox.truth().bcdr;
    let output = run(&["--json"], Some(&sandbox)).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fleet = &report["fleet"]["value"];
    for (figure, planted) in [
        ("failed_backups", truth.failed_backups.len()),
        ("offsite_old", truth.offsite_old.len()),
        ("saas_failed", truth.saas_failed.len()),
    ] {
        assert_eq!(fleet[figure]["value"]["value"], planted, "{figure}");
        // A client without anything to judge has no figure.
        let of_clients = report["clients"]["value"].as_array().unwrap().iter();
        let counts = of_clients.filter_map(|client| client["health"]["value"][figure]["value"]["value"].as_u64());
        let sum: u64 = counts.sum();
        assert_eq!(sum, planted as u64, "{figure}");
    }
    let machines: usize = report["clients"]["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|client| client["machines"].as_array().unwrap().len())
        .sum();
    assert_eq!((machines, report["simulated"].as_bool()), (truth.assets_visible, Some(false)));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_shows_in_the_exit_code() {
    let sandbox = Sandbox::builder().seed(5).appliances(9).start().await.unwrap();
    let lost = sandbox.truth().bcdr.failed_backups[0].0.clone();
    sandbox.inject(Fault::status(403).path_contains(format!("{lost}/asset")).always());
    let output = run(&[], Some(&sandbox)).await;
    assert!(text(&output).contains(&format!("not read: {lost}: ")), "{}", text(&output));
    assert!(text(&output).lines().any(|line| line.starts_with("All clients: at least ")), "{}", text(&output));

    sandbox.inject(Fault::html().product(Product::Bcdr).always());
    let output = run(&[], Some(&sandbox)).await;
    assert!(text(&output).contains("All clients: nothing is known"), "{}", text(&output));
    assert_eq!(output.status.code(), Some(2));

    sandbox.clear_faults();
    let empty = Sandbox::builder().appliances(0).saas_customers(0).start().await.unwrap();
    let output = run(&[], Some(&empty)).await;
    assert!(text(&output).contains("this key sees no appliance and no SaaS customer"), "{}", text(&output));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(run(&["--max-age", "soon"], Some(&empty)).await.status.code(), Some(1));
}
