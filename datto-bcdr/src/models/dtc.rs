//! Direct-to-Cloud: machines that are backed up without an appliance.
//!
//! The fields are official, but no answer was seen: that the whole numbers are epoch seconds is a guess.

use datto_common::{Sensitive, Timestamp};

use crate::ids::{AgentUuid, AssetUuid, ClientId, OrganizationId, ResellerId};
use crate::lenient;

datto_common::model! {
    /// A machine in the list.
    pub struct DtcAsset {
        /// Its id.
        pub asset_uuid: AssetUuid,
        /// Display name.
        pub name: Option<String>,
        /// Its state; values not known.
        pub status: Option<String>,
        /// What kind of machine it is; values not known.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// The newest backup; 0 if there is none (guess).
        pub last_backup: Option<Timestamp>,
        /// Whether the last screenshot worked.
        #[serde(deserialize_with = "lenient::flag")]
        pub screenshot_success: Option<bool>,
        /// The client that owns it.
        pub organization_id: Option<OrganizationId>,
        /// Name of that client.
        pub organization_name: Option<String>,
        /// The reseller.
        pub reseller_id: Option<ResellerId>,
        /// Whether the last backup worked.
        #[serde(deserialize_with = "lenient::flag")]
        pub backup_state_successful: Option<bool>,
        /// The image of the last screenshot; `Debug` hides it.
        pub last_screenshot_url: Option<Sensitive<String>>,
        /// Up to ten recent backups.
        #[serde(deserialize_with = "lenient::list", rename = "last10Backups")]
        pub last_10_backups: Option<Vec<DtcBackup>>,
        /// Name of the machine.
        pub hostname: Option<String>,
        /// MAC address.
        pub mac_address: Option<String>,
        /// Address on the internet.
        pub external_ip: Option<String>,
        /// Maker of the machine.
        pub smbios_vendor: Option<String>,
        /// Its model.
        pub smbios_name: Option<String>,
        /// Code of the agent.
        pub agent_code: Option<String>,
        /// Size of what is protected (guess: bytes).
        #[serde(deserialize_with = "lenient::integer")]
        pub protected_volume: Option<i64>,
    }

    /// A machine in full.
    pub struct DtcAssetDetails {
        /// Its id.
        pub asset_uuid: AssetUuid,
        /// Display name.
        pub name: Option<String>,
        /// When it last called in.
        pub last_checkin: Option<Timestamp>,
        /// The newest backup; 0 if there is none (guess).
        pub last_backup: Option<Timestamp>,
        /// The newest screenshot; 0 if there is none (guess).
        pub last_screenshot: Option<Timestamp>,
        /// Name of its subscription.
        pub subscription: Option<String>,
        /// Code of the agent.
        pub agent_code: Option<String>,
        /// Size of what is protected (guess: bytes).
        #[serde(deserialize_with = "lenient::integer")]
        pub protected_volume: Option<i64>,
        /// Up to ten recent backups.
        #[serde(deserialize_with = "lenient::list", rename = "last10Backups")]
        pub last_10_backups: Option<Vec<DtcBackup>>,
        /// Name of the machine.
        pub hostname: Option<String>,
        /// MAC address.
        pub mac_address: Option<String>,
        /// Address on the internet.
        pub external_ip: Option<String>,
        /// Maker of the machine.
        pub smbios_vendor: Option<String>,
        /// Its model.
        pub smbios_name: Option<String>,
    }

    /// One backup of a machine.
    pub struct DtcBackup {
        /// When.
        pub timestamp: Option<Timestamp>,
        /// Whether it worked.
        #[serde(deserialize_with = "lenient::flag")]
        pub backup_status: Option<bool>,
        /// Whether its screenshot worked.
        #[serde(deserialize_with = "lenient::flag")]
        pub screenshot_success: Option<bool>,
    }

    /// A template by which an RMM installs agents.
    pub struct RmmTemplate {
        /// Its token. Who has it can add agents (guess), so `Debug` hides it.
        pub token_uuid: Option<Sensitive<String>>,
        /// What kind of template it is; values not known.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// The reseller.
        pub reseller_id: Option<ResellerId>,
        /// The client.
        pub client_id: Option<ClientId>,
        /// Where the data goes; values not known.
        pub region_id: Option<serde_json::Value>,
        /// The subscription that agents join.
        pub subscription_uuid: Option<String>,
        /// When it was made.
        pub create_date: Option<Timestamp>,
        /// When it ends.
        pub expire_date: Option<Timestamp>,
        /// When it was last used.
        pub last_used: Option<Timestamp>,
        /// When its token was last changed.
        pub last_rotation_date: Option<Timestamp>,
        /// How often this token was used (guess).
        #[serde(deserialize_with = "lenient::integer")]
        pub times_used: Option<i64>,
        /// How often all its tokens were used (guess).
        #[serde(deserialize_with = "lenient::integer")]
        pub cumulative_times_used: Option<i64>,
        /// Whether it can be used.
        #[serde(deserialize_with = "lenient::flag")]
        pub active: Option<bool>,
        /// An Essentials subscription; the misspelt name on the wire is the official one.
        #[serde(rename = "essentialsSubsciptionId")]
        pub essentials_subscription_id: Option<serde_json::Value>,
    }

    /// Use of a storage pool. Its fields were never seen: all that comes is in `extra`, except a name, which is a guess.
    pub struct StoragePool {
        /// Name of the pool (guess).
        pub pool_name: Option<String>,
    }

    /// How fast an agent may send. Absent limits are no limits (guess).
    pub struct BandwidthSettings {
        /// The agent; only in answers.
        pub agent_uuid: AgentUuid,
        /// Whether it waits while the machine is on a metered network.
        #[serde(deserialize_with = "lenient::flag")]
        pub pause_while_metered: Option<bool>,
        /// The most that it sends, in bits a second.
        #[serde(deserialize_with = "lenient::integer")]
        pub maximum_bandwidth_in_bits: Option<i64>,
        /// The most that it sends while it is throttled, in bits a second.
        #[serde(deserialize_with = "lenient::integer")]
        pub maximum_throttled_bandwidth_in_bits: Option<i64>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_asset_is_read_with_its_backups() {
        let asset: DtcAsset = serde_json::from_value(json!({
            "assetUuid": "a-1", "lastBackup": 1_787_643_495, "backupStateSuccessful": "1",
            "last10Backups": [{"timestamp": 1_787_643_495, "backupStatus": true, "screenshotSuccess": false}]
        }))
        .unwrap();
        assert_eq!(asset.backup_state_successful, Some(true));
        assert_eq!(asset.last_10_backups.as_ref().unwrap()[0].timestamp, asset.last_backup);
        assert!(asset.extra.is_empty());
    }

    #[test]
    fn the_token_of_a_template_is_written_but_not_printed() {
        let wire = json!({"tokenUuid": "t0ken-1", "essentialsSubsciptionId": 4, "timesUsed": 2});
        let template: RmmTemplate = serde_json::from_value(wire.clone()).unwrap();
        assert!(!format!("{template:?}").contains("t0ken-1"));
        assert!(template.extra.is_empty());
        assert_eq!(serde_json::to_value(&template).unwrap(), wire);
    }

    #[test]
    fn a_storage_pool_keeps_whatever_comes() {
        let wire = json!({"poolName": "main", "used": {"size": 3, "units": "TB"}});
        let pool: StoragePool = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&pool).unwrap(), wire);
    }
}
