//! The one way out for words that came from outside: cleaned of credentials, which a server may echo, and of what a
//! terminal would obey.

mod json;
mod members;
mod spelling;
mod text;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::Secret;

pub(crate) use text::{beginning, harmless, is_mark, window};

/// What stands in the place of a secret.
const CUT: &str = "[redacted]";
/// How much of a body is looked at where it is no JSON: far more than is kept of it.
const WINDOW: usize = 256 * 1024;

/// Words of a service that may be shown. Only a [`Cleaner`] makes them.
#[derive(Clone, PartialEq, Eq)]
#[doc(hidden)]
pub struct Clean(Arc<str>);

impl Clean {
    /// In one line, at most `limit` bytes.
    pub(crate) fn line(&self, limit: usize) -> Self {
        let line = self.0.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(beginning(&line, limit).into())
    }

    /// Words of ours.
    pub(crate) fn ours(words: &'static str) -> Self {
        Self(words.into())
    }

    /// With words of ours before them.
    pub(crate) fn after(&self, before: &'static str) -> Self {
        self.between(before, "")
    }

    /// With words of ours around them.
    pub(crate) fn between(&self, before: &'static str, after: &'static str) -> Self {
        Self(format!("{before}{}{after}", self.0).into())
    }
}

impl Deref for Clean {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<Clean> for String {
    fn from(words: Clean) -> Self {
        words.0.as_ref().to_owned()
    }
}

/// Cleans words of these secrets in any spelling, and of anything that is named or looks like one.
pub(crate) struct Cleaner {
    spellings: Vec<spelling::Spelling>,
    /// The bytes that a secret may begin with.
    may_begin: Box<[bool; 256]>,
}

impl Cleaner {
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let spellings: Vec<_> = secrets.iter().flat_map(|secret| spelling::spellings(secret.expose())).collect();
        let mut may_begin = Box::new([false; 256]);
        for (byte, begins) in (0..=u8::MAX).zip(may_begin.iter_mut()) {
            *begins = spellings.iter().any(|spelling| spelling.may_begin(byte));
        }
        Self { spellings, may_begin }
    }

    /// A text.
    pub(crate) fn words(&self, text: &str, limit: usize) -> Clean {
        let clean = self.scan(text, limit);
        Clean(beginning(&clean, limit).into())
    }

    /// The beginning of a body: each string of JSON, or all of a text.
    pub(crate) fn body(&self, body: &[u8], limit: usize) -> Clean {
        match json::rewrite(self, &text::narrow(body), limit) {
            Some(json) => Clean(beginning(&json, limit).into()),
            None => self.words(&window(body), limit),
        }
    }

    /// What the body says went wrong, in one line: looked for in all of it. Of a text its beginning.
    pub(crate) fn said(&self, body: &[u8], limit: usize) -> Clean {
        let words = match json::said(&text::narrow(body)) {
            Some(words) => self.words(&words, 4 * limit),
            None => self.words(&window(body), 4 * limit),
        };
        words.line(limit)
    }
}

#[cfg(test)]
mod tests;
