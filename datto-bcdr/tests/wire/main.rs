//! Each operation on the wire: what is sent, what is read, and what becomes of failures. At least one case a row of the table, one module a
//! subject, as in `endpoints` and `models`.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod case;

mod activity_log;
mod agents;
mod assets;
mod devices;
mod dtc;
mod saas;
mod seats;

use case::{Case, Server};
use datto_bcdr::{ErrorKind, operations};
use datto_test_support::assert_complete;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

fn cases() -> Vec<Case> {
    [
        activity_log::cases(),
        agents::cases(),
        assets::cases(),
        devices::cases(),
        dtc::cases(),
        saas::cases(),
        seats::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_operation_has_a_case() {
    assert_complete(&cases(), operations::ALL);
    assert_eq!(operations::ALL.len(), 23);
}

#[tokio::test]
async fn each_case_sends_what_it_should_and_reads_the_answer() {
    for case in cases() {
        let server = Server::start().await;
        server.answer(case.good()).await;
        (case.call)(server.client()).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let sent = server.sent().await;
        assert_eq!(sent.len(), 1, "{case}: one request");
        case.check(&sent[0]);
        server.stop().await;
    }
}

#[tokio::test]
async fn each_case_names_its_failures_and_repeats_what_may_be_repeated() {
    use datto_common::Effect::Read;
    for case in cases() {
        let effect = case.operation.effect;
        let server = Server::start().await;
        let bcdr = server.client();
        for (answer, kind, attempts) in [
            (refusal(400), ErrorKind::Api, 1),
            (refusal(401), ErrorKind::Unauthenticated, 1),
            (refusal(403), ErrorKind::Forbidden, 1),
            (refusal(404), ErrorKind::NotFound, 1),
            (refusal(500), ErrorKind::Server, if effect == Read { 2 } else { 1 }),
            (refusal(503), ErrorKind::Server, 4),
            (refusal(504), ErrorKind::Server, if case.operation.retry_504 { 4 } else { 1 }),
            (html(200), ErrorKind::Decode, 1),
        ] {
            server.answer(answer).await;
            let error = (case.call)(bcdr.clone()).await.expect_err("a failure");
            case.check_failure(&error, kind, attempts);
            assert_eq!(server.sent().await.len(), attempts as usize, "{case}: {error:?}");
            assert_eq!(error.request_id(), (kind != ErrorKind::Decode).then_some("r-1"), "{case}");
            let needs_hint = !matches!(kind, ErrorKind::Api | ErrorKind::Server | ErrorKind::Decode);
            assert!(!needs_hint || error.hint().is_some(), "{case}: {error:?}");
        }
        server.stop().await;
    }
}

/// A list that is not there is not empty: neither an error inside a 200, nor nothing, nor a list of another name.
#[tokio::test]
async fn no_answer_without_its_list_is_taken_for_an_empty_one() {
    let lists = [
        "list",
        "alerts",
        "vm_restores",
        "agents",
        "shares",
        "get",
        "domains",
        "seats",
        "applications",
        "assets",
        "client_assets",
        "rmm_templates",
        "storage_pool",
    ];
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    for case in cases().into_iter().filter(|case| lists.contains(&last(case.operation.name).as_str())) {
        if case.operation.name == "devices.get" {
            continue; // one record, not a list
        }
        let server = Server::start().await;
        let bcdr = server.client();
        let mut bodies = vec![
            json!({"code": "exception.internal", "message": "Something went wrong"}),
            json!({"pagination": {"page": 1, "perPage": 100, "totalPages": 1, "count": 3}, "rows": []}),
            json!({"pagination": {"page": 1, "perPage": 100, "totalPages": 1, "count": 3}, "items": null}),
            json!({"pagination": {"page": 1, "perPage": 100, "totalPages": 1, "count": 3}, "items": {"a": {}}}),
            json!(null),
            json!("busy"),
            json!(7),
        ];
        if !case.operation.name.starts_with("assets.") {
            bodies.push(json!({})); // an appliance without assets answers so (observed), nothing else
        }
        for body in bodies {
            server.answer(ResponseTemplate::new(200).set_body_json(&body)).await;
            let error = (case.call)(bcdr.clone()).await.expect_err("no list");
            assert_eq!(error.kind(), ErrorKind::Decode, "{case} {body}: {error:?}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_stand_in_a_path_is_refused_before_anything_is_sent() {
    use datto_bcdr::{Bandwidth, BulkSeatChange, SeatType};
    let server = Server::start().await;
    let bcdr = server.client();
    server.answer(ResponseTemplate::new(200).set_body_json(json!({}))).await;
    let change = BulkSeatChange::pause(SeatType::User, ["r-1"]);
    for bad in ["", ".", "..", "a\nb"] {
        let errors = [
            bcdr.devices().get(bad).await.unwrap_err(),
            bcdr.devices().alerts(bad).send().await.unwrap_err(),
            bcdr.assets().list(bad).collect().await.unwrap_err(),
            bcdr.assets().get("D1", bad).await.unwrap_err(),
            bcdr.assets().screenshot(bad, "0a").await.unwrap_err(),
            bcdr.saas().seats(bad).await.unwrap_err(),
            bcdr.saas().applications(bad).await.unwrap_err(),
            bcdr.saas().bulk_seat_change(1, bad, &change).await.unwrap_err(),
            bcdr.dtc().asset(1, bad).await.unwrap_err(),
            bcdr.dtc().set_bandwidth(bad, Bandwidth::new(true)).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{bad:?}: {error:?}");
        }
    }
    assert!(server.sent().await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_failure_says_what_it_means_here() {
    let server = Server::start().await;
    let bcdr = server.client();
    server.answer(refusal(401)).await;
    let saas = bcdr.saas().domains().await.unwrap_err();
    assert!(saas.hint().unwrap().contains("restricted to a vendor"), "{saas}");
    let other = bcdr.devices().get("D1").await.unwrap_err();
    assert!(!other.hint().unwrap().contains("vendor"), "{other}");

    let no_route =
        json!({"code": "exception.notfoundhttpexception", "message": "No route found for \"GET /v1/v1/bcdr/device\""});
    server.answer(ResponseTemplate::new(404).set_body_json(no_route)).await;
    let error = bcdr.devices().get("D1").await.unwrap_err();
    assert!(error.hint().unwrap().contains("https://api.datto.com/v1"), "{error}");
    server.answer(refusal(404)).await;
    let error = bcdr.devices().get("D1").await.unwrap_err();
    assert!(error.hint().unwrap().starts_with("no such record"), "{error}");

    // The service echoes what it got; the secret is not repeated.
    let echo = json!({"code": "x", "message": "not valid: public-1:secret-0001 (cHVibGljLTE6c2VjcmV0LTAwMDE=)"});
    server.answer(ResponseTemplate::new(400).set_body_json(echo)).await;
    let error = bcdr.devices().get("D1").await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("secret-0001") && !shown.contains("cHVibGljLTE6c2VjcmV0LTAwMDE="), "{shown}");
    server.stop().await;
}

/// The form of a refusal is official.
fn refusal(status: u16) -> ResponseTemplate {
    let body: Value = json!({"code": "exception.something", "message": "Reason"});
    ResponseTemplate::new(status).set_body_json(body).insert_header("X-Request-Id", "r-1")
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><title>Down</title></html>", "text/html")
}
