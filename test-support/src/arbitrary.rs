//! Arbitrary JSON for every decoder: records of the fixtures with anything put in anywhere, and anything at all.

use std::fmt::Debug;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Every object in every fixture below a folder, whole answers and what they hold.
pub fn records(folder: &str) -> Vec<Value> {
    let mut records = Vec::new();
    collect(Path::new(folder), &mut records);
    records
}

fn collect(folder: &Path, records: &mut Vec<Value>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, records);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            // The content of a file is no JSON.
            if let Ok(value) = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()) {
                objects(&value, records);
            }
        }
    }
}

fn objects(value: &Value, records: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            records.push(value.clone());
            members.values().for_each(|member| objects(member, records));
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, records)),
        _ => {}
    }
}

/// Anything that JSON can say, with a liking for what looks like a number or a date.
pub fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9]{1,25}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,12}Z?".prop_map(Value::from),
        Just(Value::from("Infinity")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[@a-zA-Z0-9]{0,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// One of these records with some of its members replaced.
pub fn record(records: &'static [Value]) -> impl Strategy<Value = Value> {
    let changes = prop::collection::vec((any::<Index>(), anything()), 0..4);
    (any::<Index>(), changes).prop_map(|(record, changes)| {
        let mut record = record.get(records).clone();
        if let Value::Object(members) = &mut record {
            let names: Vec<String> = members.keys().cloned().collect();
            for (name, value) in changes.into_iter().filter(|_| !names.is_empty()) {
                members.insert(name.get(&names).clone(), value);
            }
        }
        record
    })
}

/// Decodes it; what can be decoded is shown, written and read again without a change.
pub fn meets<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: &Value) {
    let Ok(read) = serde_json::from_value::<T>(value.clone()) else { return };
    assert!(!format!("{read:?}").is_empty());
    let written = serde_json::to_value(&read).unwrap();
    let again = serde_json::from_value::<T>(written.clone())
        .unwrap_or_else(|error| panic!("{error}: {value} became {written}"));
    assert_eq!(read, again, "{value} became {written}");
}
