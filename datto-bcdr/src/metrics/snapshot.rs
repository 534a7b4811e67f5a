//! What was read at one time, with what could not be read.

use datto_common::Measured;

pub use crate::fleet::{CustomerApplications, DeviceAssets};

/// What was read of a partner's fleet: every part says whether it was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The appliances, each with its assets.
    pub devices: Measured<Vec<DeviceAssets>>,
    /// The customers of SaaS Protection, each with its applications.
    pub saas: Measured<Vec<CustomerApplications>>,
}

impl Snapshot {
    /// From its two parts.
    pub fn new(devices: Measured<Vec<DeviceAssets>>, saas: Measured<Vec<CustomerApplications>>) -> Self {
        Self { devices, saas }
    }
}
