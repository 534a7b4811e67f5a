//! Random bodies of every answer: they are read, and nothing is lost.

use std::collections::BTreeSet;

use datto_rmm::models::*;
use datto_rmm::{Timestamp, operations};
use proptest::prelude::{Strategy as _, prop_assert};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::generate;
use super::schema::{Document, document};

/// Reads and writes a body; what must still be there, `faults` tells.
type Trip = fn(Value) -> Result<Value, String>;

fn trip<T: DeserializeOwned + Serialize>(body: Value) -> Result<Value, String> {
    let text = body.to_string();
    let record: T = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    serde_json::to_value(&record).map_err(|error| error.to_string())
}

/// Whatever an alert holds, it can be told in one line, and has its key.
fn alert(body: Value) -> Result<Value, String> {
    let alert: Alert = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
    let (sentence, fingerprint) = (alert.sentence(), alert.fingerprint());
    if sentence.is_empty() || sentence.chars().count() > 180 || sentence.contains(char::is_control) {
        return Err(format!("no line: {sentence:?}"));
    }
    if fingerprint.len() != 16 {
        return Err(format!("no key: {fingerprint}"));
    }
    trip::<Alert>(body)
}

/// Keys are read and never written.
fn keys(body: Value) -> Result<Value, String> {
    serde_json::from_value::<ApiKeys>(body.clone()).map(|_| body).map_err(|error| error.to_string())
}

/// Which record each operation answers with.
const RECORDS: &[(&str, Trip)] = &[
    ("account.get", trip::<Account>),
    ("activity_logs.list", trip::<ActivityLog>),
    ("alerts.get", alert),
    ("alerts.open", alert),
    ("alerts.resolved", alert),
    ("audits.by_mac_address", trip::<DeviceAudit>),
    ("audits.device", trip::<DeviceAudit>),
    ("audits.esxi_host", trip::<EsxiHostAudit>),
    ("audits.printer", trip::<PrinterAudit>),
    ("audits.software", trip::<Software>),
    ("components.list", trip::<Component>),
    ("devices.alerts_open", alert),
    ("devices.alerts_resolved", alert),
    ("devices.by_id", trip::<Device>),
    ("devices.by_mac_address", trip::<Device>),
    ("devices.get", trip::<Device>),
    ("devices.list", trip::<Device>),
    ("devices.patches", trip::<Patch>),
    ("devices.quick_job", trip::<CreatedQuickJob>),
    ("devices_v3.by_id", trip::<DeviceV3>),
    ("devices_v3.by_mac_address", trip::<DeviceV3>),
    ("devices_v3.get", trip::<DeviceV3>),
    ("devices_v3.list", trip::<DeviceV3>),
    ("devices_v3.of_site", trip::<DeviceV3>),
    ("filters.custom", trip::<Filter>),
    ("filters.default", trip::<Filter>),
    ("jobs.components", trip::<JobComponent>),
    ("jobs.get", trip::<Job>),
    ("jobs.results", trip::<JobResults>),
    ("jobs.stderr", trip::<JobStdData>),
    ("jobs.stdout", trip::<JobStdData>),
    ("network.mappings", trip::<DnetSiteMapping>),
    ("sites.alerts_open", alert),
    ("sites.alerts_resolved", alert),
    ("sites.create", trip::<Site>),
    ("sites.devices", trip::<Device>),
    ("sites.filters", trip::<Filter>),
    ("sites.get", trip::<Site>),
    ("sites.list", trip::<Site>),
    ("sites.network_interfaces", trip::<DeviceNetworkInterfaces>),
    ("sites.patches", trip::<SitePatch>),
    ("sites.set_proxy", trip::<SiteSettings>),
    ("sites.settings", trip::<SiteSettings>),
    ("sites.update", trip::<Site>),
    ("sites.variables", trip::<Variable>),
    ("system.pagination", trip::<PaginationConfiguration>),
    ("system.request_rate", trip::<RequestRate>),
    ("system.status", trip::<SystemStatus>),
    ("users.list", trip::<User>),
    ("users.reset_api_keys", keys),
    ("variables.list", trip::<Variable>),
];

/// The schema of one record of an answer: of its list, if it is a page.
fn record<'a>(document: &'a Document, answer: &'a Value, list: Option<&str>) -> &'a Value {
    let answer = document.resolve(answer);
    match list {
        Some(list) => {
            let members = document.properties(answer);
            let (_, list) = members.iter().find(|(name, _)| *name == list).unwrap();
            &list["items"]
        }
        None if answer["type"] == "array" => &answer["items"],
        None => answer,
    }
}

#[test]
fn every_answer_is_read_and_keeps_what_is_not_known() {
    let Some(document) = document() else { return };
    let mut answering = BTreeSet::new();
    for operation in operations::ALL {
        let call = document.call(operation.method.as_str(), operation.path);
        let Some(answer) = document.answer(call) else { continue };
        answering.insert(operation.name);
        let (_, trip) = RECORDS.iter().find(|(name, _)| *name == operation.name).expect(operation.name);
        let schema = record(&document, answer, operation.paging.map(|paging| paging.items));
        let bodies = generate::body(&document, schema).prop_map(|mut body| {
            // Not in the document, and yet on the wire (observed).
            if body.get("hostname").is_some() && body.get("udfs").is_none() {
                body["udf"] = json!({"udf1": null, "udf2": "Lab", "udf300": "", "note": 7});
            }
            body
        });
        let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&bodies, |body| {
            let back = trip(body.clone()).map_err(TestCaseError::fail)?;
            let lost = lost(&body, &back, "");
            prop_assert!(lost.is_empty(), "{:?}", lost);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", operation.name));
    }
    let known: BTreeSet<&str> = RECORDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, answering);
}

/// What of the body is not in what was written back.
fn lost(body: &Value, back: &Value, place: &str) -> Vec<String> {
    match (body, back) {
        (Value::Null, _) => Vec::new(),
        (Value::Object(body), Value::Object(back)) => body
            .iter()
            .flat_map(|(name, value)| {
                let other = back.get(name).unwrap_or(&Value::Null);
                // The empty id is the one that was not sent.
                if value == "" && other.is_null() && name.to_lowercase().ends_with("id") {
                    return Vec::new();
                }
                lost(value, other, &format!("{place}.{name}"))
            })
            .collect(),
        (Value::Array(body), Value::Array(back)) if body.len() == back.len() => {
            let pairs = body.iter().zip(back).enumerate();
            pairs.flat_map(|(index, (value, other))| lost(value, other, &format!("{place}[{index}]"))).collect()
        }
        _ if alike(body, back) => Vec::new(),
        _ => vec![format!("{place}: {body} became {back}")],
    }
}

/// The same value, perhaps in another form: an id as text, a moment as ISO 8601, a number that floats.
fn alike(body: &Value, back: &Value) -> bool {
    if body == back {
        return true;
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let moment = |value: &Value| serde_json::from_value::<Timestamp>(value.clone()).unwrap().as_millis();
    let close = match (body.as_f64(), back.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= a.abs() * 1e-12,
        _ => false,
    };
    close || text(body) == text(back) || moment(body).is_some() && moment(body) == moment(back)
}

#[test]
fn what_is_lost_is_seen() {
    assert!(lost(&json!({"a": 1, "b": null}), &json!({"a": 1}), "").is_empty());
    assert!(lost(&json!({"at": 1_787_643_495_000_i64}), &json!({"at": "2026-08-25T07:38:15Z"}), "").is_empty());
    assert_eq!(lost(&json!({"a": {"b": [1, 2]}}), &json!({"a": {"b": [1, 3]}}), ""), [".a.b[1]: 2 became 3"]);
    assert_eq!(lost(&json!({"x": "y"}), &json!({}), "").len(), 1);
}
