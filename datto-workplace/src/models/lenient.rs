//! Reads members of a record that come in several forms. What cannot be read stays where it is, so that it ends up in
//! `extra` and is written back as it came.

use datto_common::Timestamp;
use serde::Deserialize as _;
use serde_json::{Map, Value};

/// Takes the first of these members that can be read. One that is null counts as absent.
pub(super) fn take<T>(
    members: &mut Map<String, Value>,
    names: &[&str],
    read: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    for name in names {
        match members.get(*name) {
            None => {}
            Some(Value::Null) => _ = members.remove(*name),
            Some(value) => {
                if let Some(read) = read(value) {
                    members.remove(*name);
                    make_way(members, names, name);
                    return Some(read);
                }
            }
        }
    }
    None
}

/// The field is written under its first name: what stands there and could not be read moves to where the value was.
fn make_way(members: &mut Map<String, Value>, names: &[&str], freed: &str) {
    if let Some(unread) = names.first().and_then(|first| members.remove(*first)) {
        members.insert(freed.to_owned(), unread);
    }
}

/// An id: text or a whole number.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A flag: a boolean, 0 or 1, or one of these as text.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A number of bytes, also as text.
pub(super) fn size(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A moment. A number is epoch milliseconds, whatever its size (observed); what is none stays as it came.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let digits = |text: &str| text.trim().parse::<i64>().ok();
    if let Some(millis) = value.as_i64().or_else(|| value.as_str().and_then(digits)) {
        return Some(Timestamp::from_millis(millis)).filter(|time| time.as_millis().is_some());
    }
    Timestamp::deserialize(value).ok().filter(|time| time.as_millis().is_some())
}
