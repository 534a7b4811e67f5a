//! The archive of reports as the program that a newcomer runs.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::process::{Output, Stdio};

use datto_examples::demo;
use datto_sandbox::{Fault, Sandbox};

async fn run(sandbox: Option<&Sandbox>, arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let mut command =
        tokio::process::Command::new(examples.join(format!("archive_reports{}", std::env::consts::EXE_SUFFIX)));
    command.args(arguments).env_clear().current_dir(std::env::temp_dir()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(sandbox) = sandbox {
        let settings = demo::settings(sandbox);
        for name in ["DATTO_WORKPLACE_URL", "DATTO_WORKPLACE_CLIENT_ID", "DATTO_WORKPLACE_CLIENT_SECRET"] {
            command.env(name, settings.get(name).unwrap());
        }
    }
    command.output().await.unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn filed(sandbox: &Sandbox) -> Vec<String> {
    let tree = sandbox.workplace_tree().into_iter();
    tree.filter(|(path, item)| path.starts_with("Finance/Reports/") && !item.folder).map(|(path, _)| path).collect()
}

#[tokio::test]
async fn without_an_account_and_reports_it_files_the_bill_in_the_sandbox() {
    let output = run(None, &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(
        text(&output).contains("Simulated") && text(&output).matches("MD5 compared").count() == 2,
        "{}",
        text(&output)
    );
}

#[tokio::test]
async fn a_report_is_filed_once_whatever_happens_to_the_answer() {
    let sandbox = Sandbox::builder().devices(1).workplace_projects(1).seed(7).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.html");
    fs::write(&report, "<p>one").unwrap();
    let report = report.to_str().unwrap().to_owned();
    sandbox.inject(Fault::reset().method("POST").path_contains("/files").after_handling());
    let output = run(Some(&sandbox), &[&report]).await;
    assert!(
        output.status.code() == Some(0) && text(&output).contains("though the answer was lost"),
        "{}",
        text(&output)
    );
    let output = run(Some(&sandbox), &[&report]).await;
    assert!(output.status.code() == Some(0) && text(&output).contains("there already"), "{}", text(&output));
    assert_eq!(filed(&sandbox).len(), 1);
    // Another one of this name is kept beside it, and not filed twice either.
    fs::write(&report, "<p>two").unwrap();
    for _ in 0..2 {
        assert_eq!(run(Some(&sandbox), &[&report]).await.status.code(), Some(0));
    }
    assert_eq!(filed(&sandbox).len(), 2, "{:?}", filed(&sandbox));
    sandbox.inject(Fault::status(403).method("POST").path_contains("/files"));
    fs::write(&report, "<p>three").unwrap();
    let output = run(Some(&sandbox), &[&report]).await;
    assert!(output.status.code() == Some(2) && text(&output).contains("not filed: report.html"), "{}", text(&output));
    let output = run(Some(&sandbox), &["nothing.html"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
}

#[tokio::test]
async fn nothing_shared_is_no_bill_of_zero() {
    let sandbox = Sandbox::builder().devices(1).workplace_nothing_shared(true).seed(7).start().await.unwrap();
    let output = run(Some(&sandbox), &[]).await;
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("no project is shared"), "{}", text(&output));
}
