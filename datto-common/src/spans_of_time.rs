//! Spans of time in configuration: `"48h"`, `"7d"`, `"90m"`, `"30s"`, `"250ms"`, `"1d 12h"`, or a number of seconds.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// In milliseconds; "ms" ends like "s", and so comes before it.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1_000)];

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Seconds(u64),
    Text(String),
}

pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    // Two days are 48 hours to whoever watches backups.
    let whole = |unit: &str, length: u64| millis.is_multiple_of(length) && (unit != "d" || millis >= 7 * length);
    let unit = ["d", "h", "m", "s"].into_iter().find_map(|unit| {
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        whole(unit, *length).then_some((unit, *length))
    });
    let (unit, length) = unit.unwrap_or(("ms", 1));
    serializer.collect_str(&format_args!("{}{unit}", millis / length))
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
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
            Some(Duration::from_millis(number.checked_mul(*length)?))
        })
        .collect::<Option<_>>()?;
    parts
        .into_iter()
        .try_fold(None, |sum: Option<Duration>, part| Some(Some(sum.unwrap_or_default().checked_add(part)?)))?
}

/// The same where there may be none.
pub mod option {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Span(#[serde(with = "super")] Duration);

    #[allow(clippy::ref_option)] // the form that serde asks for
    pub fn serialize<S: Serializer>(span: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        span.map(Span).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
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
            ("2000ms", Some(2)),
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

    #[test]
    fn a_span_is_written_as_people_say_it() {
        #[derive(Serialize, Deserialize, Debug, PartialEq)]
        struct Holder(#[serde(with = "super")] Duration);
        for (millis, text) in [(0, "0h"), (172_800_000, "48h"), (604_800_000, "7d"), (250, "250ms"), (8_000, "8s")] {
            let holder = Holder(Duration::from_millis(millis));
            let written = serde_json::to_value(&holder).unwrap();
            assert_eq!(written, text);
            assert_eq!(serde_json::from_value::<Holder>(written).unwrap(), holder);
        }
    }
}
