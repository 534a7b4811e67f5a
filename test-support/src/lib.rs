//! What the tests of the three clients share: on the wire one case a call (what it has to send, what comes back, what its failures are), arbitrary JSON
//! for every decoder, and the page and docs of the table of operations.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod arbitrary;
mod body;
mod case;
pub mod endpoints;
mod product;
mod query;
mod server;

pub use case::{Call, Case, assert_complete};
pub use product::Product;
pub use query::Query;
pub use server::Server;
