//! The client compared with the official document (build 235), in both directions. What is different on purpose stands in lists, each entry
//! with its reason.

mod fields;
mod generate;
mod operations;
mod random;
mod requests;
mod schema;
