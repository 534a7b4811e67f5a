//! Hours in which no backup is due: weekends and holidays.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use datto_common::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// The Monday after the epoch, which was a Thursday.
const FIRST_MONDAY_MS: i64 = 4 * DAY_MS;

/// A day of a calendar, in whatever time zone it is meant: `2026-04-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day of a moment on clocks that are so many seconds ahead of UTC.
    pub(crate) fn of(at: i64, ahead_seconds: i32) -> Self {
        Self(at.saturating_add(i64::from(ahead_seconds) * 1_000).div_euclid(DAY_MS))
    }

    /// How many days lie between the two, neither of them counted.
    pub(crate) fn days_until(self, later: Self) -> u32 {
        u32::try_from(later.0.saturating_sub(self.0).saturating_sub(1)).unwrap_or(0)
    }

    /// When it begins on clocks that show UTC, in milliseconds.
    fn begins(self) -> i64 {
        self.0.saturating_mul(DAY_MS)
    }

    /// Its year and month: `2026-04`.
    pub(crate) fn month(self) -> String {
        self.to_string().chars().take(7).collect()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = Timestamp::from_millis(self.begins()).to_string();
        f.pad(moment.split('T').next().unwrap_or(&moment))
    }
}

/// What was given is no day of the form `2026-04-03`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a day such as 2026-04-03, found {0:?}")]
pub struct NoDay(String);

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let wrong = || NoDay(text.to_owned());
        let moment: Timestamp = serde_json::from_value(text.into()).map_err(|_| wrong())?;
        let day = Self(moment.as_millis().ok_or_else(wrong)?.div_euclid(DAY_MS));
        if day.to_string() == text { Ok(day) } else { Err(wrong()) }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The hours of a week in which no backup is due.
///
/// The default is that of the appliances' own default schedule, hourly from 9 to 18 o'clock on working days (official): from Friday 18:00 to
/// Monday 9:00. The service does not tell an appliance's time zone or schedule, so both are the caller's to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Weekend {
    /// When it begins: hours since Monday 0:00.
    pub from_hour: u8,
    /// How many hours it takes.
    pub hours: u8,
    /// Minutes by which the appliances' clocks are ahead of UTC.
    pub utc_offset_minutes: i16,
}

impl Default for Weekend {
    fn default() -> Self {
        Self { from_hour: 4 * 24 + 18, hours: 63, utc_offset_minutes: 0 }
    }
}

impl Weekend {
    /// With clocks that are so many minutes ahead of UTC.
    #[must_use]
    pub fn utc_offset_minutes(mut self, minutes: i16) -> Self {
        self.utc_offset_minutes = minutes;
        self
    }

    /// Begins so many hours after Monday 0:00, and takes so many hours.
    #[must_use]
    pub fn lasting(mut self, from_hour: u8, hours: u8) -> Self {
        self.from_hour = from_hour;
        self.hours = hours;
        self
    }

    /// Whether no backup is due at that moment.
    pub fn contains(&self, moment: &Timestamp) -> bool {
        moment.as_millis().is_some_and(|at| self.overlap(at, at.saturating_add(1)) > 0)
    }

    /// How many milliseconds of it lie between two moments.
    pub(crate) fn overlap(&self, from: i64, to: i64) -> i64 {
        (self.until(to) - self.until(from)).max(0)
    }

    /// How many milliseconds of weekends lie between the first one and a moment.
    fn until(&self, moment: i64) -> i64 {
        let length = (i64::from(self.hours) * HOUR_MS).min(WEEK_MS);
        let begins =
            FIRST_MONDAY_MS + i64::from(self.from_hour) * HOUR_MS - i64::from(self.utc_offset_minutes) * 60_000;
        let since = moment.saturating_sub(begins);
        since.div_euclid(WEEK_MS).saturating_mul(length) + since.rem_euclid(WEEK_MS).min(length)
    }
}

/// Days on which no backup is due, from midnight to midnight.
///
/// ```
/// use datto_bcdr::metrics::{BackupPolicy, Holidays, Weekend};
/// let easter = Holidays::new(["2026-04-03".parse()?, "2026-04-06".parse()?]).utc_offset_minutes(120);
/// let policy = BackupPolicy::default().weekend(Weekend::default().utc_offset_minutes(120)).holidays(easter);
/// # Ok::<(), datto_bcdr::metrics::NoDay>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Holidays {
    /// The days.
    pub days: BTreeSet<Day>,
    /// Minutes by which the appliances' clocks are ahead of UTC.
    pub utc_offset_minutes: i16,
}

impl Holidays {
    /// On these days.
    pub fn new(days: impl IntoIterator<Item = Day>) -> Self {
        Self { days: days.into_iter().collect(), utc_offset_minutes: 0 }
    }

    /// With clocks that are so many minutes ahead of UTC.
    #[must_use]
    pub fn utc_offset_minutes(mut self, minutes: i16) -> Self {
        self.utc_offset_minutes = minutes;
        self
    }

    /// The stretches between two moments that are on one of the days, in milliseconds.
    fn between(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> {
        let ahead = i64::from(self.utc_offset_minutes) * 60_000;
        // One day more at each end, whatever the offset.
        let day = |at: i64, more: i64| Day(at.div_euclid(DAY_MS).saturating_add(more));
        let (first, last) = (day(from, -2), day(to, 2));
        let days = if first <= last { Some(self.days.range(first..=last)) } else { None };
        days.into_iter().flatten().filter_map(move |day| {
            let begins = day.begins().saturating_sub(ahead);
            let (begins, ends) = (begins.max(from), begins.saturating_add(DAY_MS).min(to));
            (begins < ends).then_some((begins, ends))
        })
    }
}

/// How many milliseconds between two moments no backup was due. An hour that is both on a weekend and on a holiday counts once.
pub(crate) fn resting(weekend: Option<Weekend>, holidays: &Holidays, from: i64, to: i64) -> i64 {
    let weekend_in = |from, to| weekend.map_or(0, |weekend| weekend.overlap(from, to));
    let on_holidays = holidays.between(from, to).map(|(begins, ends)| ends - begins - weekend_in(begins, ends));
    weekend_in(from, to).saturating_add(on_holidays.sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> i64 {
        serde_json::from_value::<Timestamp>(text.into()).unwrap().as_millis().unwrap()
    }

    #[test]
    fn a_day_is_read_as_it_is_written() {
        let day: Day = "2026-04-03".parse().unwrap();
        assert_eq!((day.to_string(), day.month()), ("2026-04-03".to_owned(), "2026-04".to_owned()));
        assert_eq!(day.days_until("2026-04-06".parse().unwrap()), 2);
        assert_eq!(Day::of(at("2026-04-03T23:30:00Z"), 3_600).to_string(), "2026-04-04");
        for wrong in ["2026-02-30", "soon", "", "1775174400", "2026-04-03T00:00:00Z"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_weekend_lasts_from_friday_evening_to_monday_morning() {
        let weekend = Weekend::default();
        for (moment, inside) in [
            ("2026-08-21T17:59:59Z", false),
            ("2026-08-21T18:00:00Z", true),
            ("2026-08-23T12:00:00Z", true),
            ("2026-08-24T08:59:59Z", true),
            ("2026-08-24T09:00:00Z", false),
        ] {
            assert_eq!(weekend.contains(&Timestamp::from_millis(at(moment))), inside, "{moment}");
        }
        let berlin = Weekend::default().utc_offset_minutes(120);
        assert!(berlin.contains(&Timestamp::from_millis(at("2026-08-21T16:00:00Z"))));
        assert!(!berlin.contains(&Timestamp::from_millis(at("2026-08-24T07:00:00Z"))));
    }

    #[test]
    fn a_holiday_next_to_a_weekend_counts_once() {
        let easter = Holidays::new(["2026-04-03".parse().unwrap(), "2026-04-06".parse().unwrap()]);
        let (thursday, tuesday) = (at("2026-04-02T18:00:00Z"), at("2026-04-07T09:00:00Z"));
        let rest = |weekend, holidays: &Holidays| resting(weekend, holidays, thursday, tuesday) / HOUR_MS;
        assert_eq!(rest(None, &easter), 48);
        assert_eq!(rest(Some(Weekend::default()), &Holidays::default()), 63);
        assert_eq!(rest(Some(Weekend::default()), &easter), 63 + 18 + 15);
    }

    proptest! {
        #[test]
        fn what_rests_never_takes_more_than_the_time_between(
            from in 0_i64..4_000_000_000_000, span in 0_i64..400_000_000_000, start in any::<u8>(), hours in any::<u8>(), offset in any::<i16>(),
            days in prop::collection::btree_set(0_i64..40_000, 0..40),
        ) {
            let weekend = Weekend::default().lasting(start, hours).utc_offset_minutes(offset);
            let holidays = Holidays::new(days.into_iter().map(Day)).utc_offset_minutes(offset);
            let rest = resting(Some(weekend), &holidays, from, from + span);
            prop_assert!((0..=span).contains(&rest), "{rest} of {span}");
        }

        #[test]
        fn no_moment_makes_it_panic(from in any::<i64>(), to in any::<i64>(), day in any::<i64>()) {
            let _ = (Day(day).to_string(), resting(Some(Weekend::default()), &Holidays::new([Day(day)]), from, to));
        }
    }
}
