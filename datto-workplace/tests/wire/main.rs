//! Each operation on the wire: what is sent, what is read in every shape that was observed, and what becomes of failures.

#![cfg(test)]

mod case;
#[cfg(feature = "oauth")]
mod oauth;
mod shapes;
mod waits;

mod api;
mod files;
mod folders;
mod projects;

use case::{Case, Server, html, json};
use datto_common::Effect::{Once, Read};
use datto_test_support::assert_complete;
use datto_workplace::{ErrorKind, operations};
use futures_util::future::join_all;

fn cases() -> Vec<Case> {
    [api::cases(), files::cases(), folders::cases(), projects::cases()].into_iter().flatten().collect()
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
        let sent = server.sent().await;
        assert_eq!(sent.len(), 1, "{case}: one request");
        case.check(&sent[0]);
        server.stop().await;
    }
}

#[tokio::test]
async fn each_case_names_its_failures_and_repeats_what_may_be_repeated() {
    // All at once: a client that has met a 503 is slow for a while.
    join_all(cases().into_iter().map(names_its_failures)).await;
}

async fn names_its_failures(case: Case) {
    let effect = case.operation.effect;
    let server = Server::start().await;
    let files = server.client();
    let retried = if effect == Once { 1 } else { 4 };
    for (answer, kind, attempts) in [
        (json(401), ErrorKind::Unauthenticated, 1),
        (json(403), ErrorKind::Forbidden, 1),
        (json(404), ErrorKind::NotFound, 1),
        (json(409), ErrorKind::Conflict, 1),
        (json(400), ErrorKind::Api, 1),
        (json(500), ErrorKind::Server, if effect == Read { 2 } else { 1 }),
        (json(503), ErrorKind::Server, retried),
        (html(200), ErrorKind::Decode, 1),
    ] {
        if kind == ErrorKind::Decode && *case.operation == operations::FILES_DOWNLOAD {
            continue;
        }
        server.answer(answer).await;
        let error = (case.call)(files.clone()).await.expect_err("a failure");
        case.check_failure(&error, kind, attempts);
        assert_eq!(server.sent().await.len(), attempts as usize, "{case}: {error:?}");
        if kind == ErrorKind::Api {
            assert_eq!(error.message(), "Reason", "{case}");
        }
        assert!(!format!("{error:?} {error}").contains("secret-0001"), "{case}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_stand_in_a_path_is_refused_before_anything_is_sent() {
    let server = Server::start().await;
    let files = server.client();
    server.answer(json(200)).await;
    for bad in ["", ".", "..", "a\nb"] {
        let errors = [
            files.folders().children(bad).await.unwrap_err(),
            files.folders().create(bad, "x").await.unwrap_err(),
            files.folders().create(1, bad).await.unwrap_err(),
            files.files().get(bad).await.unwrap_err(),
            files.files().rename(1, bad).await.unwrap_err(),
            files.files().delete(bad).await.unwrap_err(),
            files.files().download(bad).unchecked().bytes().await.unwrap_err(),
            files.files().upload(bad, datto_workplace::Upload::bytes("x", "x")).await.unwrap_err(),
            files.files().upload(1, datto_workplace::Upload::bytes(bad, "x")).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{bad:?}: {error:?}");
        }
    }
    assert!(server.sent().await.is_empty());
    server.stop().await;
}
