//! The RMM service.

mod args;
mod change;
mod endpoints;
mod fleet;
mod gate;
mod limits;
mod page;
mod problem;
mod routes;
mod service;
mod token;
mod truth;

use std::sync::Arc;

use axum::Router;

pub(crate) use fleet::{Account, Device, Machine, names};
pub(crate) use service::Service;
pub use truth::RmmTruth;

use crate::config::Config;

/// Makes the service.
pub(crate) fn build(config: &Config) -> (Router, Arc<Service>) {
    let service = Arc::new(Service::new(config.clone(), fleet::plant(config)));
    (routes::router(&service), service)
}
