//! What the cases of this product have of their own.

use std::time::Duration;

use datto_common::Operation;
use datto_test_support::{Product, Query};
use datto_workplace::{RetryPolicy, WorkplaceClient};
use wiremock::ResponseTemplate;

/// The Workplace API.
#[derive(Debug)]
pub(crate) struct Workplace;

pub(crate) type Case = datto_test_support::Case<Workplace>;
pub(crate) type Server = datto_test_support::Server<Workplace>;

impl Product for Workplace {
    type Client = WorkplaceClient;
    const BASE: &'static str = "/2/api/v1";
    const FIXTURES: &'static str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

    fn client(url: &str) -> WorkplaceClient {
        let retry = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        let builder = WorkplaceClient::builder().endpoint(format!("{url}/2/api/v1")).retry(retry);
        builder.credentials("id-0001", "secret-0001").build().unwrap()
    }

    fn query(_: &Operation) -> Query {
        Query::Text("")
    }

    fn headers(_: &Operation) -> Vec<(&'static str, Option<&'static str>)> {
        // The pair "id-0001:secret-0001".
        vec![("authorization", Some("Basic aWQtMDAwMTpzZWNyZXQtMDAwMQ=="))]
    }
}

/// A case of an operation: `case!(FILES_GET, "/file/7", |files| { … })`.
macro_rules! case {
    ($operation:ident, $path:literal, |$files:ident| $body:block) => {
        $crate::case::Case::new(&datto_workplace::operations::$operation, $path, |$files| {
            Box::pin(async move {
                $body
                Ok(())
            })
        })
    };
}
pub(crate) use case;

pub(crate) fn json(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(r#"{"message":"Reason"}"#, "application/json")
}

pub(crate) fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><title>Down</title></html>", "text/html")
}

pub(crate) fn body(text: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text, "application/json")
}
