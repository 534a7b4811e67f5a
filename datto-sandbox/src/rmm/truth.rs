//! What was planted in the RMM account.

/// What was planted in the RMM account, recorded while it was planted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RmmTruth {}
