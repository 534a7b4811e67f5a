//! Sizes that come with their unit.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::lenient::read_number;

/// An amount of storage, with the unit in which the service sent it: `{"size": 4096, "units": "KB"}`.
///
/// The units differ from field to field (observed: local sizes in KB, offsite sizes in bytes), so read [`bytes`](Self::bytes). Some answers
/// send a plain number instead, whose unit is not known (observed). Keeps what came and writes it back.
///
/// ```
/// use datto_bcdr::StorageSize;
/// let used: StorageSize = serde_json::from_str(r#"{"size": 4096, "units": "kb"}"#)?;
/// assert_eq!(used.bytes(), Some(4_194_304));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StorageSize(Value);

datto_common::held! { Json: StorageSize; }

impl StorageSize {
    /// So many of a unit.
    pub fn new(size: u64, units: &str) -> Self {
        Self(json!({ "size": size, "units": units }))
    }

    /// The number, in the unit of [`units`](Self::units).
    pub fn size(&self) -> Option<f64> {
        read_number(self.0.get("size").unwrap_or(&self.0))
    }

    /// The unit as the service spells it; `None` if it sent none.
    pub fn units(&self) -> Option<&str> {
        self.0.get("units")?.as_str().map(str::trim).filter(|units| !units.is_empty())
    }

    /// In bytes, by the unit that came with it, whatever its case; steps are of 1024 (observed). `None` without a number or a known unit.
    pub fn bytes(&self) -> Option<u64> {
        let bytes = self.size()? * factor(self.units()?)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the bounds are checked
        (0.0..18e18).contains(&bytes).then_some(bytes as u64)
    }
}

fn factor(units: &str) -> Option<f64> {
    const UNITS: [(&[&str], i32); 6] = [
        (&["b", "byte", "bytes"], 0),
        (&["k", "kb", "kib", "kilobyte", "kilobytes"], 1),
        (&["m", "mb", "mib", "megabyte", "megabytes"], 2),
        (&["g", "gb", "gib", "gigabyte", "gigabytes"], 3),
        (&["t", "tb", "tib", "terabyte", "terabytes"], 4),
        (&["p", "pb", "pib", "petabyte", "petabytes"], 5),
    ];
    let (_, steps) = UNITS.iter().find(|(names, _)| names.iter().any(|name| name.eq_ignore_ascii_case(units)))?;
    Some(1024_f64.powi(*steps))
}

impl fmt::Debug for StorageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.size(), self.units()) {
            (Some(size), Some(units)) => write!(f, "{size} {units}"),
            (Some(size), None) => write!(f, "{size}"),
            (None, _) => write!(f, "StorageSize({})", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> StorageSize {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn sizes_are_read_by_their_unit() {
        for (value, bytes) in [
            (json!({"size": 2, "units": "KB"}), Some(2_048)),
            (json!({"size": 2, "units": "kb"}), Some(2_048)),
            (json!({"size": "2", "units": "Bytes"}), Some(2)),
            (json!({"size": 1.5, "units": " GB "}), Some(1_610_612_736)),
            (json!({"size": 0, "units": "TB"}), Some(0)),
            (json!({"size": null, "units": "KB"}), None),
            (json!({"size": 5, "units": "furlongs"}), None),
            (json!({"size": 5}), None),
            (json!({"size": -5, "units": "KB"}), None),
            (json!(5), None),
            (json!("lots"), None),
        ] {
            assert_eq!(read(value.clone()).bytes(), bytes, "{value}");
        }
        assert_eq!(read(json!(5)).size(), Some(5.0));
    }

    #[test]
    fn a_size_is_written_as_it_came() {
        for value in [json!({"size": "2", "units": "KB", "new": 1}), json!(5), json!("lots")] {
            assert_eq!(serde_json::to_value(read(value.clone())).unwrap(), value);
        }
        assert_eq!(format!("{:?}", StorageSize::new(3, "KB")), "3 KB");
    }
}
