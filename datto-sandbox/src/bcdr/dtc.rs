//! Direct-to-Cloud: assets that need no appliance. How its lists are wrapped was never seen: here they are pages (guess).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Params, Refusal, iso};
use super::assets::jpeg;
use super::fleet::Client;
use super::identity::Identity;
use super::story::{DAY, HOUR};
use super::truth::BcdrTruth;
use super::{Service, World};
use crate::random::Random;

const BANDWIDTH_FIELDS: [&str; 3] = ["pauseWhileMetered", "maximumBandwidthInBits", "maximumThrottledBandwidthInBits"];

/// A machine that is backed up straight to the cloud.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) uuid: String,
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) identity: Identity,
    /// Newest first.
    backups: Vec<Backup>,
    pub(crate) grain: u64,
}

#[derive(Debug)]
pub(crate) struct Backup {
    at: i64,
    pub(crate) good: bool,
}

/// Makes up to four assets for each client, one in eight of which fails.
pub(crate) fn assets(seed: u64, clients: &[Client], now: i64) -> Vec<Asset> {
    let mut random = Random::new(seed, "dtc assets");
    let mut assets = Vec::new();
    for (number, client) in clients.iter().enumerate() {
        for place in 0..random.between(1, 4) {
            let failing = random.chance(12);
            let asset = Asset {
                uuid: random.guid(),
                client: client.clone(),
                identity: Identity::default(),
                name: format!("dtc-{number}-{place}"),
                backups: (0..10)
                    .map(|day| Backup {
                        at: now - day * DAY - random.between(HOUR, 5 * HOUR),
                        good: !failing || day > 4,
                    })
                    .collect(),
                grain: random.next(),
            };
            assets.push(asset);
        }
    }
    assets
}

/// Writes down the truth about an asset.
pub(crate) fn note(truth: &mut BcdrTruth, asset: &Asset) {
    truth.dtc_assets += 1;
    if asset.newest().is_some_and(|backup| !backup.good) {
        truth.dtc_failed.push(asset.uuid.clone());
    }
}

/// `GET /v1/dtc/assets`
pub(crate) async fn all(State(service): State<Arc<Service>>, params: Params) -> Answer {
    let world = service.world();
    let client = params.get("clientId").map(str::to_owned);
    page(&world, &params, client.as_deref())
}

/// `GET /v1/dtc/{clientId}/assets`
pub(crate) async fn of_client(
    State(service): State<Arc<Service>>,
    Path(client): Path<String>,
    params: Params,
) -> Answer {
    let world = service.world();
    if !world.visible_clients().iter().any(|known| known.id.to_string() == client) {
        return Err(Refusal::not_found("Client"));
    }
    page(&world, &params, Some(&client))
}

/// `GET /v1/dtc/{clientId}/assets/{assetUuid}`
pub(crate) async fn get(State(service): State<Arc<Service>>, Path((client, uuid)): Path<(String, String)>) -> Answer {
    let world = service.world();
    let asset = world.dtc_asset(Some(&client), &uuid)?;
    let mut value = machine(asset);
    add(
        &mut value,
        json!({
            "lastCheckin": world.now() - 300,
            "lastScreenshot": asset.newest().map(|backup| backup.at + 900),
            "subscription": "Server",
        }),
    );
    Ok(Json(value))
}

/// `GET /v1/dtc/{clientId}/assets/{assetUuid}/screenshot/latest`: the call exists (official), its path is a guess.
pub(crate) async fn screenshot(
    State(service): State<Arc<Service>>,
    Path((client, uuid)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let world = service.world();
    world.dtc_asset(Some(&client), &uuid).map(|_| jpeg())
}

/// `PUT /v1/dtc/agent/{agentUuid}/bandwidth`: answers all settings; those that the body leaves out stay as they were (guess).
pub(crate) async fn set_bandwidth(
    State(service): State<Arc<Service>>,
    Path(uuid): Path<String>,
    body: Bytes,
) -> Answer {
    let mut world = service.world();
    let asset = world.dtc_asset(None, &uuid)?;
    let sent: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|error| Refusal::bad_request(error.to_string()))?;
    let uuid = asset.uuid.clone();
    let kept = world.bandwidth.entry(uuid.clone()).or_insert_with(|| {
        Map::from_iter(
            BANDWIDTH_FIELDS
                .map(|name| (name.to_owned(), if name == "pauseWhileMetered" { json!(false) } else { Value::Null })),
        )
    });
    for name in BANDWIDTH_FIELDS {
        let Some(value) = sent.get(name) else { continue };
        let allowed = if name == "pauseWhileMetered" { value.is_boolean() } else { value.is_u64() || value.is_null() };
        if !allowed {
            return Err(Refusal::bad_request(format!("{name} has a wrong type")));
        }
        kept.insert(name.to_owned(), value.clone());
    }
    let mut answer = Value::Object(kept.clone());
    add(&mut answer, json!({"agentUuid": uuid}));
    Ok(Json(answer))
}

/// `GET /v1/dtc/rmm-templates`: a bare array (guess).
pub(crate) async fn rmm_templates(State(service): State<Arc<Service>>, params: Params) -> Answer {
    let world = service.world();
    let wanted = params.get("clientId");
    let clients = world.visible_clients().iter().filter(|client| wanted.is_none_or(|id| client.id.to_string() == id));
    Ok(Json(clients.take(20).map(|client| rmm_template(client, world.now())).collect()))
}

/// `GET /v1/dtc/storage-pool`: none of its fields was ever seen (guess).
pub(crate) async fn storage_pool(params: Params) -> Answer {
    let pools = [("Servers", 4_i64), ("Workstations", 2)];
    let shown = pools.iter().filter(|(name, _)| params.get("poolName").is_none_or(|wanted| wanted == *name));
    Ok(Json(
        shown
            .map(|(name, size)| json!({"poolName": name, "usedBytes": size << 39, "totalBytes": size << 40}))
            .collect(),
    ))
}

impl World {
    fn dtc_asset(&self, client: Option<&str>, uuid: &str) -> Result<&Asset, Refusal> {
        self.dtc_assets
            .iter()
            .filter(|asset| self.may_see(asset.client.id))
            .find(|asset| asset.uuid == uuid && client.is_none_or(|id| asset.client.id.to_string() == id))
            .ok_or_else(|| Refusal::not_found("Asset"))
    }
}

impl Asset {
    /// A backup runs.
    pub(crate) fn run(&mut self, now: i64, good: bool) {
        self.backups.insert(0, Backup { at: now, good });
        self.backups.truncate(10);
    }

    pub(crate) fn newest(&self) -> Option<&Backup> {
        self.backups.first()
    }
}

fn page(world: &World, params: &Params, client: Option<&str>) -> Answer {
    let shown: Vec<&Asset> = world
        .dtc_assets
        .iter()
        .filter(|asset| world.may_see(asset.client.id) && client.is_none_or(|id| asset.client.id.to_string() == id))
        .collect();
    Ok(Json(params.page()?.of(&shown, |asset| row(asset))))
}

fn row(asset: &Asset) -> Value {
    let good = asset.newest().is_some_and(|backup| backup.good);
    let mut value = machine(asset);
    add(
        &mut value,
        json!({
            "status": if good { "ok" } else { "failed" },
            "type": "agent",
            "screenshotSuccess": good,
            "organizationId": asset.client.id,
            "organizationName": asset.client.name,
            "resellerId": 1_001,
            "backupStateSuccessful": good,
            "lastScreenshotUrl": format!("https://device.example.com/{}.png", asset.uuid),
        }),
    );
    value
}

/// What the list and the details have in common.
fn machine(asset: &Asset) -> Value {
    let mut random = Random::new(asset.grain, "dtc machine");
    let backups = asset
        .backups
        .iter()
        .map(|backup| json!({"timestamp": backup.at, "backupStatus": backup.good, "screenshotSuccess": backup.good}));
    json!({
        "name": asset.name,
        "assetUuid": asset.uuid,
        "lastBackup": asset.newest().map(|backup| backup.at),
        "agentCode": random.hex(6),
        "protectedVolume": random.between(1 << 34, 1 << 40),
        "last10Backups": backups.collect::<Vec<_>>(),
        "hostname": asset.identity.hostname,
        "macAddress": asset.identity.mac,
        "externalIp": format!("198.51.100.{}", random.between(2, 250)),
        "smbiosVendor": "Example Inc.",
        "smbiosName": random.pick(&["Tower 100", "Rack 200"]),
    })
}

fn rmm_template(client: &Client, now: i64) -> Value {
    let mut random = Random::new(client.id.unsigned_abs(), "rmm template");
    let created = now - random.between(30 * DAY, 300 * DAY);
    json!({
        "type": "rmm",
        "tokenUuid": random.guid(),
        "resellerId": 1_001,
        "clientId": client.id,
        "regionId": 1,
        "subscriptionUuid": random.guid(),
        "createDate": iso(created),
        "expireDate": iso(created + 365 * DAY),
        "lastUsed": null,
        "lastRotationDate": iso(created),
        "timesUsed": 0,
        "cumulativeTimesUsed": 0,
        "active": true,
        // Spelled so in the official document.
        "essentialsSubsciptionId": null,
    })
}

fn add(value: &mut Value, more: Value) {
    if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
        fields.extend(more);
    }
}
