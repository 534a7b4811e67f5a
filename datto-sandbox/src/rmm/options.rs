//! The oddities of the RMM service that can be switched.

/// The switches.
#[derive(Debug, Clone, Default)]
pub(crate) struct RmmOptions {}
