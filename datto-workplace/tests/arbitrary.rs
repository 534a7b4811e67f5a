//! Every decoder meets arbitrary JSON: records of the fixtures with anything put in anywhere, and anything at all.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::fmt::Debug;
use std::path::Path;
use std::sync::LazyLock;

use datto_workplace::{Endpoint, FileId, FolderId, Item, Lock, ProjectId};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Every object in every fixture, whole answers and what they hold.
static RECORDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut records = Vec::new();
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")), &mut records);
    assert!(records.len() > 3, "only {} records", records.len());
    records
});

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

fn anything() -> impl Strategy<Value = Value> {
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

/// A record of a fixture with some of its members replaced.
fn record() -> impl Strategy<Value = Value> {
    let changes = prop::collection::vec((any::<Index>(), anything()), 0..4);
    (any::<Index>(), changes).prop_map(|(record, changes)| {
        let mut record = record.get(&RECORDS).clone();
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
fn meets<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: &Value) {
    let Ok(read) = serde_json::from_value::<T>(value.clone()) else { return };
    assert!(!format!("{read:?}").is_empty());
    let written = serde_json::to_value(&read).unwrap();
    let again = serde_json::from_value::<T>(written.clone())
        .unwrap_or_else(|error| panic!("{error}: {value} became {written}"));
    assert_eq!(read, again, "{value} became {written}");
}

/// Decodes it as each of these.
macro_rules! meet {
    ($value:expr; $($model:ty),+ $(,)?) => {
        $(meets::<$model>($value);)+
    };
}

fn meet_all(value: &Value) {
    meet!(value; FileId, FolderId, Item, Lock, ProjectId);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_model_meets_records_with_anything_in_them(value in record()) {
        meet_all(&value);
    }

    #[test]
    fn every_model_meets_anything(value in anything()) {
        meet_all(&value);
    }

    #[test]
    fn every_address_meets_any_text(text in ".{0,60}", host in "[a-z.:@/?#%\\[\\]0-9-]{0,40}") {
        for text in [text, format!("https://{host}"), format!("http://{host}"), host] {
            let _ = text.parse::<Endpoint>();
        }
    }
}

#[test]
fn every_model_meets_the_fixtures() {
    RECORDS.iter().for_each(meet_all);
}
