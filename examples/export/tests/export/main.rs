//! The export as the program that a user runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod bucket;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use datto_examples::demo;
use datto_sandbox::{Fault, Sandbox};
use serde_json::Value;
use tokio::process::Command;

const NAMES: [&str; 6] = [
    "DATTO_RMM_URL",
    "DATTO_RMM_API_KEY",
    "DATTO_RMM_API_SECRET",
    "DATTO_BCDR_URL",
    "DATTO_BCDR_PUBLIC_KEY",
    "DATTO_BCDR_SECRET_KEY",
];

async fn sandbox(devices: usize) -> Sandbox {
    let builder = Sandbox::builder().devices(devices).seed(3).appliances(4).saas_customers(2);
    builder.rate_limit(100_000).start().await.unwrap()
}

/// With these variables alone, where there is no `.env` file.
fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let settings = demo::settings(sandbox);
    let mut command = Command::new(env!("CARGO_BIN_EXE_export"));
    command.args(arguments).env_clear().current_dir(std::env::temp_dir());
    command.envs(NAMES.map(|name| (name, settings.get(name).unwrap()))).kill_on_drop(true);
    command
}

async fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    command(sandbox, arguments).output().await.unwrap()
}

/// The one published file of a table.
fn published(to: &Path, table: &str, extension: &str) -> Option<Vec<u8>> {
    let days: Vec<_> = std::fs::read_dir(to.join(table)).ok()?.map(|day| day.unwrap().path()).collect();
    assert_eq!(days.len(), 1, "{days:?}");
    std::fs::read(days[0].join(format!("part-0.{extension}"))).ok()
}

fn rows(to: &Path, table: &str) -> Vec<Value> {
    let text = String::from_utf8(published(to, table, "jsonl").unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn uids(rows: &[Value], column: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_table_is_published_whole_and_nothing_stays_staged() {
    let (sandbox, folder) = (sandbox(40).await, tempfile::tempdir().unwrap());
    let to = folder.path().to_str().unwrap();
    let output = run(&sandbox, &["--to", to, "--format", "jsonl"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let truth = sandbox.truth();
    let devices = rows(folder.path(), "devices");
    assert_eq!((devices.len(), uids(&devices, "uid").len()), (truth.rmm.total_devices, truth.rmm.total_devices));
    assert!(devices.iter().all(|device| device.get("udf").is_none()), "what is private is left out");
    assert_eq!(rows(folder.path(), "sites").len(), truth.rmm.total_sites);
    assert_eq!(rows(folder.path(), "alerts").len(), truth.rmm.open_alerts.len());
    assert_eq!(rows(folder.path(), "alerts_resolved").len(), truth.rmm.resolved_alerts);
    assert_eq!(rows(folder.path(), "seats").len(), truth.bcdr.saas_seats.values().sum::<usize>());
    let software = rows(folder.path(), "software");
    let computers: Vec<Value> = devices.iter().filter(|device| device["device_class"] == "device").cloned().collect();
    assert!(!software.is_empty() && uids(&software, "device_uid").is_subset(&uids(&computers, "uid")));
    assert!(!rows(folder.path(), "backup_runs").is_empty() && !rows(folder.path(), "patches").is_empty());
    let facts: Value = serde_json::from_slice(&published(folder.path(), "devices", "meta.json").unwrap()).unwrap();
    assert_eq!((facts["complete"].as_bool(), facts["rows"].as_u64()), (Some(true), Some(devices.len() as u64)));
    assert!(std::fs::read_dir(folder.path().join(".staged")).unwrap().next().is_none());
}

#[tokio::test]
async fn a_killed_export_goes_on_where_it_stood() {
    let (sandbox, folder, calm) = (sandbox(700).await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let arguments = |to: &Path| {
        ["--to", to.to_str().unwrap(), "--format", "jsonl", "--tables", "devices,software"].map(str::to_owned)
    };
    let calm_arguments = arguments(calm.path());
    let output = run(&sandbox, &calm_arguments.each_ref().map(String::as_str)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let arguments = arguments(folder.path());
    let arguments = arguments.each_ref().map(String::as_str);
    let mut killed = 0;
    // Later and later, so that it comes to its end however slow the machine is.
    for after in (1..).map(|turn: u64| Duration::from_millis(40 + 25 * turn)) {
        let mut child = command(&sandbox, &arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
        match tokio::time::timeout(after, child.wait()).await {
            Ok(status) => {
                assert_eq!(status.unwrap().code(), Some(0));
                break;
            }
            Err(_) => {
                child.kill().await.unwrap();
                killed += 1;
                assert!(killed < 1_000, "it never ends");
            }
        }
    }
    assert!(killed > 2, "it was killed {killed} times");
    for table in ["devices", "software"] {
        assert!(rows(folder.path(), table) == rows(calm.path(), table), "{table} after {killed} kills");
    }
}

#[tokio::test]
async fn half_a_table_is_never_published() {
    let (sandbox, folder) = (sandbox(700).await, tempfile::tempdir().unwrap());
    let arguments = ["--to", folder.path().to_str().unwrap(), "--format", "csv", "--tables", "devices,sites"];
    sandbox.inject(Fault::status(503).path_contains("/account/devices").after(1).always());
    let output = run(&sandbox, &arguments).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(published(folder.path(), "devices", "csv").is_none() && published(folder.path(), "sites", "csv").is_some());

    sandbox.clear_faults();
    let output = run(&sandbox, &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let table = String::from_utf8(published(folder.path(), "devices", "csv").unwrap()).unwrap();
    assert_eq!(table.lines().count(), sandbox.truth().rmm.total_devices + 1);
}

#[tokio::test]
async fn what_is_missing_stands_in_the_metadata_until_it_is_read() {
    let (sandbox, folder) = (sandbox(30).await, tempfile::tempdir().unwrap());
    let arguments = ["--to", folder.path().to_str().unwrap(), "--tables", "software"];
    let lost = sandbox.truth().rmm.computers[0].clone();
    sandbox.inject(Fault::status(403).path_contains(format!("{lost}/software")).always());
    let output = run(&sandbox, &arguments).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let facts =
        || -> Value { serde_json::from_slice(&published(folder.path(), "software", "meta.json").unwrap()).unwrap() };
    assert_eq!((facts()["complete"].as_bool(), facts()["missing"].as_array().unwrap().len()), (Some(false), 1));

    sandbox.clear_faults();
    assert_eq!(run(&sandbox, &arguments).await.status.code(), Some(0));
    assert_eq!(facts()["complete"], true);
}

#[tokio::test]
async fn a_bucket_gets_whole_objects() {
    let (sandbox, work, bucket) = (sandbox(30).await, tempfile::tempdir().unwrap(), bucket::Bucket::start().await);
    let arguments = ["--to", "s3://lake/datto", "--work", work.path().to_str().unwrap(), "--tables", "devices,sites"];
    let mut command = command(&sandbox, &arguments);
    command.envs([
        ("AWS_ENDPOINT", bucket.endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ]);
    let output = command.output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let objects = bucket.objects();
    let names: Vec<&str> = objects.keys().map(|name| name.rsplit_once("day=").unwrap().0).collect();
    assert_eq!(names, ["lake/datto/devices/", "lake/datto/devices/", "lake/datto/sites/", "lake/datto/sites/"]);
    let parquet =
        objects.iter().find(|(name, _)| name.contains("devices") && name.ends_with("part-0.parquet")).unwrap().1;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}

/// Another program reads what was written.
#[tokio::test]
async fn duckdb_reads_the_files() {
    let query = |sql: String| async move {
        let program = format!("import duckdb\nprint(duckdb.sql({sql:?}).fetchall())");
        Command::new("python3").args(["-c", &program]).output().await
    };
    if !query("select 1".to_owned()).await.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: python3 with duckdb is not to be had");
        return;
    }
    let (sandbox, folder) = (sandbox(40).await, tempfile::tempdir().unwrap());
    let to = folder.path().to_str().unwrap();
    assert_eq!(run(&sandbox, &["--to", to, "--tables", "devices,alerts"]).await.status.code(), Some(0));
    let truth = sandbox.truth().rmm;
    let sql = format!(
        "select count(*), count(distinct uid), count(*) filter (online), typeof(any_value(last_seen)), count(distinct day) from '{to}/devices/*/*.parquet'"
    );
    let answer = query(sql).await.unwrap();
    let online = truth.online_devices.len();
    let expected = format!("[({0}, {0}, {online}, 'TIMESTAMP WITH TIME ZONE', 1)]", truth.total_devices);
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), expected, "{answer:?}");
    let sql = format!(
        "select decode(value) from parquet_kv_metadata('{to}/devices/*/*.parquet') where decode(key) = 'datto.complete'"
    );
    let answer = query(sql).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "[('true',)]", "{answer:?}");
}
