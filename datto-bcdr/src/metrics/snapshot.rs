//! What was read at one time, with what could not be read.

use datto_common::Measured;

use crate::models::{Asset, CustomerUsage, Device, SaasDomain};

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

/// An appliance and what it protects.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeviceAssets {
    /// The appliance.
    pub device: Device,
    /// Its agents and shares.
    pub assets: Measured<Vec<Asset>>,
}

impl DeviceAssets {
    /// An appliance with its assets, or with why they could not be read.
    pub fn new(device: Device, assets: impl Into<Measured<Vec<Asset>>>) -> Self {
        Self { device, assets: assets.into() }
    }

    /// Hidden appliances and such as were never set up are not looked at.
    pub(crate) fn is_watched(&self) -> bool {
        self.device.hidden != Some(true) && !self.device.is_unconfigured()
    }
}

/// A customer of SaaS Protection and its applications.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CustomerApplications {
    /// The customer.
    pub customer: SaasDomain,
    /// Its applications.
    pub usage: Measured<Vec<CustomerUsage>>,
}

impl CustomerApplications {
    /// A customer with its applications, or with why they could not be read.
    pub fn new(customer: SaasDomain, usage: impl Into<Measured<Vec<CustomerUsage>>>) -> Self {
        Self { customer, usage: usage.into() }
    }
}
