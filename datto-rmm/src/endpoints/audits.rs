//! Audits.

use datto_common::Request;

use crate::models::Software;
use crate::{Device, DeviceAudit, DeviceClass, DeviceUid, EsxiHostAudit, PrinterAudit, operations};

datto_common::api! {
    /// Audits, from [`RmmClient::audits`](crate::RmmClient::audits).
    pub struct AuditsApi;
}

datto_common::list_builder! {
    /// Lists the software of a device: [`AuditsApi::software`]. Its records have no id, so that one that comes twice is not
    /// noticed; the total is.
    pub struct ListSoftware -> Software {}
}

/// The audit that belongs to the class of a device.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Audit {
    /// Of a computer, a network device, or a device of an unknown class.
    Device(Box<DeviceAudit>),
    /// Of an ESXi host.
    EsxiHost(Box<EsxiHostAudit>),
    /// Of a printer.
    Printer(Box<PrinterAudit>),
}

impl AuditsApi {
    /// Gets the audit that belongs to the class of this device. Network devices and those of an unknown class have the audit
    /// of a computer (observed).
    ///
    /// `GET /v2/audit/device/{deviceUid}`, `…/esxihost/{deviceUid}` or `…/printer/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, device: datto_rmm::Device) -> datto_rmm::Result<()> {
    /// use datto_rmm::Audit;
    /// match rmm.audits().of(&device).await? {
    ///     Audit::Printer(printer) => println!("{:?}", printer.printer_marker_supplies),
    ///     other => println!("{other:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(&self, device: &Device) -> Request<Audit> {
        let call = |operation| self.core.call(operation, [device.uid.as_str()]);
        match device.device_class {
            Some(DeviceClass::EsxiHost) => {
                call(&operations::AUDITS_ESXI_HOST).read(|answer| answer.json().map(Audit::EsxiHost))
            }
            Some(DeviceClass::Printer) => {
                call(&operations::AUDITS_PRINTER).read(|answer| answer.json().map(Audit::Printer))
            }
            _ => call(&operations::AUDITS_DEVICE).read(|answer| answer.json().map(Audit::Device)),
        }
    }

    /// Gets the audit of a computer.
    ///
    /// `GET /v2/audit/device/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `Api` if the device is of another class (observed: 400); `NotFound` if there is none.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let audit = rmm.audits().device("00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", audit.system_info);
    /// # Ok(())
    /// # }
    /// ```
    pub fn device(&self, uid: impl Into<DeviceUid>) -> Request<DeviceAudit> {
        self.core.call(&operations::AUDITS_DEVICE, [uid.into().as_str()]).json()
    }

    /// Gets the audit of an ESXi host.
    ///
    /// `GET /v2/audit/esxihost/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `Api` if the device is of another class (observed: 400); `NotFound` if there is none.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let audit = rmm.audits().esxi_host("00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", audit.guests);
    /// # Ok(())
    /// # }
    /// ```
    pub fn esxi_host(&self, uid: impl Into<DeviceUid>) -> Request<EsxiHostAudit> {
        self.core.call(&operations::AUDITS_ESXI_HOST, [uid.into().as_str()]).json()
    }

    /// Gets the audit of a printer.
    ///
    /// `GET /v2/audit/printer/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `Api` if the device is of another class (observed: 400); `NotFound` if there is none.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let audit = rmm.audits().printer("00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", audit.printer_marker_supplies);
    /// # Ok(())
    /// # }
    /// ```
    pub fn printer(&self, uid: impl Into<DeviceUid>) -> Request<PrinterAudit> {
        self.core.call(&operations::AUDITS_PRINTER, [uid.into().as_str()]).json()
    }

    /// Gets the audits of the devices with a MAC address; several may share one. Separators and case do not matter.
    ///
    /// `GET /v2/audit/device/macAddress/{macAddress}` · read · official
    ///
    /// # Errors
    /// `InvalidInput` if it is not twelve hexadecimal digits; `NotFound` if the service knows no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let audits = rmm.audits().by_mac_address("00-11-22-33-44-55").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn by_mac_address(&self, mac_address: impl AsRef<str>) -> Request<Vec<DeviceAudit>> {
        super::by_mac(&self.core, &operations::AUDITS_BY_MAC_ADDRESS, mac_address.as_ref()).bare_list()
    }

    /// Lists the software of a device.
    ///
    /// `GET /v2/audit/device/{deviceUid}/software` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such device.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let software = rmm.audits().software("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn software(&self, uid: impl Into<DeviceUid>) -> ListSoftware {
        self.core.call(&operations::AUDITS_SOFTWARE, [uid.into().as_str()]).list()
    }
}
