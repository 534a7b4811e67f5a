//! Devices with typed user-defined fields (v3).

use datto_common::Request;

use crate::{DeviceId, DeviceUid, DeviceV3, FilterId, SiteUid, UdfV3Update, operations};

datto_common::api! {
    /// Devices with typed user-defined fields, from [`RmmClient::devices_v3`](crate::RmmClient::devices_v3). New in build 235: a platform with an
    /// older build answers `NotFound`, and the hint says so.
    pub struct DevicesV3Api;
}

datto_common::list_builder! {
    /// Lists the devices of the account with typed user-defined fields: [`DevicesV3Api::list`].
    pub struct ListDevicesV3 -> DeviceV3, by uid {
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

datto_common::list_builder! {
    /// Lists the devices of a site with typed user-defined fields: [`DevicesV3Api::of_site`].
    pub struct ListSiteDevicesV3 -> DeviceV3, by uid {
        /// A device filter.
        filter_id: FilterId => "filterId",
    }
}

impl DevicesV3Api {
    /// Lists the devices of the account.
    ///
    /// `GET /v3/account/devices` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if the filter does not exist, or the platform does not have this call yet.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let devices = rmm.devices_v3().list().site_name("Contoso").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListDevicesV3 {
        self.core.call(&operations::V3_DEVICES_LIST, []).list()
    }

    /// Lists the devices of a site.
    ///
    /// `GET /v3/site/{siteUid}/devices` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such site or filter, or the platform does not have this call yet.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let devices = rmm.devices_v3().of_site("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_site(&self, uid: impl Into<SiteUid>) -> ListSiteDevicesV3 {
        self.core.call(&operations::V3_SITES_DEVICES, [uid.into().as_str()]).list()
    }

    /// Gets one device.
    ///
    /// `GET /v3/device/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device, or the platform does not have this call yet.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let device = rmm.devices_v3().get("00000000-0000-4000-8000-000000000001").await?;
    /// for udf in device.udfs.unwrap_or_default() {
    ///     println!("{:?} {:?}", udf.label, udf.kind);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, uid: impl Into<DeviceUid>) -> Request<DeviceV3> {
        self.core.call(&operations::V3_DEVICES_GET, [uid.into().as_str()]).json()
    }

    /// Gets one device by its numeric id.
    ///
    /// `GET /v3/device/id/{deviceId}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device, or the platform does not have this call yet.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let device = rmm.devices_v3().by_id(100_001).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn by_id(&self, id: impl Into<DeviceId>) -> Request<DeviceV3> {
        self.core.call(&operations::V3_DEVICES_BY_ID, [id.into().as_str()]).json()
    }

    /// Finds the devices with a MAC address; several may share one. Separators and case do not matter.
    ///
    /// `GET /v3/device/macAddress/{macAddress}` · read · official
    ///
    /// # Errors
    /// `InvalidInput` if it is not twelve hexadecimal digits; `NotFound` if the service knows no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let devices = rmm.devices_v3().by_mac_address("001122334455").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn by_mac_address(&self, mac_address: impl AsRef<str>) -> Request<Vec<DeviceV3>> {
        super::by_mac(&self.core, &operations::V3_DEVICES_BY_MAC_ADDRESS, mac_address.as_ref()).bare_list()
    }

    /// Sets and clears user-defined fields by their types; those that the update does not name stay. The document marks this
    /// call as deprecated; [`DevicesApi::set_udfs`](crate::DevicesApi::set_udfs) is the other way.
    ///
    /// `POST /v3/device/{deviceUid}/udf` · repeatable write · official
    ///
    /// # Errors
    /// `InvalidInput` for an ordinal outside 1 to 300, a date that is none or a number that is not finite; `Api` if a value
    /// does not fit the type that the account has set.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::UdfV3Update;
    /// let update = UdfV3Update::new().text(3, "Lab").date(4, "2027-01-31").clear(5);
    /// rmm.devices_v3().set_udfs("00000000-0000-4000-8000-000000000001", update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udfs(&self, uid: impl Into<DeviceUid>, update: UdfV3Update) -> Request<()> {
        self.core
            .call(&operations::V3_DEVICES_SET_UDFS, [uid.into().as_str()])
            .sending(&update)
            .checked(update.check())
            .nothing()
    }
}
