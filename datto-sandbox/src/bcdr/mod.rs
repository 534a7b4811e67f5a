//! The BCDR service.

use axum::Router;

use crate::config::Config;

/// What was planted in the BCDR service.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct BcdrTruth {}

/// The oddities of the BCDR service that can be switched.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BcdrOptions {}

/// Makes the service and says what is in it.
pub(crate) fn build(_config: &Config) -> (Router, BcdrTruth) {
    (Router::new(), BcdrTruth::default())
}
