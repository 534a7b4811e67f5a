//! What is billed, site by site.

use std::collections::BTreeMap;

use datto_common::Timestamp;
use serde::{Deserialize, Serialize};

use super::fleet::{Fleet, FleetScope};
use crate::ids::SiteUid;
use crate::models::{Device, DeviceClass, SiteKind};

/// The devices of one site, by class, as they stood when they were read: the service keeps no past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SiteBill {
    /// The month: `2026-11`.
    pub month: String,
    /// The site; empty for devices that name none.
    pub site_uid: SiteUid,
    /// Its name.
    pub site_name: Option<String>,
    /// How many devices there are of each class, as the service names it; those that say none under "unknown".
    pub classes: BTreeMap<String, u64>,
    /// How many of them are suspended.
    pub suspended: u64,
    /// Whether it is the system site "OnDemand", whose devices have no agent that runs all the time.
    pub on_demand: bool,
}

impl SiteBill {
    /// All its devices.
    pub fn devices(&self) -> u64 {
        self.classes.values().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// The devices of each site, by class, in the order of the sites' names; each device once, without the deleted ones. The month is that of `now` in
/// UTC. It is as complete as the list that is given.
///
/// ```
/// # fn run(devices: &[datto_rmm::Device]) {
/// for bill in datto_rmm::metrics::bill(devices, &datto_rmm::Timestamp::now()) {
///     println!("{} {:?}: {} computers", bill.month, bill.site_name, bill.classes.get("device").unwrap_or(&0));
/// }
/// # }
/// ```
pub fn bill(devices: &[Device], now: &Timestamp) -> Vec<SiteBill> {
    let month: String = now.to_string().chars().take(7).collect();
    let fleet = Fleet::new(devices, &FleetScope::default().with_on_demand().with_suspended());
    let mut sites: BTreeMap<&str, SiteBill> = BTreeMap::new();
    for device in fleet.subjects().map(|subject| subject.device) {
        let bill = sites.entry(device.site_uid.as_str()).or_insert_with(|| SiteBill {
            month: month.clone(),
            site_uid: device.site_uid.clone(),
            site_name: device.site_name.clone(),
            classes: BTreeMap::new(),
            suspended: 0,
            on_demand: device.site_kind() == Some(SiteKind::OnDemand),
        });
        let class = device.device_class.as_ref().map_or("unknown", DeviceClass::as_str);
        *bill.classes.entry(class.to_owned()).or_default() += 1;
        bill.suspended += u64::from(device.suspended == Some(true));
    }
    let mut bills: Vec<SiteBill> = sites.into_values().collect();
    bills.sort_by(|a, b| (&a.site_name, &a.site_uid).cmp(&(&b.site_name, &b.site_uid)));
    bills
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::device;
    use super::*;
    use serde_json::json;

    #[test]
    fn devices_are_counted_once_by_site_and_class() {
        let of = |uid: &str, site: &str, more: serde_json::Value| {
            let mut members = json!({"siteUid": site, "siteName": site});
            members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            device(uid, members)
        };
        let fleet = [
            of("1", "b", json!({})),
            of("1", "b", json!({})),
            of("2", "a", json!({"suspended": true})),
            of("3", "a", json!({"deviceClass": "printer"})),
            of("4", "a", json!({"deviceClass": null})),
            of("5", "a", json!({"deleted": true})),
        ];
        let bills = bill(&fleet, &Timestamp::from_seconds(1_800_000_000));
        let shown: Vec<_> =
            bills.iter().map(|bill| (bill.site_name.as_deref(), bill.devices(), bill.suspended)).collect();
        assert_eq!(shown, [(Some("a"), 3, 1), (Some("b"), 1, 0)]);
        assert_eq!((bills[0].month.as_str(), bills[0].classes["unknown"]), ("2027-01", 1));
    }
}
