//! The engine against servers that answer wrongly, slowly, endlessly or from elsewhere, over plain sockets.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod bodies;
mod elsewhere;
mod habits;
#[cfg(feature = "oauth")]
mod login;
mod paging;
mod product;
mod request;
mod server;
mod slow;
