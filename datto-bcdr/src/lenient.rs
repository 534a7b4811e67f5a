//! Reading of values whose form on the wire varies: flags, numbers as text, lists as objects.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
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

/// Further words are a guess.
const YES: [&str; 5] = ["true", "yes", "on", "y", "t"];
const NO: [&str; 5] = ["false", "no", "off", "n", "f"];

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
            word if YES.iter().any(|yes| word.eq_ignore_ascii_case(yes)) => Some(true),
            word if NO.iter().any(|no| word.eq_ignore_ascii_case(no)) => Some(false),
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
/// for assets). What is wrong inside keeps its place, so that it costs itself and not the list.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    deserializer.deserialize_any(Records(PhantomData))
}

struct Records<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Records<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut records = Vec::new();
        while let Some(record) = list.next_element()? {
            records.push(record);
        }
        Ok(Some(records))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut records: Vec<(u64, T)> = Vec::new();
        while let Some(key) = members.next_key::<Cow<'de, str>>()? {
            let index = key.parse().map_err(|_| A::Error::custom("expected a list, found an object"))?;
            records.push((index, members.next_value()?));
        }
        records.sort_by_key(|(index, _)| *index);
        Ok(Some(records.into_iter().map(|(_, record)| record).collect()))
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
        let yes = [json!(true), json!(1), json!("1"), json!("true"), json!("TRUE"), json!("yes"), json!("On")];
        let no = [json!(false), json!(0), json!("0"), json!(""), json!("false"), json!("No"), json!("off")];
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
