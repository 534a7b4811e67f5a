//! Tickets over readings that fail, crashes, and a world that changes.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use datto_examples::demo;
use datto_sandbox::{Change, Fault, Sandbox};
use serde_json::Value;
use tokio::process::Command;

fn command(sandbox: &Sandbox, file: &Path) -> Command {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let settings = demo::settings(sandbox);
    let mut command = Command::new(examples.join(format!("tickets{}", std::env::consts::EXE_SUFFIX)));
    command.args(["--file", file.to_str().unwrap()]).env_clear().current_dir(std::env::temp_dir()).kill_on_drop(true);
    let names = [
        "DATTO_RMM_URL",
        "DATTO_RMM_API_KEY",
        "DATTO_RMM_API_SECRET",
        "DATTO_BCDR_URL",
        "DATTO_BCDR_PUBLIC_KEY",
        "DATTO_BCDR_SECRET_KEY",
    ];
    command.envs(names.map(|name| (name, settings.get(name).unwrap())));
    command
}

/// The tickets of the file; no two open ones are about the same.
fn tickets(file: &Path) -> Vec<Value> {
    let tickets: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let open: Vec<_> = tickets
        .iter()
        .filter(|ticket| ticket["open"] == true)
        .map(|ticket| (ticket["source"].to_string(), ticket["incident"]["key"].to_string()))
        .collect();
    assert_eq!(open.iter().collect::<BTreeSet<_>>().len(), open.len(), "{open:?}");
    tickets
}

fn open_of(tickets: &[Value], source: &str) -> usize {
    tickets.iter().filter(|ticket| ticket["open"] == true && ticket["source"] == source).count()
}

#[tokio::test]
async fn no_ticket_is_doubled_and_none_is_closed_by_a_failed_reading() {
    let sandbox = Sandbox::builder().devices(80).seed(7).appliances(6).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tickets.json");
    // Killed now and then: what was filed stays, and nothing is filed twice.
    for after in [5, 20, 40, 60] {
        let mut child = command(&sandbox, &file).stdout(std::process::Stdio::null()).spawn().unwrap();
        let _ = tokio::time::timeout(Duration::from_millis(after), child.wait()).await;
        child.kill().await.ok();
    }
    let output = command(&sandbox, &file).output().await.unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{output:?}");
    let first = tickets(&file);
    let truth = sandbox.truth();
    assert_eq!(open_of(&first, "failed_backups"), truth.bcdr.failed_backups.len());
    assert!(open_of(&first, "alerts") > 0 && open_of(&first, "alerts") <= truth.rmm.open_alerts.len());

    // Nothing new.
    command(&sandbox, &file).output().await.unwrap();
    assert_eq!(tickets(&file).len(), first.len());

    // Nothing can be read: nothing is closed.
    sandbox.inject(Fault::status(503).always());
    assert_eq!(command(&sandbox, &file).output().await.unwrap().status.code(), Some(2));
    assert_eq!(tickets(&file), first);

    sandbox.clear_faults();
    for alert in truth.rmm.open_alerts {
        sandbox.change(Change::ResolveAlert { alert: Some(alert) }).unwrap();
    }
    command(&sandbox, &file).output().await.unwrap();
    let last = tickets(&file);
    assert_eq!((open_of(&last, "alerts"), open_of(&last, "failed_backups")), (0, open_of(&first, "failed_backups")));
}
