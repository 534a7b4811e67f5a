//! State that outlives the sandbox.

use std::time::Duration;

use datto_sandbox::{Change, Sandbox, SandboxBuilder, When};
use serde_json::json;

use crate::client::{Rmm, log_in, request};

fn builder(folder: &std::path::Path) -> SandboxBuilder {
    let north = Sandbox::builder().devices(30).seed(5).platform("vidal");
    let builder = Sandbox::builder().devices(120).seed(3).life(true).account("north", north);
    let before = When::BeforePage { list: "devices.list".to_owned(), page: 1 };
    let builder = builder.event(before, Change::ShuffleDevices {});
    builder
        .event(When::After(Duration::from_secs(7_000)), Change::TenantGone { customer: None })
        .state(folder.to_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let rmm = Rmm::start(builder(folder.path())).await;
    let sandbox = &rmm.sandbox;
    let north = sandbox.account("north").unwrap();
    rmm.send("PUT", "/v2/site", Some(&json!({"name": "Kept"}))).await;
    sandbox.forward(Duration::from_secs(3 * 3_600));
    rmm.get("/v2/account/devices?page=1").await;
    sandbox.change(Change::RaiseAlert { device: None, priority: None, class: None }).unwrap();
    north.change(Change::AddDevice { site: None, hostname: None, place: None }).unwrap();
    sandbox.schedule(When::After(Duration::from_secs(20_000)), Change::AddSite { name: None });
    sandbox.set("old_build", "true").unwrap();
    let form = b"--b\r\ncontent-disposition: form-data; name=\"fileName\"\r\n\r\nkept.bin\r\n\
        --b\r\ncontent-disposition: form-data; name=\"partData\"; filename=\"a\"\r\n\r\n\xff\xfe\x00\r\n--b--\r\n";
    let pair = ("authorization", "Basic c2FuZGJveC13b3JrcGxhY2UtaWQ6c2FuZGJveC13b3JrcGxhY2Utc2VjcmV0");
    let kind = ("content-type", "multipart/form-data; boundary=b");
    let project = sandbox.truth().workplace.projects[0].id;
    let url = format!("{}/file/{project}/files", sandbox.workplace_url());
    assert_eq!(request("POST", &url, &[pair, kind], form).await.expect("an answer").status, 200);
    // What is refused is done neither time.
    rmm.send("PUT", "/v2/site", Some(&json!({}))).await;
    let pair = sandbox.reset_rmm_key();
    log_in(sandbox).await;
    sandbox.forward(Duration::from_secs(6_000));
    let before = (sandbox.truth(), north.truth(), sandbox.workplace_tree(), sandbox.now_ms());
    drop((rmm, north));
    assert_ne!(builder(tempfile::tempdir().unwrap().path()).start().await.expect("a state").truth(), before.0);

    for _ in 0..2 {
        let sandbox = builder(folder.path()).start().await.expect("a state");
        let north = sandbox.account("north").unwrap();
        assert_eq!((sandbox.truth(), north.truth(), sandbox.workplace_tree(), sandbox.now_ms()), before);
        assert_eq!((sandbox.rmm_key(), sandbox.logins()), (pair.clone(), 2));
        assert!(sandbox.workplace_tree().values().any(|item| item.size == 3));
        assert!(sandbox.settings().contains(&("old_build", "true".to_owned())));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_empties_it_and_another_beginning_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = builder(folder.path()).start().await.expect("a state");
    let truth = sandbox.truth();
    sandbox.change(Change::RemoveDevice { device: None }).unwrap();
    sandbox.reset().unwrap();
    assert_eq!(sandbox.truth(), truth);
    assert!(sandbox.reset_to(Sandbox::builder()).is_err());
    drop(sandbox);
    let again = builder(folder.path()).start().await.expect("a state");
    assert_eq!(again.truth(), truth);
    drop(again);
    let error = builder(folder.path()).devices(9).start().await.unwrap_err().to_string();
    assert!(error.contains("devices = 120") && error.contains("--state"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_was_cut_off_is_left_out_and_what_is_broken_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = builder(folder.path()).start().await.expect("a state");
    sandbox.change(Change::RemoveDevice { device: None }).unwrap();
    drop(sandbox);
    let file = folder.path().join("state.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}{{\"at\": 1, \"acc")).unwrap();
    let sandbox = builder(folder.path()).start().await.expect("a state");
    assert_eq!(sandbox.truth().rmm.total_devices, 119);
    drop(sandbox);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    std::fs::write(&file, format!("{text}nonsense\n{text}")).unwrap();
    let error = builder(folder.path()).start().await.unwrap_err().to_string();
    assert!(error.contains("line 3"), "{error}");
}
