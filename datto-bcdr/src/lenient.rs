//! Reading of values whose form on the wire varies: flags, numbers as text, lists as objects.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A yes or no that the service spells in several ways: `true`, `1`, `"1"` for yes, `false`, `0`, `"0"`, `""` for no (observed).
///
/// Keeps what came and writes it back.
///
/// ```
/// use datto_bcdr::Flag;
/// let no: Flag = serde_json::from_str("\"\"")?;
/// assert_eq!(no.get(), Some(false));
/// assert_eq!(serde_json::to_string(&no)?, "\"\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flag(Value);

datto_common::held! { Bool: Flag; }

impl Flag {
    /// Yes or no; `None` if what came is neither.
    pub fn get(&self) -> Option<bool> {
        read_flag(&self.0)
    }

    /// Whether it is a clear yes.
    pub fn is_yes(&self) -> bool {
        self.get() == Some(true)
    }

    /// Whether it is a clear no.
    pub fn is_no(&self) -> bool {
        self.get() == Some(false)
    }
}

impl From<bool> for Flag {
    fn from(flag: bool) -> Self {
        Self(Value::Bool(flag))
    }
}

impl PartialEq<bool> for Flag {
    fn eq(&self, other: &bool) -> bool {
        self.get() == Some(*other)
    }
}

impl fmt::Debug for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(flag) => write!(f, "{flag}"),
            None => write!(f, "Flag({})", self.0),
        }
    }
}

fn read_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim() {
            "" | "0" => Some(false),
            "1" => Some(true),
            word if word.eq_ignore_ascii_case("true") => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a bool, also where it comes as one of the spellings of [`Flag`].
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => match read_flag(&value) {
            Some(flag) => Ok(Some(flag)),
            None => Err(D::Error::custom(format_args!("expected a yes or no, found {}", kind_of(&value)))),
        },
    }
}

/// Reads a whole number, also where it comes as text or with a fraction of zero; blank text is no number.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = match &value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        _ => None,
    };
    number.map(Some).ok_or_else(|| D::Error::custom(format_args!("expected a whole number, found {}", kind_of(&value))))
}

/// Reads a number, also where it comes as text; blank text is no number.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match &value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        value => read_number(value)
            .map(Some)
            .ok_or_else(|| D::Error::custom(format_args!("expected a number, found {}", kind_of(value)))),
    }
}

/// The number in a value, also where it is text.
pub(crate) fn read_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

#[allow(clippy::cast_possible_truncation)] // the bounds are checked: 2^53 is exact in both types
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Reads a list inside a record, also where it comes as an object keyed by index, which is how the service writes a list with holes (observed
/// for assets).
pub(crate) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.is_null() {
        return Ok(None);
    }
    let records = records(value).map_err(|odd| D::Error::custom(format_args!("expected a list, found {odd}")))?;
    records
        .into_iter()
        .map(|record| serde_json::from_value(record).map_err(D::Error::custom))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The records of an array or of an object keyed by index, in the order of their index; else what came instead.
pub(crate) fn records(value: Value) -> Result<Vec<Value>, Cow<'static, str>> {
    match value {
        Value::Array(records) => Ok(records),
        Value::Object(members) => {
            let mut indexed = Vec::with_capacity(members.len());
            for (key, record) in members {
                match key.parse::<u64>() {
                    Ok(index) => indexed.push((index, record)),
                    Err(_) => return Err("an object".into()),
                }
            }
            indexed.sort_by_key(|(index, _)| *index);
            Ok(indexed.into_iter().map(|(_, record)| record).collect())
        }
        other => Err(kind_of(&other).into()),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "another number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    datto_common::model! {
        /// A record with every lenient field.
        pub struct Sample {
            /// A flag.
            #[serde(deserialize_with = "flag")]
            pub yes: Option<bool>,
            /// A whole number.
            #[serde(deserialize_with = "integer")]
            pub count: Option<i64>,
            /// A number.
            #[serde(deserialize_with = "number")]
            pub percent: Option<f64>,
            /// A list.
            #[serde(deserialize_with = "list")]
            pub names: Option<Vec<String>>,
        }
    }

    fn read(value: Value) -> Result<Sample, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn a_flag_is_read_in_every_spelling_and_written_as_it_came() {
        let yes = [json!(true), json!(1), json!("1"), json!("true"), json!("TRUE")];
        let no = [json!(false), json!(0), json!("0"), json!(""), json!("false")];
        let neither = [json!("soon"), json!(2), json!([]), json!({})];
        for (values, meaning) in [(&yes[..], Some(true)), (&no, Some(false)), (&neither, None)] {
            for value in values {
                let flag: Flag = serde_json::from_value(value.clone()).unwrap();
                assert_eq!(flag.get(), meaning, "{value}");
                assert_eq!(&serde_json::to_value(&flag).unwrap(), value);
            }
        }
        assert!(Flag::from(true).is_yes() && Flag::from(false).is_no());
    }

    #[test]
    fn conflicting_types_are_read_alike() {
        for (count, percent) in [(json!(7), json!(79.5)), (json!("7"), json!("79.5")), (json!(7.0), json!(" 79.5 "))] {
            let sample = read(json!({ "count": count, "percent": percent, "yes": "1" })).unwrap();
            assert_eq!((sample.count, sample.percent, sample.yes), (Some(7), Some(79.5), Some(true)));
        }
        let blank = read(json!({ "count": "", "percent": null, "names": null })).unwrap();
        assert_eq!(blank, Sample::default());
    }

    #[test]
    fn what_is_no_number_or_flag_is_an_error_and_not_a_zero() {
        for wrong in
            [json!({"count": "many"}), json!({"count": 1.5}), json!({"percent": {}}), json!({"yes": "perhaps"})]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(read(json!({"percent": "NaN"})).is_err());
    }

    #[test]
    fn a_list_with_holes_keeps_its_order() {
        let sample = read(json!({ "names": {"10": "c", "0": "a", "9": "b"} })).unwrap();
        assert_eq!(sample.names.unwrap(), ["a", "b", "c"]);
        assert_eq!(read(json!({ "names": {} })).unwrap().names, Some(vec![]));
        assert!(read(json!({ "names": {"code": "x", "message": "y"} })).is_err());
        assert!(read(json!({ "names": "" })).is_err());
    }
}
