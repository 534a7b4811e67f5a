//! Who did what.

use datto_common::Timestamp;

use crate::lenient;

datto_common::model! {
    /// Something that a user did. It is no log of backup runs.
    pub struct ActivityLog {
        /// When.
        pub timestamp: Option<Timestamp>,
        /// Id of the request that did it.
        pub request_id: Option<String>,
        /// What kind of thing it was done to: `bcdr-device`.
        pub target_type: Option<String>,
        /// Which one: the serial number of an appliance, say.
        pub target_id: Option<String>,
        /// Its name.
        pub target_display_name: Option<String>,
        /// The client that it belongs to.
        pub client_name: Option<String>,
        /// Where it was done: `Portal`.
        pub interface: Option<String>,
        /// Who did it.
        pub user: Option<String>,
        /// The roles of that user.
        #[serde(deserialize_with = "lenient::list")]
        pub user_roles: Option<Vec<String>>,
        /// From which address.
        pub ip_address: Option<String>,
        /// What was done: `protectedSystem.deleted`.
        pub action: Option<String>,
        /// The same in English.
        #[serde(rename = "messageEN")]
        pub message_en: Option<String>,
        /// Whether it worked.
        #[serde(deserialize_with = "lenient::flag")]
        pub success: Option<bool>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read() {
        let entry: ActivityLog = serde_json::from_value(serde_json::json!({
            "timestamp": "2026-08-25T07:38:15+00:00", "targetType": "bcdr-device", "targetId": "D05099000001",
            "userRoles": ["admin"], "messageEN": "Deleted", "success": true
        }))
        .unwrap();
        assert_eq!(entry.message_en.as_deref(), Some("Deleted"));
        assert_eq!(entry.timestamp.unwrap().as_millis(), Some(1_787_643_495_000));
        assert!(entry.extra.is_empty());
    }
}
