//! What a sandbox knows about its fleets.

use serde::Serialize;

use crate::bcdr::BcdrTruth;
use crate::links::LinkTruth;
use crate::rmm::RmmTruth;
use crate::workplace::WorkplaceTruth;

/// What is really there, at the moment it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Truth {
    /// The RMM account.
    pub rmm: RmmTruth,
    /// The BCDR account.
    pub bcdr: BcdrTruth,
    /// The Workplace team.
    pub workplace: WorkplaceTruth,
    /// Which customer and which machine of one product is which of another.
    pub links: LinkTruth,
}
