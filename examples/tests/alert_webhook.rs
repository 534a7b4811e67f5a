//! The receiver of webhooks as a program, over a restart.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::Path;
use std::process::Stdio;

use datto_examples::demo;
use datto_rmm::watch::{AlertWebhook, Delivered};
use datto_sandbox::{Change, Sandbox};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const SECRET: &str = "correct horse battery";

fn start(sandbox: &Sandbox, state: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let settings = demo::settings(sandbox);
    let mut command = Command::new(examples.join(format!("alert_webhook{}", std::env::consts::EXE_SUFFIX)));
    command.args(["--listen", "127.0.0.1:0", "--every", "1", "--state", state.to_str().unwrap()]).env_clear();
    command.env("DATTO_WEBHOOK_SECRET", SECRET).current_dir(std::env::temp_dir()).kill_on_drop(true);
    let names = ["DATTO_RMM_URL", "DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET"];
    command.envs(names.map(|name| (name, settings.get(name).unwrap()))).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// As RMM fills it in.
fn body(what: Delivered, uid: &str) -> String {
    let text = AlertWebhook::new(SECRET).text_for(what);
    text.replace("[alert_uid]", uid)
        .replace("[device_hostname]", "WS-001")
        .replace("[alert_message]", "disk \"C:\" full")
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = tokio::time::timeout(std::time::Duration::from_secs(30), lines.next_line()).await;
    line.expect("a line").unwrap().unwrap()
}

#[tokio::test]
async fn each_alert_is_told_once_by_whichever_way_it_comes_first() {
    let (sandbox, folder) =
        (Sandbox::builder().devices(60).seed(7).start().await.unwrap(), tempfile::tempdir().unwrap());
    let (state, http) = (folder.path().join("alerts.json"), reqwest::Client::new());
    let (mut child, mut lines) = start(&sandbox, &state);
    let url = next(&mut lines).await;
    let open = sandbox.truth().rmm.open_alerts;
    for _ in &open {
        let line = next(&mut lines).await;
        assert!(open.iter().any(|uid| line.starts_with(&format!("opened {uid} "))), "{line}");
    }
    let post = |body: String| http.post(&url).body(body).send();
    assert_eq!(post(body(Delivered::Triggered, "a").replace(SECRET, "guessed")).await.unwrap().status(), 401);
    assert_eq!(post("x".repeat(70_000)).await.unwrap().status(), 413);

    // Heard first, polled later; and heard twice.
    let device = sandbox.truth().rmm.computers[0].clone();
    let raised = sandbox.change(Change::RaiseAlert { device: Some(device), priority: None, class: None }).unwrap();
    for _ in 0..2 {
        assert_eq!(post(body(Delivered::Triggered, &raised)).await.unwrap().status(), 204);
    }
    assert!(next(&mut lines).await.starts_with(&format!("opened {raised} ")));
    sandbox.change(Change::ResolveAlert { alert: Some(raised.clone()) }).unwrap();
    assert_eq!(post(body(Delivered::Resolved, &raised)).await.unwrap().status(), 204);
    assert!(next(&mut lines).await.starts_with(&format!("resolved {raised} ")));
    child.kill().await.unwrap();

    // Resolved while nobody listened; nothing else is told again.
    sandbox.change(Change::ResolveAlert { alert: Some(open[0].clone()) }).unwrap();
    let (mut child, mut lines) = start(&sandbox, &state);
    next(&mut lines).await;
    let line = next(&mut lines).await;
    assert!(line.starts_with(&format!("resolved {} ", open[0])), "{line}");
    child.kill().await.unwrap();
}
