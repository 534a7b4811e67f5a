//! What was planted in the RMM account.

/// What was planted in the RMM account, recorded while it was planted; later writes do not change it.
///
/// A device counts as deleted here if it is marked so or lies in the site "Deleted Devices". Lists of uids are in the
/// order of the device list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RmmTruth {
    /// The uid of the account.
    pub account_uid: String,
    /// All devices that the device list has, of every class, the deleted ones included.
    pub total_devices: usize,
    /// All sites, the three of the system included.
    pub total_sites: usize,
    /// All sites by uid.
    pub site_uids: Vec<String>,
    /// The system site "Managed".
    pub managed_site: String,
    /// The system site "OnDemand", which takes no variables.
    pub on_demand_site: String,
    /// The system site "Deleted Devices"; its uid is no GUID.
    pub deleted_devices_site: String,
    /// The deleted devices.
    pub deleted_devices: Vec<String>,
    /// Devices that are offline and not deleted, of every class.
    pub offline_devices: Vec<String>,
    /// Devices of class `device`, not deleted, which report patch data and miss more than five patches: those approved
    /// and pending together with those not approved.
    pub missing_patches: Vec<String>,
    /// How many devices of class `device`, not deleted, report patch data.
    pub reporting_patches: usize,
    /// How many devices of class `device`, not deleted, do not: they have no patch object, or its status is `NoData` or
    /// `NoPolicy`.
    pub not_reporting_patches: usize,
    /// Devices with Windows 7, not deleted; no servers.
    pub windows_7: Vec<String>,
    /// Devices with Windows 10, not deleted; no servers.
    pub windows_10: Vec<String>,
    /// Devices with Windows 11, not deleted; no servers.
    pub windows_11: Vec<String>,
    /// Devices of class `device`, not deleted, on which no antivirus was detected.
    pub without_antivirus: Vec<String>,
    /// How many devices of class `device`, not deleted, have no antivirus object at all.
    pub not_reporting_antivirus: usize,
    /// The printers, not deleted.
    pub printers: Vec<String>,
    /// The ESXi hosts, not deleted.
    pub esxi_hosts: Vec<String>,
    /// A hardware address that two devices report; empty if there are fewer than two.
    pub shared_address: String,
    /// The open alerts by uid.
    pub open_alerts: Vec<String>,
    /// How many alerts are resolved.
    pub resolved_alerts: usize,
    /// A component that works.
    pub working_component: String,
    /// A component that fails on every device.
    pub failing_component: String,
}
