//! The service killed at random points, while the world changes: its database ends as the truth.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use datto_examples::demo;
use datto_sandbox::{Change, Sandbox};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};
use tokio::process::Command;

/// How often it is killed; a hundred by `SYNC_KILLS=100`.
fn kills() -> u64 {
    std::env::var("SYNC_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12)
}

fn account(name: &str, sandbox: &Sandbox) -> serde_json::Value {
    let settings = demo::settings(sandbox);
    let get = |name: &str| settings.get(name);
    json!({
        "name": name, "rmm_url": get("DATTO_RMM_URL"), "rmm_key": get("DATTO_RMM_API_KEY"), "rmm_secret": get("DATTO_RMM_API_SECRET"),
        "bcdr_url": get("DATTO_BCDR_URL"), "bcdr_public_key": get("DATTO_BCDR_PUBLIC_KEY"), "bcdr_secret_key": get("DATTO_BCDR_SECRET_KEY"),
    })
}

fn command(folder: &Path, component: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sync_service"));
    command.args(["--once", "--component", component]).env_clear().current_dir(folder);
    command.args(["--accounts", "accounts.json", "--database", "copy.db"]).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

async fn database(folder: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join("copy.db")).connect().await.unwrap()
}

async fn texts(database: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows = sqlx::query(query).fetch_all(database).await.unwrap();
    rows.iter().map(|row| row.try_get(0).unwrap()).collect()
}

async fn keys(database: &mut SqliteConnection, account: &str, list: &str) -> BTreeSet<String> {
    let query = format!("select key from records where account = '{account}' and list = '{list}'");
    texts(database, &query).await.into_iter().collect()
}

/// Something happens at the service.
fn live(sandbox: &Sandbox, step: u64) {
    let truth = sandbox.truth().rmm;
    let place = usize::try_from(step).unwrap();
    let device = Some(truth.computers[place * 7 % truth.computers.len()].clone());
    let _ = match step % 4 {
        0 => sandbox.change(Change::RemoveDevice { device: truth.printers.first().cloned() }),
        1 => {
            sandbox.change(Change::AddDevice { site: Some(truth.site_uids[0].clone()), hostname: None, place: Some(0) })
        }
        2 => sandbox.change(Change::RaiseAlert { device, priority: None, class: None }),
        _ => sandbox.change(Change::ResolveAlert { alert: truth.open_alerts.first().cloned() }),
    };
}

#[tokio::test]
async fn killed_again_and_again_it_ends_with_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let mut sandboxes = BTreeMap::new();
    for (name, seed) in [("north", 7), ("south", 8)] {
        let builder = Sandbox::builder().devices(260).seed(seed).appliances(4).saas_customers(3).rate_limit(100_000);
        sandboxes.insert(name, builder.latency(Duration::from_millis(3)).start().await.unwrap());
    }
    let accounts: Vec<_> = sandboxes.iter().map(|(name, sandbox)| account(name, sandbox)).collect();
    std::fs::write(folder.path().join("accounts.json"), serde_json::to_vec(&accounts).unwrap()).unwrap();
    // Both accounts have a component of this name.
    let component = "Install Sample App";
    let truth = |name: &str| sandboxes[name].truth();
    let component = {
        let settings = demo::settings(&sandboxes["north"]);
        let rmm = datto_rmm::RmmClient::from_vars(|name| settings.get(name)).unwrap();
        let uid = truth("north").rmm.working_component;
        let components = rmm.components().list().collect().await.unwrap();
        let found = components.into_iter().find(|component| component.uid.as_str() == uid);
        found.and_then(|component| component.name).unwrap_or_else(|| component.to_owned())
    };

    let mut ended = 0;
    for turn in 0..kills() {
        sandboxes.values().for_each(|sandbox| live(sandbox, turn));
        let mut child = command(folder.path(), &component).stdout(Stdio::null()).spawn().unwrap();
        // From the first moment to somewhere in the whole of it.
        let after = Duration::from_millis(10 + (turn * 137) % 900);
        if tokio::time::timeout(after, child.wait()).await.is_ok() {
            ended += 1;
        }
        let _ = child.kill().await; // SIGKILL
    }
    assert!(ended < kills(), "it was never killed in the middle");

    // Two rounds in a world that stands still.
    for _ in 0..2 {
        let output = command(folder.path(), &component).output().await.unwrap();
        eprintln!("{}", String::from_utf8_lossy(&output.stdout));
    }
    let output = command(folder.path(), &component).output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));

    let mut copy = database(folder.path()).await;
    for (name, sandbox) in &sandboxes {
        let truth = sandbox.truth();
        let settings = demo::settings(sandbox);
        let rmm = datto_rmm::RmmClient::from_vars(|name| settings.get(name)).unwrap();
        let devices: BTreeSet<String> =
            rmm.devices().list().collect().await.unwrap().iter().map(|device| device.uid.to_string()).collect();
        assert_eq!(devices.len(), truth.rmm.total_devices);
        assert_eq!(keys(&mut copy, name, "devices").await, devices, "{name}");
        assert_eq!(keys(&mut copy, name, "alerts").await, truth.rmm.open_alerts.iter().cloned().collect(), "{name}");
        assert_eq!(keys(&mut copy, name, "sites").await.len(), truth.rmm.total_sites, "{name}");
        assert_eq!(keys(&mut copy, name, "saas_customers").await.len(), truth.bcdr.saas_customers.len(), "{name}");
        assert!(
            !keys(&mut copy, name, "machines").await.is_empty()
                && !keys(&mut copy, name, "appliances").await.is_empty()
        );

        // Nothing that is there was ever deleted.
        for (list, there) in [("devices", &devices), ("alerts", &truth.rmm.open_alerts.iter().cloned().collect())] {
            let query = format!("select key from deletions where account = '{name}' and list = '{list}'");
            let deleted: BTreeSet<String> = texts(&mut copy, &query).await.into_iter().collect();
            assert!(deleted.is_disjoint(there), "{name} {list}: {deleted:?}");
        }
        // No ticket is doubled, and each open alert has one.
        let open = texts(&mut copy, &format!("select key from tickets where account = '{name}' and open = 1")).await;
        assert_eq!(open.iter().collect::<BTreeSet<_>>().len(), open.len(), "{name}");
        assert!(!open.is_empty() && open.len() <= truth.rmm.open_alerts.len(), "{name}");
        // No machine got two jobs, and each of the plan got one.
        let mut jobs = BTreeMap::<String, usize>::new();
        for entry in sandbox.journal().iter().filter(|entry| entry.method == "PUT" && entry.path.ends_with("/quickjob"))
        {
            *jobs.entry(entry.path.clone()).or_default() += 1;
        }
        assert!(jobs.values().all(|count| *count == 1), "{name}: {jobs:?}");
        let plan: serde_json::Value = serde_json::from_str(
            &texts(&mut copy, &format!("select plan from plans where account = '{name}'")).await[0],
        )
        .unwrap();
        assert!(
            !jobs.is_empty() && jobs.len() <= plan["tasks"].as_array().map_or(usize::MAX, Vec::len),
            "{name}: {plan}"
        );
    }
}
