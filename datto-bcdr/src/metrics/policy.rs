//! From when on something counts as a problem.

use std::time::Duration;

use datto_common::Timestamp;

const HOUR: Duration = Duration::from_secs(3_600);
const HOUR_MS: i64 = 3_600_000;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;
/// The Monday after the epoch, which was a Thursday.
const FIRST_MONDAY_MS: i64 = 4 * 24 * HOUR_MS;

/// From when on something counts as a problem. "Older than" is meant strictly: a backup of exactly 48 hours is fine.
///
/// ```
/// use std::time::Duration;
/// use datto_bcdr::metrics::{BackupPolicy, Weekend};
/// let policy = BackupPolicy::default().backup_max_age(Duration::from_secs(24 * 3_600)).weekend(Weekend::default());
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BackupPolicy {
    /// A good backup may be this old: 48 hours.
    pub backup_max_age: Duration,
    /// The newest offsite point may be this old: 7 days.
    pub offsite_max_age: Duration,
    /// An application of SaaS Protection may have been fully protected this long ago before it is called degraded: 48 hours.
    pub saas_max_age: Duration,
    /// An appliance that was not seen for this long is offline: 1 hour.
    pub offline_after: Duration,
    /// The last backup of an endpoint agent may be this old: 7 days, since PCs rest more than servers.
    pub endpoint_max_age: Duration,
    /// Hours that do not count towards the age of a backup. None by default; set it where appliances pause over the weekend.
    pub weekend: Option<Weekend>,
    /// Leaves an old offsite point out where the local backup has failed, since it can only follow. Off by default.
    pub offsite_only_after_good_backup: bool,
    /// Local storage that is used up to this share, in percent, is full: 85.
    pub storage_full_percent: f64,
}

impl Default for BackupPolicy {
    fn default() -> Self {
        Self {
            backup_max_age: 48 * HOUR,
            offsite_max_age: 7 * 24 * HOUR,
            saas_max_age: 48 * HOUR,
            offline_after: HOUR,
            endpoint_max_age: 7 * 24 * HOUR,
            weekend: None,
            offsite_only_after_good_backup: false,
            storage_full_percent: 85.0,
        }
    }
}

impl BackupPolicy {
    /// A good backup may be this old.
    #[must_use]
    pub fn backup_max_age(mut self, age: Duration) -> Self {
        self.backup_max_age = age;
        self
    }

    /// The newest offsite point may be this old.
    #[must_use]
    pub fn offsite_max_age(mut self, age: Duration) -> Self {
        self.offsite_max_age = age;
        self
    }

    /// An application of SaaS Protection may have been fully protected this long ago.
    #[must_use]
    pub fn saas_max_age(mut self, age: Duration) -> Self {
        self.saas_max_age = age;
        self
    }

    /// An appliance that was not seen for this long is offline.
    #[must_use]
    pub fn offline_after(mut self, age: Duration) -> Self {
        self.offline_after = age;
        self
    }

    /// The last backup of an endpoint agent may be this old.
    #[must_use]
    pub fn endpoint_max_age(mut self, age: Duration) -> Self {
        self.endpoint_max_age = age;
        self
    }

    /// Hours that do not count towards the age of a backup.
    #[must_use]
    pub fn weekend(mut self, weekend: impl Into<Option<Weekend>>) -> Self {
        self.weekend = weekend.into();
        self
    }

    /// Leaves an old offsite point out where the local backup has failed.
    #[must_use]
    pub fn offsite_only_after_good_backup(mut self, on: bool) -> Self {
        self.offsite_only_after_good_backup = on;
        self
    }

    /// Local storage that is used up to this share, in percent, is full.
    #[must_use]
    pub fn storage_full_percent(mut self, percent: f64) -> Self {
        self.storage_full_percent = percent;
        self
    }

    /// Whether a backup of that moment is too old, weekends left out.
    pub(crate) fn is_backup_old(&self, at: i64, now: i64) -> bool {
        let resting = self.weekend.as_ref().map_or(0, |weekend| weekend.overlap(at, now));
        is_older(at.saturating_add(resting), now, self.backup_max_age)
    }
}

/// Whether a moment lies more than `limit` before `now`, all in milliseconds.
pub(crate) fn is_older(at: i64, now: i64, limit: Duration) -> bool {
    let limit = i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
    now.saturating_sub(at) > limit
}

/// The hours of a week in which no backup is due.
///
/// The default is that of the appliances' own default schedule, hourly from 9 to 18 o'clock on working days (official): from Friday 18:00 to
/// Monday 9:00. The service does not tell an appliance's time zone or schedule, so both are the caller's to set.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    fn overlap(&self, from: i64, to: i64) -> i64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> i64 {
        serde_json::from_value::<Timestamp>(text.into()).unwrap().as_millis().unwrap()
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
    fn weekend_hours_do_not_age_a_backup() {
        let plain = BackupPolicy::default();
        let resting = BackupPolicy::default().weekend(Weekend::default());
        let friday = at("2026-08-21T18:00:00Z");
        for (now, old_in_plain, old_in_resting) in [
            ("2026-08-23T18:00:00Z", false, false),
            ("2026-08-24T09:00:00Z", true, false),
            ("2026-08-26T09:00:00Z", true, false),
            ("2026-08-26T09:00:01Z", true, true),
            // Two weekends lie between.
            ("2026-09-01T09:00:00Z", true, true),
        ] {
            assert_eq!(plain.is_backup_old(friday, at(now)), old_in_plain, "{now}");
            assert_eq!(resting.is_backup_old(friday, at(now)), old_in_resting, "{now}");
        }
    }

    proptest! {
        #[test]
        fn a_weekend_never_takes_more_than_the_time_between(
            from in 0_i64..4_000_000_000_000, span in 0_i64..4_000_000_000_000, start in any::<u8>(), hours in any::<u8>(), offset in any::<i16>(),
        ) {
            let weekend = Weekend::default().lasting(start, hours).utc_offset_minutes(offset);
            let overlap = weekend.overlap(from, from + span);
            prop_assert!((0..=span).contains(&overlap));
        }

        #[test]
        fn no_moment_makes_it_panic(from in any::<i64>(), to in any::<i64>()) {
            let policy = BackupPolicy::default().weekend(Weekend::default());
            policy.is_backup_old(from, to);
        }
    }
}
