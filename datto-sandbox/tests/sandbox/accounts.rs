//! Several accounts in one process.

use datto_sandbox::{Fault, Product, Sandbox};
use serde_json::json;

use crate::client::{Answer, grant, log_in, request};
use crate::pair::basic;

async fn three() -> Sandbox {
    Sandbox::builder()
        .devices(30)
        .account("north", Sandbox::builder().devices(40).seed(2))
        .account("south", Sandbox::builder().devices(50).seed(3).platform("vidal").rate_limit(5))
        .start()
        .await
        .expect("free ports")
}

/// One call with a new token of an account.
async fn read(sandbox: &Sandbox, path: &str) -> Answer {
    let token = log_in(sandbox).await.json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let url = format!("{}/api{path}", sandbox.rmm_url());
    request("GET", &url, &[("authorization", &bearer)], b"").await.expect("an answer")
}

#[tokio::test(start_paused = true)]
async fn each_has_keys_fleets_and_a_platform_of_its_own() {
    let sandbox = three().await;
    assert_eq!(sandbox.accounts(), ["main", "north", "south"]);
    let (north, south) = (sandbox.account("north").unwrap(), sandbox.account("south").unwrap());
    assert!(sandbox.account("west").is_none());
    assert_eq!(north.rmm_url(), sandbox.rmm_url(), "one platform, one address");
    assert_ne!(south.rmm_url(), sandbox.rmm_url());
    assert_eq!(south.bcdr_url(), sandbox.bcdr_url(), "one address for everybody");
    for (account, devices) in [(&sandbox, 30), (&north, 40), (&south, 50)] {
        assert_eq!(account.truth().rmm.total_devices, devices);
        let page = read(account, "/v2/account/devices").await.json();
        assert_eq!(page["pageDetails"]["totalCount"], json!(devices));
        let appliances = async |path: &str| {
            let url = format!("{}{path}", account.bcdr_url());
            request("GET", &url, &[("authorization", &basic(&account.bcdr_key()))], b"").await.expect("an answer")
        };
        let truth = account.truth();
        let count = truth.bcdr.devices_visible.len() + truth.bcdr.devices_hidden.len();
        assert_eq!(appliances("/bcdr/device").await.json()["pagination"]["count"], json!(count));
        let url = format!("{}/file/projects", account.workplace_url());
        let projects = request("GET", &url, &[("authorization", &basic(&account.workplace_key()))], b"").await;
        assert_eq!(projects.expect("an answer").status, 200);
    }
    assert_ne!(sandbox.truth().rmm.account_uid, north.truth().rmm.account_uid);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_unknown_on_another_platform() {
    let sandbox = three().await;
    let (key, secret) = sandbox.account("south").unwrap().rmm_key();
    let refused = grant(&sandbox, &format!("grant_type=password&username={key}&password={secret}")).await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test(start_paused = true)]
async fn limits_settings_and_faults_are_those_of_one_account() {
    let sandbox = three().await;
    let south = sandbox.account("south").unwrap();
    for _ in 0..5 {
        assert_eq!(read(&south, "/v2/account").await.status, 200);
    }
    assert_eq!(read(&south, "/v2/account").await.status, 429);
    assert_eq!(read(&sandbox, "/v2/account").await.status, 200);
    let north = sandbox.account("north").unwrap();
    north.set("old_build", "true").unwrap();
    assert_eq!(read(&north, "/v3/account/devices").await.status, 404);
    assert_eq!(read(&sandbox, "/v3/account/devices").await.status, 200);
    sandbox.inject(Fault::status(500).product(Product::Rmm).path_contains("/v2/").account("north").always());
    assert_eq!(read(&north, "/v2/account").await.status, 500);
    assert_eq!(read(&sandbox, "/v2/account").await.status, 200);
    let accounts: Vec<String> = sandbox.journal().into_iter().rev().take(2).map(|entry| entry.account).collect();
    assert_eq!(accounts, ["main", "main"]);
    assert!(sandbox.journal().iter().any(|entry| entry.account == "north" && entry.status == Some(500)));
}

#[tokio::test(start_paused = true)]
async fn names_and_keys_are_told_apart_or_refused() {
    let twice = Sandbox::builder().account("main", Sandbox::builder()).start().await.unwrap_err();
    assert!(twice.to_string().contains("main"), "{twice}");
    let pair = || Sandbox::builder().bcdr_key_pair("same", "secret");
    let keys = Sandbox::builder().account("one", pair()).account("two", pair()).start().await.unwrap_err();
    assert!(keys.to_string().contains("BCDR key"), "{keys}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_its_flag() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Sandbox::builder().bcdr_port(port).start().await.unwrap_err().to_string();
    assert!(error.contains(&port.to_string()) && error.contains("--bcdr-port"), "{error}");
}
