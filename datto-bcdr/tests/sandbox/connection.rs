//! The connection check.

use std::time::Duration;

use datto_bcdr::BcdrClient;
use datto_sandbox::{KeyScope, Sandbox};

use crate::start;

#[tokio::test(start_paused = true)]
async fn the_connection_check_tells_the_causes_apart() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(4).appliances(9)).await;
    let report = bcdr.check_connection().await;
    assert!(report.is_connected(), "{report}");
    let visible = truth.devices_visible.len();
    assert_eq!(report.finding("devices").unwrap().message, format!("{visible} appliances visible"));
    assert!(report.finding("hidden_devices").unwrap().message.starts_with(&truth.devices_hidden.len().to_string()));
    assert!(report.finding("saas").is_some() && report.finding("one_client_visible").is_none());

    let (public_key, _) = sandbox.bcdr_key();
    let wrong = BcdrClient::builder().url(sandbox.bcdr_url()).api_key(public_key, "wrong-secret-0001").build().unwrap();
    let report = wrong.check_connection().await;
    assert!(!report.is_connected() && report.finding("wrong_key").is_some(), "{report}");
    assert!(!format!("{report} {report:?} {wrong:?}").contains("wrong-secret-0001"));

    let (public_key, secret_key) = sandbox.bcdr_key();
    let base = sandbox.bcdr_url().replace("/v1", "/elsewhere/v1");
    let elsewhere = BcdrClient::builder().url(base).api_key(public_key, secret_key).build().unwrap();
    let report = elsewhere.check_connection().await;
    assert!(report.finding("wrong_url").unwrap().next_step.contains("https://api.datto.com/v1"), "{report}");

    for (scope, connected, code) in [
        (KeyScope::Missing, false, "missing_scope"),
        (KeyScope::Vendor, true, "saas_refused"),
        (KeyScope::OneClient, true, "devices"),
    ] {
        let (_sandbox, bcdr, _) = start(Sandbox::builder().bcdr_key_scope(scope)).await;
        let report = bcdr.check_connection().await;
        assert_eq!((report.is_connected(), report.finding(code).is_some()), (connected, true), "{scope:?}: {report}");
    }

    let one_client = Sandbox::builder().seed(4).appliances(9).bcdr_key_scope(KeyScope::OneClient);
    let (_sandbox, bcdr, truth) = start(one_client).await;
    let report = bcdr.check_connection().await;
    assert!(truth.devices_of_one_client.len() > 1);
    assert!(report.finding("one_client_visible").unwrap().next_step.contains("restricted"), "{report}");

    let (_sandbox, bcdr, _) = start(Sandbox::builder().appliances(0)).await;
    let report = bcdr.check_connection().await;
    assert!(report.finding("no_devices_visible").unwrap().next_step.contains("restricted to a client"), "{report}");

    let (_sandbox, bcdr, _) = start(Sandbox::builder().saas_latency(Duration::from_secs(30))).await;
    let report = bcdr.check_connection().await;
    assert!(report.is_connected() && report.finding("saas_not_checked").is_some(), "{report}");
}
