//! Cleaning a text, from its beginning as far as it is needed.

use std::borrow::Cow;

use super::{CUT, Cleaner, WINDOW, members};

impl Cleaner {
    /// The text, cleaned, until this much has come together; what is beyond is not read.
    pub(super) fn scan(&self, text: &str, limit: usize) -> String {
        let mut scan = Scan { cleaner: self, text, at: 0, word: 0, out: String::new() };
        while scan.at < text.len() && scan.out.len() < limit {
            scan.step();
        }
        scan.out
    }

    /// Whether the text spells a secret from `at` on: where the longest one ends, and whether it is in base64.
    fn secret_at(&self, text: &str, at: usize) -> Option<(usize, bool)> {
        if !*self.may_begin.get(usize::from(*text.as_bytes().get(at)?))? {
            return None;
        }
        let spelled = self.spellings.iter().filter_map(|spelling| spelling.at(text.as_bytes(), at));
        spelled.map(|spelled| (spelled.end, spelled.base64)).reduce(|a, b| (a.0.max(b.0), a.1 || b.1))
    }
}

struct Scan<'a> {
    cleaner: &'a Cleaner,
    text: &'a str,
    at: usize,
    /// Where the name began that ends here.
    word: usize,
    out: String,
}

impl Scan<'_> {
    fn step(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if let Some((end, base64)) = self.cleaner.secret_at(self.text, self.at) {
            return self.cut(end, base64);
        }
        let next = rest.chars().next();
        if !next.is_some_and(members::is_name)
            && let Some(value) =
                self.text.get(self.word..self.at).and_then(|name| members::value(self.text, name, self.at))
        {
            let between = self.text.get(self.at..value.start).unwrap_or_default();
            self.out.extend(between.chars().map(harmless_char));
            self.at = value.start;
            return self.cut(value.end, false);
        }
        if let Some(length) = members::web_token(rest) {
            return self.cut(self.at + length, false);
        }
        if let Some(length) = rest.strip_prefix("://").and_then(members::userinfo) {
            self.out.push_str("://");
            self.at += 3;
            return self.cut(self.at + length, false);
        }
        let Some(next) = next else { return };
        self.at += next.len_utf8();
        if !members::is_name(next) {
            self.word = self.at;
        }
        self.out.push(harmless_char(next));
    }

    /// Leaves out everything up to `end`, and beyond where another secret begins before it.
    fn cut(&mut self, mut end: usize, mut base64: bool) {
        let mut at = self.at;
        while at < end {
            if let Some((further, in_base64)) = self.cleaner.secret_at(self.text, at) {
                end = end.max(further);
                base64 |= in_base64;
            }
            at += 1;
        }
        if base64 {
            // The characters beside it share bits with it.
            let kept = self.out.trim_end_matches(is_base64).len();
            self.out.truncate(kept);
            let rest = self.text.get(end..).unwrap_or_default();
            end += rest.find(|c| !is_base64(c) && c != '=').unwrap_or(rest.len());
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        if !self.out.ends_with(CUT) {
            self.out.push_str(CUT);
        }
        self.at = end.max(self.at + 1);
        self.word = self.at;
    }
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/-_".contains(c)
}

/// Whether a terminal or a reader would be misled by it: controls but for white space, direction and zero-width marks.
pub(crate) fn is_mark(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn harmless_char(c: char) -> char {
    if is_mark(c) { '\u{fffd}' } else { c }
}

/// The text without what a terminal would obey; marks of what was there stand in its place.
pub(crate) fn harmless(text: String) -> String {
    if text.chars().any(is_mark) { text.chars().map(harmless_char).collect() } else { text }
}

/// A body in UTF-8, without a byte order mark; of UTF-16, known by its mark or its zeros, the beginning.
pub(super) fn narrow(body: &[u8]) -> Cow<'_, [u8]> {
    let (bytes, read): (_, fn([u8; 2]) -> u16) = match body {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        [1..=255, 0, 1..=255, 0, ..] => (body, u16::from_le_bytes),
        [0, 1..=255, 0, 1..=255, ..] => (body, u16::from_be_bytes),
        _ => return body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).into(),
    };
    let units = bytes.as_chunks::<2>().0.iter().take(WINDOW).map(|pair| read(*pair));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes().into()
}

/// The beginning of a body as text, whatever it is.
pub(crate) fn window(body: &[u8]) -> String {
    let body = narrow(body);
    String::from_utf8_lossy(body.get(..WINDOW).unwrap_or(&body)).into_owned()
}

/// The beginning of a text, at most `limit` bytes, cut between characters.
pub(crate) fn beginning(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
