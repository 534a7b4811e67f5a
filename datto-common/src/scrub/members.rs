//! Tokens and passwords that are not ours: known by the name before them, by the word `Bearer`, or by their look.

use std::ops::Range;

/// What a name holds that has a secret for its value, in lower case and without `_`, `-` and `.`.
const STEMS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "authorization",
    "credential",
    "cookie",
    "jwt",
    "sessionid",
];
/// Names that tell about a secret.
const ABOUT: &[&str] =
    &["type", "expires", "expiresin", "expiry", "policy", "required", "error", "endpoint", "url", "uri", "count"];
/// Error codes, not names.
const CODES: &[&str] = &["invalid", "missing", "expired", "unsupported", "wrong"];
/// What stands before credentials in a header.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "negotiate", "ntlm"];
/// Words of a sentence that follow a scheme.
const PROSE: &[&str] = &[
    "access",
    "and",
    "auth",
    "authentication",
    "authorization",
    "challenge",
    "credential",
    "credentials",
    "error",
    "format",
    "header",
    "headers",
    "is",
    "not",
    "or",
    "realm",
    "required",
    "scheme",
    "scope",
    "token",
    "tokens",
    "type",
    "was",
];

/// Whether a member of this name holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    STEMS.iter().any(|stem| name.contains(stem))
        && !ABOUT.iter().any(|end| name.ends_with(end))
        && !CODES.iter().any(|start| name.starts_with(start))
}

/// Whether it can stand in a name.
pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Where the secret is that follows the name, which ends at `at`.
pub(super) fn value(text: &str, name: &str, at: usize) -> Option<Range<usize>> {
    if SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(name)) {
        return credentials(text, at);
    }
    if name.len() > 100 || !is_secret(name) {
        return None;
    }
    let rest = text.get(at..)?;
    if rest.starts_with('>') {
        let start = at + 1; // <password>…</password>
        let end = text.get(start..)?.find('<').map_or(text.len(), |length| start + length);
        return (start < end).then_some(start..end);
    }
    let mut place = at + quote(rest).unwrap_or(0);
    place += spaces(text, place);
    let separator = separator(text.get(place..)?)?;
    place += separator;
    place += spaces(text, place);
    let rest = text.get(place..)?;
    let end = match quote(rest) {
        Some(mark) => {
            let start = place + mark;
            let end = closing(text, start, rest.get(..mark)?);
            return (start < end).then_some(start..end);
        }
        None if rest.starts_with(['{', '[']) && separator == 1 && text.as_bytes().get(place - 1) != Some(&b'=') => None,
        None if ["null", "true", "false"].iter().any(|word| rest.starts_with(word)) => None,
        None if is_header(name) => Some(rest.find(['\n', '\r', '"', '<']).unwrap_or(rest.len())),
        None => Some(rest.find(|c: char| c.is_whitespace() || "&\"'<;".contains(c)).unwrap_or(rest.len())),
    };
    end.filter(|length| *length > 0).map(|length| place..place + length)
}

/// Headers whose values have several words.
fn is_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("authorization") || name.ends_with("cookie")
}

/// What follows `Bearer`, if it is no word of a sentence.
fn credentials(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + spaces(text, at);
    let rest = text.get(start..)?;
    let length = rest.find(|c: char| c.is_whitespace() || "\"'<,;)".contains(c)).unwrap_or(rest.len());
    let word = rest.get(..length)?;
    let bare: String = word.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let said = PROSE.contains(&bare.as_str()) && word.len() < bare.len() + 2
        || ["realm=", "error=", "scope="].iter().any(|start| word.starts_with(start));
    (start > at && length > 0 && !said).then_some(start..start + length)
}

fn spaces(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let mut length = 0;
    loop {
        let rest = rest.get(length..).unwrap_or_default();
        length += match rest.as_bytes() {
            [b' ' | b'\t' | b'\n' | b'\r' | b'+', ..] => 1,
            [b'%', b'2', b'0', ..] => 3,
            _ => return length,
        };
    }
}

fn separator(text: &str) -> Option<usize> {
    ["=>", ":", "=", "%3A", "%3a", "%3D", "%3d"].iter().find(|mark| text.starts_with(**mark)).map(|mark| mark.len())
}

/// The length of a quotation mark with the backslashes before it, or of its escaped form.
fn quote(text: &str) -> Option<usize> {
    if let Some(mark) = ["&quot;", "&#34;", "&#39;", "%22", "%27"].iter().find(|mark| text.starts_with(**mark)) {
        return Some(mark.len());
    }
    let slashes = text.bytes().take_while(|byte| *byte == b'\\').count();
    matches!(text.as_bytes().get(slashes), Some(b'"' | b'\'')).then_some(slashes + 1)
}

/// Where the value ends that this mark opened: at the same mark, as deep in escapes as it. Without one it goes to the end.
fn closing(text: &str, start: usize, mark: &str) -> usize {
    let slashes = mark.bytes().take_while(|byte| *byte == b'\\').count();
    let bare = mark.get(slashes..).unwrap_or_default();
    let rest = text.get(start..).unwrap_or_default();
    for (at, _) in rest.match_indices(bare) {
        let before = rest.as_bytes().get(..at).unwrap_or_default();
        let here = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        if !matches!(bare, "\"" | "'") || here % (2 * (slashes + 1)) == slashes {
            return start + at - here.min(slashes);
        }
    }
    text.len()
}

/// A JSON web token at the beginning of this text.
pub(super) fn web_token(text: &str) -> Option<usize> {
    text.starts_with("eyJ")
        .then(|| text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=".contains(c))).unwrap_or(text.len()))
        .filter(|length| *length >= 16)
}

/// The user and password of a URL whose `://` ends here.
pub(super) fn userinfo(text: &str) -> Option<usize> {
    let length = text.find(|c: char| c.is_whitespace() || "/?#\"'<>\\".contains(c)).unwrap_or(text.len());
    text.get(..length)?.rfind('@').filter(|length| *length > 0)
}
