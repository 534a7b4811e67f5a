//! Audits: what a device is made of. A device must be of the class that is asked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::devices::{nics, with_address};
use super::{Answer, PORTAL, Rmm};
use crate::random::Random;
use crate::rmm::args::Args;
use crate::rmm::fleet::Device;
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;
use crate::rmm::service::Service;

const GIB: i64 = 1_073_741_824;

/// Everything that is neither a printer nor an ESXi host; network devices and unknown ones were seen to be answered.
fn is_generic(device: &Device) -> bool {
    !matches!(device.class, "printer" | "esxihost")
}

/// A generator for one device, so that its audit is the same whenever it is asked for.
fn random_of(rmm: &Service, device: &Device) -> Random {
    Random::new(rmm.config.seed, &device.uid)
}

fn checked(rmm: &Arc<Service>, uid: &str, fits: impl Fn(&Device) -> bool) -> Result<Device, Problem> {
    let device = rmm.account().device(uid).cloned().ok_or(Problem::NOT_FOUND)?;
    if fits(&device) { Ok(device) } else { Err(Problem::BAD_REQUEST) }
}

pub(in crate::rmm) async fn device(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let device = checked(&rmm, &uid, is_generic)?;
    Ok(Json(device_audit(&rmm, &device)).into_response())
}

pub(in crate::rmm) async fn by_address(State(rmm): Rmm, Path(address): Path<String>) -> Answer {
    let devices: Vec<Device> = with_address(&rmm.account(), &address)?.into_iter().cloned().collect();
    let audits: Vec<Value> =
        devices.iter().filter(|device| is_generic(device)).map(|device| device_audit(&rmm, device)).collect();
    if audits.is_empty() { Err(Problem::BAD_REQUEST) } else { Ok(Json(audits).into_response()) }
}

fn device_audit(rmm: &Service, device: &Device) -> Value {
    let mut random = random_of(rmm, device);
    let snmp = device.class == "rmmnetworkdevice";
    json!({
        "portalUrl": format!("{PORTAL}/profile/summary/{}", device.id),
        "webRemoteUrl": (device.class == "device").then(|| format!("{PORTAL}/remote/rto/{}", device.id)),
        "systemInfo": {
            "manufacturer": "Example Corp.",
            "model": random.pick(&["Model 5000", "Model 7000", "Book 14"]),
            "totalPhysicalMemory": random.pick(&[8, 16, 32]) * GIB,
            "username": device.user,
            "dotNetVersion": "4.8.09037",
            "totalCpuCores": random.pick(&[4, 8, 12]),
        },
        "nics": nics(device),
        "bios": {
            "instance": "BIOS",
            "releaseDate": rmm.unseen_date(device.created - 400 * 86_400_000),
            "serialNumber": device.serial,
            "smBiosVersion": "2.8",
        },
        "baseBoard": {"manufacturer": "Example Corp.", "product": "0X1Y2Z"},
        "displays": [{"instance": "Display 1", "screenHeight": 1_080, "screenWidth": 1_920}],
        "logicalDisks": disks(&mut random),
        "mobileInfo": null,
        "processors": [{"name": "Example CPU @ 2.40GHz"}],
        "videoBoards": [{"displayAdapter": "Example Graphics"}],
        "attachedDevices": [attached(rmm, device)],
        "snmpInfo": snmp.then(|| snmp_info(device, &mut random)),
        "physicalMemory": memory(&mut random),
    })
}

fn disks(random: &mut Random) -> Value {
    let size = random.pick(&[237, 475, 953]) * GIB;
    let free = random.between(1, 200) * GIB / 2;
    json!([
        {"description": "Local Fixed Disk", "diskIdentifier": "C:", "freespace": free, "size": size},
        {"description": "CD-ROM Disc", "diskIdentifier": "D:", "freespace": null, "size": null},
    ])
}

fn attached(rmm: &Service, device: &Device) -> Value {
    json!({
        "deviceName": "Example Printer",
        "deviceType": "Printer",
        "driverFile": "example.dll",
        "driverFileLastModified": rmm.unseen_date(device.created),
        "driverManufacturer": "Example Corp.",
        "driverName": "Example Universal",
        "driverVersion": "7.0",
        "portName": "USB001",
    })
}

fn memory(random: &mut Random) -> Value {
    json!([{
        "module": "DIMM 0",
        "size": random.pick(&[8, 16]) * GIB,
        "type": "DDR4",
        // Numbers as text are the service's.
        "speed": "3200",
        "serialNumber": random.hex(8).to_uppercase(),
        "partNumber": "EX-8G-3200",
        "bank": "BANK 0",
    }])
}

fn snmp_info(device: &Device, random: &mut Random) -> Value {
    json!({
        "snmpName": device.hostname,
        "snmpContact": "it@customer.example.com",
        "snmpDescription": "Example device",
        "snmpLocation": "Cabinet 2",
        "snmpUptime": random.between(1, 9_000_000).to_string(),
        "nicManufacturer": "Example Corp.",
        "objectId": "1.3.6.1.4.1.99999.1",
        "snmpSerial": random.hex(10).to_uppercase(),
    })
}

pub(in crate::rmm) async fn software(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    let pages = Pages::new(&rmm, format!("/v2/audit/device/{uid}/software"), &args)?;
    let device = checked(&rmm, &uid, is_generic)?;
    let mut random = random_of(&rmm, &device);
    let programs: Vec<(String, String)> = (0..random.between(20, 320))
        .map(|index| {
            (format!("Example Program {index}"), format!("{}.{}", random.between(1, 20), random.between(0, 99)))
        })
        .collect();
    Ok(pages.answer("software", &programs, |(name, version)| as_text(&json!({"name": name, "version": version}))))
}

pub(in crate::rmm) async fn esxi_host(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let device = checked(&rmm, &uid, |device| device.class == "esxihost")?;
    let mut random = random_of(&rmm, &device);
    let guests: Vec<Value> = (1..=random.between(1, 8))
        .map(|number| {
            json!({
                "guestName": format!("VM-{number:02}"),
                "processorSpeedTotal": 4_800,
                "memorySizeTotal": 8 * GIB,
                "numberOfSnapshots": random.between(0, 3),
                "datastores": "datastore1",
            })
        })
        .collect();
    let nics: Vec<Value> = device
        .macs
        .iter()
        .map(|address| {
            json!({
                "name": "vmnic0",
                "ipv4": device.internal_ip,
                "ipv6": null,
                "macAddress": address,
                "speed": "10000",
                "type": "Ethernet",
            })
        })
        .collect();
    Ok(Json(json!({
        "portalUrl": format!("{PORTAL}/profile/summary/{}", device.id),
        "systemInfo": {
            "manufacturer": "Example Corp.",
            "model": "Rack 740",
            "name": device.hostname,
            "numberOfSnapshots": 2,
            "serviceTag": device.serial,
        },
        "guests": guests,
        "processors": [{"frequency": 2_394.5, "name": "Example CPU", "numberOfCores": 16}],
        "nics": nics,
        "physicalMemory": memory(&mut random),
        "datastores": [{
            "datastoreName": "datastore1",
            "subscriptionPercent": random.between(10, 140),
            "freeSpace": 700 * GIB,
            "size": 2_000 * GIB,
            "fileSystem": "VMFS",
            "status": "OK",
            "dataExtents": [{"name": "naa.example", "size": 2_000 * GIB, "mediaType": "SSD", "status": "OK"}],
        }],
    }))
    .into_response())
}

pub(in crate::rmm) async fn printer(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let device = checked(&rmm, &uid, |device| device.class == "printer")?;
    let mut random = random_of(&rmm, &device);
    let supplies: Vec<Value> = ["Black", "Cyan", "Magenta", "Yellow"]
        .into_iter()
        .map(|colour| {
            // Numbers as text are the service's; -3 means "some left" in the printer standard.
            let level = if random.chance(15) { -3 } else { random.between(0, 100) };
            json!({"description": format!("{colour} toner"), "maxCapacity": "100",
                "suppliesLevel": level.to_string()})
        })
        .collect();
    Ok(Json(json!({
        "portalUrl": format!("{PORTAL}/profile/summary/{}", device.id),
        "snmpInfo": snmp_info(&device, &mut random),
        "printerMarkerSupplies": supplies,
        "printer": {"printedPageCount": random.between(100, 400_000)},
        "systemInfo": {"manufacturer": "Example Corp.", "model": "Laser 400"},
        "nics": nics(&device),
    }))
    .into_response())
}
