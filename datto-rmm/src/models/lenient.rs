//! Readers of fields that the service sends in more than one form.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Text, or a number taken as its text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Number(serde_json::Number),
    }
    Ok(Option::<Form>::deserialize(deserializer)?.map(|form| match form {
        Form::Text(text) => text,
        Form::Number(number) => number.to_string(),
    }))
}

/// Text, or anything else as its JSON.
pub(crate) fn text_or_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Value>::deserialize(deserializer)?.map(|value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    }))
}

/// Named texts: values that are no text as their JSON, nulls left out.
pub(crate) fn named_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    let members = Option::<BTreeMap<String, Value>>::deserialize(deserializer)?;
    Ok(members.map(|members| {
        let texts = members.into_iter().filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        });
        texts.collect()
    }))
}

/// A number, also one that came as text: with a decimal comma, with a sign or unit behind it ("97.3", "97,3", "97 %").
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let Some(value) = Option::<Value>::deserialize(deserializer)? else { return Ok(None) };
    let number = match &value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => of_text(text),
        _ => None,
    };
    number.map(Some).ok_or_else(|| serde::de::Error::custom("expected a number"))
}

/// As [`number`], whole.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(value) = Option::<Value>::deserialize(deserializer)? else { return Ok(None) };
    let number = match &value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok().or_else(|| whole(of_text(text)?)),
        _ => None,
    };
    number.map(Some).ok_or_else(|| serde::de::Error::custom("expected a whole number"))
}

/// A number without a fraction, within what a float tells exactly.
fn whole(number: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)] // within 2^53
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// The number that a text begins with, if nothing but a unit follows.
fn of_text(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',' | '-' | '+'))
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = unit.trim();
    if unit.chars().count() > 3 || unit.chars().any(|letter| letter.is_ascii_digit()) {
        return None;
    }
    // One comma is the decimal mark; a point and commas are groups of thousands.
    let digits = match (digits.matches(',').count(), digits.contains('.')) {
        (1, false) => digits.replace(',', "."),
        (_, true) => digits.replace(',', ""),
        _ => digits.to_owned(),
    };
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}
