//! Backup appliances.

use std::fmt;

use datto_common::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{OrganizationId, SerialNumber};
use crate::lenient;
use crate::sizes::StorageSize;

datto_common::model! {
    /// A backup appliance, physical or virtual. Appliances of Cloud SIRIS lack several fields (observed).
    pub struct Device {
        /// Serial number, the key of every call about the appliance.
        pub serial_number: SerialNumber,
        /// Host name; `backupDevice` is a unit that was never set up (observed).
        pub name: Option<String>,
        /// Model: `S5-2`, `ALTO3`, `CLDSIRIS`.
        pub model: Option<String>,
        /// Where its cloud lives; has nothing to do with the host of the API.
        pub region: Option<CloudRegion>,
        /// When it last called in.
        pub last_seen_date: Option<Timestamp>,
        /// The client that owns it; the same number is the client id of Direct-to-Cloud.
        pub organization_id: Option<OrganizationId>,
        /// Name of that client; may hold padding (observed).
        pub organization_name: Option<String>,
        /// Company name of the client; may hold padding (observed).
        pub client_company_name: Option<String>,
        /// Company name of the child reseller.
        pub reseller_company_name: Option<String>,
        /// Whether it is hidden in the portal; lists include hidden appliances unless told otherwise (observed).
        #[serde(deserialize_with = "lenient::flag")]
        pub hidden: Option<bool>,
        /// Name of the service plan.
        pub service_plan: Option<String>,
        /// End of the service contract (observed).
        pub service_period: Option<Timestamp>,
        /// When it was registered.
        pub registration_date: Option<Timestamp>,
        /// End of the warranty.
        pub warranty_expire: Option<Timestamp>,
        /// Used local storage.
        pub local_storage_used: Option<StorageSize>,
        /// Free local storage.
        pub local_storage_available: Option<StorageSize>,
        /// Used storage in the cloud.
        pub offsite_storage_used: Option<StorageSize>,
        /// Size of all disks under its care (guess at the meaning).
        pub total_managed_disk: Option<StorageSize>,
        /// Protected space (observed, meaning a guess).
        pub protected_space: Option<StorageSize>,
        /// Address in its own network.
        #[serde(rename = "internalIP")]
        pub internal_ip: Option<String>,
        /// Open support tickets.
        #[serde(deserialize_with = "lenient::integer")]
        pub active_tickets: Option<i64>,
        /// How many agents it protects.
        #[serde(deserialize_with = "lenient::integer")]
        pub agent_count: Option<i64>,
        /// How many shares it protects.
        #[serde(deserialize_with = "lenient::integer")]
        pub share_count: Option<i64>,
        /// How many alerts are open on it.
        #[serde(deserialize_with = "lenient::integer")]
        pub alert_count: Option<i64>,
        /// Seconds since it was started.
        #[serde(deserialize_with = "lenient::integer")]
        pub uptime: Option<i64>,
        /// Its page for remote access.
        pub remote_web_url: Option<String>,
        /// Agents inside the record: seen as present, content unknown (observed). Use the list of its assets.
        pub agents: Option<Value>,
        /// Shares inside the record: seen as present, content unknown (observed). Use the list of its assets.
        pub shares: Option<Value>,
        /// Alerts inside the record: seen as present, content unknown (observed). Use the list of its alerts.
        pub alerts: Option<Value>,
    }
}

impl Device {
    /// Whether it is a Cloud SIRIS, which lives in the cloud and so has no offsite copy of its own (observed).
    pub fn is_cloud_siris(&self) -> bool {
        self.model.as_deref().is_some_and(|model| model.to_ascii_uppercase().contains("CLDSIRIS"))
    }

    /// Whether it was never set up: such units bear the name `backupDevice` (observed).
    pub fn is_unconfigured(&self) -> bool {
        self.name.as_deref().is_some_and(|name| name.trim().eq_ignore_ascii_case("backupDevice"))
    }

    /// Name of the client: the company's, else the organization's, without padding.
    pub fn client_name(&self) -> Option<&str> {
        [&self.client_company_name, &self.organization_name]
            .into_iter()
            .filter_map(|name| name.as_deref().map(str::trim))
            .find(|name| !name.is_empty())
    }
}

/// Where the cloud of an appliance lives: an object with a location and a provider (official), or a plain name (observed).
///
/// Keeps what came and writes it back.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CloudRegion(Value);

datto_common::held! { Json: CloudRegion; }

impl CloudRegion {
    /// The place.
    pub fn location(&self) -> Option<&str> {
        self.0.as_str().or_else(|| self.0.get("location")?.as_str())
    }

    /// Who runs it.
    pub fn provider(&self) -> Option<&str> {
        self.0.get("provider")?.as_str()
    }
}

impl fmt::Debug for CloudRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloudRegion({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Device {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_device_is_read_in_both_observed_typings() {
        let official = read(json!({
            "serialNumber": "D05099000001", "name": "siris-01", "model": "S5-2",
            "region": {"location": "Somewhere", "provider": null},
            "lastSeenDate": "2026-08-25T07:38:15+00:00", "hidden": null, "alertCount": 2,
            "localStorageUsed": {"size": 4096, "units": "KB"}, "internalIP": "192.0.2.7",
            "clientCompanyName": "  Acorn Dental ", "organizationId": 17
        }));
        let loose = read(json!({
            "serialNumber": "D05099000001", "region": "Somewhere", "lastSeenDate": 1_787_643_495, "hidden": "1",
            "alertCount": "2", "localStorageUsed": 4096, "organizationName": "Acorn Dental"
        }));
        assert_eq!(official.last_seen_date, loose.last_seen_date);
        assert_eq!(official.region.unwrap().location(), loose.region.unwrap().location());
        assert_eq!((official.alert_count, official.hidden), (Some(2), None));
        assert_eq!((loose.alert_count, loose.hidden), (Some(2), Some(true)));
        assert_eq!(official.local_storage_used.unwrap().bytes(), Some(4_194_304));
        assert_eq!(official.internal_ip.as_deref(), Some("192.0.2.7"));
        assert_eq!(official.organization_id.unwrap().as_i64(), Some(17));
    }

    #[test]
    fn a_device_knows_its_client_and_what_is_special_about_it() {
        let named = read(json!({"clientCompanyName": "  ", "organizationName": " Acorn Dental "}));
        assert_eq!(named.client_name(), Some("Acorn Dental"));
        assert_eq!(Device::default().client_name(), None);
        assert!(read(json!({"model": "CLDSIRIS"})).is_cloud_siris());
        assert!(!read(json!({"model": "S5-2"})).is_cloud_siris());
        assert!(read(json!({"name": "backupDevice"})).is_unconfigured());
        assert!(!read(json!({"name": "backupDevice-2"})).is_unconfigured());
    }

    #[test]
    fn what_is_new_survives() {
        let wire = json!({"serialNumber": "D05099000001", "region": {"location": "x", "zone": 3}, "colour": "red"});
        assert_eq!(serde_json::to_value(read(wire.clone())).unwrap(), wire);
    }
}
