//! What the answers have in common: refusals, pages, query parameters, dates.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::calendar;

/// A page has this many records unless the caller asks for another number.
const PER_PAGE: usize = 100;
/// No page has more records than this (guess).
const PER_PAGE_MAX: usize = 250;

/// An answer that is an error: `{"code", "message"}` (official).
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// The route or the record does not exist.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "exception.notfoundhttpexception", format!("{what} not found"))
    }

    /// The request is not understood. The code follows the pattern of the one that was observed (guess).
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "exception.badrequesthttpexception", message)
    }

    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"code": self.code, "message": self.message}))).into_response()
    }
}

/// What a handler gives back when its answer is JSON.
pub(crate) type Answer = Result<Json<Value>, Refusal>;

/// The query parameters, in order, repeated ones included.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// The last value of a parameter, as PHP reads it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A number, or a refusal that names the parameter.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        self.get(name)
            .map(|text| text.parse().map_err(|_| Refusal::bad_request(format!("{name} must be a number"))))
            .transpose()
    }

    /// A switch of which only `0` and `1` act; it is on by default.
    pub(crate) fn included(&self, name: &str) -> bool {
        self.get(name) != Some("0")
    }

    /// Whether the caller asked for a page.
    pub(crate) fn paged(&self) -> bool {
        self.get("_page").is_some() || self.get("_perPage").is_some()
    }

    /// The page that the caller asked for.
    pub(crate) fn page(&self) -> Result<Page, Refusal> {
        let number = self.number("_page")?.unwrap_or(1);
        if number == 0 {
            return Err(Refusal::bad_request("_page must be at least 1"));
        }
        let size = self.number("_perPage")?.unwrap_or(PER_PAGE).clamp(1, PER_PAGE_MAX);
        Ok(Page { number, size })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        pairs.map(|Query(pairs)| Self(pairs)).map_err(|error| Refusal::bad_request(error.body_text()))
    }
}

/// Which records of a list to send; the first page is 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// The same page, of the default size whatever was asked for.
    pub(crate) fn of_default_size(self) -> Self {
        Self { size: PER_PAGE, ..self }
    }

    /// The envelope around the records of this page; an empty list has no page at all.
    pub(crate) fn of<T>(self, records: &[T], as_json: impl Fn(&T) -> Value) -> Value {
        let mut envelope = self.envelope(records.len());
        let items: Vec<Value> =
            records.iter().skip((self.number - 1).saturating_mul(self.size)).take(self.size).map(as_json).collect();
        if let Some(fields) = envelope.as_object_mut() {
            fields.insert("items".to_owned(), Value::Array(items));
        }
        envelope
    }

    fn envelope(self, count: usize) -> Value {
        json!({"pagination": {
            "page": self.number,
            "perPage": self.size,
            "totalPages": count.div_ceil(self.size),
            "count": count,
        }})
    }
}

/// Seconds since 1970 as ISO 8601 with the offset `+00:00`, as this service writes it.
pub(crate) fn iso(seconds: i64) -> String {
    calendar::iso(seconds.saturating_mul(1_000)).replace('Z', "+00:00")
}

/// Locks, whatever happened to the thread that held it before: the data stay whole between statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_is_written_with_an_offset() {
        assert_eq!(iso(1_588_168_863), "2020-04-29T14:01:03+00:00");
    }

    #[test]
    fn a_page_beyond_the_end_is_empty_and_an_empty_list_has_no_pages() {
        let numbers: Vec<usize> = (0..5).collect();
        let page = Page { number: 3, size: 2 }.of(&numbers, |n| json!(n));
        assert_eq!(page, json!({"pagination": {"page": 3, "perPage": 2, "totalPages": 3, "count": 5}, "items": [4]}));
        assert_eq!(Page { number: 4, size: 2 }.of(&numbers, |n| json!(n))["items"], json!([]));
        assert_eq!(Page { number: 1, size: 2 }.of(&[0; 0], |n| json!(n))["pagination"]["totalPages"], json!(0));
    }
}
