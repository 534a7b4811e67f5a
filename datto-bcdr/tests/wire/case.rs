//! What the cases of this product have of their own.

use std::time::Duration;

use datto_bcdr::{BcdrClient, RetryPolicy};
use datto_common::Operation;
use datto_test_support::{Product, Query};

/// The partner API.
#[derive(Debug)]
pub(crate) struct Bcdr;

pub(crate) type Case = datto_test_support::Case<Bcdr>;
pub(crate) type Server = datto_test_support::Server<Bcdr>;

impl Product for Bcdr {
    type Client = BcdrClient;
    const BASE: &'static str = "/v1";
    const FIXTURES: &'static str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

    fn client(url: &str) -> BcdrClient {
        let retry = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        BcdrClient::builder().url(url).api_key("public-1", "secret-0001").retry(retry).build().unwrap()
    }

    fn query(operation: &Operation) -> Query {
        Query::Pairs(if operation.paging.is_some() { vec![("_perPage", "100"), ("_page", "1")] } else { Vec::new() })
    }

    fn headers(_: &Operation) -> Vec<(&'static str, Option<&'static str>)> {
        // The pair "public-1:secret-0001".
        vec![("authorization", Some("Basic cHVibGljLTE6c2VjcmV0LTAwMDE=")), ("accept", Some("application/json"))]
    }
}

/// A case of an operation: `case!(DEVICES_GET, "/bcdr/device/D1", |bcdr| { … })`.
macro_rules! case {
    ($operation:ident, $path:literal, |$bcdr:ident| $body:block) => {
        $crate::case::Case::new(&datto_bcdr::operations::$operation, $path, |$bcdr| {
            Box::pin(async move {
                $body
                Ok(())
            })
        })
    };
}
pub(crate) use case;
