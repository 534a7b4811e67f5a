//! What a sandbox knows about the fleets that it made.

use crate::bcdr::BcdrTruth;
use crate::rmm::RmmTruth;
use crate::workplace::WorkplaceTruth;

/// What was planted, recorded while it was planted; later writes do not change it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Truth {
    /// The RMM account.
    pub rmm: RmmTruth,
    /// The BCDR account.
    pub bcdr: BcdrTruth,
    /// The Workplace team.
    pub workplace: WorkplaceTruth,
}
