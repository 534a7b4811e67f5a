//! What holds for every record, whatever comes.

use datto_common::internal::Model;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::*;

/// A value of any kind, likely one that some field takes.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..3_000_000_000_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "0",
            "1",
            "true",
            "7",
            "1.5",
            "success",
            "User",
            "OVER_10_DAYS_AGO",
            "Between0dAnd1d"
        ])
        .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("2026-08-25T07:38:15+00:00")),
        Just(json!({"size": 5, "units": "KB"})),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("([a-z]{1,6}|[0-3])", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Members with any values, for fields that the record declares and others.
fn any_members() -> impl Strategy<Value = Vec<(prop::sample::Index, Value)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any_value()), 0..12)
}

/// Reading neither panics nor loses what is unknown, and what was read once reads the same again.
fn check<T: Model + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    members: &[(prop::sample::Index, Value)],
) -> Result<(), TestCaseError> {
    let fields: Vec<String> = T::FIELDS.iter().map(|field| field.wire_name()).collect();
    let mut record: Map<String, Value> =
        [("aFieldOfTomorrow".to_owned(), json!({"deep": [1, null]}))].into_iter().collect();
    for (place, value) in members {
        record.insert(place.get(&fields).clone(), value.clone());
    }
    let Ok(first) = serde_json::from_value::<T>(Value::Object(record)) else { return Ok(()) };
    let written = serde_json::to_value(&first).expect("a record can be written");
    prop_assert_eq!(&written["aFieldOfTomorrow"], &json!({"deep": [1, null]}), "{}", T::NAME);
    let again: T = serde_json::from_value(written.clone()).expect("what was written can be read");
    prop_assert_eq!(serde_json::to_value(&again).expect("and written"), written, "{}", T::NAME);
    let _ = format!("{first:?}");
    Ok(())
}

macro_rules! properties {
    ($($name:ident),+) => {
        proptest! {
            #[test]
            fn any_record_is_read_or_refused_and_survives(members in any_members()) {
                $(check::<$name>(&members)?;)+
            }
        }

        #[test]
        fn a_record_of_nothing_is_empty_and_one_of_nulls_too() {
            $(
                let nulls: Map<String, Value> = $name::FIELDS.iter().map(|field| (field.wire_name(), Value::Null)).collect();
                for record in [Map::new(), nulls] {
                    let read: $name = serde_json::from_value(Value::Object(record)).expect("every field is optional");
                    assert_eq!(read, $name::default());
                    assert_eq!(serde_json::to_value(&read).expect("it is empty"), json!({}), "{}", $name::NAME);
                }
            )+
        }
    };
}

properties!(
    ActivityLog,
    AdvancedVerification,
    Alert,
    Asset,
    BackupRun,
    BackupWindow,
    BandwidthSettings,
    BcdrAgent,
    BcdrClientAgents,
    BulkSeatAssignment,
    CustomerUsage,
    Device,
    DtcAsset,
    DtcAssetDetails,
    DtcBackup,
    LocalVerification,
    ProtectedMachine,
    RemoteIds,
    RmmTemplate,
    RunBackup,
    SaasApp,
    SaasBackupStats,
    SaasDomain,
    SaasSeat,
    SaasSuite,
    ScreenshotVerification,
    StoragePool,
    VerificationError,
    VmRestore
);
