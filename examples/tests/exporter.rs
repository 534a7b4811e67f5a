//! The exporter as a program: what is not known has no sample, and says so.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::process::Stdio;
use std::time::Duration;

use datto_examples::demo;
use datto_sandbox::{Fault, Product, Sandbox};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

async fn start(sandbox: &Sandbox, arguments: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>, String) {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let settings = demo::settings(sandbox);
    let names =
        ["DATTO_RMM_URL", "DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET", "DATTO_BCDR_URL", "DATTO_BCDR_PUBLIC_KEY"];
    let names = names.into_iter().chain(["DATTO_BCDR_SECRET_KEY"]);
    let mut exporter = Command::new(examples.join(format!("exporter{}", std::env::consts::EXE_SUFFIX)))
        .args(["--listen", "127.0.0.1:0", "--account", "acme"])
        .args(arguments)
        .env_clear()
        .current_dir(std::env::temp_dir())
        .envs(names.map(|name| (name, settings.get(name).unwrap())))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(exporter.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap();
    (exporter, lines, address)
}

/// The page, once both products were read.
async fn page(address: &str) -> String {
    for _ in 0..200 {
        let text = reqwest::get(address).await.unwrap().text().await.unwrap();
        if text.matches("datto_figures_read_at_seconds{").count() == 2 {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the figures were not read in time");
}

fn sample(page: &str, series: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

#[tokio::test]
async fn a_page_has_figures_calls_and_limits_by_account() {
    let sandbox = Sandbox::builder().devices(40).seed(11).start().await.unwrap();
    let (_exporter, _lines, address) = start(&sandbox, &[]).await;
    let page = page(&address).await;
    let truth = sandbox.truth();
    assert_eq!(
        sample(&page, r#"datto_figure{account="acme",figure="failed_backups"}"#),
        Some(truth.bcdr.failed_backups.len() as f64),
        "{page}"
    );
    assert_eq!(sample(&page, r#"datto_figure_known{account="acme",figure="devices"}"#), Some(1.0));
    let calls = r#"datto_calls_total{account="acme",product="rmm",operation="devices.list",outcome="ok"}"#;
    assert!(sample(&page, calls).unwrap() >= 1.0, "{page}");
    assert_eq!(sample(&page, r#"datto_limit{account="acme",product="rmm",window="read"}"#), Some(600.0));
    assert!(page.ends_with("# EOF\n"));
    let (_, secret) = sandbox.rmm_key();
    assert!(!page.contains(&secret));
}

#[tokio::test]
async fn what_cannot_be_read_is_absent_and_never_zero() {
    let sandbox = Sandbox::builder().devices(40).seed(11).start().await.unwrap();
    sandbox.inject(Fault::status(403).product(Product::Bcdr).always());
    let (_exporter, _lines, address) = start(&sandbox, &[]).await;
    let page = page(&address).await;
    assert_eq!(sample(&page, r#"datto_figure{account="acme",figure="failed_backups"}"#), None, "{page}");
    assert_eq!(sample(&page, r#"datto_figure_known{account="acme",figure="failed_backups"}"#), Some(0.0));
    assert!(page.contains(r#"outcome="forbidden""#), "{page}");
}

#[tokio::test]
async fn what_was_known_does_not_stay_when_a_later_reading_fails() {
    let sandbox = Sandbox::builder().devices(40).seed(11).start().await.unwrap();
    let (_exporter, _lines, address) = start(&sandbox, &["--every", "1"]).await;
    let offline = r#"datto_figure{account="acme",figure="offline_appliances"}"#;
    assert!(sample(&page(&address).await, offline).is_some());
    sandbox.inject(Fault::status(403).product(Product::Bcdr).always());
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let page = page(&address).await;
        if sample(&page, r#"datto_figure_known{account="acme",figure="offline_appliances"}"#) == Some(0.0) {
            assert_eq!(sample(&page, offline), None, "{page}");
            return;
        }
    }
    panic!("the figure stayed as it was");
}
