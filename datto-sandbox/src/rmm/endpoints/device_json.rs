//! How a device is written.

use serde_json::{Value, json};

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

/// The JSON of a device. The fields are appended as text, since three hundred of them on each of 250 devices are slow
/// as values.
pub(super) fn write(account: &Account, device: &Device, version: Version, seen: Seen) -> String {
    let mut text = fields(account.site_of(device), device, seen).to_string();
    text.pop();
    match version {
        Version::Two => {
            text.push_str(",\"udf\":");
            udf::write_all(&device.udfs, &mut text);
        }
        Version::Three => {
            text.push_str(",\"udfs\":");
            text.push_str(&udf::typed(account, device).to_string());
        }
    }
    text.push('}');
    text
}

/// Id, names, place: what every answer about a device begins with.
pub(super) fn heading(site: Option<&Site>, device: &Device) -> Value {
    let device_type = (device.category.is_some() || device.chassis.is_some())
        .then(|| json!({"category": device.category, "type": device.chassis}));
    json!({
        "id": device.id,
        "uid": device.uid,
        "siteId": device.site_id,
        "siteUid": site.map(|site| &site.uid),
        "siteName": site.map(|site| &site.name),
        "deviceType": device_type,
        "hostname": device.hostname,
        "intIpAddress": device.internal_ip,
        "extIpAddress": device.external_ip,
    })
}

fn fields(site: Option<&Site>, device: &Device, seen: Seen) -> Value {
    let mut fields = heading(site, device);
    let rest = json!({
        "operatingSystem": device.system,
        "lastLoggedInUser": device.user,
        "domain": device.domain,
        "cagVersion": device.agent,
        "displayVersion": device.agent,
        "description": device.description,
        "a64Bit": device.bits_64,
        "rebootRequired": device.reboot_required,
        "online": device.online,
        "suspended": device.suspended,
        "deleted": device.deleted,
        "lastSeen": device.last_seen.map(|moment| last_seen(device, moment, seen)),
        "lastReboot": device.last_reboot,
        "lastAuditDate": device.last_audit,
        "creationDate": device.created,
        "snmpEnabled": device.class == "rmmnetworkdevice" || device.class == "printer",
        "deviceClass": device.class,
        "portalUrl": format!("{PORTAL}/profile/summary/{}", device.id),
        "warrantyDate": device.warranty,
        "antivirus": device.antivirus.map(|(product, status)| json!({
            "antivirusProduct": product,
            "antivirusStatus": status,
        })),
        "patchManagement": device.patching.map(|figures| json!({
            "patchStatus": figures.status,
            "patchesApprovedPending": figures.pending,
            "patchesNotApproved": figures.not_approved,
            "patchesInstalled": figures.installed,
        })),
        "softwareStatus": device.software_status,
        "webRemoteUrl": (device.class == "device").then(|| format!("{PORTAL}/remote/rto/{}", device.id)),
        "networkProbe": false,
        "onboardedViaNetworkMonitor": device.class == "rmmnetworkdevice",
    });
    if let (Value::Object(fields), Value::Object(rest)) = (&mut fields, rest) {
        fields.extend(rest);
        if device.extra {
            fields.insert("agentChannel".to_owned(), json!({"name": "early", "since": device.created}));
        }
    }
    fields
}

/// Milliseconds or text: both were observed, though never within one account.
fn last_seen(device: &Device, moment: i64, seen: Seen) -> Value {
    let moment = if device.online { moment.max(seen.online_until) } else { moment };
    let as_text = match seen.form {
        LastSeen::Milliseconds => false,
        LastSeen::Iso => true,
        LastSeen::Mixed => device.iso_dates,
    };
    if as_text { json!(calendar::iso(moment)) } else { json!(moment) }
}
