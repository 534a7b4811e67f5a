//! One page of a list, and how it is read from the body.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::model::Extra;
use crate::rows::Rows;
use crate::shape::{Found, Shape};
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
    /// Its id, where that can be read.
    pub id: Option<String>,
    /// Where in the answer the wrong value stands, `devices[137].lastSeen`.
    pub path: String,
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
    pub(crate) rows: Rows<T>,
    pub(crate) details: Value,
    pub(crate) extra: Extra,
    /// What the service says went wrong, though records came: there may be more of them.
    pub(crate) failure: Option<String>,
}

/// Reads a page whole; if that fails, its records are left to be read one by one.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer, paging: &Paging) -> Result<Records<T>> {
    let text = answer.json_text()?;
    let (rows, details, extra, found) = match Shape::<T>::read(text, paging) {
        Ok(shape) => (Rows::whole(shape.records), shape.details, shape.extra, shape.found),
        Err(_) => {
            // The records are kept as places of a text of their own: this one may be a mended copy of the body.
            let body = tolerant::escaped(text).map_or_else(|| Bytes::copy_from_slice(text.as_bytes()), Bytes::from);
            let text = std::str::from_utf8(&body).unwrap_or_default();
            let shape = Shape::<&RawValue>::read(text, paging)
                .map_err(|error| answer.wrong_json::<Box<RawValue>>(text, &error).with_kind(ErrorKind::Decode))?;
            (Rows::one_by_one(&body, &shape.records), shape.details, shape.extra, shape.found)
        }
    };
    let failure = failure(&extra, paging).map(|message| {
        let said = answer.origin.cleaner().words(message, 1_000).line(200);
        String::from(said.after("the service reports inside a good answer: "))
    });
    if let (Some(message), 0) = (&failure, rows.len()) {
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
    Ok(Records { rows, details, extra, failure })
}

/// What the service reports as failed although the status is fine.
fn failure<'a>(extra: &'a Extra, paging: &Paging) -> Option<&'a str> {
    let member = Some(paging.failure).filter(|member| !member.is_empty())?;
    extra.get(member)?.as_str().filter(|message| !message.trim().is_empty())
}

/// Reads all records of an answer that is no page. The first one that cannot be read fails the call and is named.
#[doc(hidden)]
pub fn read_all<T: DeserializeOwned>(answer: &Answer, paging: &Paging) -> Result<Vec<T>> {
    let mut records = read::<T>(answer, paging)?;
    if let Some(failure) = records.failure {
        return Err(answer.error(ErrorKind::Server, failure));
    }
    let mut items = Vec::with_capacity(if records.rows.is_whole() { records.rows.len() } else { 0 });
    while let Some(row) = records.rows.next_of(paging, None) {
        items.push(row.map_err(|odd| odd.error(&answer.unreadable("")))?);
        answer.origin.observers.tell_unread(answer.origin.operation, &records.rows.take_unread());
    }
    Ok(items)
}

/// Reads a list that comes as a bare array, or as the only one of a page that no other page follows.
pub(crate) fn read_bare<T: DeserializeOwned>(answer: &Answer) -> Result<Vec<T>> {
    let text = answer.json_text()?;
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else { return answer.json() };
    let mut lists = members.values().filter(|value| value.get().starts_with('['));
    let (Some(list), None) = (lists.next(), lists.next()) else {
        return Err(answer.unreadable("expected a list, and it is not plain which member of the answer is that"));
    };
    let leads_on = |details: &&RawValue| details.get().contains("\"nextPageUrl\":\"");
    if members.get("pageDetails").is_some_and(leads_on) {
        return Err(
            answer.error(ErrorKind::Paging, "a page came that another one follows, where the whole list should be")
        );
    }
    answer.json_of(list.get())
}

impl Odd {
    /// The error that this record is in a walk; `page` is an error about its page, whose words all records of the page share.
    pub(crate) fn error(self, page: &Error) -> Error {
        let message = format!("record {} of the page: {}", self.index, self.why);
        page.clone().with_message(message).with_record(self)
    }
}

/// Whether the details say that the list is empty.
fn counts_none(details: &Value) -> bool {
    ["count", "totalCount"].iter().any(|name| crate::cursor::number(details, name) == Some(0))
}
