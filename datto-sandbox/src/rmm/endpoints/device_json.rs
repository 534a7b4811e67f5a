//! How a device is written.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::{PORTAL, udf};
use crate::calendar;
use crate::choice::LastSeen;
use crate::rmm::fleet::{Account, Device, Site};
use crate::rmm::service::Service;

/// The version of the API.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Version {
    Two,
    Three,
}

/// When devices were seen, and how that is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    form: LastSeen,
    /// Devices that are online were seen at this moment at the earliest.
    online_until: i64,
}

impl Seen {
    pub(super) fn of(rmm: &Service) -> Self {
        // Devices report every five minutes.
        let passed = rmm.config.clock.passed_ms() / 300_000 * 300_000;
        Self { form: rmm.settings().last_seen, online_until: rmm.config.now_ms + passed - 300_000 }
    }
}

/// Appends the JSON of a device. It is written straight from the device, and the fields of the user as text: three
/// hundred of them on each of 250 devices are slow as values.
pub(super) fn write(account: &Account, device: &Device, version: Version, seen: Seen, text: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut *text, &written(account.site_of(device), device, seen));
    text.pop();
    match version {
        Version::Two => {
            text.extend_from_slice(b",\"udf\":");
            udf::write_all(&device.udfs, text);
        }
        Version::Three => {
            text.extend_from_slice(b",\"udfs\":");
            text.extend_from_slice(udf::typed(account, device).to_string().as_bytes());
        }
    }
    text.push(b'}');
}

/// Id, names, place: what every answer about a device begins with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heading<'a> {
    id: i64,
    uid: &'a str,
    site_id: i64,
    site_uid: Option<&'a str>,
    site_name: Option<&'a str>,
    device_type: Option<DeviceType>,
    hostname: &'a str,
    int_ip_address: Ipv4Addr,
    ext_ip_address: Option<Ipv4Addr>,
}

#[derive(Debug, Serialize)]
struct DeviceType {
    category: Option<&'static str>,
    r#type: Option<&'static str>,
}

pub(super) fn heading<'a>(site: Option<&'a Site>, device: &'a Device) -> Heading<'a> {
    let (category, r#type) = (device.category, device.chassis);
    Heading {
        id: device.id,
        uid: &device.uid,
        site_id: device.site_id,
        site_uid: site.map(|site| site.uid.as_str()),
        site_name: site.map(|site| site.name.as_str()),
        device_type: (category.is_some() || r#type.is_some()).then_some(DeviceType { category, r#type }),
        hostname: &device.hostname,
        int_ip_address: device.internal_ip,
        ext_ip_address: device.external_ip,
    }
}

/// All of a device but the fields of the user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    #[serde(flatten)]
    heading: Heading<'a>,
    operating_system: Option<&'static str>,
    last_logged_in_user: Option<&'a str>,
    domain: Option<&'a str>,
    cag_version: &'a str,
    display_version: &'a str,
    description: Option<&'a str>,
    a64_bit: Option<bool>,
    reboot_required: Option<bool>,
    online: bool,
    suspended: bool,
    deleted: Option<bool>,
    last_seen: Option<Moment>,
    last_reboot: Option<i64>,
    last_audit_date: Option<i64>,
    creation_date: i64,
    snmp_enabled: bool,
    device_class: &'static str,
    portal_url: String,
    warranty_date: Option<&'a str>,
    antivirus: Option<Antivirus>,
    patch_management: Option<PatchManagement>,
    software_status: Option<&'static str>,
    web_remote_url: Option<String>,
    network_probe: bool,
    onboarded_via_network_monitor: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_channel: Option<AgentChannel>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Antivirus {
    antivirus_product: Option<&'static str>,
    antivirus_status: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PatchManagement {
    patch_status: &'static str,
    patches_approved_pending: i64,
    patches_not_approved: i64,
    patches_installed: i64,
}

/// A field that the document does not have.
#[derive(Debug, Serialize)]
struct AgentChannel {
    name: &'static str,
    since: i64,
}

/// Milliseconds or text: both were observed, though never within one account.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Moment {
    Milliseconds(i64),
    Text(String),
}

fn written<'a>(site: Option<&'a Site>, device: &'a Device, seen: Seen) -> Written<'a> {
    Written {
        heading: heading(site, device),
        operating_system: device.system,
        last_logged_in_user: device.user.as_deref(),
        domain: device.domain,
        cag_version: &device.agent,
        display_version: &device.agent,
        description: device.description.as_deref(),
        a64_bit: device.bits_64,
        reboot_required: device.reboot_required,
        online: device.online,
        suspended: device.suspended,
        deleted: device.deleted,
        last_seen: device.last_seen.map(|moment| last_seen(device, moment, seen)),
        last_reboot: device.last_reboot,
        last_audit_date: device.last_audit,
        creation_date: device.created,
        snmp_enabled: device.class == "rmmnetworkdevice" || device.class == "printer",
        device_class: device.class,
        portal_url: format!("{PORTAL}/profile/summary/{}", device.id),
        warranty_date: device.warranty.as_deref(),
        antivirus: device
            .antivirus
            .map(|(product, status)| Antivirus { antivirus_product: product, antivirus_status: status }),
        patch_management: device.patching.map(|figures| PatchManagement {
            patch_status: figures.status,
            patches_approved_pending: figures.pending,
            patches_not_approved: figures.not_approved,
            patches_installed: figures.installed,
        }),
        software_status: device.software_status,
        web_remote_url: (device.class == "device").then(|| format!("{PORTAL}/remote/rto/{}", device.id)),
        network_probe: false,
        onboarded_via_network_monitor: device.class == "rmmnetworkdevice",
        agent_channel: device.extra.then_some(AgentChannel { name: "early", since: device.created }),
    }
}

fn last_seen(device: &Device, moment: i64, seen: Seen) -> Moment {
    let moment = if device.online { moment.max(seen.online_until) } else { moment };
    let as_text = match seen.form {
        LastSeen::Milliseconds => false,
        LastSeen::Iso => true,
        LastSeen::Mixed => device.iso_dates,
    };
    if as_text { Moment::Text(calendar::iso(moment)) } else { Moment::Milliseconds(moment) }
}
