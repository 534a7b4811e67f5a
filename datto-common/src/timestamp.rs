//! One time type for every form that the services use.

use std::cmp::Ordering;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Numbers of a greater magnitude are milliseconds, others are seconds: 10^11 seconds is the year 5138, 10^11 milliseconds is March 1973.
const SECONDS_LIMIT: f64 = 100_000_000_000.0;

/// A moment in UTC, to the millisecond.
///
/// Reads epoch seconds, epoch milliseconds (above 10^11), both also as text, and ISO 8601 with or without offset (without:
/// UTC). Writes RFC 3339 in UTC. What it cannot read it keeps, and writes back as it came, so that one odd date never
/// costs a record.
///
/// ```
/// use datto_common::Timestamp;
/// let ms: Timestamp = serde_json::from_str("1787643495000")?;
/// let iso: Timestamp = serde_json::from_str("\"2026-08-25T06:58:15+00:00\"")?;
/// let odd: Timestamp = serde_json::from_str("\"soon\"")?;
/// assert_eq!(ms.to_string(), "2026-08-25T07:38:15Z");
/// assert!(iso < ms);
/// assert_eq!(odd.as_millis(), None);
/// assert_eq!(serde_json::to_string(&odd)?, "\"soon\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Reading);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Reading {
    Millis(i64),
    Kept(Box<Value>),
}

impl Timestamp {
    /// The moment of this call.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(Reading::Millis(millis))
    }

    /// From seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(Reading::Millis(seconds.saturating_mul(1_000)))
    }

    /// Milliseconds since 1970; `None` if what the service sent could not be read as a time.
    pub fn as_millis(&self) -> Option<i64> {
        match self.0 {
            Reading::Millis(millis) => Some(millis),
            Reading::Kept(_) => None,
        }
    }

    /// Milliseconds since 1970 of a real moment: `None` also for the values that the services send for "never", which are
    /// 0 (observed: partner API) and the year 1 (observed: RMM).
    pub fn moment(&self) -> Option<i64> {
        self.as_millis().filter(|millis| *millis > 0)
    }

    /// How long before `now` it was; `None` if it is no real moment, zero if it lies after `now`.
    pub fn age(&self, now: &Timestamp) -> Option<Duration> {
        let gone = now.moment()?.saturating_sub(self.moment()?);
        Some(Duration::from_millis(u64::try_from(gone).unwrap_or(0)))
    }

    /// This moment, moved back.
    #[must_use]
    pub fn minus(&self, span: Duration) -> Self {
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match &self.0 {
            Reading::Millis(millis) => Self::from_millis(millis.saturating_sub(span)),
            Reading::Kept(_) => self.clone(),
        }
    }

    /// This moment, moved forward.
    #[must_use]
    pub fn plus(&self, span: Duration) -> Self {
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match &self.0 {
            Reading::Millis(millis) => Self::from_millis(millis.saturating_add(span)),
            Reading::Kept(_) => self.clone(),
        }
    }

    /// As the standard library's time; `None` if it could not be read or lies before what the platform can hold.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let millis = self.as_millis()?;
        let span = Duration::from_millis(millis.unsigned_abs());
        if millis >= 0 { UNIX_EPOCH.checked_add(span) } else { UNIX_EPOCH.checked_sub(span) }
    }

    fn read(value: Value) -> Self {
        let millis = match &value {
            Value::Number(number) => number.as_f64().and_then(|n| from_number(n, number.as_i64())),
            Value::String(text) => from_text(text.trim()),
            _ => None,
        };
        Self(millis.map_or_else(|| Reading::Kept(Box::new(value)), Reading::Millis))
    }

    fn rfc3339(&self) -> Option<String> {
        let moment = jiff::Timestamp::from_millisecond(self.as_millis()?).ok()?;
        Some(moment.to_string())
    }
}

/// Whole numbers are taken exactly, others rounded to the millisecond.
fn from_number(number: f64, whole: Option<i64>) -> Option<i64> {
    let seconds = number.abs() < SECONDS_LIMIT;
    match whole {
        Some(whole) if seconds => whole.checked_mul(1_000),
        Some(whole) => Some(whole),
        None => {
            let millis = (if seconds { number * 1_000.0 } else { number }).round();
            #[allow(clippy::cast_possible_truncation)] // the bounds are checked
            (millis.is_finite() && millis.abs() < 9e18).then_some(millis as i64)
        }
    }
}

fn from_text(text: &str) -> Option<i64> {
    if text.len() == 8
        && let Ok(date) = jiff::civil::Date::strptime("%Y%m%d", text)
        && (1970..2100).contains(&date.year())
    {
        // As seconds it would lie in 1970.
        return Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond());
    }
    if let Ok(whole) = text.parse::<i64>() {
        #[allow(clippy::cast_precision_loss)] // only its magnitude counts
        return from_number(whole as f64, Some(whole));
    }
    if text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && let Ok(number) = text.parse::<f64>()
    {
        return from_number(number, None);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let moment = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(moment.timestamp().as_millisecond())
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        Self::from_millis(millis)
    }
}

/// By time; what could not be read comes before all that could. Use [`moment`](Timestamp::moment) or [`age`](Timestamp::age)
/// to judge by.
impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        let kept = |reading: &Reading| match reading {
            Reading::Kept(raw) => raw.to_string(),
            Reading::Millis(_) => String::new(),
        };
        self.as_millis().cmp(&other.as_millis()).then_with(|| kept(&self.0).cmp(&kept(&other.0)))
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.rfc3339(), &self.0) {
            (Some(text), _) => f.write_str(&text),
            (None, Reading::Millis(millis)) => write!(f, "{millis} ms since 1970"),
            (None, Reading::Kept(raw)) => write!(f, "{raw}"),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.rfc3339(), &self.0) {
            (Some(text), _) => serializer.serialize_str(&text),
            (None, Reading::Millis(millis)) => serializer.serialize_i64(*millis),
            (None, Reading::Kept(raw)) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Timestamp {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_form_of_one_moment_reads_alike() {
        for json in [
            "1787643495",
            "1787643495000",
            "1787643495.0",
            "\"1787643495\"",
            "\"1787643495000\"",
            "\"1787643495.000\"",
            "\"2026-08-25T07:38:15Z\"",
            "\"2026-08-25T07:38:15+00:00\"",
            "\"2026-08-25T09:38:15+0200\"",
            "\"2026-08-25T07:38:15\"",
            "\"2026-08-25 07:38:15.000\"",
        ] {
            assert_eq!(read(json), Timestamp::from_seconds(1_787_643_495), "{json}");
        }
        assert_eq!(read("1689072497.714").as_millis(), Some(1_689_072_497_714));
        assert_eq!(read("\"2027-01-31\"").to_string(), "2027-01-31T00:00:00Z");
    }

    #[test]
    fn eight_digits_are_a_date() {
        assert_eq!(read("\"20260825\"").to_string(), "2026-08-25T00:00:00Z");
        assert_eq!(read("\"99999999\"").as_millis(), Some(99_999_999_000), "no month 99");
    }

    #[test]
    fn times_have_one_order() {
        let mut times = ["\"soon\"", "5", "\"later\"", "1"].map(read);
        times.sort();
        assert_eq!(times, ["\"later\"", "\"soon\"", "1", "5"].map(read));
        assert_eq!(times[0].partial_cmp(&times[0].clone()), Some(Ordering::Equal));
    }

    #[test]
    fn never_is_no_moment() {
        for json in ["0", "-62135596800000", "\"0001-01-01T00:00:00Z\"", "\"\"", "\"OVER_10_DAYS_AGO\"", "true", "{}"] {
            assert_eq!(read(json).moment(), None, "{json}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_written_back() {
        for json in ["\"\"", "\"soon\"", "true", "{\"a\":[1]}", "[]", "1e300", "18446744073709551615"] {
            let back = serde_json::to_string(&read(json)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&back).unwrap(), serde_json::from_str::<Value>(json).unwrap());
        }
    }

    #[test]
    fn a_far_future_beyond_the_calendar_survives() {
        let never = read("253402300799999000");
        assert_eq!(serde_json::to_string(&never).unwrap(), "253402300799999000");
    }

    #[test]
    fn age_is_never_negative() {
        let now = Timestamp::from_seconds(2_000_000_000);
        assert_eq!(now.minus(Duration::from_secs(60)).age(&now), Some(Duration::from_secs(60)));
        assert_eq!(Timestamp::from_seconds(2_000_000_100).age(&now), Some(Duration::ZERO));
        assert_eq!(Timestamp::from_seconds(0).age(&now), None);
    }

    proptest! {
        #[test]
        fn a_written_moment_reads_back(millis in -62_000_000_000_000_i64..253_000_000_000_000) {
            let written = serde_json::to_string(&Timestamp::from_millis(millis)).unwrap();
            prop_assert_eq!(read(&written).as_millis(), Some(millis));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            let stamp: Timestamp = serde_json::from_value(Value::String(text)).unwrap();
            let _ = (stamp.to_string(), stamp.age(&Timestamp::now()), stamp.to_system_time(), stamp.minus(Duration::MAX));
        }
    }
}
