//! Agents and shares, in every shape the service was seen to send them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{Answer, Params, Refusal, iso};
use super::fleet::{Appliance, Asset};
use super::story::{Run, Story};
use super::{Service, World};
use crate::random::Random;

/// `GET /v1/bcdr/device/{serialNumber}/asset`
pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    Path(serial): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let world = service.world();
    answer(&world, &serial, &params, &|_| true, Kinds::Named)
}

/// `GET /v1/bcdr/device/{serialNumber}/asset/agent`
pub(crate) async fn agents(
    State(service): State<Arc<Service>>,
    Path(serial): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let world = service.world();
    answer(&world, &serial, &params, &|asset| !asset.share, Kinds::LeftOut)
}

/// `GET /v1/bcdr/device/{serialNumber}/asset/share`
pub(crate) async fn shares(
    State(service): State<Arc<Service>>,
    Path(serial): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let world = service.world();
    answer(&world, &serial, &params, &|asset| asset.share, Kinds::LeftOut)
}

/// `GET /v1/bcdr/device/{serialNumber}/asset/{volumeName}`: an array of one or none, with 200 in either case.
pub(crate) async fn by_volume(
    State(service): State<Arc<Service>>,
    Path((serial, volume)): Path<(String, String)>,
) -> Answer {
    let world = service.world();
    let appliance = world.appliance(&serial)?;
    let found = appliance.assets.iter().filter(|asset| asset.volume.eq_ignore_ascii_case(&volume));
    Ok(Json(found.map(|asset| json_of(appliance, asset, Kinds::Named)).collect()))
}

/// `GET /v1/bcdr/device/{serialNumber}/asset/{volumeName}/screenshot/latest`: a JPEG, or 404 where none was taken.
pub(crate) async fn screenshot(
    State(service): State<Arc<Service>>,
    Path((serial, volume)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let world = service.world();
    let appliance = world.appliance(&serial)?;
    let asset = appliance.assets.iter().find(|asset| asset.volume.eq_ignore_ascii_case(&volume));
    let taken = asset.and_then(|asset| asset.story.screenshot);
    taken.map(|_| jpeg()).ok_or_else(|| Refusal::not_found("Screenshot"))
}

/// A small grey picture.
pub(crate) fn jpeg() -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], include_bytes!("screenshot.jpg").as_slice()).into_response()
}

/// Whether an asset says what it is: the lists of agents and of shares leave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kinds {
    Named,
    LeftOut,
}

fn answer(
    world: &World,
    serial: &str,
    params: &Params,
    wanted: &dyn Fn(&Asset) -> bool,
    kinds: Kinds,
) -> Result<Response, Refusal> {
    let appliance = world.appliance(serial)?;
    if params.paged() {
        let assets: Vec<&Asset> = appliance.assets.iter().filter(|asset| wanted(asset)).collect();
        return Ok(Json(params.page()?.of(&assets, |asset| json_of(appliance, asset, kinds))).into_response());
    }
    let assets = appliance.assets.iter().enumerate().filter(|(_, asset)| wanted(asset));
    let rows: Vec<(usize, Value)> = assets.map(|(index, asset)| (index, json_of(appliance, asset, kinds))).collect();
    if world.settings().index_keyed_assets || appliance.index_keyed {
        Ok(([(CONTENT_TYPE, "application/json")], index_keyed(&rows)).into_response())
    } else {
        Ok(Json(Value::Array(rows.into_iter().map(|(_, row)| row).collect())).into_response())
    }
}

/// An object keyed by index, in the order of the indexes, with holes where rows were left out: what a PHP list becomes that was filtered.
fn index_keyed(rows: &[(usize, Value)]) -> String {
    let fields: Vec<String> = rows.iter().map(|(index, row)| format!("\"{index}\":{row}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn json_of(appliance: &Appliance, asset: &Asset, kinds: Kinds) -> Value {
    let mut random = Random::new(asset.grain, "asset");
    let story = &asset.story;
    let mut value = json!({
        "name": asset.name,
        "volId": asset.id - 600_000,
        "volume": asset.volume,
        "localIp": format!("192.0.2.{}", random.between(2, 250)),
        "isPaused": story.paused,
        "isArchived": story.archived,
        "latestOffsite": story.offsite,
        "localSnapshots": local_points(story, &mut random),
        // Never is 0 or null.
        "lastSnapshot": story.last_good.or_else(|| random.pick(&[Some(0), None])),
        "backups": runs(asset, &mut random),
    });
    let whole = if asset.share { of_share() } else { of_agent(asset, &mut random) };
    if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), whole) {
        fields.extend(more);
        // Numbers here and text there, by the version of the appliance (guess at the cause).
        let id = if appliance.index_keyed { json!(asset.id.to_string()) } else { json!(asset.id) };
        fields.insert("assetId".to_owned(), id);
        if kinds == Kinds::Named {
            fields.insert("type".to_owned(), json!(if asset.share { "share" } else { "agent" }));
        }
    }
    value
}

fn local_points(story: &Story, random: &mut Random) -> i64 {
    if story.last_good.is_some() { random.between(10, 200) } else { 0 }
}

fn of_share() -> Value {
    json!({
        "os": null,
        "fqdn": null,
        "agentVersion": null,
        "protectedVolumesCount": 1,
        "unprotectedVolumesCount": 0,
        "protectedVolumeNames": [],
        "unprotectedVolumeNames": [],
        "lastScreenshotAttempt": 0,
        "lastScreenshotAttemptStatus": null,
        "lastScreenshotUrl": null,
        "protectedMachine": {"mac": null, "serial": null},
    })
}

fn of_agent(asset: &Asset, random: &mut Random) -> Value {
    let screenshot = asset.story.screenshot;
    let left_out: Vec<&str> =
        ["D:\\", "E:\\", "F:\\"].into_iter().zip(0..asset.story.volumes_left_out).map(|(name, _)| name).collect();
    let os = random.pick(&["Windows Server 2019", "Windows Server 2022", "Windows 10 Pro", "Ubuntu 22.04"]);
    json!({
        "os": asset.identity.os.as_deref().unwrap_or(os),
        "fqdn": if random.chance(20) { None } else { Some(&asset.name) },
        "agentVersion": "2.5.0.0",
        "protectedVolumesCount": 1,
        "unprotectedVolumesCount": left_out.len(),
        "protectedVolumeNames": ["C:\\"],
        "unprotectedVolumeNames": left_out,
        "lastScreenshotAttempt": screenshot.map_or(0, |taken| taken.at),
        "lastScreenshotAttemptStatus": screenshot.map(|taken| verdict(taken.good, random)),
        "lastScreenshotUrl": screenshot.map(|taken| format!(
            "https://device.example.com/sirisReporting/image/latest/{}.png?cb={}", random.hex(32), taken.at,
        )),
        "protectedMachine": {
            "mac": asset.identity.mac,
            "serial": asset.identity.serial,
        },
    })
}

/// True and false, or `"1"` and `""`: both were seen.
fn verdict(good: bool, random: &mut Random) -> Value {
    if random.chance(70) { json!(good) } else { json!(if good { "1" } else { "" }) }
}

/// The latest runs; mostly newest first, which nothing promises.
fn runs(asset: &Asset, random: &mut Random) -> Option<Vec<Value>> {
    let mut runs: Vec<&Run> = asset.story.runs.as_ref()?.iter().collect();
    if random.chance(25) {
        runs.reverse();
    }
    if random.chance(15) {
        let half = runs.len() / 2;
        runs.rotate_left(half);
    }
    Some(runs.into_iter().map(|run| json_of_run(run, asset, random)).collect())
}

fn json_of_run(run: &Run, asset: &Asset, random: &mut Random) -> Value {
    let good = run.good;
    let verified = good && !asset.story.unverified;
    let message = random.pick(&[
        None,
        Some("Backup failed: the agent could not be reached (BKP1610)"),
        Some("VSS writer timed out"),
    ]);
    let last_screenshot = asset.story.screenshot.filter(|_| asset.story.last_good == Some(run.at));
    json!({
        "timestamp": iso(run.at),
        "backup": {
            "status": if good { "success" } else { "failure" },
            "errorMessage": if good { None } else { message },
            "totalUsedStorage": random.between(1 << 30, 1 << 38),
        },
        // A run that failed fails its verification as well.
        "localVerification": {
            "status": if verified { "success" } else { "failure" },
            "errors": match (good, verified) {
                (true, true) => json!([]),
                (true, false) => json!([{"errorType": "filesystem", "errorMessage": "a volume could not be mounted"}]),
                (false, _) => Value::Null,
            },
        },
        "advancedVerification": {
            "screenshotVerification": match last_screenshot {
                Some(taken) if taken.good => json!({"status": "1", "image": format!("https://device.example.com/{}.png", random.hex(16))}),
                Some(_) => json!({"status": "", "image": ""}),
                None if asset.share || !good => Value::Null,
                None => json!({"status": null, "image": null}),
            },
        },
    })
}
