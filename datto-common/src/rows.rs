//! The records of a page in its order, read at once or, where one of them is odd, as they are wanted.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ids::read_id;
use crate::page::Odd;
use crate::tolerant::{self, Mended};
use crate::walk::mark;
use crate::{Paging, Sensitive};

/// So many records are looked at between two chances for other tasks.
const AT_ONCE: usize = 1_000;

/// How records of a list are told apart.
#[doc(hidden)]
#[derive(Debug)]
pub struct Identity<T> {
    /// The id of a record; empty if it has none.
    pub of: fn(&T) -> &str,
    /// The name of the member on the wire.
    pub member: fn() -> String,
}

impl<T> Clone for Identity<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Identity<T> {}

/// What can tell records of a list apart.
#[doc(hidden)]
pub trait AsIdentity {
    fn as_identity(&self) -> &str;
}

impl AsIdentity for String {
    fn as_identity(&self) -> &str {
        self
    }
}

impl<I: AsIdentity> AsIdentity for Option<I> {
    fn as_identity(&self) -> &str {
        self.as_ref().map_or("", I::as_identity)
    }
}

/// The records of a page that have not been handed out.
#[derive(Debug)]
pub(crate) enum Rows<T> {
    /// All could be read.
    Whole(std::vec::IntoIter<T>),
    /// Some could not. A body of tiny odd records makes an error of each only when that is wanted, and so costs as its bytes do.
    OneByOne { text: Bytes, places: std::vec::IntoIter<Range<usize>>, index: usize, unread: Vec<String> },
}

impl<T> Rows<T> {
    pub(crate) fn none() -> Self {
        Self::Whole(Vec::new().into_iter())
    }

    pub(crate) fn whole(records: Vec<T>) -> Self {
        Self::Whole(records.into_iter())
    }

    /// `records` are parts of this text.
    pub(crate) fn one_by_one(text: &Bytes, records: &[&RawValue]) -> Self {
        let start = text.as_ptr().addr();
        let places = records.iter().map(|record| {
            let from = record.get().as_ptr().addr().saturating_sub(start);
            from..from.saturating_add(record.get().len())
        });
        let places: Vec<Range<usize>> = places.collect();
        Self::OneByOne { text: text.clone(), places: places.into_iter(), index: 0, unread: Vec::new() }
    }

    pub(crate) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// The members of the record before that could not be read.
    pub(crate) fn take_unread(&mut self) -> Vec<String> {
        match self {
            Self::Whole(_) => Vec::new(),
            Self::OneByOne { unread, .. } => std::mem::take(unread),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Whole(records) => records.len(),
            Self::OneByOne { places, .. } => places.len(),
        }
    }

    /// A mark of each record by its id.
    pub(crate) fn marks(&self, identity: Identity<T>) -> Unmarked<'_> {
        match self {
            Self::Whole(records) => {
                Unmarked::None(records.as_slice().iter().map(|record| mark((identity.of)(record))).collect())
            }
            Self::OneByOne { text, places, .. } => Unmarked::Rows(text, places.as_slice(), (identity.member)()),
        }
    }
}

/// What is left to do for the marks of a page.
pub(crate) enum Unmarked<'a> {
    None(Vec<u64>),
    /// The id has to be looked for in each of these, which takes its time.
    Rows(&'a Bytes, &'a [Range<usize>], String),
}

impl Unmarked<'_> {
    pub(crate) async fn done(self) -> Vec<u64> {
        match self {
            Self::None(marks) => marks,
            Self::Rows(text, places, member) => {
                let mut marks = Vec::with_capacity(places.len());
                for chunk in places.chunks(AT_ONCE) {
                    marks.extend(chunk.iter().map(|place| mark(&id_in(row(text, place), &member))));
                    tokio::task::yield_now().await;
                }
                marks
            }
        }
    }
}

impl<T: DeserializeOwned> Rows<T> {
    /// The next record, or what is wrong with it.
    pub(crate) fn next_of(&mut self, paging: &Paging, identity: Option<Identity<T>>) -> Option<Result<T, Odd>> {
        match self {
            Self::Whole(records) => records.next().map(Ok),
            Self::OneByOne { text, places, index, unread } => {
                let place = places.next()?;
                let at = *index;
                *index += 1;
                Some(read(row(text, &place), at, paging, identity).map(|mended| {
                    *unread = mended.unread;
                    mended.record
                }))
            }
        }
    }
}

fn row<'a>(text: &'a Bytes, place: &Range<usize>) -> &'a str {
    text.get(place.clone()).and_then(|row| std::str::from_utf8(row).ok()).unwrap_or_default()
}

/// Reads a record; if that fails with its members in other forms, and if that fails once more to learn where.
fn read<T: DeserializeOwned>(
    text: &str,
    index: usize,
    paging: &Paging,
    identity: Option<Identity<T>>,
) -> Result<Mended<T>, Odd> {
    if let Ok(record) = serde_json::from_str(text) {
        return Ok(Mended { record, unread: Vec::new() });
    }
    if let Some(mended) = tolerant::read(text) {
        return Ok(mended);
    }
    let strictly = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text));
    strictly.map(|record| Mended { record, unread: Vec::new() }).map_err(
        |error: serde_path_to_error::Error<serde_json::Error>| {
            let inner = error.path().to_string();
            let inside = if error.path().iter().next().is_none() { String::new() } else { inner };
            let dot = if inside.is_empty() || inside.starts_with('[') { "" } else { "." };
            let id = identity.map(|identity| id_in(text, &(identity.member)())).filter(|id| !id.is_empty());
            Odd {
                // What is nested too deep to be read as values is kept as text.
                raw: Sensitive(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
                index,
                why: why(&inside, error.inner()),
                id: id.map(Into::into),
                path: format!("{}[{index}]{dot}{inside}", paging.items),
            }
        },
    )
}

/// The place and what was expected there, without the value, which may be private.
fn why(inside: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let expected = text.split_once(", expected ").map_or(text.as_str(), |(_, expected)| expected);
    let expected = expected.split_once(" at line ").map_or(expected, |(expected, _)| expected);
    let expected = expected.strip_prefix("expected ").unwrap_or(expected);
    match inside {
        "" => format!("expected {expected}"),
        inside => format!("{inside}: expected {expected}"),
    }
}

/// The id under this member of a record, whatever else is wrong with the record; empty if there is none.
fn id_in(text: &str, member: &str) -> Box<str> {
    IdSeed(member).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap_or_default()
}

struct IdSeed<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for IdSeed<'_> {
    type Value = Box<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IdSeed<'_> {
    type Value = Box<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Box::default();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if key == self.0 {
                found = map.next_value::<AnyId>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Text, a number or null.
struct AnyId(Box<str>);

impl<'de> serde::Deserialize<'de> for AnyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_id(deserializer).map(Self)
    }
}
