//! The recorder as a program: what it writes shows nobody.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../record/disguise.rs"]
mod disguise;

use std::process::Stdio;

use datto_rmm::RmmClient;
use datto_sandbox::Sandbox;
use tokio::io::{AsyncBufReadExt as _, BufReader};

#[tokio::test]
async fn a_recording_holds_the_answers_and_nobodys_name() {
    let sandbox = Sandbox::builder().devices(30).seed(3).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().unwrap().parent().unwrap().join("examples");
    let mut recorder = tokio::process::Command::new(examples.join(format!("record{}", std::env::consts::EXE_SUFFIX)))
        .args([sandbox.rmm_url().as_str(), folder.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(recorder.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let (key, secret) = sandbox.rmm_key();
    let url = line.strip_prefix("Recording at ").unwrap();
    let rmm = RmmClient::builder().url(url).api_key(key.as_str(), secret.as_str()).build().unwrap();
    let devices = rmm.devices().list().page_size(10).collect().await.unwrap();
    assert_eq!(devices.len(), 30);

    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        texts.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let all = texts.join("\n");
    assert!(texts.len() >= 4, "a login and three pages");
    assert!(
        all.contains("/api/v2/account/devices?max=10&page=2") || all.contains("/api/v2/account/devices?page=2&max=10"),
        "{all}"
    );
    assert!(!all.contains(&key) && !all.contains(&secret), "a key was written");
    for device in &devices {
        for text in [
            device.hostname.as_deref(),
            Some(device.uid.as_str()),
            device.site_name.as_deref(),
            device.int_ip_address.as_deref(),
        ] {
            let Some(text) = text.filter(|text| text.len() > 3) else { continue };
            assert!(!all.contains(text), "{text} was written");
        }
    }
}
