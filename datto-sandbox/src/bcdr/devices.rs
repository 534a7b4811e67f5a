//! Appliances, their alerts and running restores, and the agents of Endpoint Backup.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::{Answer, Params, Refusal, iso};
use super::change::ENDED_DAYS;
use super::fleet::{Alert, Appliance, Client, Kind, Pc};
use super::identity::Pools;
use super::story::{DAY, HOUR};
use super::{Service, World};
use crate::random::Random;

const GIB: i64 = 1 << 30;

/// `GET /v1/bcdr/device`: hidden appliances and those of child resellers are there unless the caller leaves them out.
pub(crate) async fn list(State(service): State<Arc<Service>>, params: Params) -> Answer {
    let world = service.world();
    let hidden = params.included("showHiddenDevices");
    let child_resellers = params.included("showChildResellerDevices");
    let shown: Vec<&Appliance> = world
        .visible_appliances()
        .filter(|appliance| hidden || appliance.kind != Kind::Hidden)
        .filter(|appliance| child_resellers || appliance.kind != Kind::ChildReseller)
        .collect();
    Ok(Json(params.page()?.of(&shown, |appliance| device(appliance, world.checked_in()))))
}

/// `GET /v1/bcdr/device/{serialNumber}`
pub(crate) async fn get(State(service): State<Arc<Service>>, Path(serial): Path<String>) -> Answer {
    let world = service.world();
    world.appliance(&serial).map(|appliance| Json(device(appliance, world.checked_in())))
}

/// `GET /v1/bcdr/device/{serialNumber}/alert`: the size of a page is not the caller's to choose (observed).
pub(crate) async fn alerts(State(service): State<Arc<Service>>, Path(serial): Path<String>, params: Params) -> Answer {
    let world = service.world();
    let appliance = world.appliance(&serial)?;
    Ok(Json(params.page()?.of_default_size().of(&appliance.alerts, alert)))
}

/// `GET /v1/bcdr/device/{serialNumber}/vm-restores`: a page where one was asked for, else a bare array (guess).
pub(crate) async fn restores(
    State(service): State<Arc<Service>>,
    Path(serial): Path<String>,
    params: Params,
) -> Answer {
    let world = service.world();
    let running = running_restores(world.appliance(&serial)?);
    let answer = if params.paged() { params.page()?.of(&running, Value::clone) } else { Value::Array(running) };
    Ok(Json(answer))
}

/// `GET /v1/bcdr/agent`: the agents of Endpoint Backup, in a list called `clients`.
pub(crate) async fn endpoint_agents(State(service): State<Arc<Service>>, params: Params) -> Answer {
    let world = service.world();
    let mut page = params.page()?.of(world.visible_clients(), |client| {
        let agents: Vec<Value> = client.pcs.iter().map(endpoint_agent).collect();
        json!({"organizationId": client.id, "organizationName": client.name, "clientName": client.name, "agents": agents})
    });
    if let Some(fields) = page.as_object_mut() {
        let clients = fields.remove("items").unwrap_or_default();
        fields.insert("clients".to_owned(), clients);
    }
    Ok(Json(page))
}

impl World {
    /// The appliances that the key may see.
    pub(crate) fn visible_appliances(&self) -> impl Iterator<Item = &Appliance> {
        self.appliances.iter().filter(|appliance| self.may_see(appliance.client.id))
    }

    /// One appliance; the case of a serial number does not matter.
    pub(crate) fn appliance(&self, serial: &str) -> Result<&Appliance, Refusal> {
        self.visible_appliances()
            .find(|appliance| appliance.serial.eq_ignore_ascii_case(serial))
            .ok_or_else(|| Refusal::not_found("Device"))
    }
}

fn device(appliance: &Appliance, now: i64) -> Value {
    let mut random = Random::new(appliance.grain, "device");
    let mut sizes = Random::new(appliance.grain, "device sizes");
    let cloud = appliance.kind == Kind::CloudSiris;
    let unconfigured = appliance.kind == Kind::Unconfigured;
    // A Cloud SIRIS has neither a box nor a disk of its own.
    let unless_cloud = |value: Value| if cloud { Value::Null } else { value };
    let shares = appliance.assets.iter().filter(|asset| asset.share).count();
    let used = if appliance.full { 7_760 } else { random.between(0, 4_000) } * GIB;
    let mut local = |bytes: i64| unless_cloud(kilobytes(bytes, appliance.full, &mut sizes));
    json!({
        "serialNumber": appliance.serial,
        "name": appliance.name,
        "region": region(&mut random, cloud),
        "model": if cloud { "CLDSIRIS" } else { random.pick(&["S5-2", "S5-X", "ALTO4", "S4-E3000"]) },
        "lastSeenDate": (!unconfigured).then(|| iso(appliance.last_seen(now))),
        "organizationId": appliance.client.id,
        "organizationName": appliance.client.name,
        "clientCompanyName": if unconfigured { None } else { Some(&appliance.client.name) },
        "resellerCompanyName": if appliance.kind == Kind::ChildReseller { "Child Reseller" } else { "Example MSP" },
        "hidden": appliance.kind == Kind::Hidden,
        "servicePlan": if appliance.local_only { Some("1 Year Local Only") } else if unconfigured { None } else { Some(random.pick(&["1 Year TBR", "3 Year TBR", "Infinite Cloud Retention"])) },
        "servicePeriod": unless_cloud(json!(iso(service_end(appliance, now)))),
        "registrationDate": if unconfigured { None } else { Some(iso(appliance.registered)) },
        "warrantyExpire": unless_cloud(json!(iso(appliance.registered + 1_095 * DAY))),
        "localStorageUsed": local(used),
        "localStorageAvailable": local(8_000 * GIB - used),
        "offsiteStorageUsed": {"size": used / 2, "units": random.pick(&["bytes", "Bytes"])},
        "totalManagedDisk": local(used * 2),
        "protectedSpace": {"size": used, "units": "bytes"},
        "internalIP": unless_cloud(json!(format!("192.0.2.{}", random.between(2, 250)))),
        "activeTickets": random.between(0, 2),
        "agentCount": appliance.assets.len() - shares,
        "shareCount": shares,
        "alertCount": appliance.alerts.len(),
        "uptime": unless_cloud(json!(random.between(HOUR, 90 * DAY))),
        "remoteWebUrl": unless_cloud(json!(format!("https://{}.device.example.com", appliance.serial.to_lowercase()))),
        // These stand there empty, whatever the appliance protects.
        "agents": [],
        "shares": [],
        "alerts": [],
    })
}

fn service_end(appliance: &Appliance, now: i64) -> i64 {
    if appliance.service_ended { now - ENDED_DAYS * DAY } else { appliance.registered + 1_800 * DAY }
}

/// Where the cloud of an appliance is: an object, without a provider now and then, or null.
fn region(random: &mut Random, cloud: bool) -> Value {
    match random.between(0, 9) {
        0 => Value::Null,
        1 => json!({"location": "de-fra", "provider": null}),
        2 | 3 => json!({"location": "uk-lon", "provider": if cloud { "Azure" } else { "Datto" }}),
        _ => json!({"location": "us-east", "provider": if cloud { "Azure" } else { "Datto" }}),
    }
}

/// Local storage counts kilobytes, while offsite storage counts bytes; the size is text or missing now and then.
fn kilobytes(bytes: i64, never_missing: bool, random: &mut Random) -> Value {
    let size = bytes / 1_024;
    match random.between(0, 19) {
        0 if !never_missing => Value::Null,
        1 if !never_missing => json!({"size": null, "units": "KB"}),
        2 => json!({"size": size.to_string(), "units": "KB"}),
        3 => json!({"size": size, "units": "kb"}),
        _ => json!({"size": size, "units": "KB"}),
    }
}

/// An alert has no id, no severity and no message.
fn alert(alert: &Alert) -> Value {
    json!({
        "type": alert.kind,
        "threshold": 60,
        "unit": "Minutes",
        "dateTriggered": iso(alert.triggered),
        "dateSent": iso(alert.triggered + 60),
    })
}

/// Every few appliances run a restore of their first agent.
fn running_restores(appliance: &Appliance) -> Vec<Value> {
    let mut random = Random::new(appliance.grain, "restores");
    let agents = appliance.assets.iter().filter(|asset| !asset.share);
    let count = random.pick(&[0usize, 0, 0, 1]);
    agents
        .take(count)
        .map(|asset| {
            json!({
                "restoreId": random.between(1_000, 9_999),
                "assetId": asset.id,
                "cpuCount": 2,
                "ramSize": 4_096,
                "socketCount": 1,
                "timezone": "Europe/London",
                "networkName": null,
                "storageBus": "virtio",
                "modelType": "e1000",
                "macAddress": format!("02:00:5e:{:02x}:{:02x}:01", random.between(0, 255), random.between(0, 255)),
            })
        })
        .collect()
}

/// Makes the agents of Endpoint Backup of a client.
pub(crate) fn pcs(client: &Client, now: i64, pools: &mut Pools<'_>) -> Vec<Pc> {
    let mut random = Random::new(client.id.unsigned_abs(), "bcdr endpoint agents");
    (0..random.between(0, 3))
        .map(|_| Pc {
            uuid: random.guid(),
            code: random.hex(6),
            last_snapshot: now - random.between(HOUR, 20 * HOUR),
            last_screenshot: now - random.between(HOUR, 20 * HOUR),
            screenshot_good: random.chance(90),
            identity: pools.identity(client, &format!("laptop-{}", random.between(1, 999))),
        })
        .collect()
}

fn endpoint_agent(pc: &Pc) -> Value {
    json!({
        "uuid": pc.uuid,
        "shortCode": pc.code,
        "type": "windows",
        "hostname": pc.identity.hostname,
        "lastSnapshot": pc.last_snapshot,
        "lastScreenshot": pc.last_screenshot,
        "screenshotSuccess": pc.screenshot_good,
        "protectedMachine": {"mac": pc.identity.mac, "serial": pc.identity.serial},
    })
}
