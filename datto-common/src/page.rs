//! One page of a list, and how it is read from the body.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::model::Extra;
use crate::tolerant;
use crate::{Continuation, Error, ErrorKind, Paging, Result, Sensitive};

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records that could be read.
    pub items: Vec<T>,
    /// The records that could not: a page is never lost over one of them.
    pub odd: Vec<Odd>,
    /// How many records the whole list has, where the service says so.
    pub total: Option<u64>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Continuation>,
    /// What the page holds besides its records and its details.
    pub extra: Extra,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Odd {
    /// The record as it came.
    pub raw: Sensitive<Value>,
    /// Where it stands on its page, from 0.
    pub index: usize,
    /// What is wrong with it: the place and what was expected.
    pub why: String,
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// What a body holds.
#[derive(Debug)]
pub(crate) struct Records<T> {
    pub(crate) items: Vec<T>,
    pub(crate) odd: Vec<Odd>,
    pub(crate) details: Value,
    pub(crate) extra: Extra,
    /// What the service says went wrong, though records came: there may be more of them.
    pub(crate) failure: Option<String>,
}

impl<T> Records<T> {
    /// How many records came, readable or not.
    pub(crate) fn rows(&self) -> usize {
        self.items.len() + self.odd.len()
    }
}

/// Reads a page whole; if that fails, record by record.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer, paging: &Paging) -> Result<Records<T>> {
    let text = answer.json_text()?;
    let whole = Shape::<T>::read(text, paging);
    let shape = match whole {
        Ok(shape) => shape,
        Err(_) => one_by_one(answer, text, paging)?,
    };
    let Shape { records, odd, details, extra, found } = shape;
    let failure = failure(&extra, paging).map(|message| {
        let said = answer.origin.cleaner().words(message, 1_000).line(200);
        String::from(said.after("the service reports inside a good answer: "))
    });
    if let (Some(message), true) = (&failure, records.is_empty() && odd.is_empty()) {
        return Err(answer.error(ErrorKind::Server, message.as_str()));
    }
    if found == Found::Nothing || (found == Found::Null && !counts_none(&details)) {
        let name = if paging.items.is_empty() { "records" } else { paging.items };
        let message = if found == Found::Null {
            format!("`{name}` is null, and the page does not say that it is empty")
        } else {
            format!("no `{name}` in the answer")
        };
        return Err(answer.unreadable(message).with_hint("an answer without its list is never taken for an empty one"));
    }
    Ok(Records { items: records, odd, details, extra, failure })
}

/// What the service reports as failed although the status is fine.
fn failure<'a>(extra: &'a Extra, paging: &Paging) -> Option<&'a str> {
    let member = Some(paging.failure).filter(|member| !member.is_empty())?;
    extra.get(member)?.as_str().filter(|message| !message.trim().is_empty())
}

/// Reads all records of an answer that is no page. The first one that cannot be read fails the call and is named.
#[doc(hidden)]
pub fn read_all<T: DeserializeOwned>(answer: &Answer, paging: &Paging) -> Result<Vec<T>> {
    let records = read(answer, paging)?;
    if let Some(failure) = records.failure {
        return Err(answer.error(ErrorKind::Server, failure));
    }
    match records.odd.first() {
        None => Ok(records.items),
        Some(odd) => Err(odd.error(answer)),
    }
}

impl Odd {
    pub(crate) fn error(&self, answer: &Answer) -> Error {
        answer.unreadable(format!("record {} of the page: {}", self.index, self.why))
    }
}

fn one_by_one<T: DeserializeOwned>(answer: &Answer, text: &str, paging: &Paging) -> Result<Shape<T>> {
    let escaped = tolerant::escaped(text);
    let text = escaped.as_deref().unwrap_or(text);
    let raw = Shape::<Box<RawValue>>::read(text, paging)
        .map_err(|error| answer.wrong_json::<Box<RawValue>>(text, &error).with_kind(ErrorKind::Decode))?;
    let mut shape = Shape {
        records: Vec::with_capacity(raw.records.len()),
        odd: raw.odd,
        details: raw.details,
        extra: raw.extra,
        found: raw.found,
    };
    for (index, record) in raw.records.into_iter().enumerate() {
        match serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(record.get())) {
            Ok(record) => shape.records.push(record),
            Err(error) => {
                if let Some(record) = tolerant::read(record.get()) {
                    shape.records.push(record);
                    continue;
                }
                let why = why(&error);
                // What is nested too deep to be read as values is kept as text.
                let raw = serde_json::from_str(record.get()).unwrap_or_else(|_| Value::from(record.get()));
                shape.odd.push(Odd { raw: Sensitive(raw), index, why });
            }
        }
    }
    Ok(shape)
}

fn why(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let text = error.inner().to_string();
    let expected = text.split_once(", expected ").map_or(text.as_str(), |(_, expected)| expected);
    let expected = expected.split_once(" at line ").map_or(expected, |(expected, _)| expected);
    format!("{}: expected {expected}", error.path())
}

/// Whether the details say that the list is empty.
fn counts_none(details: &Value) -> bool {
    ["count", "totalCount"].iter().any(|name| details.get(*name).and_then(Value::as_u64) == Some(0))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Null,
    Records,
}

/// The shape of a page with its records as `R`.
struct Shape<R> {
    records: Vec<R>,
    odd: Vec<Odd>,
    details: Value,
    extra: Extra,
    found: Found,
}

impl<R: DeserializeOwned> Shape<R> {
    fn read(text: &str, paging: &Paging) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let shape = ShapeSeed { paging, records: PhantomData }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(shape)
    }

    fn empty() -> Self {
        Self {
            records: Vec::new(),
            odd: Vec::new(),
            details: Value::Null,
            extra: Extra::default(),
            found: Found::Nothing,
        }
    }
}

struct ShapeSeed<'a, R> {
    paging: &'a Paging,
    records: PhantomData<R>,
}

impl<'de, R: DeserializeOwned> DeserializeSeed<'de> for ShapeSeed<'_, R> {
    type Value = Shape<R>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: DeserializeOwned> Visitor<'de> for ShapeSeed<'_, R> {
    type Value = Shape<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.paging.items.is_empty() {
            f.write_str("an array of records")
        } else {
            write!(f, "a page with `{}`", self.paging.items)
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if !self.paging.loose && !self.paging.items.is_empty() {
            return Err(serde::de::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut shape = Shape { found: Found::Records, ..Shape::empty() };
        while let Some(record) = seq.next_element()? {
            shape.records.push(record);
        }
        Ok(shape)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut shape = Shape::empty();
        let mut members = 0;
        while let Some(key) = map.next_key::<String>()? {
            members += 1;
            if !self.paging.items.is_empty() && key == self.paging.items {
                if shape.found != Found::Nothing {
                    return Err(serde::de::Error::duplicate_field(self.paging.items)); // which of them is the list?
                }
                match map.next_value_seed(ItemsSeed { loose: self.paging.loose, records: PhantomData })? {
                    Some(records) => (shape.records, shape.found) = (records, Found::Records),
                    None => shape.found = Found::Null,
                }
            } else if key == self.paging.details {
                shape.details = map.next_value()?;
            } else if self.paging.loose && is_index(&key) {
                shape.records.push(map.next_value()?);
                shape.found = Found::Records;
            } else {
                shape.extra.insert(key, map.next_value()?);
            }
        }
        if self.paging.empty_object && members == 0 {
            shape.found = Found::Records; // an empty list as an object (observed)
        }
        Ok(shape)
    }
}

/// Records as an array, as an object keyed by index, or null.
struct ItemsSeed<R> {
    loose: bool,
    records: PhantomData<R>,
}

impl<'de, R: DeserializeOwned> DeserializeSeed<'de> for ItemsSeed<R> {
    type Value = Option<Vec<R>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: DeserializeOwned> Visitor<'de> for ItemsSeed<R> {
    type Value = Option<Vec<R>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut records = Vec::new();
        while let Some(record) = seq.next_element()? {
            records.push(record);
        }
        Ok(Some(records))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if !self.loose {
            return Err(serde::de::Error::invalid_type(serde::de::Unexpected::Map, &self));
        }
        let mut records = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if !is_index(&key) {
                return Err(serde::de::Error::unknown_field(&key, &["an index"]));
            }
            records.push(map.next_value()?);
        }
        Ok(Some(records))
    }
}

fn is_index(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cursor {
    /// The number of a page.
    Number(u64),
    /// The query parameters of an opaque cursor; none on the first page.
    Opaque(Vec<(String, String)>),
    /// It could not be told where; going on fails with this kind, and this is why.
    Lost(ErrorKind, String),
}
