//! Moments as the rules need them: there, not there, or not to be trusted.

use datto_common::{Cause, ErrorKind, Timestamp};

/// Clocks of appliances may be ahead, and be set to the wrong time zone; a moment that is further ahead is a mistake.
const AHEAD_MS: i64 = 24 * 3_600_000;

/// A time as the rules see it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The service says that there is none: absent, null, 0, blank.
    Never,
    /// There is one.
    At(i64),
    /// Something came that is no believable time.
    Odd,
}

impl Moment {
    pub(crate) fn of(time: Option<&Timestamp>, now: i64) -> Self {
        let Some(time) = time else { return Self::Never };
        match (time.as_millis(), time.moment()) {
            (_, Some(at)) if at <= now.saturating_add(AHEAD_MS) => Self::At(at),
            (Some(_), None) => Self::Never,
            // Observed: what is empty in PHP stands for none.
            (None, _) if matches!(time.to_string().as_str(), "\"\"" | "false") => Self::Never,
            _ => Self::Odd,
        }
    }

    pub(crate) fn at(self) -> Option<i64> {
        match self {
            Self::At(at) => Some(at),
            Self::Never | Self::Odd => None,
        }
    }
}

/// Something in an answer that was read cannot be judged.
pub(crate) fn unclear(message: impl Into<String>) -> Cause {
    Cause::new(ErrorKind::Decode, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_believed_is_not_taken_for_never() {
        let now = 1_787_643_495_000;
        for (wire, moment) in [
            (json!(1_787_643_495), Moment::At(now)),
            (json!(1_787_643_495 + 3_600), Moment::At(now + 3_600_000)),
            (json!(1_787_643_495 + 2 * 86_400), Moment::Odd),
            (json!(0), Moment::Never),
            (json!(""), Moment::Never),
            (json!(false), Moment::Never),
            (json!("soon"), Moment::Odd),
            (json!({}), Moment::Odd),
        ] {
            let time: Timestamp = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(Moment::of(Some(&time), now), moment, "{wire}");
        }
        assert_eq!(Moment::of(None, now), Moment::Never);
    }
}
