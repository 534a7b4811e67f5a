//! Alerts: lists of the account, of a site, of a device, and single ones.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{Answer, Rmm, done};
use crate::rmm::args::Args;
use crate::rmm::fleet::{Account, Alert};
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;
use crate::rmm::service::Service;

/// Whose alerts.
enum Owner {
    Account,
    Site(i64),
    Device(String),
}

pub(in crate::rmm) async fn of_account_open(rmm: Rmm, args: Args) -> Answer {
    list(&rmm, "/v2/account/alerts/open", &args, &Owner::Account, false)
}

pub(in crate::rmm) async fn of_account_resolved(rmm: Rmm, args: Args) -> Answer {
    list(&rmm, "/v2/account/alerts/resolved", &args, &Owner::Account, true)
}

pub(in crate::rmm) async fn of_site_open(rmm: Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    list(&rmm, &format!("/v2/site/{uid}/alerts/open"), &args, &site(&rmm, &uid)?, false)
}

pub(in crate::rmm) async fn of_site_resolved(rmm: Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    list(&rmm, &format!("/v2/site/{uid}/alerts/resolved"), &args, &site(&rmm, &uid)?, true)
}

pub(in crate::rmm) async fn of_device_open(rmm: Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    list(&rmm, &format!("/v2/device/{uid}/alerts/open"), &args, &device(&rmm, &uid)?, false)
}

pub(in crate::rmm) async fn of_device_resolved(rmm: Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    list(&rmm, &format!("/v2/device/{uid}/alerts/resolved"), &args, &device(&rmm, &uid)?, true)
}

fn site(State(rmm): &Rmm, uid: &str) -> Result<Owner, Problem> {
    rmm.account().site(uid).map(|site| Owner::Site(site.id)).ok_or(Problem::NOT_FOUND)
}

fn device(State(rmm): &Rmm, uid: &str) -> Result<Owner, Problem> {
    rmm.account().device(uid).map(|device| Owner::Device(device.uid.clone())).ok_or(Problem::NOT_FOUND)
}

fn list(State(rmm): &Rmm, path: &str, args: &Args, owner: &Owner, resolved: bool) -> Answer {
    let pages = Pages::new(rmm, path, args)?.untold();
    let muted = args.flag("muted", rmm.settings().booleans)?;
    let account = rmm.account();
    let owned = |alert: &Alert| match owner {
        Owner::Account => true,
        Owner::Site(id) => account.device(&alert.device_uid).is_some_and(|device| device.site_id == *id),
        Owner::Device(uid) => alert.device_uid == *uid,
    };
    let wanted = |alert: &&Alert| {
        alert.resolved.is_some() == resolved && muted.is_none_or(|muted| muted == alert.muted) && owned(alert)
    };
    let alerts: Vec<&Alert> = account.alerts.iter().filter(wanted).collect();
    Ok(pages.answer("alerts", &alerts, |alert| as_text(&alert_json(rmm, &account, alert))))
}

fn alert_json(rmm: &Service, account: &Account, alert: &Alert) -> Value {
    let device = account.device(&alert.device_uid);
    let site = device.and_then(|device| account.site_of(device));
    let action = |(kind, moment): &(&str, i64)| {
        json!({
            "actionTime": rmm.unseen_date(*moment),
            "actionType": kind,
            "description": "Done by the monitor",
            "actionReference": null,
            "actionReferenceInt": null,
        })
    };
    json!({
        "alertUid": alert.uid,
        "priority": alert.priority,
        "diagnostics": alert.diagnostics,
        "resolved": alert.resolved.is_some(),
        "resolvedBy": alert.resolved.as_ref().and_then(|(by, _)| by.as_ref()),
        "resolvedOn": alert.resolved.as_ref().map(|(_, moment)| moment),
        "muted": alert.muted,
        "ticketNumber": alert.ticket,
        "timestamp": alert.timestamp,
        "alertMonitorInfo": {"sendsEmails": !alert.actions.is_empty(), "createsTicket": alert.ticket.is_some()},
        "alertContext": context_json(rmm, alert),
        "alertSourceInfo": {
            "deviceUid": alert.device_uid,
            "deviceName": device.map(|device| &device.hostname),
            "siteUid": site.map(|site| &site.uid),
            "siteName": site.map(|site| &site.name),
        },
        "responseActions": alert.actions.iter().map(action).collect::<Vec<_>>(),
        "autoresolveMins": alert.autoresolve,
    })
}

/// The context of an alert, whose dates nobody has seen.
fn context_json(rmm: &Service, alert: &Alert) -> Value {
    let mut context = alert.context.value();
    for name in ["lastTriggered", "alertTime", "metaAlertTime"] {
        if let Some(date) = context.get_mut(name)
            && let Some(moment) = date.as_i64()
        {
            *date = rmm.unseen_date(moment);
        }
    }
    context
}

/// The document has no 404 here; that an unknown uid answers one is a guess.
pub(in crate::rmm) async fn get(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let account = rmm.account();
    let alert = account.alerts.iter().find(|alert| alert.uid == uid).ok_or(Problem::NOT_FOUND)?;
    Ok(Json(alert_json(&rmm, &account, alert)).into_response())
}

/// Resolving twice changes nothing (guess), and keeps the first time and name.
pub(in crate::rmm) async fn resolve(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let now = rmm.now_ms();
    let mut account = rmm.account();
    let by = account.users.first().map(|user| user.username.clone());
    let alert = account.alerts.iter_mut().find(|alert| alert.uid == uid).ok_or(Problem::NOT_FOUND)?;
    alert.resolved.get_or_insert((by, now));
    done()
}

/// Muting and unmuting have been without effect since release 8.9.0, whatever alert is named.
pub(in crate::rmm) async fn mute() -> Answer {
    done()
}
