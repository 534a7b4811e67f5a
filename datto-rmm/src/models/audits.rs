//! Audits: what a device, an ESXi host or a printer is made of. The service refuses the audit of another device class (observed: 400).

use datto_common::Timestamp;

use super::lenient;
use super::network::NetworkInterface;

datto_common::model! {
    /// The audit of a computer.
    pub struct DeviceAudit {
        /// Where the portal shows the device.
        pub portal_url: Option<String>,
        /// Where a remote session to it begins.
        pub web_remote_url: Option<String>,
        /// Maker, model, memory.
        pub system_info: Option<SystemInfo>,
        /// Its network interfaces.
        pub nics: Option<Vec<NetworkInterface>>,
        /// Its firmware.
        pub bios: Option<Bios>,
        /// Its main board.
        pub base_board: Option<BaseBoard>,
        /// Its displays.
        pub displays: Option<Vec<DisplayDevice>>,
        /// Its logical disks.
        pub logical_disks: Option<Vec<LogicalDisk>>,
        /// Its mobile radios.
        pub mobile_info: Option<Vec<MobileInfo>>,
        /// Its processors.
        pub processors: Option<Vec<Processor>>,
        /// Its video adapters.
        pub video_boards: Option<Vec<VideoBoard>>,
        /// What is attached to it.
        pub attached_devices: Option<Vec<AttachedDevice>>,
        /// What it tells by SNMP.
        pub snmp_info: Option<SnmpInfo>,
        /// Its memory modules.
        pub physical_memory: Option<Vec<PhysicalMemory>>,
    }

    /// The system of a computer.
    pub struct SystemInfo {
        /// Who made it.
        pub manufacturer: Option<String>,
        /// The model.
        pub model: Option<String>,
        /// Memory in bytes.
        pub total_physical_memory: Option<i64>,
        /// The user logged in.
        pub username: Option<String>,
        /// The versions of .NET.
        pub dot_net_version: Option<String>,
        /// Processor cores.
        pub total_cpu_cores: Option<i64>,
    }

    /// The firmware of a computer.
    pub struct Bios {
        /// Its name.
        pub instance: Option<String>,
        /// When it was released. Its form on the wire is a guess: every one is read.
        pub release_date: Option<Timestamp>,
        /// The serial number of the computer.
        pub serial_number: Option<String>,
        /// Its version.
        pub sm_bios_version: Option<String>,
    }

    /// The main board of a computer.
    pub struct BaseBoard {
        /// Who made it.
        pub manufacturer: Option<String>,
        /// The product.
        pub product: Option<String>,
    }

    /// A display.
    pub struct DisplayDevice {
        /// Its name.
        pub instance: Option<String>,
        /// Height in pixels.
        pub screen_height: Option<i64>,
        /// Width in pixels.
        pub screen_width: Option<i64>,
    }

    /// A logical disk.
    pub struct LogicalDisk {
        /// What it is.
        pub description: Option<String>,
        /// Its letter or mount point.
        pub disk_identifier: Option<String>,
        /// Free bytes.
        pub freespace: Option<i64>,
        /// Size in bytes.
        pub size: Option<i64>,
    }

    /// A mobile radio.
    pub struct MobileInfo {
        /// The number of its SIM card.
        pub iccid: Option<String>,
        /// Its own number.
        pub imei: Option<String>,
        /// Its telephone number.
        pub number: Option<String>,
        /// Its operator.
        pub operator: Option<String>,
    }

    /// A processor.
    pub struct Processor {
        /// Its name.
        pub name: Option<String>,
    }

    /// A video adapter.
    pub struct VideoBoard {
        /// Its name.
        pub display_adapter: Option<String>,
    }

    /// Something attached to a computer.
    pub struct AttachedDevice {
        /// Its name.
        pub device_name: Option<String>,
        /// Its kind.
        pub device_type: Option<String>,
        /// The file of its driver.
        pub driver_file: Option<String>,
        /// When that file was changed. Its form on the wire is a guess: every one is read.
        pub driver_file_last_modified: Option<Timestamp>,
        /// Who made the driver.
        pub driver_manufacturer: Option<String>,
        /// The name of the driver.
        pub driver_name: Option<String>,
        /// The version of the driver.
        pub driver_version: Option<String>,
        /// Where it is attached.
        pub port_name: Option<String>,
    }

    /// What a device tells by SNMP.
    pub struct SnmpInfo {
        /// Its name.
        pub snmp_name: Option<String>,
        /// Whom to ask.
        pub snmp_contact: Option<String>,
        /// What it is.
        pub snmp_description: Option<String>,
        /// Where it stands.
        pub snmp_location: Option<String>,
        /// How long it has been up.
        pub snmp_uptime: Option<String>,
        /// Who made its network interface.
        pub nic_manufacturer: Option<String>,
        /// The object id of its kind.
        pub object_id: Option<String>,
        /// Its serial number.
        pub snmp_serial: Option<String>,
    }

    /// A memory module.
    pub struct PhysicalMemory {
        /// Its name.
        pub module: Option<String>,
        /// Size in bytes.
        pub size: Option<i64>,
        /// Its kind.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Its speed. A number as text on the wire (observed).
        #[serde(deserialize_with = "lenient::text")]
        pub speed: Option<String>,
        /// Its serial number.
        pub serial_number: Option<String>,
        /// Its part number.
        pub part_number: Option<String>,
        /// Its bank.
        pub bank: Option<String>,
    }

    /// The audit of an ESXi host.
    pub struct EsxiHostAudit {
        /// Where the portal shows the host.
        pub portal_url: Option<String>,
        /// Maker, model, name.
        pub system_info: Option<EsxiSystemInfo>,
        /// Its virtual machines.
        pub guests: Option<Vec<Guest>>,
        /// Its processors.
        pub processors: Option<Vec<EsxiProcessor>>,
        /// Its network interfaces.
        pub nics: Option<Vec<EsxiNic>>,
        /// Its memory modules.
        pub physical_memory: Option<Vec<PhysicalMemory>>,
        /// Its datastores.
        pub datastores: Option<Vec<EsxiDatastore>>,
    }

    /// The system of an ESXi host.
    pub struct EsxiSystemInfo {
        /// Who made it.
        pub manufacturer: Option<String>,
        /// The model.
        pub model: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// Snapshots of all its virtual machines.
        pub number_of_snapshots: Option<i64>,
        /// The maker's service tag.
        pub service_tag: Option<String>,
    }

    /// A virtual machine on an ESXi host.
    pub struct Guest {
        /// Its name.
        pub guest_name: Option<String>,
        /// The speed of its processors together, in MHz (guess).
        pub processor_speed_total: Option<i64>,
        /// Memory in bytes (guess).
        pub memory_size_total: Option<i64>,
        /// Snapshots it has.
        pub number_of_snapshots: Option<i64>,
        /// The datastores it lies on, in one text.
        pub datastores: Option<String>,
    }

    /// A processor of an ESXi host.
    pub struct EsxiProcessor {
        /// Its frequency.
        pub frequency: Option<f64>,
        /// Its name.
        pub name: Option<String>,
        /// Its cores.
        pub number_of_cores: Option<i64>,
    }

    /// A network interface of an ESXi host.
    pub struct EsxiNic {
        /// Its name.
        pub name: Option<String>,
        /// Its IPv4 address.
        pub ipv4: Option<String>,
        /// Its IPv6 address.
        pub ipv6: Option<String>,
        /// Its hardware address.
        pub mac_address: Option<String>,
        /// Its speed. A number as text on the wire (observed).
        #[serde(deserialize_with = "lenient::text")]
        pub speed: Option<String>,
        /// Its kind.
        #[serde(rename = "type")]
        pub kind: Option<String>,
    }

    /// A datastore of an ESXi host.
    pub struct EsxiDatastore {
        /// Its name.
        pub datastore_name: Option<String>,
        /// How much of it is promised to machines, in percent.
        pub subscription_percent: Option<i64>,
        /// Free bytes.
        pub free_space: Option<i64>,
        /// Size in bytes.
        pub size: Option<i64>,
        /// Its file system.
        pub file_system: Option<String>,
        /// Its state.
        pub status: Option<String>,
        /// The extents it is made of.
        pub data_extents: Option<Vec<EsxiDataExtent>>,
    }

    /// An extent of a datastore.
    pub struct EsxiDataExtent {
        /// Its name.
        pub name: Option<String>,
        /// Size in bytes.
        pub size: Option<i64>,
        /// What it lies on.
        pub media_type: Option<String>,
        /// Its state.
        pub status: Option<String>,
    }

    /// The audit of a printer.
    pub struct PrinterAudit {
        /// Where the portal shows the printer.
        pub portal_url: Option<String>,
        /// What it tells by SNMP.
        pub snmp_info: Option<SnmpInfo>,
        /// Its toners and the like.
        pub printer_marker_supplies: Option<Vec<PrinterMarkerSupply>>,
        /// What it has printed.
        pub printer: Option<Printer>,
        /// Maker and model.
        pub system_info: Option<PrinterSystemInfo>,
        /// Its network interfaces.
        pub nics: Option<Vec<NetworkInterface>>,
    }

    /// A toner or the like. Its numbers are text on the wire (observed).
    pub struct PrinterMarkerSupply {
        /// What it is.
        pub description: Option<String>,
        /// How much it can hold.
        #[serde(deserialize_with = "lenient::text")]
        pub max_capacity: Option<String>,
        /// How much is left.
        #[serde(deserialize_with = "lenient::text")]
        pub supplies_level: Option<String>,
    }

    /// What a printer has printed.
    pub struct Printer {
        /// Pages, over its life.
        pub printed_page_count: Option<i64>,
    }

    /// The system of a printer.
    pub struct PrinterSystemInfo {
        /// Who made it.
        pub manufacturer: Option<String>,
        /// The model.
        pub model: Option<String>,
    }

    /// A program installed on a device.
    pub struct Software {
        /// Its name.
        pub name: Option<String>,
        /// Its version.
        pub version: Option<String>,
    }
}

/// A number that the service sends as text, perhaps with a unit after it.
fn leading_number(text: Option<&String>) -> Option<f64> {
    let text = text?.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

impl PrinterMarkerSupply {
    /// How full it is, 0 to 1. `None` where the printer gives no number: SNMP has negative ones for "unknown" and "some left".
    pub fn fraction_left(&self) -> Option<f64> {
        let (left, whole) =
            (leading_number(self.supplies_level.as_ref())?, leading_number(self.max_capacity.as_ref())?);
        (whole > 0.0).then(|| (left / whole).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_level_of_a_supply_is_read_from_text_and_number() {
        let left = |body| serde_json::from_value::<PrinterMarkerSupply>(body).unwrap().fraction_left();
        assert_eq!(left(json!({"maxCapacity": "2000", "suppliesLevel": "500"})), Some(0.25));
        assert_eq!(left(json!({"maxCapacity": 2000, "suppliesLevel": 500})), Some(0.25));
        assert_eq!(left(json!({"maxCapacity": "-2", "suppliesLevel": "-3"})), None);
        assert_eq!(left(json!({"maxCapacity": "0", "suppliesLevel": "0"})), None);
        assert_eq!(left(json!({"suppliesLevel": null})), None);
    }
}
