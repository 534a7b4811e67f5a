//! The account that a key belongs to.

use crate::ids::{AccountId, AccountUid};

datto_common::model! {
    /// The account that a key belongs to.
    pub struct Account {
        /// Its numeric id.
        pub id: AccountId,
        /// Its name, as a person knows it.
        pub name: Option<String>,
        /// Billing address, device limit, time zone.
        pub descriptor: Option<AccountDescriptor>,
        /// Its uid.
        pub uid: AccountUid,
        /// The currency it is billed in.
        pub currency: Option<String>,
        /// How many devices it has.
        pub devices_status: Option<AccountDevicesStatus>,
    }

    /// What describes an account.
    pub struct AccountDescriptor {
        /// Where bills are sent. The wire spells it `bilingEmail` (official).
        #[serde(rename = "bilingEmail")]
        pub billing_email: Option<String>,
        /// How many devices it may have.
        pub device_limit: Option<i64>,
        /// Its time zone.
        pub time_zone: Option<String>,
    }

    /// How many devices an account has.
    pub struct AccountDevicesStatus {
        /// All devices.
        pub number_of_devices: Option<i64>,
        /// Those online.
        pub number_of_online_devices: Option<i64>,
        /// Those offline.
        pub number_of_offline_devices: Option<i64>,
        /// Those of on-demand sites.
        pub number_of_on_demand_devices: Option<i64>,
        /// Those of managed sites.
        pub number_of_managed_devices: Option<i64>,
    }
}
