//! Records of RMM as rows.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::HashSet;

use datto_common::Columnar;
use datto_rmm::{
    ActivityLog, Alert, Columns, Device, DeviceAudit, DeviceV3, JobResults, Patch, Scalar, Site, Software,
};

fn names<T: Columnar>() -> Vec<String> {
    Columns::<T>::new().all().iter().map(|column| column.name.clone()).collect()
}

#[test]
fn no_two_columns_have_one_name() {
    for names in [
        names::<ActivityLog>(),
        names::<Alert>(),
        names::<Device>(),
        names::<DeviceAudit>(),
        names::<DeviceV3>(),
        names::<JobResults>(),
        names::<Patch>(),
        names::<Site>(),
        names::<Software>(),
    ] {
        let unique: HashSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
        assert!(
            names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')),
            "{names:?}"
        );
    }
}

#[test]
fn a_device_is_flat_and_its_user_defined_fields_are_left_out() {
    let columns = Columns::<Device>::new();
    let chosen: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert!(
        chosen.contains(&"antivirus_antivirus_product") && chosen.contains(&"patch_management_patches_not_approved"),
        "{chosen:?}"
    );
    assert!(!chosen.contains(&"udf"), "{chosen:?}");
    let device: Device = serde_json::from_str(
        r#"{"uid":"u","hostname":"WS-1","udf":{"udf1":"recovery-key"},"antivirus":{"antivirusProduct":"Sample"},"fresh":7}"#,
    )
    .unwrap();
    let row = columns.row(&device).unwrap();
    let value = |name: &str| &row.values[columns.iter().position(|column| column.name == name).unwrap()];
    assert_eq!(value("antivirus_antivirus_product"), &Scalar::Text("Sample".to_owned()));
    assert_eq!(value("extra"), &Scalar::Text(r#"{"fresh":7}"#.to_owned()));
    assert!(!format!("{row:?}").contains("recovery"));
    let named = columns.only(["udf"]).unwrap().row(&device).unwrap();
    assert_eq!(named.values, [Scalar::Text(r#"{"udf1":"recovery-key"}"#.to_owned())]);
}
