//! Seats of SaaS Protection, and the one call that changes many of them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Service;
use super::answer::{Params, Refusal, iso};
use super::story::DAY;
use crate::choice::BulkAnswer;
use crate::random::Random;

pub(crate) const KINDS: [&str; 6] = ["User", "SharedMailbox", "Site", "TeamSite", "Team", "SharedDrive"];
/// No call may change more seats.
const BULK_MAX: usize = 100;

/// A user, mailbox, site, team or drive of a customer.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) kind: &'static str,
    pub(crate) main_id: String,
    pub(crate) remote_id: String,
    name: String,
    pub(crate) state: &'static str,
    added: i64,
}

impl Seat {
    /// Whether it is billed: users are, whether active, paused or archived (official); mailboxes, sites, teams and drives are not.
    pub(crate) fn is_used(&self) -> bool {
        self.kind == "User" && matches!(self.state, "Active" | "Paused" | "Archived")
    }

    fn to_json(&self) -> Value {
        json!({
            "mainId": self.main_id,
            "name": self.name,
            "seatType": self.kind,
            "seatState": self.state,
            "billable": if self.is_used() { "1" } else { "" },
            "dateAdded": iso(self.added),
            "remoteId": self.remote_id,
        })
    }
}

/// Makes the seats of a customer: the first has more than a bulk change may name.
pub(crate) fn of_customer(number: usize, domain: &str, google: bool, now: i64, random: &mut Random) -> Vec<Seat> {
    let count = if number == 0 { random.between(150, 250) } else { random.between(8, 80) };
    (0..count).map(|place| seat(domain, place, google, now, random)).collect()
}

fn seat(domain: &str, place: i64, google: bool, now: i64, random: &mut Random) -> Seat {
    let kind = if google {
        random.weighted(&[(90, "User"), (10, "SharedDrive")])
    } else {
        random.weighted(&[(70, "User"), (10, "SharedMailbox"), (8, "Site"), (6, "TeamSite"), (6, "Team")])
    };
    let main_id = match kind {
        "Site" | "TeamSite" => format!("https://{domain}/sites/{place}"),
        _ => format!("{}{place}@{domain}", kind.to_lowercase()),
    };
    Seat {
        kind,
        main_id,
        remote_id: random.guid(),
        name: format!("{kind} {place}"),
        state: random.weighted(&[(80, "Active"), (6, "Paused"), (10, "Unprotected"), (4, "Archived")]),
        added: now - random.between(DAY, 900 * DAY),
    }
}

/// A seat that is added while the sandbox runs.
pub(crate) fn added(kind: &'static str, name: Option<&str>, domain: &str, now: i64, grain: u64) -> Seat {
    let mut random = Random::new(grain, "added seat");
    let name = name.map_or_else(|| format!("{kind} {}", random.below(100_000)), str::to_owned);
    Seat {
        kind,
        main_id: format!("{}@{domain}", name.to_lowercase().replace(' ', ".")),
        remote_id: random.guid(),
        name,
        state: "Active",
        added: now,
    }
}

/// Counts and ids by seat type, as the report of applications gives them on request.
pub(crate) fn remote_ids(seats: &[Seat]) -> Value {
    let kinds = KINDS.into_iter().filter(|kind| seats.iter().any(|seat| seat.kind == *kind));
    kinds
        .map(|kind| {
            let of_kind = || seats.iter().filter(|seat| seat.kind == kind);
            let count = |state| of_kind().filter(|seat| seat.state == state).count();
            json!({
                "seatType": kind,
                "active": count("Active"),
                "paused": count("Paused"),
                "archived": count("Archived"),
                "unprotected": count("Unprotected"),
                "discovered": 0,
                "remoteIds": of_kind().map(|seat| seat.remote_id.as_str()).collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// `GET /v1/saas/{saasCustomerId}/seats`: a bare array; `seatType` is one value of types joined by commas.
pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let world = service.world();
    let customer = world.customer(&id)?;
    let wanted: Vec<&str> = params.get("seatType").map(|text| text.split(',').collect()).unwrap_or_default();
    if let Some(unknown) = wanted.iter().find(|kind| !KINDS.contains(kind)) {
        return Err(unknown_kind(unknown));
    }
    let seats = &customer.seats;
    if wanted.len() != 1 && world.settings().seats_time_out_above.is_some_and(|limit| seats.len() > limit) {
        return Ok(gateway_timeout());
    }
    let shown = seats.iter().filter(|seat| wanted.is_empty() || wanted.contains(&seat.kind));
    Ok(Json(shown.map(Seat::to_json).collect::<Value>()).into_response())
}

/// `PUT /v1/saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange`: 200 does not say that every seat was changed.
pub(crate) async fn bulk_change(
    State(service): State<Arc<Service>>,
    Path((id, subscription)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let settings = service.settings();
    let mut world = service.world();
    let customer = world.customer_mut(&id)?;
    if customer.subscription != subscription {
        return Err(Refusal::not_found("Subscription"));
    }
    let Change { kind, action, state, ids } = Change::read(&body)?;
    let answer = json!({"action": action, "appType": kind, "customerId": customer.id, "id": 1, "status": "accepted"});
    let mut open: Vec<&mut Seat> = customer
        .seats
        .iter_mut()
        .filter(|seat| seat.kind == kind && seat.state != state && ids.contains(&seat.remote_id))
        .collect();
    let changed = (open.len() * usize::from(settings.bulk_change_percent.min(100)) / 100).max(1);
    for seat in open.iter_mut().take(changed) {
        seat.state = state;
    }
    Ok(match settings.bulk_answer {
        BulkAnswer::Object => Json(answer).into_response(),
        BulkAnswer::Array => Json(json!([answer])).into_response(),
        BulkAnswer::Empty => StatusCode::OK.into_response(),
    })
}

/// A bulk change that was understood.
#[derive(Debug)]
struct Change {
    kind: String,
    action: String,
    state: &'static str,
    ids: Vec<String>,
}

impl Change {
    /// Reads a body in snake case; any other spelling of its fields is not seen.
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))?;
        let text = |name: &str| {
            let value = body.get(name).and_then(Value::as_str).map(str::to_owned);
            value.ok_or_else(|| Refusal::bad_request(format!("{name} is required")))
        };
        let (kind, action) = (text("seat_type")?, text("action_type")?);
        if !KINDS.contains(&kind.as_str()) {
            return Err(unknown_kind(&kind));
        }
        let state = match action.as_str() {
            "License" => "Active",
            "Pause" => "Paused",
            "Unlicense" => "Unprotected",
            other => {
                return Err(Refusal::bad_request(format!(
                    "action_type \"{other}\" is not one of License, Pause, Unlicense"
                )));
            }
        };
        let ids = body.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
        if ids.is_empty() || ids.len() > BULK_MAX {
            return Err(Refusal::bad_request(format!("ids must hold 1 to {BULK_MAX} values")));
        }
        let ids: Option<Vec<String>> = ids.iter().map(|id| id.as_str().map(str::to_owned)).collect();
        let ids = ids.ok_or_else(|| Refusal::bad_request("ids must be text"))?;
        Ok(Self { kind, action, state, ids })
    }
}

fn unknown_kind(kind: &str) -> Refusal {
    Refusal::bad_request(format!("seatType \"{kind}\" is not valid. Allowed values: {}", KINDS.join(", ")))
}

/// What stands before the service gives up first, and answers in HTML.
fn gateway_timeout() -> Response {
    let page =
        "<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>";
    (StatusCode::GATEWAY_TIMEOUT, [(CONTENT_TYPE, "text/html")], page).into_response()
}
