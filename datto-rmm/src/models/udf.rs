//! User-defined fields: up to 300 a device, as text (v2) or typed (v3). They hold recovery keys and the like, so `Debug` shows no value.

use std::fmt;

use datto_common::{Extra, Sensitive};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// The highest ordinal of a user-defined field.
pub const UDF_MAX: u16 = 300;
/// How many characters of a text the service keeps (official).
pub const UDF_LENGTH: usize = 255;

/// The user-defined fields of a device that are set, by ordinal.
///
/// The service sends all 300 keys, nearly all of them null: only what is set is kept.
///
/// ```
/// let udfs: datto_rmm::models::Udfs = serde_json::from_str(r#"{"udf1":null,"udf2":"Lab"}"#)?;
/// assert_eq!(udfs.get(2), Some("Lab"));
/// assert_eq!(udfs.iter().count(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Udfs {
    /// Sorted by ordinal.
    set: Vec<(u16, Box<str>)>,
    /// Members of the object that are no `udfN` with text in it.
    extra: Extra,
}

impl datto_common::internal::Held for Udfs {
    const HOLDS: datto_common::internal::Holds = datto_common::internal::Holds::Column(datto_common::ColumnKind::Json);
    const SENSITIVE: bool = true;
}

impl Udfs {
    /// The field of this ordinal, 1 to 300, if it is set.
    pub fn get(&self, ordinal: u16) -> Option<&str> {
        let at = self.set.binary_search_by_key(&ordinal, |(ordinal, _)| *ordinal).ok()?;
        self.set.get(at).map(|(_, text)| &**text)
    }

    /// Those that are set, in the order of their ordinals.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &str)> {
        self.set.iter().map(|(ordinal, text)| (*ordinal, &**text))
    }

    /// How many are set.
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Members of the object that this version does not know.
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Shows which ordinals are set, not their values.
impl fmt::Debug for Udfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Udfs")?;
        f.debug_list().entries(self.set.iter().map(|(ordinal, _)| ordinal)).finish()
    }
}

impl Serialize for Udfs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.set.len() + self.extra.len()))?;
        for (ordinal, text) in &self.set {
            map.serialize_entry(&format_args!("udf{ordinal}"), text)?;
        }
        for (name, value) in self.extra.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Udfs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UdfsVisitor)
    }
}

struct UdfsVisitor;

impl<'de> Visitor<'de> for UdfsVisitor {
    type Value = Udfs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the user-defined fields of a device")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Udfs, A::Error> {
        let mut udfs = Udfs::default();
        // A null costs no allocation: neither its key nor `Value::Null` has any.
        while let Some((key, value)) = map.next_entry::<Key, Value>()? {
            match (key, value) {
                (Key::Udf(_), Value::Null) => {}
                (Key::Udf(ordinal), Value::String(text)) => udfs.set.push((ordinal, text.into())),
                (Key::Udf(ordinal), odd) => {
                    udfs.extra.insert(format!("udf{ordinal}"), odd);
                }
                (Key::Other(name), value) => {
                    udfs.extra.insert(name, value);
                }
            }
        }
        udfs.set.sort_by_key(|(ordinal, _)| *ordinal);
        Ok(udfs)
    }
}

/// A key of the object.
enum Key {
    Udf(u16),
    Other(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a user-defined field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Key, E> {
        Ok(ordinal(name).map_or_else(|| Key::Other(name.to_owned()), Key::Udf))
    }
}

/// The ordinal in `udf7`; none in `udf07`, `udf0` or `udf301`, which would not be written back alike.
fn ordinal(name: &str) -> Option<u16> {
    let digits = name.strip_prefix("udf")?;
    if digits.starts_with(['0', '+']) {
        return None;
    }
    digits.parse().ok().filter(|ordinal| (1..=UDF_MAX).contains(ordinal))
}

datto_common::open_enum! {
    /// The type of a user-defined field.
    pub enum UdfKind {
        /// Text.
        Text = "STRING",
        /// Yes or no.
        Boolean = "BOOLEAN",
        /// A number.
        Number = "NUMBER",
        /// A date without a time.
        Date = "DATE",
    }
}

datto_common::model! {
    /// A user-defined field of v3: its type, label, and value in the member of its type.
    pub struct UdfItem {
        /// Its ordinal, 1 to 300.
        pub ordinal: Option<i64>,
        /// Its type.
        #[serde(rename = "type")]
        pub kind: Option<UdfKind>,
        /// Its value, if it is a boolean.
        pub value_boolean: Option<Sensitive<bool>>,
        /// Its value, if it is text.
        pub value_string: Option<Sensitive<String>>,
        /// Its value, if it is a date: `yyyy-MM-dd`.
        pub value_date: Option<Sensitive<String>>,
        /// Its value, if it is a number.
        pub value_number: Option<Sensitive<Number>>,
        /// What the account calls it.
        pub label: Option<String>,
        /// Whether its value does not fit the type that the account has set for it.
        pub type_mis_match: Option<bool>,
    }
}

/// The value of a typed user-defined field.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum UdfValue<'a> {
    /// Text.
    Text(&'a str),
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Number(&'a Number),
    /// A date, `yyyy-MM-dd`.
    Date(&'a str),
}

/// Shows the type alone.
impl fmt::Debug for UdfValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text([redacted])",
            Self::Boolean(_) => "Boolean([redacted])",
            Self::Number(_) => "Number([redacted])",
            Self::Date(_) => "Date([redacted])",
        })
    }
}

impl UdfItem {
    /// Its value, whichever member holds it.
    pub fn value(&self) -> Option<UdfValue<'_>> {
        let text = self.value_string.as_ref().map(|text| UdfValue::Text(text));
        let boolean = || self.value_boolean.as_ref().map(|boolean| UdfValue::Boolean(boolean.0));
        let number = || self.value_number.as_ref().map(|number| UdfValue::Number(number));
        let date = || self.value_date.as_ref().map(|date| UdfValue::Date(date));
        text.or_else(boolean).or_else(number).or_else(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn only_what_is_set_is_kept_and_shown_by_ordinal() {
        let body =
            json!({"udf10": "x", "udf2": "y", "udf3": null, "udf301": "far", "udf07": "odd", "udf8": 5, "note": null});
        let udfs: Udfs = serde_json::from_value(body).unwrap();
        assert_eq!(udfs.iter().collect::<Vec<_>>(), [(2, "y"), (10, "x")]);
        assert_eq!(format!("{udfs:?}"), "Udfs[2, 10]");
        assert_eq!(
            serde_json::to_value(&udfs).unwrap(),
            json!({"udf2": "y", "udf10": "x", "udf301": "far", "udf07": "odd", "udf8": 5, "note": null})
        );
    }

    #[test]
    fn a_typed_field_gives_its_value() {
        let item: UdfItem = serde_json::from_value(json!({"ordinal": 1, "type": "NUMBER", "valueNumber": 12})).unwrap();
        assert_eq!(item.value(), Some(UdfValue::Number(&12.into())));
        assert!(!format!("{item:?} {:?}", item.value()).contains("12"));
        assert_eq!(UdfItem::default().value(), None);
    }

    proptest! {
        #[test]
        fn what_is_set_survives_a_round_trip(set in proptest::collection::btree_map(1_u16..=300, ".{0,6}", 0..20)) {
            let body: serde_json::Map<String, Value> = set.iter().map(|(n, text)| (format!("udf{n}"), json!(text))).collect();
            let udfs: Udfs = serde_json::from_value(Value::Object(body.clone())).unwrap();
            prop_assert_eq!(udfs.len(), set.len());
            prop_assert_eq!(serde_json::to_value(&udfs).unwrap(), Value::Object(body));
        }
    }
}
