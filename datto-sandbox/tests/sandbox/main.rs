//! The sandbox seen from outside, by a client of its own over plain sockets.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod accounts;
mod bcdr;
mod bcdr_saas;
mod bounds;
mod client;
mod control;
mod example;
mod faults;
mod journal;
mod links;
mod living;
mod pair;
#[cfg(feature = "program")]
mod program;
#[cfg(feature = "program")]
mod readme;
mod rmm_document;
mod rmm_jobs;
mod rmm_limits;
mod rmm_lists;
mod rmm_logs;
mod rmm_operations;
mod rmm_requests;
mod rmm_token;
mod rmm_truth;
mod rmm_writes;
#[cfg(feature = "scenarios")]
mod scenarios;
mod state;
mod switches;
mod time;
#[cfg(feature = "tls")]
mod tls;
mod workplace;
