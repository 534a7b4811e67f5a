//! Spans of time in configuration: `"48h"`, `"7d"`, `"90m"`, `"30s"`, `"1d 12h"`, or a number of seconds.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Seconds(u64),
    Text(String),
}

pub(crate) fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let seconds = span.as_secs();
    let (unit, length) = UNITS.iter().find(|(_, length)| seconds.is_multiple_of(*length)).unwrap_or(&("s", 1));
    // Two days are 48 hours to whoever watches backups.
    let (unit, length) = if *unit == "d" && seconds < 7 * length { ("h", 3_600) } else { (*unit, *length) };
    serializer.collect_str(&format_args!("{}{unit}", seconds / length))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let wrong = |text: &str| {
        serde::de::Error::custom(format_args!("expected a span of time such as \"48h\" or \"7d\", found {text:?}"))
    };
    match Wire::deserialize(deserializer)? {
        Wire::Seconds(seconds) => Ok(Duration::from_secs(seconds)),
        Wire::Text(text) => read(&text).ok_or_else(|| wrong(&text)),
    }
}

fn read(text: &str) -> Option<Duration> {
    let parts: Vec<Duration> = text
        .split_whitespace()
        .map(|part| {
            let (unit, length) = UNITS.iter().find(|(unit, _)| part.ends_with(unit))?;
            let number: u64 = part.strip_suffix(unit)?.parse().ok()?;
            Some(Duration::from_secs(number.checked_mul(*length)?))
        })
        .collect::<Option<_>>()?;
    parts
        .into_iter()
        .try_fold(None, |sum: Option<Duration>, part| Some(Some(sum.unwrap_or_default().checked_add(part)?)))?
}

/// The same where there may be none.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Span(#[serde(with = "super")] Duration);

    #[allow(clippy::ref_option)] // the form that serde asks for
    pub(crate) fn serialize<S: Serializer>(span: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        span.map(Span).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Span>::deserialize(deserializer)?.map(|span| span.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_in_every_unit() {
        for (text, seconds) in [
            ("48h", Some(172_800)),
            ("7d", Some(604_800)),
            ("90m", Some(5_400)),
            ("1d 12h", Some(129_600)),
            ("0s", Some(0)),
            ("", None),
            ("h", None),
            ("-1h", None),
            ("1.5h", None),
            ("48", None),
            ("99999999999999999999d", None),
            ("999999999999999999d", None),
        ] {
            assert_eq!(read(text), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
