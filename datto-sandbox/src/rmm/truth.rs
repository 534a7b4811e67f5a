//! What is in the RMM account.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is in the RMM account now, told from the account itself: what is changed or written changes it.
///
/// A device counts as deleted here if it is marked so or lies in the site "Deleted Devices". Lists of uids are in the
/// order of the device list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    /// Devices of the site "OnDemand", not deleted. They stand in the other lists too.
    pub on_demand_devices: Vec<String>,
    /// Suspended devices, not deleted. They stand in the other lists too.
    pub suspended_devices: Vec<String>,
    /// Devices that are online and not deleted, of every class.
    pub online_devices: Vec<String>,
    /// Devices that are offline and not deleted, of every class.
    pub offline_devices: Vec<String>,
    /// Devices of class `device`, not deleted, which report patch data and miss more than five patches: those approved
    /// and pending together with those not approved.
    pub missing_patches: Vec<String>,
    /// The same kind of devices, which miss no patch at all.
    pub missing_no_patches: Vec<String>,
    /// How many devices of class `device`, not deleted, report patch data.
    pub reporting_patches: usize,
    /// How many devices of class `device`, not deleted, do not: they have no patch object, or its status is `NoData` or
    /// `NoPolicy`.
    pub not_reporting_patches: usize,
    /// Devices of class `device`, not deleted, which report patch data.
    pub patch_reporters: Vec<String>,
    /// The last day of updates of each device with a Windows that has one, `yyyy-MM-dd`, not deleted, by uid.
    pub updates_end: BTreeMap<String, String>,
    /// The antivirus product of each device that has one, not deleted, by uid.
    pub antivirus_products: BTreeMap<String, String>,
    /// The last day of the warranty of each device that tells one, `yyyy-MM-dd`, not deleted, by uid.
    pub warranties: BTreeMap<String, String>,
    /// When each device was last seen, in milliseconds since 1970, not deleted, by uid; those that tell nothing are left out.
    pub last_seen: BTreeMap<String, i64>,
    /// When each device was last restarted, in milliseconds since 1970, not deleted, by uid; those that tell nothing are left out.
    pub last_reboots: BTreeMap<String, i64>,
    /// Whether each device waits for a restart, not deleted, by uid; those that tell nothing are left out.
    pub restarts_required: BTreeMap<String, bool>,
    /// Devices with Windows 7, not deleted; no servers.
    pub windows_7: Vec<String>,
    /// Devices with Windows 8 or 8.1, not deleted; no servers.
    pub windows_8: Vec<String>,
    /// Devices with Windows 10, not deleted; no servers.
    pub windows_10: Vec<String>,
    /// Devices with Windows 11, not deleted; no servers.
    pub windows_11: Vec<String>,
    /// Devices with a Windows Server, not deleted.
    pub windows_servers: Vec<String>,
    /// Devices of class `device`, not deleted, that report no operating system.
    pub without_system: Vec<String>,
    /// Devices of class `device`, not deleted, on which no antivirus was detected.
    pub without_antivirus: Vec<String>,
    /// The same kind of devices, whose antivirus is there and does not run.
    pub antivirus_not_running: Vec<String>,
    /// The same kind of devices, whose antivirus runs and is not up to date.
    pub antivirus_outdated: Vec<String>,
    /// The same kind of devices, whose antivirus runs and is up to date.
    pub antivirus_protected: Vec<String>,
    /// The same kind of devices, whose antivirus has a status that the document does not know.
    pub antivirus_of_unknown_status: Vec<String>,
    /// How many devices of class `device`, not deleted, have no antivirus object at all.
    pub not_reporting_antivirus: usize,
    /// The devices of class `device`, not deleted.
    pub computers: Vec<String>,
    /// The printers, not deleted.
    pub printers: Vec<String>,
    /// The ESXi hosts, not deleted.
    pub esxi_hosts: Vec<String>,
    /// The network devices, not deleted.
    pub network_devices: Vec<String>,
    /// The devices of class `unknown`, or of one that the document does not know, not deleted.
    pub unclassified: Vec<String>,
    /// A hardware address that two devices report; empty if there are fewer than two.
    pub shared_address: String,
    /// The open alerts by uid.
    pub open_alerts: Vec<String>,
    /// How many open alerts there are of each priority, by its name on the wire.
    pub open_alerts_by_priority: BTreeMap<String, usize>,
    /// How many alerts are resolved.
    pub resolved_alerts: usize,
    /// A component that works.
    pub working_component: String,
    /// A component that fails on every device.
    pub failing_component: String,
}
