//! What the wire tests of the clients share: one case a call, what it has to send, what comes back, what its failures are.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod body;
mod case;
mod product;
mod query;
mod server;

pub use case::{Call, Case, assert_complete};
pub use product::Product;
pub use query::Query;
pub use server::Server;
