//! What there is to see, beside the figures: a fleet that nobody sees has no failures.

use std::borrow::Borrow;
use std::fmt;

use datto_common::Measured;
use serde::{Deserialize, Serialize};

use super::snapshot::{CustomerApplications, DeviceAssets};

/// How much there is to see with a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Visible {
    /// Appliances that are listed, also such as are not watched.
    pub appliances: Measured<u64>,
    /// Agents and shares on them, also paused and archived ones.
    pub assets: Measured<u64>,
    /// Customers of SaaS Protection.
    pub saas_customers: Measured<u64>,
}

impl Visible {
    pub(crate) fn of<D: Borrow<DeviceAssets>, C: Borrow<CustomerApplications>>(
        devices: &Measured<Vec<D>>,
        saas: &Measured<Vec<C>>,
    ) -> Self {
        let mut assets = (0, devices.missing().to_vec());
        for entry in devices.value().into_iter().flatten().map(Borrow::borrow) {
            assets.0 += entry.assets.value().map_or(0, |assets| assets.len() as u64);
            assets.1.extend_from_slice(entry.assets.missing());
            if let Measured::Unknown { cause } = &entry.assets {
                assets.1.push(datto_common::Missing::new(crate::fleet::assets_of(&entry.device), cause.clone()));
            }
        }
        Self {
            appliances: count(devices),
            assets: match devices {
                Measured::Unknown { cause } => Measured::unknown(cause.clone()),
                _ => Measured::from_parts(assets.0, assets.1),
            },
            saas_customers: count(saas),
        }
    }

    /// Whether all was read, and there is neither an appliance nor a customer of SaaS Protection. Such a key is often restricted to a client.
    pub fn is_nothing(&self) -> bool {
        self.appliances == Measured::Known(0) && self.saas_customers == Measured::Known(0)
    }
}

fn count<T>(list: &Measured<Vec<T>>) -> Measured<u64> {
    match list {
        Measured::Unknown { cause } => Measured::unknown(cause.clone()),
        list => Measured::from_parts(list.value().map_or(0, |list| list.len() as u64), list.missing().to_vec()),
    }
}

/// "12 appliances, at least 40 agents and shares, 4 SaaS customers"
impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nothing() {
            return f.write_str("this key sees no appliance and no SaaS customer; it may be restricted to a client");
        }
        let Self { appliances, assets, saas_customers } = self;
        write!(f, "{appliances} appliances, {assets} agents and shares, {saas_customers} SaaS customers")
    }
}
