//! The activity log: who did what in the portal. It is no log of backup runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Service;
use super::answer::{Answer, Params, Refusal, iso};
use super::fleet::Appliance;
use super::story::DAY;
use crate::random::Random;

/// The log goes back this far.
const LOG_DAYS: i64 = 30;

/// One act of a user.
#[derive(Debug)]
pub(crate) struct Activity {
    at: i64,
    client: i64,
    target_type: &'static str,
    target: String,
    target_name: String,
    client_name: Option<String>,
    user: &'static str,
    action: &'static str,
    message: &'static str,
    good: bool,
    request: u64,
}

/// Makes the log: a few acts a day for a month, more of them for larger fleets; newest first.
pub(crate) fn log(seed: u64, fleet: &[Appliance], now: i64) -> Vec<Activity> {
    let mut random = Random::new(seed, "activity log");
    let mut log: Vec<Activity> = fleet
        .iter()
        .cycle()
        .take(if fleet.is_empty() { 0 } else { (fleet.len() * 10).clamp(150, 2_000) })
        .map(|appliance| activity(appliance, now, &mut random))
        .collect();
    log.sort_by_key(|activity| std::cmp::Reverse(activity.at));
    log
}

fn activity(appliance: &Appliance, now: i64, random: &mut Random) -> Activity {
    let (action, message) = random.pick(&[
        ("protectedSystem.deleted", "Deleted a protected system"),
        ("protectedSystem.paused", "Paused a protected system"),
        ("restore.created", "Started a restore"),
        ("device.settings.changed", "Changed the settings of a device"),
    ]);
    Activity {
        at: now - random.between(60, LOG_DAYS * DAY),
        client: appliance.client.id,
        target_type: "bcdr-device",
        target: appliance.serial.clone(),
        target_name: appliance.name.clone(),
        client_name: (!random.chance(10)).then(|| appliance.client.name.clone()),
        user: random.pick(&["alex@example.com", "kim@example.com", "sam@example.com"]),
        action,
        message,
        good: !random.chance(5),
        request: random.below(1_000_000),
    }
}

/// `GET /v1/report/activity-log`: looks back from now, by default one day.
pub(crate) async fn list(State(service): State<Arc<Service>>, params: Params) -> Answer {
    let world = service.world();
    let since = world.now() - look_back(&params)?;
    let targets: Vec<&str> = params.all("target").flat_map(|text| text.split(',')).collect();
    let shown: Vec<&Activity> = world
        .activity
        .iter()
        .filter(|activity| world.may_see(activity.client) && activity.at >= since)
        .filter(|activity| begins(params.get("clientName"), activity.client_name.as_deref().unwrap_or_default()))
        .filter(|activity| begins(params.get("user"), activity.user))
        .filter(|activity| params.get("targetType").is_none_or(|wanted| wanted == activity.target_type))
        .filter(|activity| targets.is_empty() || targets.iter().any(|target| activity.concerns(target)))
        .collect();
    Ok(Json(params.page()?.of(&shown, |activity| activity.to_json())))
}

/// A count and a unit, never a date.
fn look_back(params: &Params) -> Result<i64, Refusal> {
    let unit = match params.get("sinceUnits").unwrap_or("days") {
        "days" => DAY,
        "hours" => 3_600,
        "minutes" => 60,
        other => {
            return Err(Refusal::bad_request(format!("sinceUnits \"{other}\" is not one of days, hours, minutes")));
        }
    };
    let count = i64::try_from(params.number("since")?.unwrap_or(1)).unwrap_or(i64::MAX);
    Ok(count.saturating_mul(unit))
}

/// Whether a text begins with what is wanted, in any case.
fn begins(wanted: Option<&str>, text: &str) -> bool {
    wanted.is_none_or(|wanted| text.to_lowercase().starts_with(&wanted.to_lowercase()))
}

impl Activity {
    /// Whether `targetType:targetId` names its target.
    fn concerns(&self, target: &str) -> bool {
        target
            .split_once(':')
            .is_some_and(|(kind, id)| kind == self.target_type && id.eq_ignore_ascii_case(&self.target))
    }

    fn to_json(&self) -> Value {
        json!({
            "timestamp": iso(self.at),
            "requestId": format!("device-web.{}-{}", self.request, self.request % 7_919),
            "targetType": self.target_type,
            "targetId": self.target,
            "targetDisplayName": self.target_name,
            "clientName": self.client_name,
            "interface": "Portal",
            "user": self.user,
            "userRoles": ["Administrator"],
            "ipAddress": "198.51.100.7",
            "action": self.action,
            "messageEN": self.message,
            "success": self.good,
        })
    }
}
