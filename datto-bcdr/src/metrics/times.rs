//! Moments as the rules need them: there, not there, or not to be trusted.

use datto_common::{Cause, ErrorKind, Timestamp};

/// Clocks of appliances may be ahead, and be set to the wrong time zone; a moment that is further ahead is a mistake.
const AHEAD_MS: i64 = 24 * 3_600_000;
/// The first moment of 1990, before which there was no backup. What lies before it is a zero, also one that was written in an eastern or western zone.
const FIRST_MS: i64 = 631_152_000_000;

/// A time as the rules see it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The service says that there is none: absent, null, 0, blank, a zero date.
    Never,
    /// There is one.
    At(i64),
    /// Something came that is no believable time.
    Odd,
}

impl Moment {
    pub(crate) fn of(time: Option<&Timestamp>, now: i64) -> Self {
        let Some(time) = time else { return Self::Never };
        match time.as_millis() {
            Some(at) if at < FIRST_MS => Self::Never,
            Some(at) if at <= now.saturating_add(AHEAD_MS) => Self::At(at),
            Some(_) => Self::Odd,
            None if is_zero(&time.to_string()) => Self::Never,
            None => Self::Odd,
        }
    }

    pub(crate) fn at(self) -> Option<i64> {
        match self {
            Self::At(at) => Some(at),
            Self::Never | Self::Odd => None,
        }
    }
}

/// Whether a text that is no time stands for none: what is empty in PHP (observed), a zero date of MySQL, what PHP makes of one, or the word itself.
fn is_zero(text: &str) -> bool {
    let text = text.trim_matches('"').trim().to_ascii_lowercase();
    let digits = || text.chars().filter(char::is_ascii_digit);
    let is_date = text.starts_with("0000-") && text.chars().all(|c| c.is_ascii_digit() || " -:.t+z".contains(c));
    matches!(text.as_str(), "" | "false" | "null" | "never" | "none" | "n/a" | "-")
        || (is_date && digits().all(|digit| digit == '0'))
        || text.starts_with("-0001-11-30")
}

/// Something in an answer that was read cannot be judged.
pub(crate) fn unclear(message: impl Into<String>) -> Cause {
    Cause::new(ErrorKind::Decode, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{DAY, HOUR, NOW};
    use serde_json::json;

    #[test]
    fn what_cannot_be_believed_is_not_taken_for_never() {
        let now = NOW * 1_000;
        for (wire, moment) in [
            (json!(NOW), Moment::At(now)),
            (json!(NOW + HOUR), Moment::At(now + HOUR * 1_000)),
            (json!(NOW + 2 * DAY), Moment::Odd),
            (json!("2038-01-19T03:14:07Z"), Moment::Odd),
            (json!("soon"), Moment::Odd),
            (json!({}), Moment::Odd),
            (json!(true), Moment::Odd),
        ] {
            let time: Timestamp = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(Moment::of(Some(&time), now), moment, "{wire}");
        }
        assert_eq!(Moment::of(None, now), Moment::Never);
    }

    #[test]
    fn every_spelling_of_never_is_never() {
        for wire in [
            json!(0),
            json!(-1),
            json!("0"),
            json!("0.0"),
            json!(""),
            json!(" "),
            json!(false),
            json!("false"),
            json!("null"),
            json!("never"),
            json!("N/A"),
            json!("0000-00-00"),
            json!("0000-00-00 00:00:00"),
            json!("0000-00-00T00:00:00+00:00"),
            json!("0000-00-00 00:00:00.000000"),
            json!("-0001-11-30T00:00:00+00:00"),
            json!("0001-01-01T00:00:00Z"),
            json!("1969-12-31 19:00:00"),
            json!("1970-01-01T00:00:00+00:00"),
            json!("1970-01-01 01:00:00"),
            json!("1970-01-01 12:00:00.000000"),
        ] {
            let time: Timestamp = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(Moment::of(Some(&time), NOW * 1_000), Moment::Never, "{wire}");
        }
    }
}
