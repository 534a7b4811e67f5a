//! JSON of a service: every string cleaned and written again; and what it says went wrong.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{CUT, Cleaner, beginning, members};

/// The members that say what went wrong, the most telling first.
const SAYING: &[&str] = &["errorMessage", "message", "errorDescription", "detail", "title", "error", "errors", "code"];

/// The JSON text, cleaned, as far as `limit`; what is beyond is not read. `None` if it is no JSON.
pub(super) fn rewrite(cleaner: &Cleaner, body: &[u8], limit: usize) -> Option<String> {
    let mut writer = Writer { cleaner, out: String::new(), limit };
    let mut json = serde_json::Deserializer::from_slice(body);
    let whole = Node { writer: &mut writer, secret: false }.deserialize(&mut json).and_then(|()| json.end());
    (whole.is_ok() || writer.is_full()).then_some(writer.out)
}

struct Writer<'a> {
    cleaner: &'a Cleaner,
    out: String,
    limit: usize,
}

impl Writer<'_> {
    fn is_full(&self) -> bool {
        self.out.len() >= self.limit
    }

    fn text(&mut self, text: &str, secret: bool) {
        let room = self.limit.saturating_sub(self.out.len());
        let clean = if secret && !text.is_empty() { CUT.into() } else { self.cleaner.scan(text, room) };
        self.out.push_str(&serde_json::to_string(&clean).unwrap_or_default());
    }
}

/// One value on its way from the body to the text.
struct Node<'w, 'a> {
    writer: &'w mut Writer<'a>,
    /// Its name says that it is a secret.
    secret: bool,
}

impl Node<'_, '_> {
    fn number(self, number: impl fmt::Display) {
        if self.secret {
            self.writer.text(CUT, true);
        } else {
            let clean = self.writer.cleaner.scan(&number.to_string(), usize::MAX);
            self.writer.out.push_str(&clean);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.writer.is_full() {
            return Err(D::Error::custom("enough"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.writer.out.push_str("null");
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.writer.out.push_str(if flag { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.writer.text(text, self.secret);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.writer.out.push('[');
        let empty = self.writer.out.len();
        loop {
            let before = self.writer.out.len();
            if before > empty {
                self.writer.out.push(',');
            }
            if seq.next_element_seed(Node { writer: self.writer, secret: self.secret })?.is_none() {
                self.writer.out.truncate(before);
                break;
            }
        }
        self.writer.out.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.writer.out.push('{');
        let mut first = true;
        while let Some(name) = map.next_key::<String>()? {
            if !std::mem::take(&mut first) {
                self.writer.out.push(',');
            }
            self.writer.text(&name, false);
            self.writer.out.push(':');
            map.next_value_seed(Node { writer: self.writer, secret: members::is_secret(&name) })?;
        }
        self.writer.out.push('}');
        Ok(())
    }
}

/// What the JSON says went wrong, not yet cleaned: the member that tells most, at the top or below such a member; empty if
/// it says nothing. `None` if it is no JSON. Nothing else of the body is kept.
pub(super) fn said(body: &[u8]) -> Option<String> {
    let mut found = Found { rank: SAYING.len() + 1, words: String::new(), read: false };
    let mut json = serde_json::Deserializer::from_slice(body);
    // What was found before the JSON broke off still counts.
    let _ = Said { found: &mut found, rank: SAYING.len(), depth: 0 }.deserialize(&mut json);
    found.read.then_some(found.words)
}

struct Found {
    rank: usize,
    words: String,
    read: bool,
}

/// A value that may say it.
struct Said<'f> {
    found: &'f mut Found,
    /// Of the member that it belongs to.
    rank: usize,
    depth: u8,
}

/// How far below the top it is looked for.
const DEEPEST: u8 = 4;
/// How much of it is kept.
const LONGEST: usize = 64 * 1024;

fn rank(name: &str) -> Option<usize> {
    let plain = name.replace('_', "");
    SAYING.iter().position(|member| member.eq_ignore_ascii_case(&plain))
}

impl<'de> DeserializeSeed<'de> for Said<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEEPEST {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Said<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.found.read = true;
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if self.rank < self.found.rank && !text.trim().is_empty() {
            self.found.rank = self.rank;
            beginning(text, LONGEST).clone_into(&mut self.found.words);
        }
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.found.read = true;
        let (rank, depth) = (self.rank, self.depth + 1);
        while seq.next_element_seed(Said { found: self.found, rank, depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.found.read = true;
        while let Some(name) = map.next_key::<String>()? {
            match rank(&name) {
                Some(rank) => map.next_value_seed(Said { found: self.found, rank, depth: self.depth + 1 })?,
                None => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }
}
