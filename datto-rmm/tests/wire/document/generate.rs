//! Random bodies that the document allows, and what the service sends besides: nulls, members left out, unknown members, unknown values
//! of enumerations, dates in every form.

use datto_rmm::AlertContext;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::schema::Document;

/// A body of this schema.
pub(crate) fn body(document: &Document, schema: &Value) -> BoxedStrategy<Value> {
    let schema = document.resolve(schema);
    if let Some(kinds) = schema["oneOf"].as_array() {
        let kinds = kinds.iter().map(|kind| context(document, kind)).collect::<Vec<_>>();
        return proptest::strategy::Union::new(kinds).boxed();
    }
    match schema["type"].as_str() {
        Some("string") => text(schema),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("integer") if schema["format"] == "int32" => any::<i32>().prop_map(Value::from).boxed(),
        Some("integer") => any::<i64>().prop_map(Value::from).boxed(),
        Some("number") => prop_oneof![-1e15..1e15_f64, -1e3..1e3_f64].prop_map(Value::from).boxed(),
        Some("array") => {
            proptest::collection::vec(body(document, &schema["items"]), 0..3).prop_map(Value::from).boxed()
        }
        _ => object(document, schema),
    }
}

fn text(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(values) = schema["enum"].as_array() {
        let unknown = "[A-Z_]{1,9}".prop_map(|text| json!(format!("BRAND_NEW_{text}")));
        return prop_oneof![9 => proptest::sample::select(values.clone()), 1 => unknown].boxed();
    }
    match schema["format"].as_str() {
        Some("date-time") => moment(),
        Some("date") => Just(json!("2027-01-31")).boxed(),
        _ => "[ -~äöü€\\n]{0,12}".prop_map(Value::from).boxed(),
    }
}

/// The document says date-time; the wire has integer milliseconds, also ISO 8601 and values for "never" (observed).
fn moment() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => (978_307_200_000_i64..4_102_444_800_000).prop_map(Value::from),
        2 => (978_307_200_i64..4_102_444_800).prop_map(|seconds| json!(datto_rmm::Timestamp::from_seconds(seconds).to_string())),
        1 => Just(json!("2026-08-25T07:38:15.123+02:00")),
        1 => Just(json!("2026-08-25T07:38:15")),
        1 => Just(json!(-62_135_596_800_000_i64)),
        1 => Just(json!("")),
    ]
    .boxed()
}

/// Each member left out, null or there; and one that nobody knows.
fn object(document: &Document, schema: &Value) -> BoxedStrategy<Value> {
    if schema["additionalProperties"].is_object() {
        let member = body(document, &schema["additionalProperties"]);
        return proptest::collection::btree_map("[a-z-]{0,8}", member, 0..3).prop_map(|members| json!(members)).boxed();
    }
    let members: Vec<BoxedStrategy<Option<(String, Value)>>> = document
        .properties(schema)
        .into_iter()
        .filter(|(name, _)| *name != "@class")
        .map(|(name, schema)| {
            let name = name.to_owned();
            let value = prop_oneof![1 => Just(Value::Null), 6 => body(document, schema)];
            proptest::option::weighted(0.85, value).prop_map(move |value| Some((name.clone(), value?))).boxed()
        })
        .collect();
    let unknown = proptest::option::weighted(0.3, prop_oneof![Just(json!(1)), Just(json!({"deep": [1, {"x": "y"}]}))]);
    (members, unknown)
        .prop_map(|(members, unknown)| {
            let mut object: Map<String, Value> = members.into_iter().flatten().collect();
            if let Some(unknown) = unknown {
                object.insert("brandNew".to_owned(), unknown);
            }
            Value::Object(object)
        })
        .boxed()
}

/// A context of an alert, under the class that the document gives it, or under any that the wire has: then its fields may not fit.
fn context(document: &Document, kind: &Value) -> BoxedStrategy<Value> {
    let class = kind["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let class = prop_oneof![Just(class), proptest::sample::select(AlertContext::KINDS).prop_map(str::to_owned)];
    (object(document, document.resolve(kind)), class)
        .prop_map(|(mut body, class)| {
            body["@class"] = json!(class);
            body
        })
        .boxed()
}
