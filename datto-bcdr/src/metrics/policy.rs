//! From when on something counts as a problem.

use std::time::Duration;

use datto_common::internal::spans_of_time;
use serde::{Deserialize, Serialize};

use super::calendar::{Holidays, Weekend, resting};
use super::exceptions::Exception;
use super::finding::{Place, Problem};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// From when on something counts as a problem. "Older than" is meant strictly: a backup of exactly 48 hours is fine.
///
/// Can stand in a configuration: spans are written `"48h"` or `"7d"`, what is left out has its default, and a name that is not known is an error.
///
/// ```
/// use std::time::Duration;
/// use datto_bcdr::metrics::{BackupPolicy, Exception, Weekend};
/// let policy = BackupPolicy::default()
///     .backup_max_age(Duration::from_secs(24 * 3_600))
///     .weekend(Weekend::default())
///     .exception(Exception::client("Acorn Dental").backup_max_age(Duration::from_secs(4 * 24 * 3_600)))
///     .exception(Exception::asset("D05099000001", "lab-01").ignore("rebuilt every week"));
/// let same: BackupPolicy = serde_json::from_str(
///     r#"{"backup_max_age": "24h", "weekend": {}, "exceptions": [
///         {"client": "Acorn Dental", "backup_max_age": "4d"},
///         {"serial_number": "D05099000001", "asset": "lab-01", "ignore": "rebuilt every week"}
///     ]}"#,
/// )?;
/// assert_eq!(same, policy);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BackupPolicy {
    /// A good backup may be this old: 48 hours.
    #[serde(with = "spans_of_time")]
    pub backup_max_age: Duration,
    /// So much is forgiven beyond [`backup_max_age`](Self::backup_max_age), for schedules as long as the limit: nothing.
    #[serde(with = "spans_of_time")]
    pub grace: Duration,
    /// A machine without any good backup is failing once so many runs have failed: 3.
    pub failing_runs: u32,
    /// The newest offsite point may be this old: 7 days.
    #[serde(with = "spans_of_time")]
    pub offsite_max_age: Duration,
    /// A new machine may be without an offsite point for so long: 3 days. First images take days, and a day or two behind is no malfunction
    /// (official).
    #[serde(with = "spans_of_time")]
    pub offsite_due_after: Duration,
    /// A plan or model of a unit that holds one of these words has no cloud, so that a missing offsite point is none: "local only", "local-only",
    /// "private". That such plans exist is official; how the service spells them is a guess. What is in the cloud all the same is judged.
    pub local_only_plans: Vec<String>,
    /// An application of SaaS Protection may have been fully protected this long ago before it is called degraded: 48 hours.
    #[serde(with = "spans_of_time")]
    pub saas_max_age: Duration,
    /// So many percent of the services of an application may lack a backup before it is called failed: 1. The sites of large tenants are never
    /// whole (official); such an application is degraded, which is a figure of its own.
    pub saas_tolerance_percent: f64,
    /// So many services of an application may lack a backup, whatever their share: 0. Where a mailbox a day is added, 1.
    pub saas_tolerance_services: u32,
    /// An appliance that was not seen for this long is offline: 1 hour.
    #[serde(with = "spans_of_time")]
    pub offline_after: Duration,
    /// The service of an appliance goes on for so long after its contract: 30 days (official).
    #[serde(with = "spans_of_time")]
    pub service_grace: Duration,
    /// The last backup of a PC may be this old, by an endpoint agent or Direct-to-Cloud: 7 days, since PCs rest more than servers.
    #[serde(with = "spans_of_time")]
    pub endpoint_max_age: Duration,
    /// The last try of a screenshot may be this old: 48 hours. Judged where the backup is good.
    #[serde(with = "spans_of_time")]
    pub screenshot_max_age: Duration,
    /// Hours that do not count towards the age of a backup or screenshot. None by default; set it where appliances pause over the weekend.
    pub weekend: Option<Weekend>,
    /// Days that do not count towards the age of a backup or screenshot.
    pub holidays: Holidays,
    /// Leaves an old offsite point out where the local backup has failed, since it can only follow. Off by default.
    pub offsite_only_after_good_backup: bool,
    /// Local storage that is used up to this share, in percent, is full: 85.
    pub storage_full_percent: f64,
    /// What is different for some clients or machines, and what is ignored. Where several apply, a later one wins.
    pub exceptions: Vec<Exception>,
}

impl Default for BackupPolicy {
    fn default() -> Self {
        Self {
            backup_max_age: 48 * HOUR,
            grace: Duration::ZERO,
            failing_runs: 3,
            offsite_max_age: 7 * DAY,
            offsite_due_after: 3 * DAY,
            local_only_plans: ["local only", "local-only", "private"].map(str::to_owned).to_vec(),
            saas_max_age: 48 * HOUR,
            saas_tolerance_percent: 1.0,
            saas_tolerance_services: 0,
            offline_after: HOUR,
            service_grace: 30 * DAY,
            endpoint_max_age: 7 * DAY,
            screenshot_max_age: 48 * HOUR,
            weekend: None,
            holidays: Holidays::default(),
            offsite_only_after_good_backup: false,
            storage_full_percent: 85.0,
            exceptions: Vec::new(),
        }
    }
}

/// Makes a setter of each field.
macro_rules! setters {
    ($($(#[$meta:meta])* $name:ident: $kind:ty;)+) => {$(
        $(#[$meta])*
        #[must_use]
        pub fn $name(mut self, $name: $kind) -> Self {
            self.$name = $name;
            self
        }
    )+};
}

impl BackupPolicy {
    setters! {
        /// A good backup may be this old.
        backup_max_age: Duration;
        /// So much is forgiven beyond the age that a good backup may have.
        grace: Duration;
        /// A machine without any good backup is failing once so many runs have failed.
        failing_runs: u32;
        /// The newest offsite point may be this old.
        offsite_max_age: Duration;
        /// A new machine may be without an offsite point for so long.
        offsite_due_after: Duration;
        /// An application of SaaS Protection may have been fully protected this long ago.
        saas_max_age: Duration;
        /// So many percent of the services of an application may lack a backup.
        saas_tolerance_percent: f64;
        /// So many services of an application may lack a backup.
        saas_tolerance_services: u32;
        /// An appliance that was not seen for this long is offline.
        offline_after: Duration;
        /// The service of an appliance goes on for so long after its contract.
        service_grace: Duration;
        /// The last backup of a PC may be this old.
        endpoint_max_age: Duration;
        /// The last try of a screenshot may be this old.
        screenshot_max_age: Duration;
        /// Days that do not count towards the age of a backup.
        holidays: Holidays;
        /// Leaves an old offsite point out where the local backup has failed.
        offsite_only_after_good_backup: bool;
        /// Local storage that is used up to this share, in percent, is full.
        storage_full_percent: f64;
    }

    /// Hours that do not count towards the age of a backup.
    #[must_use]
    pub fn weekend(mut self, weekend: impl Into<Option<Weekend>>) -> Self {
        self.weekend = weekend.into();
        self
    }

    /// Plans and models that hold one of these words have no cloud.
    #[must_use]
    pub fn local_only_plans<T: Into<String>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        self.local_only_plans = words.into_iter().map(Into::into).collect();
        self
    }

    /// Something is different for some clients or machines.
    #[must_use]
    pub fn exception(mut self, exception: Exception) -> Self {
        self.exceptions.push(exception);
        self
    }

    /// What holds for an object.
    pub(crate) fn limits(&self, place: &Place<'_>) -> Limits<'_> {
        let mut limits = Limits {
            policy: self,
            backup_max_age: self.backup_max_age,
            offsite_max_age: self.offsite_max_age,
            saas_max_age: self.saas_max_age,
            saas_tolerance_percent: self.saas_tolerance_percent,
            saas_tolerance_services: self.saas_tolerance_services,
            endpoint_max_age: self.endpoint_max_age,
            screenshot_max_age: self.screenshot_max_age,
            weekend: self.weekend,
            local_only: false,
        };
        for exception in self.exceptions.iter().filter(|exception| exception.applies(place)) {
            exception.change(&mut limits);
        }
        limits
    }

    /// Why an object is left out, if it is: as a whole, or as far as this problem goes.
    pub(crate) fn ignored(&self, place: &Place<'_>, problem: Option<Problem>, now: i64) -> Option<&str> {
        self.exceptions.iter().find_map(|exception| exception.ignores(place, problem, now))
    }
}

/// The policy as it holds for one object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits<'a> {
    pub(crate) policy: &'a BackupPolicy,
    pub(crate) backup_max_age: Duration,
    pub(crate) offsite_max_age: Duration,
    pub(crate) saas_max_age: Duration,
    pub(crate) saas_tolerance_percent: f64,
    pub(crate) saas_tolerance_services: u32,
    pub(crate) endpoint_max_age: Duration,
    pub(crate) screenshot_max_age: Duration,
    pub(crate) weekend: Option<Weekend>,
    pub(crate) local_only: bool,
}

impl Limits<'_> {
    /// Whether a backup of that moment is too old, resting hours left out.
    pub(crate) fn is_backup_old(&self, at: i64, now: i64) -> bool {
        self.is_worked_longer(at, now, self.backup_max_age.saturating_add(self.policy.grace))
    }

    /// The same of a screenshot.
    pub(crate) fn is_screenshot_old(&self, at: i64, now: i64) -> bool {
        self.is_worked_longer(at, now, self.screenshot_max_age.saturating_add(self.policy.grace))
    }

    fn is_worked_longer(&self, at: i64, now: i64, limit: Duration) -> bool {
        let resting = resting(self.weekend, &self.policy.holidays, at, now);
        is_older(at.saturating_add(resting), now, limit)
    }
}

/// Whether a moment lies more than `limit` before `now`, all in milliseconds.
pub(crate) fn is_older(at: i64, now: i64, limit: Duration) -> bool {
    let limit = i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
    now.saturating_sub(at) > limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use datto_common::Timestamp;
    use proptest::prelude::*;

    fn at(text: &str) -> i64 {
        serde_json::from_value::<Timestamp>(text.into()).unwrap().as_millis().unwrap()
    }

    fn is_old(policy: &BackupPolicy, at: i64, now: i64) -> bool {
        policy.limits(&Place::default()).is_backup_old(at, now)
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
            assert_eq!(is_old(&plain, friday, at(now)), old_in_plain, "{now}");
            assert_eq!(is_old(&resting, friday, at(now)), old_in_resting, "{now}");
        }
    }

    #[test]
    fn a_grace_covers_a_schedule_as_long_as_the_limit() {
        let (backup, next) = (at("2026-08-20T18:00:00Z"), at("2026-08-22T18:00:03Z"));
        assert!(is_old(&BackupPolicy::default(), backup, next));
        assert!(!is_old(&BackupPolicy::default().grace(Duration::from_secs(3_600)), backup, next));
    }

    #[test]
    fn a_policy_survives_a_configuration() {
        let policy = BackupPolicy::default()
            .weekend(Weekend::default().lasting(120, 48))
            .holidays(Holidays::new(["2026-12-25".parse().unwrap()]))
            .grace(Duration::from_secs(90));
        let json = serde_json::to_string(&policy).unwrap();
        assert!(json.contains(r#""backup_max_age":"48h""#) && json.contains(r#""offsite_max_age":"7d""#), "{json}");
        assert!(json.contains(r#""grace":"90s""#) && json.contains(r#""2026-12-25""#), "{json}");
        assert_eq!(serde_json::from_str::<BackupPolicy>(&json).unwrap(), policy);
        assert_eq!(serde_json::from_str::<BackupPolicy>("{}").unwrap(), BackupPolicy::default());
        for wrong in
            [r#"{"backup_max_age": "soon"}"#, r#"{"backup_maxage": "48h"}"#, r#"{"exceptions": [{"cilent": "x"}]}"#]
        {
            assert!(serde_json::from_str::<BackupPolicy>(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_moment_makes_it_panic(from in any::<i64>(), to in any::<i64>()) {
            is_old(&BackupPolicy::default().weekend(Weekend::default()), from, to);
        }
    }
}
