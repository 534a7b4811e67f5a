//! The tour of all operations of the partner API as the program that a newcomer runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::process::Output;

use datto_examples::demo;
use datto_sandbox::{Fault, Sandbox};

/// Runs it with these variables alone, where there is no `.env` file.
async fn run(arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let program = examples.join(format!("bcdr_tour{}", std::env::consts::EXE_SUFFIX));
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).env_clear().current_dir(std::env::temp_dir());
    command.envs(variables.iter().map(|(name, value)| (*name, value.clone())));
    command.output().await.unwrap()
}

fn variables(sandbox: &Sandbox) -> [(&'static str, String); 3] {
    let settings = demo::settings(sandbox);
    ["DATTO_BCDR_URL", "DATTO_BCDR_PUBLIC_KEY", "DATTO_BCDR_SECRET_KEY"].map(|name| (name, settings.get(name).unwrap()))
}

fn lines(output: &Output) -> [usize; 4] {
    let text = String::from_utf8_lossy(&output.stdout);
    ["ok ", "skipped ", "absent ", "error "].map(|state| text.lines().filter(|line| line.starts_with(state)).count())
}

#[tokio::test]
async fn without_an_account_it_reads_the_sandbox_and_writes_when_asked() {
    for (arguments, expected) in [(&[][..], [21, 2, 0, 0]), (&["--writes"], [23, 0, 0, 0])] {
        let output = run(arguments, &[]).await;
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("Simulated data"), "{output:?}");
        assert_eq!((lines(&output), output.status.code()), (expected, Some(0)), "{output:?}");
    }
}

#[tokio::test]
async fn what_the_service_need_not_have_is_no_failure_and_what_fails_is() {
    let sandbox = Sandbox::builder().seed(7).appliances(4).start().await.unwrap();
    let output = run(&[], &variables(&sandbox)).await;
    assert_eq!((lines(&output), output.status.code()), ([20, 2, 1, 0], Some(0)), "{output:?}");

    sandbox.inject(Fault::html().path_contains("/dtc/storage-pool").always());
    let output = run(&[], &variables(&sandbox)).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.lines().any(|line| line.starts_with("error ") && line.contains("dtc.storage_pool")), "{text}");
    assert_eq!(output.status.code(), Some(2));
    let (_, secret) = sandbox.bcdr_key();
    assert!(!text.contains(&secret));
}

#[tokio::test]
async fn an_empty_account_is_toured_with_placeholders() {
    let sandbox = Sandbox::builder().seed(7).appliances(0).saas_customers(0).start().await.unwrap();
    let output = run(&["--writes"], &variables(&sandbox)).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("23 of 23 operations called"), "{output:?}");
}

#[tokio::test]
async fn it_writes_to_no_other_host_unless_it_is_named() {
    let keys = [("DATTO_API_PUBLIC_KEY", "public-1".to_owned()), ("DATTO_API_PRIVATE_KEY", "secret-1".to_owned())];
    let output = run(&["--writes", "--on-a-real-account", "datto.com"], &keys).await;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("--on-a-real-account api.datto.com"), "{text}");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true));
}
