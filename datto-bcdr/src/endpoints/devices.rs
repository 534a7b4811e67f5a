//! Appliances, their alerts and the virtual machines that run from their backups.

use datto_common::Request;

use super::switch;
use crate::{Alert, Device, SerialNumber, VmRestore, operations};

datto_common::api! {
    /// Appliances, from [`BcdrClient::devices`](crate::BcdrClient::devices).
    pub struct DevicesApi;
}

datto_common::list_builder! {
    /// Lists the appliances: [`DevicesApi::list`].
    pub struct ListDevices -> Device, by serial_number {}
}

impl ListDevices {
    /// Whether to include appliances that are hidden in the portal; the service includes them unless told otherwise (observed).
    pub fn show_hidden(mut self, show: bool) -> Self {
        self.0.call_mut().set_query("showHiddenDevices", switch(show));
        self
    }

    /// Whether to include appliances of child resellers; the service includes them unless told otherwise (observed).
    pub fn show_child_resellers(mut self, show: bool) -> Self {
        self.0.call_mut().set_query("showChildResellerDevices", switch(show));
        self
    }
}

datto_common::list_builder! {
    /// Lists the open alerts of an appliance: [`DevicesApi::alerts`]. They have no id, so that one that comes twice is not noticed;
    /// the count is.
    pub struct ListAlerts -> Alert {}
}

datto_common::list_builder! {
    /// Lists the virtual machines that run from backups of an appliance: [`DevicesApi::vm_restores`].
    pub struct ListVmRestores -> VmRestore, by restore_id {}
}

impl DevicesApi {
    /// Lists the appliances that the key pair can see, hidden ones included.
    ///
    /// `GET /bcdr/device` · read · official
    ///
    /// # Errors
    /// `Unauthenticated` if the key pair is wrong; `Forbidden` if it may not.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let mut appliances = bcdr.devices().list().show_hidden(false).pager();
    /// while let Some(appliance) = appliances.next().await {
    ///     let appliance = appliance?;
    ///     println!("{}: {:?}", appliance.serial_number, appliance.local_storage_used.and_then(|used| used.bytes()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListDevices {
        self.core.call(&operations::DEVICES_LIST, []).list()
    }

    /// Gets one appliance.
    ///
    /// `GET /bcdr/device/{serialNumber}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is none of this serial number, or none that the key pair can see.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let appliance = bcdr.devices().get("D05099000001").await?;
    /// println!("last seen {:?}", appliance.last_seen_date);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, serial_number: impl Into<SerialNumber>) -> Request<Device> {
        self.core.call(&operations::DEVICES_GET, [serial_number.into().as_str()]).json()
    }

    /// Lists the open alerts of an appliance. They have neither an id nor the serial number; see [`FleetApi::alerts`](crate::FleetApi::alerts).
    ///
    /// `GET /bcdr/device/{serialNumber}/alert` · read · official · always 100 a page
    ///
    /// # Errors
    /// `NotFound` if there is no such appliance.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let alerts = bcdr.devices().alerts("D05099000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn alerts(&self, serial_number: impl Into<SerialNumber>) -> ListAlerts {
        self.core.call(&operations::DEVICES_ALERTS, [serial_number.into().as_str()]).list()
    }

    /// Lists the virtual machines that run from backups of an appliance.
    ///
    /// `GET /bcdr/device/{serialNumber}/vm-restores` · read · official, the shape of the list a guess
    ///
    /// # Errors
    /// `NotFound` if there is no such appliance.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let running = bcdr.devices().vm_restores("D05099000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn vm_restores(&self, serial_number: impl Into<SerialNumber>) -> ListVmRestores {
        self.core.call(&operations::DEVICES_VM_RESTORES, [serial_number.into().as_str()]).list()
    }
}
