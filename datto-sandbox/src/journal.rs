//! The journal: every request that arrived, in the order of arrival.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::{Serialize, Serializer};

use crate::fault::Product;

/// One request that arrived. As JSON its body is text, and `elapsed` is `elapsed_ms`.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Its number: the first has 1, and each the next.
    pub number: u64,
    /// The service that was asked.
    pub product: Product,
    /// The account that was asked, by its name; the first where the request named none.
    pub account: String,
    /// The method, in capitals.
    pub method: String,
    /// The path, percent-decoded.
    pub path: String,
    /// The path as it was sent.
    pub raw_path: String,
    /// The query in the order sent, decoded.
    pub query: Vec<(String, String)>,
    /// The headers; of `authorization` only the scheme.
    pub headers: Vec<(String, String)>,
    /// The body; empty if it is larger than 1 MiB or does not say how large it is.
    #[serde(serialize_with = "as_text")]
    pub body: Vec<u8>,
    /// The status that was answered; `None` if the connection was dropped, or no answer was given yet.
    pub status: Option<u16>,
    /// Whether the request reached the service, a fault notwithstanding.
    pub executed: bool,
    /// Tokio time since the sandbox was started.
    #[serde(rename = "elapsed_ms", serialize_with = "as_milliseconds")]
    pub elapsed: Duration,
}

fn as_text<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

fn as_milliseconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

impl Entry {
    /// How much it takes to keep it, about.
    fn bytes(&self) -> usize {
        let pairs = self.query.iter().chain(&self.headers);
        let pairs: usize = pairs.map(|(name, value)| name.len() + value.len() + 48).sum();
        size_of::<Self>() + self.path.len() + self.raw_path.len() + self.body.len() + pairs
    }

    /// The first value of a header, named in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The entries so far, as many as are kept.
#[derive(Debug)]
pub(crate) struct Journal {
    most: usize,
    most_bytes: usize,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    last: u64,
    bytes: usize,
    /// With numbers that follow each other.
    entries: VecDeque<Entry>,
}

impl Journal {
    pub(crate) fn new(most: usize, most_bytes: usize) -> Self {
        Self { most, most_bytes, book: Mutex::default() }
    }

    /// Notes a request and gives the number by which its end is noted.
    pub(crate) fn open(&self, product: Product, account: &str, parts: &Parts, body: &Bytes, elapsed: Duration) -> u64 {
        let mut entry = Entry {
            number: 0,
            product,
            account: account.to_owned(),
            method: parts.method.as_str().to_owned(),
            path: percent_decode(parts.uri.path()),
            raw_path: parts.uri.path().to_owned(),
            query: Query::try_from_uri(&parts.uri).map(|Query(pairs)| pairs).unwrap_or_default(),
            headers: headers(parts),
            body: body.to_vec(),
            status: None,
            executed: false,
            elapsed,
        };
        let mut book = self.lock();
        book.last += 1;
        entry.number = book.last;
        book.bytes += entry.bytes();
        book.entries.push_back(entry);
        while book.entries.len() > self.most || book.bytes > self.most_bytes {
            let Some(oldest) = book.entries.pop_front() else { break };
            book.bytes = book.bytes.saturating_sub(oldest.bytes());
        }
        book.last
    }

    pub(crate) fn executed(&self, number: u64) {
        self.update(number, |entry| entry.executed = true);
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        self.update(number, |entry| entry.status = Some(status));
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut book = self.lock();
        (book.entries, book.bytes) = (VecDeque::new(), 0);
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let mut book = self.lock();
        let first = book.entries.front().map(|entry| entry.number);
        let place = first.and_then(|first| usize::try_from(number.checked_sub(first)?).ok());
        if let Some(entry) = place.and_then(|place| book.entries.get_mut(place)) {
            change(entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn headers(parts: &Parts) -> Vec<(String, String)> {
    let readable = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let text = if name == AUTHORIZATION { text.split(' ').next().unwrap_or_default() } else { &text };
        (name.as_str().to_owned(), text.to_owned())
    };
    parts.headers.iter().map(readable).collect()
}

/// Decodes `%xx`; what is not of that form stays as it is.
pub(crate) fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decode;

    #[test]
    fn decodes_escapes_and_keeps_the_rest() {
        assert_eq!(percent_decode("/a%20b%2Fc%zz%4"), "/a b/c%zz%4");
        assert_eq!(percent_decode("/caf%C3%A9"), "/café");
    }
}
