//! The RMM service.

mod options;
mod truth;

use std::sync::Arc;

use axum::Router;

pub(crate) use options::RmmOptions;
pub use truth::RmmTruth;

use crate::config::Config;

/// The state of the RMM account.
#[derive(Debug)]
pub(crate) struct Service {
    key: (String, String),
}

impl Service {
    /// The pair of keys that is valid now.
    pub(crate) fn key(&self) -> (String, String) {
        self.key.clone()
    }
}

/// Makes the service and says what is in it.
pub(crate) fn build(config: &Config) -> (Router, Arc<Service>, RmmTruth) {
    let service = Arc::new(Service { key: config.rmm_key.clone() });
    (Router::new(), service, RmmTruth::default())
}
