//! The RMM service.

mod args;
mod endpoints;
mod fleet;
mod gate;
mod limits;
mod options;
mod page;
mod problem;
mod routes;
mod service;
mod token;
mod truth;

use std::sync::Arc;

use axum::Router;

pub(crate) use options::RmmOptions;
pub(crate) use service::Service;
pub use truth::RmmTruth;

use crate::config::Config;

/// Makes the service and says what is in it.
pub(crate) fn build(config: &Config) -> (Router, Arc<Service>, RmmTruth) {
    let (account, truth) = fleet::plant(config);
    let service = Arc::new(Service::new(config.clone(), account));
    (routes::router(&service), service, truth)
}
