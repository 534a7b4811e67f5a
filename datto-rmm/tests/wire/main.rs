//! Each operation on the wire: what is sent, what is read, and what becomes of failures. One case a row of the table, one module a
//! subject, as in `endpoints` and `models`.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod case;
mod document;

mod account;
mod activity_logs;
mod alerts;
mod audits;
mod components;
mod devices;
mod devices_v3;
mod filters;
mod jobs;
mod network;
mod sites;
mod system;
mod users;
mod variables;

use case::{Case, Server};
use datto_rmm::{ErrorKind, operations};
use datto_test_support::assert_complete;
use wiremock::ResponseTemplate;

fn cases() -> Vec<Case> {
    [
        account::cases(),
        activity_logs::cases(),
        alerts::cases(),
        audits::cases(),
        components::cases(),
        devices::cases(),
        devices_v3::cases(),
        filters::cases(),
        jobs::cases(),
        network::cases(),
        sites::cases(),
        system::cases(),
        users::cases(),
        variables::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_operation_has_a_case() {
    assert_complete(&cases(), operations::ALL);
}

#[tokio::test]
async fn each_case_sends_what_it_should_and_reads_the_answer() {
    for case in cases() {
        let server = Server::start().await;
        server.answer(case.good()).await;
        (case.call)(server.client()).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let sent = server.sent(case.operation).await;
        assert_eq!(sent.len(), 1, "{case}: one request");
        case.check(&sent[0]);
        server.stop().await;
    }
}

#[tokio::test]
async fn each_case_names_its_failures_and_repeats_what_may_be_repeated() {
    use datto_common::Effect::{Once, Read};
    for case in cases() {
        let effect = case.operation.effect;
        let server = Server::start().await;
        let retried = if effect == Once { 1 } else { 4 };
        for (answer, kind, attempts) in [
            (json(404), ErrorKind::NotFound, 1),
            (json(409), ErrorKind::Conflict, 1),
            (json(400), ErrorKind::Api, 1),
            (json(500), ErrorKind::Server, if effect == Read { 2 } else { 1 }),
            (json(503), ErrorKind::Server, retried),
            (html(200), ErrorKind::Decode, 1),
        ] {
            server.answer(answer).await;
            // A client of its own for each: one that has made many calls looks in between how much of the limits is used.
            let error = (case.call)(server.client()).await.expect_err("a failure");
            case.check_failure(&error, kind, attempts);
            assert_eq!(server.sent(case.operation).await.len(), attempts as usize, "{case}: {error:?}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn a_refused_address_opens_the_circuit_and_a_missing_permission_does_not() {
    let server = Server::start().await;
    let rmm = server.client();
    server.answer(json(403)).await;
    for _ in 0..2 {
        assert_eq!(rmm.account().get().await.unwrap_err().kind(), ErrorKind::Forbidden);
    }
    assert_eq!(server.sent(&operations::ACCOUNT_GET).await.len(), 2);
    server.answer(html(403)).await;
    for _ in 0..3 {
        assert_eq!(rmm.account().get().await.unwrap_err().kind(), ErrorKind::Blocked);
    }
    assert_eq!(server.sent(&operations::ACCOUNT_GET).await.len(), 1, "after the first refusal nothing is sent");
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_stand_in_a_path_is_refused_before_anything_is_sent() {
    let server = Server::start().await;
    let rmm = server.client();
    server.answer(json(200)).await;
    for bad in ["", ".", "..", "a\nb"] {
        let errors = [
            rmm.devices().get(bad).await.unwrap_err(),
            rmm.sites().delete_variable(bad, 7).await.unwrap_err(),
            rmm.jobs().results("job", bad).await.unwrap_err(),
            rmm.sites().devices(bad).send().await.unwrap_err(),
            rmm.devices().by_mac_address(bad).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{bad:?}: {error:?}");
        }
    }
    assert!(server.sent(&operations::ACCOUNT_GET).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn an_empty_filter_is_refused_before_anything_is_sent() {
    let server = Server::start().await;
    let rmm = server.client();
    server.answer(json(200)).await;
    let error = rmm.devices().list().hostname("").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    assert!(error.message().contains("hostname"), "{error}");
    server.stop().await;
}

#[tokio::test]
async fn devices_of_a_mac_address_are_read_from_a_page_too() {
    let server = Server::start().await;
    let rmm = server.client();
    let page = |next: serde_json::Value| {
        let body = serde_json::json!({"pageDetails": {"count": 1, "nextPageUrl": next}, "devices": [{"uid": "a", "online": "1"}]});
        ResponseTemplate::new(200).set_body_json(body)
    };
    server.answer(page(serde_json::Value::Null)).await;
    let devices = rmm.devices().by_mac_address("001122aabbcc").await.unwrap();
    assert_eq!((devices[0].uid.as_str(), devices[0].online), ("a", Some(true)));
    server.answer(page("https://x/?page=1".into())).await;
    assert_eq!(rmm.devices().by_mac_address("001122aabbcc").await.unwrap_err().kind(), ErrorKind::Paging);
    for odd in [serde_json::json!({}), serde_json::json!({"a": [], "b": []})] {
        server.answer(ResponseTemplate::new(200).set_body_json(odd)).await;
        assert_eq!(rmm.devices().by_mac_address("001122aabbcc").await.unwrap_err().kind(), ErrorKind::Decode);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_audit_that_is_not_there_may_never_have_been_made() {
    let server = Server::start().await;
    server.answer(json(404)).await;
    let error = server.client().audits().device("d-1").await.unwrap_err();
    assert!(error.hint().unwrap().contains("never audited"), "{error}");
    server.stop().await;
}

fn json(status: u16) -> ResponseTemplate {
    let body =
        serde_json::json!({"timestamp": 1_787_643_495_000_i64, "status": status, "error": "Reason", "path": "/v2/x"});
    ResponseTemplate::new(status).set_body_json(body)
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><title>Down</title></html>", "text/html")
}
