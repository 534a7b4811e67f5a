//! What the calls of one product have in common.

use std::fmt;

use datto_common::Operation;

use crate::Query;

/// A product, as its wire tests see it.
pub trait Product: fmt::Debug + Sized {
    /// What makes the calls.
    type Client: fmt::Debug;
    /// What stands before the path of each operation: `/api`.
    const BASE: &'static str;
    /// The folder of the good answers: `devices/get.json`.
    const FIXTURES: &'static str;

    /// A client of the service at this address. It waits for nothing before it repeats.
    fn client(url: &str) -> Self::Client;

    /// The query that every call of the operation sends.
    fn query(operation: &Operation) -> Query;

    /// The headers that every call of the operation sends, and does not send: the login above all.
    fn headers(operation: &Operation) -> Vec<(&'static str, Option<&'static str>)>;
}
