//! The three hundred user-defined fields: as text in the second version, with their types in the third.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{Answer, Rmm, done};
use crate::calendar;
use crate::rmm::args::{self, Body};
use crate::rmm::fleet::{Account, Device, Udfs};
use crate::rmm::problem::Problem;

const FIELDS: u16 = 300;

/// All fields as null, and where the value of each begins.
static EMPTY: LazyLock<(String, Vec<usize>)> = LazyLock::new(|| {
    let (mut text, mut places) = (String::from("{"), Vec::new());
    for ordinal in 1..=FIELDS {
        text.push_str(&format!("{}\"udf{ordinal}\":", if ordinal == 1 { "" } else { "," }));
        places.push(text.len());
        text.push_str("null");
    }
    text.push('}');
    (text, places)
});

/// Writes all fields, of which most are null.
pub(super) fn write_all(values: &Udfs, text: &mut Vec<u8>) {
    let (empty, places) = &*EMPTY;
    let mut copied = 0;
    for (ordinal, value) in values.iter() {
        let place = usize::from(ordinal).checked_sub(1).and_then(|index| places.get(index)).copied();
        let Some((place, before)) = place.and_then(|place| Some((place, empty.get(copied..place)?))) else { continue };
        text.extend_from_slice(before.as_bytes());
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut *text, value);
        copied = place + "null".len();
    }
    text.extend_from_slice(empty.get(copied..).unwrap_or_default().as_bytes());
}

/// The fields that are set, and those that the account has set up.
pub(super) fn typed(account: &Account, device: &Device) -> Value {
    let ordinals = (1..=FIELDS).filter(|n| device.udfs.get(*n).is_some() || account.udf_kinds.contains_key(n));
    ordinals.map(|ordinal| typed_field(account, device, ordinal)).collect()
}

fn typed_field(account: &Account, device: &Device, ordinal: u16) -> Value {
    let setup = account.udf_kinds.get(&ordinal);
    let kind = setup.map_or("STRING", |setup| setup.kind);
    let mut item = json!({
        "ordinal": ordinal,
        "type": kind,
        "valueString": null,
        "valueBoolean": null,
        "valueNumber": null,
        "valueDate": null,
        "label": setup.map(|setup| setup.label),
        "typeMisMatch": null,
    });
    if let (Some(text), Value::Object(item)) = (device.udfs.get(ordinal), &mut item) {
        let (name, value) = value_of(kind, text).unwrap_or(("valueString", json!(text)));
        let mismatch = kind != "STRING" && name == "valueString";
        item.insert(name.to_owned(), value);
        item.insert("typeMisMatch".to_owned(), json!(mismatch));
    }
    item
}

/// A text as the type that is set up; `None` if it does not fit.
fn value_of(kind: &str, text: &str) -> Option<(&'static str, Value)> {
    match kind {
        "BOOLEAN" => text.parse::<bool>().ok().map(|flag| ("valueBoolean", json!(flag))),
        "NUMBER" => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|n| ("valueNumber", json!(n))),
        "DATE" => calendar::parse_date(text).map(|_| ("valueDate", json!(text))),
        _ => None,
    }
}

/// Second version: sets the fields that are named, deletes those that are named with null or nothing.
pub(in crate::rmm) async fn set(State(rmm): Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    let mut account = rmm.account();
    let device = account.device_mut(&uid).ok_or(Problem::NOT_FOUND)?;
    let mut fields = device.udfs.to_map();
    for (name, value) in body.fields() {
        let ordinal = name.strip_prefix("udf").and_then(|digits| digits.parse::<u16>().ok());
        // A name that is not known is passed over (guess).
        let Some(ordinal) = ordinal.filter(|ordinal| (1..=FIELDS).contains(ordinal)) else { continue };
        match args::text(Some(value))?.filter(|text| !text.is_empty()) {
            Some(text) => fields.insert(ordinal, text),
            None => fields.remove(&ordinal),
        };
    }
    device.udfs = fields.into();
    done()
}

/// Third version: the same, but a value must be of the type that is set up.
pub(in crate::rmm) async fn set_typed(State(rmm): Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    let mut account = rmm.account();
    let device = account.device(&uid).ok_or(Problem::NOT_FOUND)?;
    if !body.has("udfs") {
        return Err(Problem::invalid("udfs must not be null"));
    }
    let mut fields = device.udfs.to_map();
    for item in body.objects("udfs")? {
        let ordinal = item.number("ordinal")?.and_then(|number| u16::try_from(number).ok());
        let ordinal = ordinal.filter(|ordinal| (1..=FIELDS).contains(ordinal));
        let ordinal = ordinal.ok_or_else(|| Problem::invalid("ordinal must be between 1 and 300"))?;
        let kind = account.udf_kinds.get(&ordinal).map_or("STRING", |setup| setup.kind);
        match checked(&item, kind)? {
            Some(text) => fields.insert(ordinal, text),
            None => fields.remove(&ordinal),
        };
    }
    if let Some(device) = account.device_mut(&uid) {
        device.udfs = fields.into();
    }
    done()
}

/// The one value of an item, as text; `None` if there is none, which deletes the field.
fn checked(item: &Body, kind: &str) -> Result<Option<String>, Problem> {
    let given = ["valueString", "valueBoolean", "valueNumber", "valueDate"]
        .into_iter()
        .filter_map(|name| item.fields().get(name).filter(|value| !value.is_null()).map(|value| (name, value)));
    let given: Vec<(&str, &Value)> = given.collect();
    let (name, value) = match given.as_slice() {
        [] => return Ok(None),
        [one] => *one,
        _ => return Err(Problem::invalid("only one value may be given")),
    };
    let text = match (kind, name, value) {
        ("STRING", "valueString", Value::String(text)) => Some(text.clone()),
        ("BOOLEAN", "valueBoolean", Value::Bool(flag)) => Some(flag.to_string()),
        ("NUMBER", "valueNumber", Value::Number(number)) => Some(number.to_string()),
        ("DATE", "valueDate", Value::String(text)) => calendar::parse_date(text).map(|_| text.clone()),
        _ => None,
    };
    text.map(Some).ok_or_else(|| Problem::invalid(format!("the value does not match the type {kind}")))
}
