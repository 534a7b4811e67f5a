//! Devices.

use datto_common::Request;
use datto_common::internal::{Call, Core};

use crate::{Device, DeviceId, DeviceUid, FilterId, operations};

/// Devices, from [`RmmClient::devices`](crate::RmmClient::devices).
#[derive(Debug, Clone)]
pub struct DevicesApi {
    core: Core,
}

datto_common::list_builder! {
    /// Lists the devices of the account: [`DevicesApi::list`].
    pub struct ListDevices -> Device {
        /// Part of the host name, in any case (official: SQL LIKE).
        hostname: String => "hostname",
        /// Part of the device type.
        device_type: String => "deviceType",
        /// Part of the operating system: `windows 11`.
        operating_system: String => "operatingSystem",
        /// Part of the site's name.
        site_name: String => "siteName",
        /// A device filter. It alone decides: the service ignores the other filters then (official).
        filter_id: FilterId => "filterId",
    }
}

impl DevicesApi {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }

    /// Lists the devices of the account.
    ///
    /// `GET /v2/account/devices` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if the filter does not exist.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let mut devices = rmm.devices().list().operating_system("windows 10").concurrency(8).pager();
    /// while let Some(device) = devices.next().await {
    ///     println!("{}", device?.hostname.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListDevices {
        ListDevices::new(&self.core, Call::new(&operations::DEVICES_LIST, &[]))
    }

    /// Gets one device.
    ///
    /// `GET /v2/device/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is none of this uid, or none that the user of the key can see.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let device = rmm.devices().get("00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", device.last_seen);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, uid: impl Into<DeviceUid>) -> Request<Device> {
        Request::new(&self.core, Call::new(&operations::DEVICES_GET, &[uid.into().as_str()]), |answer| answer.json())
    }

    /// Gets one device by its numeric id, as it stands in addresses of the portal.
    ///
    /// `GET /v2/device/id/{deviceId}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is none of this id, or none that the user of the key can see.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let device = rmm.devices().by_id(100_001).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn by_id(&self, id: impl Into<DeviceId>) -> Request<Device> {
        Request::new(&self.core, Call::new(&operations::DEVICES_BY_ID, &[id.into().as_str()]), |answer| answer.json())
    }

    /// Finds the devices with a MAC address; several may share one. Separators and case do not matter.
    ///
    /// `GET /v2/device/macAddress/{macAddress}` · read · official
    ///
    /// # Errors
    /// `InvalidInput` if it is not twelve hexadecimal digits; `NotFound` if the service knows no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let devices = rmm.devices().by_mac_address("00:11:22:33:44:55").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn by_mac_address(&self, mac_address: impl AsRef<str>) -> Request<Vec<Device>> {
        Request::new(&self.core, super::mac_call(&operations::DEVICES_BY_MAC_ADDRESS, mac_address.as_ref()), |answer| {
            answer.json()
        })
    }
}
