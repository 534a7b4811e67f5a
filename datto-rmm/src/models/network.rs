//! Network interfaces of devices, and which sites Datto Networking knows.

use super::devices::DeviceType;
use crate::ids::{AccountUid, DeviceId, DeviceUid, SiteId, SiteUid};

datto_common::model! {
    /// A device with its network interfaces.
    pub struct DeviceNetworkInterfaces {
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
        /// Its address as the service sees it.
        pub ext_ip_address: Option<String>,
        /// Its network interfaces.
        pub nics: Option<Vec<NetworkInterface>>,
    }

    /// A network interface.
    pub struct NetworkInterface {
        /// Its name.
        pub instance: Option<String>,
        /// Its IPv4 address.
        pub ipv4: Option<String>,
        /// Its IPv6 address.
        pub ipv6: Option<String>,
        /// Its hardware address.
        pub mac_address: Option<String>,
        /// Its kind.
        #[serde(rename = "type")]
        pub kind: Option<String>,
    }

    /// Which networks of Datto Networking belong to a site.
    pub struct DnetSiteMapping {
        /// The numeric id of the site.
        pub id: SiteId,
        /// The uid of the site.
        pub uid: SiteUid,
        /// The uid of the account that the site belongs to.
        pub account_uid: AccountUid,
        /// The name of the site.
        pub name: Option<String>,
        /// A description of the site.
        pub description: Option<String>,
        /// The ids of its networks.
        pub datto_networking_network_ids: Option<Vec<i64>>,
        /// Where the portal shows the site.
        pub portal_url: Option<String>,
    }
}
