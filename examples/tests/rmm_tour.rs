//! The tour of all RMM operations as the program that a newcomer runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::process::Output;

use datto_examples::demo;
use datto_sandbox::{Fault, Sandbox};
use tokio::process::Command;

/// The program, with no variable set and no `.env` file about.
fn program() -> Command {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let mut command = Command::new(examples.join(format!("rmm_tour{}", std::env::consts::EXE_SUFFIX)));
    command.env_clear().current_dir(std::env::temp_dir());
    command
}

/// Runs it against a sandbox of the test's, or one of its own.
async fn run(arguments: &[&str], sandbox: Option<&Sandbox>) -> Output {
    let mut command = program();
    command.args(arguments);
    if let Some(sandbox) = sandbox {
        let settings = demo::settings(sandbox);
        let names = ["DATTO_RMM_URL", "DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET"];
        command.envs(names.map(|name| (name, settings.get(name).unwrap())));
    }
    command.output().await.unwrap()
}

fn lines(output: &Output, state: &str) -> usize {
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with(state)).count()
}

#[tokio::test]
async fn without_an_account_it_reads_the_sandbox() {
    let output = run(&[], None).await;
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("Simulated data"), "{output:?}");
    assert_eq!(
        (lines(&output, "ok "), lines(&output, "skipped "), lines(&output, "error ")),
        (46, 19, 0),
        "{output:?}"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn with_writes_it_calls_all() {
    let output = run(&["--writes"], None).await;
    assert_eq!((lines(&output, "ok "), lines(&output, "skipped "), lines(&output, "error ")), (65, 0, 0), "{output:?}");
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn a_failed_call_is_a_line_and_an_exit_code() {
    let sandbox = Sandbox::builder().devices(40).seed(7).start().await.unwrap();
    sandbox.inject(Fault::html().path_contains("/account/users").always());
    let output = run(&[], Some(&sandbox)).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.lines().any(|line| line.starts_with("error ") && line.contains("users.list")), "{text}");
    assert_eq!(output.status.code(), Some(2));
    let (_, secret) = sandbox.rmm_key();
    assert!(!text.contains(&secret));
}

#[tokio::test]
async fn it_writes_to_no_other_host_unless_it_is_named() {
    let mut command = program();
    command.env("DATTO_RMM_PLATFORM", "merlot");
    command.env("DATTO_RMM_API_KEY", "key-0001").env("DATTO_RMM_API_SECRET", "secret-0001");
    let output = command.args(["--writes", "--on-a-real-account", "vidal-api.centrastage.net"]).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("--on-a-real-account merlot-api.centrastage.net"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}
