//! Devices, in the two forms in which the service sends them: v2 with text UDFs, v3 with typed ones.

use datto_common::Timestamp;
use serde::Serialize;

use super::udf::{UdfItem, Udfs};
use crate::ids::{DeviceId, DeviceUid, SiteId, SiteUid};
use crate::models::sites::SiteKind;

/// Declares a record of a device: what is its own, and the fields that both forms share, written once.
macro_rules! device {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        datto_common::model! {
            $(#[$meta])*
            pub struct $name {
                /// Its numeric id.
                pub id: DeviceId,
                /// Its uid.
                pub uid: DeviceUid,
                /// The numeric id of its site.
                pub site_id: SiteId,
                /// The uid of its site.
                pub site_uid: SiteUid,
                /// The name of its site.
                pub site_name: Option<String>,
                /// Category and chassis.
                pub device_type: Option<DeviceType>,
                /// Its host name.
                pub hostname: Option<String>,
                /// Its address in its own network.
                pub int_ip_address: Option<String>,
                /// Its operating system: name, edition and version in one text.
                pub operating_system: Option<String>,
                /// The user who was last logged in.
                pub last_logged_in_user: Option<String>,
                /// Its domain or work group.
                pub domain: Option<String>,
                /// The version of the agent.
                pub cag_version: Option<String>,
                /// The version of the agent as it is shown.
                pub display_version: Option<String>,
                /// Its address as the service sees it.
                pub ext_ip_address: Option<String>,
                /// A description.
                pub description: Option<String>,
                /// Whether it is a 64-bit system.
                #[serde(rename = "a64Bit")]
                pub a64_bit: Option<bool>,
                /// Whether it waits for a restart.
                pub reboot_required: Option<bool>,
                /// Whether it is online.
                pub online: Option<bool>,
                /// Whether it is suspended.
                pub suspended: Option<bool>,
                /// Whether it is deleted.
                pub deleted: Option<bool>,
                /// When it was last seen. Observed: integer milliseconds, also ISO 8601; the document says date-time.
                pub last_seen: Option<Timestamp>,
                /// When it last started. Observed: integer milliseconds.
                pub last_reboot: Option<Timestamp>,
                /// When it was last audited. Observed: integer milliseconds.
                pub last_audit_date: Option<Timestamp>,
                /// When it joined the account. Observed: integer milliseconds.
                pub creation_date: Option<Timestamp>,
                /// Whether it is read by SNMP.
                pub snmp_enabled: Option<bool>,
                /// What it is; decides which audit it has.
                pub device_class: Option<DeviceClass>,
                /// Where the portal shows it.
                pub portal_url: Option<String>,
                /// When its warranty ends: a date alone, `yyyy-MM-dd` (observed).
                pub warranty_date: Option<String>,
                /// Its antivirus; null where it reports none.
                pub antivirus: Option<Antivirus>,
                /// Its patches; null where it reports none.
                pub patch_management: Option<PatchManagement>,
                /// The state of its software management.
                pub software_status: Option<String>,
                /// Where a remote session to it begins.
                pub web_remote_url: Option<String>,
                /// Whether it is the network probe of its site.
                pub network_probe: Option<bool>,
                /// Whether network monitoring brought it in.
                pub onboarded_via_network_monitor: Option<bool>,
                $($own)*
            }
        }

        impl $name {
            /// What its site is, by the name; nothing if the name is not told.
            pub fn site_kind(&self) -> Option<SiteKind> {
                self.site_name.as_deref().map(SiteKind::of_name)
            }

            /// Whether it is gone: marked as deleted, or in the system site that holds deleted devices.
            pub fn is_deleted(&self) -> bool {
                self.deleted == Some(true) || self.site_kind() == Some(SiteKind::DeletedDevices)
            }
        }
    };
}

device! {
    /// A device, with its user-defined fields as text.
    Device {
        /// Its user-defined fields. Observed: the service sends all 300 keys; its newest document leaves them out.
        pub udf: Option<Udfs>,
    }
}

device! {
    /// A device, with its user-defined fields typed (v3).
    DeviceV3 {
        /// Its user-defined fields.
        pub udfs: Option<Vec<UdfItem>>,
    }
}

impl Device {
    /// The user-defined field of this ordinal, 1 to 300, if it is set.
    pub fn udf(&self, ordinal: u16) -> Option<&str> {
        self.udf.as_ref()?.get(ordinal)
    }
}

impl DeviceV3 {
    /// The user-defined field of this ordinal, 1 to 300, if it is set.
    pub fn udf(&self, ordinal: u16) -> Option<&UdfItem> {
        self.udfs.as_ref()?.iter().find(|item| item.ordinal == Some(ordinal.into()))
    }
}

datto_common::model! {
    /// Category and chassis of a device; both free text.
    pub struct DeviceType {
        /// "Desktop", "Laptop", "Server", "ESXi Host", "Network Device", "Printer", … (observed).
        pub category: Option<String>,
        /// The chassis: "Main System Chassis" (observed).
        #[serde(rename = "type")]
        pub kind: Option<String>,
    }

    /// The antivirus of a device, as the agent sees it.
    pub struct Antivirus {
        /// The product.
        pub antivirus_product: Option<String>,
        /// Its state.
        pub antivirus_status: Option<AntivirusStatus>,
    }

    /// The patches of a device in numbers.
    pub struct PatchManagement {
        /// The state in one word.
        pub patch_status: Option<PatchStatus>,
        /// Approved, and waiting to be installed.
        pub patches_approved_pending: Option<i64>,
        /// Not approved.
        pub patches_not_approved: Option<i64>,
        /// Installed.
        pub patches_installed: Option<i64>,
    }
}

datto_common::open_enum! {
    /// What a device is; decides which audit it has.
    pub enum DeviceClass {
        /// A computer with an agent.
        Device = "device",
        /// A printer.
        Printer = "printer",
        /// An ESXi host.
        EsxiHost = "esxihost",
        /// A network device.
        NetworkDevice = "rmmnetworkdevice",
        /// The service does not know.
        Unknown = "unknown",
    }
}

datto_common::open_enum! {
    /// The state of an antivirus.
    pub enum AntivirusStatus {
        /// Running and up to date.
        RunningAndUpToDate = "RunningAndUpToDate",
        /// Running, not up to date.
        RunningAndNotUpToDate = "RunningAndNotUpToDate",
        /// Installed, not running.
        NotRunning = "NotRunning",
        /// None found.
        NotDetected = "NotDetected",
    }
}

datto_common::open_enum! {
    /// The state of patching in one word.
    pub enum PatchStatus {
        /// No patch policy covers the device.
        NoPolicy = "NoPolicy",
        /// The device has not reported yet.
        NoData = "NoData",
        /// A restart is needed to finish.
        RebootRequired = "RebootRequired",
        /// An installation failed.
        InstallError = "InstallError",
        /// Approved patches wait.
        ApprovedPending = "ApprovedPending",
        /// Nothing waits.
        FullyPatched = "FullyPatched",
    }
}

/// The body that sets or clears a warranty date. `None` is written as null: leaving it out or sending "" is refused (observed).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Warranty {
    pub(crate) warranty_date: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_device_reads_both_date_forms_nulls_and_sparse_udfs() {
        let device: Device = serde_json::from_value(json!({
            "id": 100001, "uid": "d-1", "siteId": 7, "hostname": "WS-01", "lastSeen": 1_787_643_495_000_i64,
            "lastReboot": "2026-08-25T07:38:15Z", "antivirus": null, "deviceClass": "toaster", "a64Bit": true,
            "deviceType": {"category": "Desktop", "type": "Main System Chassis"},
            "udf": {"udf1": "alpha", "udf2": null, "udf300": "omega"}, "brandNew": {"a": 1}
        }))
        .unwrap();
        assert_eq!(device.last_seen, device.last_reboot);
        assert_eq!((device.udf(1), device.udf(2), device.udf(300)), (Some("alpha"), None, Some("omega")));
        assert_eq!(device.device_class, Some(DeviceClass::Other("toaster".into())));
        assert_eq!(device.a64_bit, Some(true));
        let back = serde_json::to_value(&device).unwrap();
        assert_eq!(back["brandNew"], json!({"a": 1}));
        assert_eq!(back["udf"], json!({"udf1": "alpha", "udf300": "omega"}));
        assert_eq!(back["deviceClass"], "toaster");
        assert!(!format!("{device:?}").contains("alpha"));
    }

    #[test]
    fn a_device_of_v3_finds_its_typed_fields() {
        let device: DeviceV3 = serde_json::from_value(json!({
            "uid": "d-1", "udfs": [{"ordinal": 31, "type": "NUMBER", "valueNumber": 4.5, "label": "Seats"}]
        }))
        .unwrap();
        assert_eq!(device.udf(31).unwrap().label.as_deref(), Some("Seats"));
        assert_eq!(device.udf(1), None);
    }

    #[test]
    fn a_device_is_deleted_by_mark_or_by_site() {
        let device = |body| serde_json::from_value::<Device>(body).unwrap().is_deleted();
        assert!(device(json!({"deleted": true})));
        assert!(device(json!({"deleted": false, "siteName": "Deleted Devices"})));
        assert!(!device(json!({"siteName": "Contoso"})));
    }

    #[test]
    fn clearing_a_warranty_writes_null() {
        assert_eq!(serde_json::to_string(&Warranty { warranty_date: None }).unwrap(), r#"{"warrantyDate":null}"#);
    }
}
