//! Devices.

use datto_common::{Error, ErrorKind, Request};

use super::ListAlerts;
use crate::models::{CreatedQuickJob, StartedJob, Warranty, check_date};
use crate::{
    Device, DeviceId, DeviceUid, FilterId, Patch, PatchInstallStatus, QuickJob, SiteUid, UdfUpdate, operations,
};

datto_common::api! {
    /// Devices, from [`RmmClient::devices`](crate::RmmClient::devices).
    pub struct DevicesApi;
}

datto_common::list_builder! {
    /// Lists the devices of the account: [`DevicesApi::list`].
    pub struct ListDevices -> Device, by uid {
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
    /// Lists the patches of a device: [`DevicesApi::patches`].
    pub struct ListPatches -> Patch, by patch_id {
        /// Only patches in this status.
        install_status: PatchInstallStatus => "installStatus",
    }
}

impl DevicesApi {
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
        self.core.call(&operations::DEVICES_LIST, []).list()
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
        self.core.call(&operations::DEVICES_GET, [uid.into().as_str()]).json()
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
        self.core.call(&operations::DEVICES_BY_ID, [id.into().as_str()]).json()
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
        super::by_mac(&self.core, &operations::DEVICES_BY_MAC_ADDRESS, mac_address.as_ref()).bare_list()
    }

    /// Lists the open alerts of a device.
    ///
    /// `GET /v2/device/{deviceUid}/alerts/open` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let alerts = rmm.devices().alerts_open("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn alerts_open(&self, uid: impl Into<DeviceUid>) -> ListAlerts {
        self.core.call(&operations::DEVICES_ALERTS_OPEN, [uid.into().as_str()]).list()
    }

    /// Lists the resolved alerts of a device.
    ///
    /// `GET /v2/device/{deviceUid}/alerts/resolved` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let alerts = rmm.devices().alerts_resolved("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn alerts_resolved(&self, uid: impl Into<DeviceUid>) -> ListAlerts {
        self.core.call(&operations::DEVICES_ALERTS_RESOLVED, [uid.into().as_str()]).list()
    }

    /// Lists the patches of a device. Its missing ones are those in the status `NotApproved` and `ApprovedPending`.
    ///
    /// `GET /v2/device/{deviceUid}/patches` · read · official, since build 235 · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such device, or the platform does not have this call yet: the hint says which.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::PatchInstallStatus;
    /// let uid = "00000000-0000-4000-8000-000000000001";
    /// let waiting = rmm.devices().patches(uid).install_status(PatchInstallStatus::ApprovedPending).collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn patches(&self, uid: impl Into<DeviceUid>) -> ListPatches {
        self.core.call(&operations::DEVICES_PATCHES, [uid.into().as_str()]).list()
    }

    /// Runs a component on a device, once. Sent at most once, whatever fails; if it may have been taken, the error says so, and its marker is the
    /// name of the job: [`JobsApi::reconcile`](crate::JobsApi::reconcile) looks for it. [`JobsApi::run`](crate::JobsApi::run) also waits for the end.
    ///
    /// `PUT /v2/device/{deviceUid}/quickjob` · write, once, device-job-create · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device or component.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::QuickJob;
    /// let uid = "00000000-0000-4000-8000-000000000001";
    /// let job = rmm.devices().quick_job(uid, QuickJob::new("Reboot now", "component-uid").variable("force", "1")).await?;
    /// let outcome = rmm.jobs().wait(&job.uid, uid).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn quick_job(&self, uid: impl Into<DeviceUid>, job: QuickJob) -> Request<StartedJob> {
        let named = match job.component().is_empty() {
            true => Err(Error::new(ErrorKind::InvalidInput, "the quick job names no component")),
            false => Ok(()),
        };
        let call = self.core.call(&operations::DEVICES_QUICK_JOB, [uid.into().as_str()]);
        let call = call.sending(&job).marked(job.name()).checked(named);
        call.read(|answer| answer.json::<CreatedQuickJob>().map(StartedJob::from))
    }

    /// Moves a device to a site.
    ///
    /// `PUT /v2/device/{deviceUid}/site/{siteUid}` · repeatable write, device-move · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device or site.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let (device, site) = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002");
    /// rmm.devices().move_to_site(device, site).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn move_to_site(&self, uid: impl Into<DeviceUid>, site: impl Into<SiteUid>) -> Request<()> {
        self.core.call(&operations::DEVICES_MOVE, [uid.into().as_str(), site.into().as_str()]).nothing()
    }

    /// Sets and clears user-defined fields; those that the update does not name stay. A value that does not fit the type that
    /// the account has set is kept as text and marked as a mismatch (official).
    ///
    /// `POST /v2/device/{deviceUid}/udf` · repeatable write, device-udf-set · official
    ///
    /// # Errors
    /// `InvalidInput` for an ordinal outside 1 to 300; `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::UdfUpdate;
    /// rmm.devices().set_udfs("00000000-0000-4000-8000-000000000001", UdfUpdate::new().set(3, "Lab").clear(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udfs(&self, uid: impl Into<DeviceUid>, update: UdfUpdate) -> Request<()> {
        self.core
            .call(&operations::DEVICES_SET_UDFS, [uid.into().as_str()])
            .sending(&update)
            .checked(update.check())
            .nothing()
    }

    /// Sets the date on which the warranty of a device ends, `yyyy-MM-dd`.
    ///
    /// `POST /v2/device/{deviceUid}/warranty` · repeatable write, device-warranty-create · official
    ///
    /// # Errors
    /// `InvalidInput` if it is no date of that form; `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// rmm.devices().set_warranty("00000000-0000-4000-8000-000000000001", "2027-01-31").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_warranty(&self, uid: impl Into<DeviceUid>, date: impl Into<String>) -> Request<()> {
        self.warranty(uid.into(), Some(date.into()))
    }

    /// Clears the warranty date of a device.
    ///
    /// `POST /v2/device/{deviceUid}/warranty` · repeatable write, device-warranty-create · official; an explicit null clears it (observed)
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// rmm.devices().clear_warranty("00000000-0000-4000-8000-000000000001").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_warranty(&self, uid: impl Into<DeviceUid>) -> Request<()> {
        self.warranty(uid.into(), None)
    }

    fn warranty(&self, uid: DeviceUid, date: Option<String>) -> Request<()> {
        let checked = date.as_deref().map_or(Ok(()), check_date);
        let call = self.core.call(&operations::DEVICES_SET_WARRANTY, [uid.as_str()]);
        call.checked(checked).sending(&Warranty { warranty_date: date }).nothing()
    }
}
