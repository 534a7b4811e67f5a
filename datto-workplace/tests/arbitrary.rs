//! Every decoder meets arbitrary JSON: records of the fixtures with anything put in anywhere, and anything at all.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::sync::LazyLock;

use datto_test_support::arbitrary::{self, anything, meets, record};
use datto_workplace::{Endpoint, FileId, FolderId, Item, Lock, ProjectId};
use proptest::prelude::*;
use serde_json::Value;

static RECORDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let records = arbitrary::records(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
    assert!(records.len() > 3, "only {} records", records.len());
    records
});

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
    fn every_model_meets_records_with_anything_in_them(value in record(&RECORDS)) {
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
