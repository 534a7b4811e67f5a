//! Virtual machines that run from a backup.

use crate::ids::{AssetId, RestoreId};
use crate::lenient;

datto_common::model! {
    /// A virtual machine that was started from a backup.
    pub struct VmRestore {
        /// Its id.
        pub restore_id: RestoreId,
        /// The asset that it was started from.
        pub asset_id: AssetId,
        /// Number of processors.
        #[serde(deserialize_with = "lenient::integer")]
        pub cpu_count: Option<i64>,
        /// Memory; unit not known.
        #[serde(deserialize_with = "lenient::integer")]
        pub ram_size: Option<i64>,
        /// Number of sockets.
        #[serde(deserialize_with = "lenient::integer")]
        pub socket_count: Option<i64>,
        /// Time zone.
        pub timezone: Option<String>,
        /// The network that it is attached to.
        pub network_name: Option<String>,
        /// Kind of storage controller.
        pub storage_bus: Option<String>,
        /// Kind of network adapter (guess).
        pub model_type: Option<String>,
        /// Its MAC address.
        pub mac_address: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_is_read() {
        let restore: VmRestore = serde_json::from_value(
            serde_json::json!({"restoreId": 3, "assetId": null, "cpuCount": "2", "ramSize": 4096}),
        )
        .unwrap();
        assert_eq!((restore.restore_id.as_i64(), restore.cpu_count), (Some(3), Some(2)));
        assert!(restore.asset_id.is_empty());
    }
}
