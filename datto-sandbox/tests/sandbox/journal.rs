//! What the journal remembers.

use std::time::Duration;

use datto_sandbox::{Fault, Product, Sandbox};
use serde_json::json;

use crate::client::{Rmm, request};

#[tokio::test(start_paused = true)]
async fn entry_has_everything_but_the_secret() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    rmm.sandbox.clear_journal();
    tokio::time::sleep(Duration::from_secs(5)).await;
    rmm.send("PUT", "/v2/site?a%20b=c%26d&e=", Some(&json!({"name": "Journal"}))).await;
    let [entry] = rmm.sandbox.journal().try_into().expect("one entry");
    assert_eq!((entry.product, entry.method.as_str(), entry.path.as_str()), (Product::Rmm, "PUT", "/api/v2/site"));
    assert_eq!(entry.query, [("a b".to_owned(), "c&d".to_owned()), ("e".to_owned(), String::new())]);
    assert_eq!(entry.query_value("a b"), Some("c&d"));
    assert_eq!(entry.header("Authorization"), Some("Bearer"));
    assert_eq!(entry.header("content-type"), Some("application/json"));
    assert_eq!(entry.body, b"{\"name\":\"Journal\"}");
    assert_eq!((entry.status, entry.executed, entry.elapsed), (Some(200), true, Duration::from_secs(5)));
}

#[tokio::test(start_paused = true)]
async fn path_is_kept_decoded_and_raw() {
    let sandbox = Sandbox::builder().devices(20).start().await.expect("free ports");
    let url = format!("{}/2/api/v1/folder%2Fname", sandbox.workplace_url().split("/2/").next().unwrap_or_default());
    request("GET", &url, &[], b"").await.expect("an answer");
    let [entry] = sandbox.journal().try_into().expect("one entry");
    assert_eq!((entry.product, entry.path.as_str()), (Product::Workplace, "/2/api/v1/folder/name"));
    assert_eq!(entry.raw_path, "/2/api/v1/folder%2Fname");
}

#[tokio::test(start_paused = true)]
async fn faults_show_in_status_and_execution() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    rmm.sandbox.clear_journal();
    rmm.sandbox.inject(Fault::reset());
    rmm.sandbox.inject(Fault::reset().after_handling());
    rmm.sandbox.inject(Fault::status(503));
    rmm.sandbox.inject(Fault::status(503).after_handling());
    for _ in 0..4 {
        let _ = rmm.try_send("GET", "/v2/account", None).await;
    }
    let seen: Vec<_> = rmm.sandbox.journal().iter().map(|entry| (entry.status, entry.executed)).collect();
    assert_eq!(seen, [(None, false), (None, true), (Some(503), false), (Some(503), true)]);
}
