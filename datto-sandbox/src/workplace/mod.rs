//! The Workplace service.

use axum::Router;

use crate::config::Config;

/// What was planted in the Workplace service.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct WorkplaceTruth {}

/// The oddities of the Workplace service that can be switched.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct WorkplaceOptions {}

/// Makes the service and says what is in it.
pub(crate) fn build(_config: &Config) -> (Router, WorkplaceTruth) {
    (Router::new(), WorkplaceTruth::default())
}
