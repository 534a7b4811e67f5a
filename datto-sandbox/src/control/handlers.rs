//! What the control endpoint does.

use std::io;

use axum::Json;
use axum::body::Bytes;
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Problem, ROUTES, Seen, done, parameters};
use crate::change::Change;
use crate::fault::Fault;
use crate::fault_form::Span;
use crate::sandbox::{Sandbox, SandboxBuilder};
use crate::scenario;
use crate::settings::Reach;

fn read<T: for<'de> Deserialize<'de>>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::bad(&error))
}

/// One value, or an array of them.
fn read_each(body: &Bytes) -> Result<Vec<Value>, Problem> {
    Ok(match read(body)? {
        Value::Array(values) => values,
        value => vec![value],
    })
}

pub(super) async fn about(_: Seen) -> Json<Value> {
    let routes: Vec<Value> =
        (ROUTES.iter()).map(|(method, path, docs, _)| json!({"method": method, "path": path, "docs": docs})).collect();
    let settings: Vec<Value> = (SandboxBuilder::settings().iter())
        .map(|about| {
            let docs = about.docs.split_whitespace().collect::<Vec<_>>().join(" ");
            json!({"name": about.name, "live": about.reach == Reach::Live, "kind": about.kind, "docs": docs})
        })
        .collect();
    Json(json!({
        "about": "every call takes ?account=NAME; the first account is meant without it",
        "routes": routes,
        "settings": settings,
    }))
}

pub(super) async fn environment(Seen(sandbox): Seen) -> Json<Value> {
    let accounts = sandbox.accounts().into_iter().filter_map(|name| {
        let environment = sandbox.account(&name)?.environment();
        let variables = environment.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        Some((name, Value::Object(variables.collect())))
    });
    let accounts: Map<String, Value> = accounts.collect();
    let root = sandbox.root_certificate();
    Json(json!({"accounts": accounts, "control": sandbox.control_url(), "root_certificate": root}))
}

pub(super) async fn journal(Seen(sandbox): Seen, parts: Parts) -> Answer {
    let after = parameters(&parts)?.after;
    let entries: Vec<_> = sandbox.journal().into_iter().filter(|entry| entry.number > after).collect();
    Ok(Json(json!({"entries": entries})))
}

pub(super) async fn faults(Seen(sandbox): Seen) -> Json<Value> {
    let faults = sandbox.shared().faults.list().into_iter();
    Json(faults.map(|(fault, seen, struck)| json!({"fault": fault, "seen": seen, "struck": struck})).collect())
}

pub(super) async fn inject(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let faults: Vec<Fault> = (read_each(&body)?.into_iter())
        .map(|fault| serde_json::from_value(fault).map_err(|error| Problem::bad(&error)))
        .collect::<Result<_, _>>()?;
    Ok(done(|| faults.into_iter().for_each(|fault| sandbox.inject(fault))))
}

pub(super) async fn settings(Seen(sandbox): Seen) -> Json<Value> {
    let settings = sandbox.settings().into_iter().map(|(name, text)| (name.to_owned(), json!(text)));
    Json(Value::Object(settings.collect()))
}

pub(super) async fn set(Seen(sandbox): Seen, body: Bytes) -> Answer {
    for (name, value) in read::<Map<String, Value>>(&body)? {
        sandbox.set(&name, &scenario::text(&name, &value)?)?;
    }
    Ok(done(|| {}))
}

pub(super) async fn change(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let changes: Vec<Change> = (read_each(&body)?.into_iter())
        .map(|change| serde_json::from_value(change).map_err(|error| Problem::bad(&error)))
        .collect::<Result<_, _>>()?;
    let ids: Vec<String> = changes.into_iter().map(|change| sandbox.change(change)).collect::<Result<_, _>>()?;
    Ok(Json(json!({"ids": ids})))
}

pub(super) async fn plan(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let events: Vec<_> = read_each(&body)?.iter().map(scenario::events).collect::<Result<_, _>>()?;
    let events = events.into_iter().flatten();
    Ok(done(|| events.for_each(|(when, change)| sandbox.schedule(when, change))))
}

pub(super) async fn clock(Seen(sandbox): Seen) -> Json<Value> {
    let uptime = u64::try_from(sandbox.uptime().as_millis()).unwrap_or(u64::MAX);
    Json(json!({"now_ms": sandbox.now_ms(), "uptime_ms": uptime}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forward {
    forward: Span,
}

pub(super) async fn forward(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let Forward { forward: Span(by) } = read(&body)?;
    sandbox.forward(by);
    Ok(clock(Seen(sandbox)).await)
}

pub(super) async fn reset(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let failed = |error: io::Error| Problem::bad(&error);
    if body.trim_ascii().is_empty() {
        sandbox.reset().map_err(failed)?;
    } else {
        let scenario: Value = read(&body)?;
        let fixed = SandboxBuilder::settings().iter().filter(|about| about.reach == Reach::Process);
        let mut fixed = fixed.filter(|about| !["now_ms", "speed"].contains(&about.name));
        if let Some(about) = fixed.find(|about| scenario.get(about.name).is_some()) {
            return Err(Problem::bad(&format!("{} is read at the start alone", about.name)));
        }
        sandbox.reset_to(Sandbox::builder().data(&scenario)?).map_err(failed)?;
    }
    Ok(environment(Seen(sandbox)).await)
}

pub(super) async fn reset_key(Seen(sandbox): Seen) -> Json<Value> {
    let (key, secret) = sandbox.reset_rmm_key();
    Json(json!({"key": key, "secret": secret}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reads {
    count: usize,
}

pub(super) async fn spend_reads(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let Reads { count } = read(&body)?;
    Ok(done(|| sandbox.spend_reads(count)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    uid: String,
}

pub(super) async fn fail_component(Seen(sandbox): Seen, body: Bytes) -> Answer {
    let Component { uid } = read(&body)?;
    Ok(done(|| sandbox.fail_component(&uid)))
}
