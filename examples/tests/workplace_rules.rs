//! The rules of the mirror by themselves: what is moved, what is deleted, what is left out.
#![allow(dead_code)] // the program uses the rest

#[path = "../workplace_sync/listing.rs"]
mod listing;
#[path = "../workplace_sync/local.rs"]
mod local;
#[path = "../workplace_sync/pairs.rs"]
mod pairs;
#[path = "../workplace_sync/plan.rs"]
mod plan;
