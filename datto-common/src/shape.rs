//! The shape of a page: where its records stand, and what stands beside them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::Paging;
use crate::model::Extra;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Null,
    Records,
}

/// The shape of a page with its records as `R`.
pub(crate) struct Shape<R> {
    pub(crate) records: Vec<R>,
    pub(crate) details: Value,
    pub(crate) extra: Extra,
    pub(crate) found: Found,
}

impl<'de, R: Deserialize<'de>> Shape<R> {
    pub(crate) fn read(text: &'de str, paging: &Paging) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let shape = ShapeSeed { paging, records: PhantomData }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(shape)
    }

    fn empty() -> Self {
        Self { records: Vec::new(), details: Value::Null, extra: Extra::default(), found: Found::Nothing }
    }
}

struct ShapeSeed<'a, R> {
    paging: &'a Paging,
    records: PhantomData<R>,
}

impl<'de, R: Deserialize<'de>> DeserializeSeed<'de> for ShapeSeed<'_, R> {
    type Value = Shape<R>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Deserialize<'de>> Visitor<'de> for ShapeSeed<'_, R> {
    type Value = Shape<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.paging.items.is_empty() {
            f.write_str("an array of records")
        } else {
            write!(f, "a page with `{}`", self.paging.items)
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
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

impl<'de, R: Deserialize<'de>> DeserializeSeed<'de> for ItemsSeed<R> {
    type Value = Option<Vec<R>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Deserialize<'de>> Visitor<'de> for ItemsSeed<R> {
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
