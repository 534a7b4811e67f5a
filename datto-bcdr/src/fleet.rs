//! Walks over everything: each part says whether it was read.

use std::collections::HashSet;

use datto_common::{Cause, ErrorKind, Measured, Missing};
use futures_util::stream::{self, StreamExt as _};

use crate::BcdrClient;
use crate::models::{Alert, Asset, CustomerUsage, Device, SaasDomain};

/// How many calls may be under way at once, as long as nobody knows what the service bears.
const CONCURRENCY: usize = 5;

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
}

/// An appliance and its open alerts, which do not say themselves whose they are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeviceAlerts {
    /// The appliance.
    pub device: Device,
    /// Its open alerts.
    pub alerts: Measured<Vec<Alert>>,
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

/// Walks over everything, from [`BcdrClient::fleet`].
///
/// A walk never fails as a whole: the answer is partial where the list could be read in part, and each record says whether its own part was read.
#[derive(Debug, Clone)]
#[must_use = "a walk does nothing until it is asked for something"]
pub struct FleetApi {
    bcdr: BcdrClient,
    concurrency: usize,
}

impl FleetApi {
    pub(crate) fn new(bcdr: &BcdrClient) -> Self {
        Self { bcdr: bcdr.clone(), concurrency: CONCURRENCY }
    }

    /// How many calls may be under way at once; 5 if not set.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.clamp(1, 64);
        self
    }

    /// Every appliance that is not hidden, with its assets.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) {
    /// let fleet = bcdr.fleet().assets().await;
    /// for entry in fleet.value().into_iter().flatten() {
    ///     match entry.assets.value() {
    ///         Some(assets) => println!("{}: {} assets", entry.device.serial_number, assets.len()),
    ///         None => println!("{}: unknown", entry.device.serial_number),
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn assets(&self) -> Measured<Vec<DeviceAssets>> {
        self.of_each_device(|bcdr, device| async move {
            let assets = bcdr.assets().list(&device.serial_number).collect_measured().await;
            DeviceAssets { assets: doubted(&device, assets), device }
        })
        .await
    }

    /// Every appliance that is not hidden, with its open alerts.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) {
    /// let fleet = bcdr.fleet().concurrency(3).alerts().await;
    /// println!("{} appliances", fleet.value().map_or(0, |fleet| fleet.len()));
    /// # }
    /// ```
    pub async fn alerts(&self) -> Measured<Vec<DeviceAlerts>> {
        self.of_each_device(|bcdr, device| async move {
            let alerts = bcdr.devices().alerts(&device.serial_number).collect_measured().await;
            DeviceAlerts { device, alerts }
        })
        .await
    }

    /// Every customer of SaaS Protection, with its applications and so many days of their history (30 at most). A customer with several domains
    /// appears once.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) {
    /// let customers = bcdr.fleet().applications(10).await;
    /// println!("{} customers", customers.value().map_or(0, |customers| customers.len()));
    /// # }
    /// ```
    pub async fn applications(&self, days: u32) -> Measured<Vec<CustomerApplications>> {
        let customers = match self.bcdr.saas().domains().send().await {
            Ok(customers) => customers,
            Err(error) => return Measured::unknown(error),
        };
        let mut known = HashSet::new();
        let customers = customers.into_iter().filter(|customer| known.insert(customer.saas_customer_id.clone()));
        let walk = stream::iter(customers).map(|customer| async move {
            let usage = self.bcdr.saas().applications(&customer.saas_customer_id).days_until(days).send().await;
            CustomerApplications { customer, usage: usage.into() }
        });
        Measured::Known(walk.buffered(self.concurrency).collect().await)
    }

    async fn of_each_device<T, F>(&self, read: impl Fn(BcdrClient, Device) -> F) -> Measured<Vec<T>>
    where
        F: Future<Output = T>,
    {
        let (devices, missing) = match self.bcdr.devices().list().show_hidden(false).collect_measured().await {
            Measured::Known(devices) => (devices, Vec::new()),
            Measured::Partial { value, missing } => (value, missing),
            Measured::Unknown { cause } => return Measured::Unknown { cause },
        };
        let walk = stream::iter(devices).map(|device| read(self.bcdr.clone(), device)).buffered(self.concurrency);
        Measured::from_parts(walk.collect().await, missing)
    }
}

/// An appliance that counts more agents and shares than it lists contradicts itself: what is missing is said, since a list that lacks machines looks
/// like fewer machines to back up. That the counts are of what is listed is a guess.
fn doubted(device: &Device, assets: Measured<Vec<Asset>>) -> Measured<Vec<Asset>> {
    let counted = device.agent_count.unwrap_or(0).saturating_add(device.share_count.unwrap_or(0));
    let listed = assets.known().map_or(i64::MAX, |list| i64::try_from(list.len()).unwrap_or(i64::MAX));
    if listed >= counted {
        return assets;
    }
    let message = match listed {
        0 => format!("the list is empty, though the appliance counts {counted} agents and shares"),
        listed => format!("the list holds {listed}, though the appliance counts {counted} agents and shares"),
    };
    assets.with_missing([Missing::new(assets_of(device), Cause::new(ErrorKind::Decode, message))])
}

/// What is missing where the assets of an appliance are.
pub(crate) fn assets_of(device: &Device) -> String {
    format!("assets of appliance {}", device.serial_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_shorter_than_the_appliance_counts_is_not_whole() {
        let device = |agents: Option<i64>| Device { agent_count: agents, share_count: Some(1), ..Device::default() };
        let list = |length: usize| Measured::Known(vec![Asset::default(); length]);
        let says = |agents, length| doubted(&device(agents), list(length)).missing().first().map(ToString::to_string);
        assert!(
            says(Some(13), 3).is_some_and(
                |says| says.ends_with("the list holds 3, though the appliance counts 14 agents and shares")
            )
        );
        assert!(says(Some(13), 0).is_some_and(|says| says.contains("the list is empty")));
        assert_eq!((says(Some(2), 3), says(Some(1), 3), says(None, 1)), (None, None, None));
    }
}
