//! The tour of all operations of Workplace as the program that a newcomer runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::process::Output;

use datto_examples::demo;
use datto_sandbox::{Fault, Sandbox};

/// Runs it with these variables alone, where there is no `.env` file.
async fn run(arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let program = examples.join(format!("workplace_tour{}", std::env::consts::EXE_SUFFIX));
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).env_clear().current_dir(std::env::temp_dir());
    command.envs(variables.iter().map(|(name, value)| (*name, value.clone())));
    command.output().await.unwrap()
}

fn variables(sandbox: &Sandbox) -> [(&'static str, String); 3] {
    let settings = demo::settings(sandbox);
    ["DATTO_WORKPLACE_URL", "DATTO_WORKPLACE_CLIENT_ID", "DATTO_WORKPLACE_CLIENT_SECRET"]
        .map(|name| (name, settings.get(name).unwrap()))
}

fn lines(output: &Output) -> [usize; 4] {
    let text = String::from_utf8_lossy(&output.stdout);
    ["ok ", "skipped ", "absent ", "error "].map(|state| text.lines().filter(|line| line.starts_with(state)).count())
}

#[tokio::test]
async fn without_an_account_it_reads_the_sandbox_and_writes_when_asked() {
    for (arguments, expected) in [(&[][..], [5, 5, 0, 0]), (&["--writes"], [10, 0, 0, 0])] {
        let output = run(arguments, &[]).await;
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("Simulated data"), "{output:?}");
        assert_eq!((lines(&output), output.status.code()), (expected, Some(0)), "{output:?}");
    }
}

#[tokio::test]
async fn it_leaves_nothing_behind_and_names_what_fails() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let before = sandbox.workplace_tree();
    let output = run(&["--writes"], &variables(&sandbox)).await;
    assert_eq!((output.status.code(), sandbox.workplace_tree()), (Some(0), before), "{output:?}");

    sandbox.inject(Fault::status(404).path_contains("/openapi.json"));
    sandbox.inject(Fault::status(403).method("PATCH").always());
    let output = run(&["--writes"], &variables(&sandbox)).await;
    assert_eq!((lines(&output), output.status.code()), ([7, 0, 1, 2], Some(2)), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&sandbox.workplace_key().1));
}

#[tokio::test]
async fn an_integration_that_sees_nothing_is_toured_with_placeholders() {
    let sandbox = Sandbox::builder().seed(7).workplace_nothing_shared(true).start().await.unwrap();
    let output = run(&["--writes"], &variables(&sandbox)).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("10 of 10 operations called"), "{output:?}");
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn it_writes_to_no_other_host_unless_it_is_named() {
    let variables = [
        ("DATTO_WORKPLACE_URL", "https://eu.workplace.datto.com/2/api/v1".to_owned()),
        ("DATTO_WORKPLACE_CLIENT_ID", "id-1".to_owned()),
        ("DATTO_WORKPLACE_CLIENT_SECRET", "secret-1".to_owned()),
    ];
    let output = run(&["--writes"], &variables).await;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("--on-a-real-account eu.workplace.datto.com"), "{text}");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true));
}
