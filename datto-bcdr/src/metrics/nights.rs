//! Nights in a row in which the backups of a machine failed.

use std::collections::BTreeMap;

use datto_common::{Cause, ErrorKind, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::calendar::{DAY_MS, Day};
use super::history::RunOutcome;
use super::run_log::AssetRuns;

/// A night ends at noon: what runs from noon to noon belongs to the day of its morning.
const HALF_A_DAY_MS: i64 = DAY_MS / 2;

/// How many nights in a row the backups of a machine failed, up to the last night that has a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedNights {
    /// How many: nights with runs of which none worked.
    pub count: u32,
    /// Nights in between of which no run is known, as at weekends; they are not counted.
    pub silent: u32,
    /// The morning after the first of them; `None` if the last night was good.
    pub since: Option<Day>,
    /// The morning after the last night that has a word.
    pub last: Day,
}

impl AssetRuns {
    /// How many nights in a row failed, up to `now`, in the time zone in which clocks are ahead of UTC by what `seconds_ahead` says of a moment.
    ///
    /// A night goes from noon to noon, and is good as soon as one run of it worked. The answer is partial, "at least", where no good night is known
    /// before the bad ones: runs from further back may not have been kept. It is unknown if no run says how it ended.
    ///
    /// ```
    /// use datto_bcdr::Timestamp;
    /// use datto_bcdr::metrics::RunLog;
    ///
    /// fn bad_nights(log: &RunLog) {
    ///     let two_hours_ahead = |_: &Timestamp| 7_200; // or ask a time zone of a crate such as jiff
    ///     for (key, runs) in log.assets() {
    ///         println!("{key}: {} nights", runs.failed_nights(&Timestamp::now(), two_hours_ahead).map(|nights| nights.count));
    ///     }
    /// }
    /// ```
    pub fn failed_nights(&self, now: &Timestamp, seconds_ahead: impl Fn(&Timestamp) -> i32) -> Measured<FailedNights> {
        let now = now.as_millis().unwrap_or(i64::MAX);
        let mut nights: BTreeMap<Day, bool> = BTreeMap::new();
        for run in self.runs.range(..=now).map(|(_, run)| run).filter(|run| run.outcome.is_told()) {
            let night = Day::of(run.at_ms.saturating_add(HALF_A_DAY_MS), seconds_ahead(&run.at()));
            *nights.entry(night).or_default() |= run.outcome == RunOutcome::Succeeded;
        }
        let Some(last) = nights.keys().next_back().copied() else {
            return Measured::unknown(Cause::new(ErrorKind::NoData, "no run is known that says how it ended"));
        };
        let mut failed = FailedNights { count: 0, silent: 0, since: None, last };
        for (night, good) in nights.iter().rev() {
            if *good {
                return Measured::Known(failed);
            }
            failed.count = failed.count.saturating_add(1);
            failed.silent = failed.silent.saturating_add(failed.since.map_or(0, |later| night.days_until(later)));
            failed.since = Some(*night);
        }
        let before = failed.since.unwrap_or(last);
        let cause = Cause::new(ErrorKind::NoData, "no run is kept from before");
        Measured::from_parts(failed, vec![Missing::new(format!("nights before {before}"), cause)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::run_log::{RunLog, StoredRun};

    fn runs(runs: &[(&str, bool)]) -> RunLog {
        let mut log = RunLog::default();
        log.merge(runs.iter().map(|(at, good)| StoredRun {
            key: "a".into(),
            serial_number: "D1".into(),
            asset: "dc-01".into(),
            client: None,
            at_ms: serde_json::from_value::<Timestamp>((*at).into()).unwrap().as_millis().unwrap(),
            outcome: if *good { RunOutcome::Succeeded } else { RunOutcome::Failed },
            message: None,
        }));
        log
    }

    fn nights(log: &RunLog, hours_ahead: i32) -> Measured<FailedNights> {
        let now = serde_json::from_value("2026-08-25T07:38:15Z".into()).unwrap();
        log.asset("a").unwrap().failed_nights(&now, |_| hours_ahead * 3_600)
    }

    #[test]
    fn nights_count_once_and_end_with_a_good_one() {
        let log = runs(&[
            ("2026-08-21T22:00:00Z", true),
            ("2026-08-22T22:00:00Z", false),
            ("2026-08-23T01:00:00Z", false),
            ("2026-08-24T22:00:00Z", false),
        ]);
        let failed = nights(&log, 0).known().cloned().unwrap();
        assert_eq!((failed.count, failed.silent), (2, 1));
        assert_eq!(
            (failed.since.unwrap().to_string(), failed.last.to_string()),
            ("2026-08-23".into(), "2026-08-25".into())
        );
    }

    #[test]
    fn one_good_run_makes_a_good_night_and_the_zone_says_which_night() {
        // Where clocks are 12 hours ahead, all three belong to one night.
        let log =
            runs(&[("2026-08-24T11:00:00Z", true), ("2026-08-24T12:30:00Z", false), ("2026-08-24T23:30:00Z", false)]);
        assert_eq!(nights(&log, 0).known().unwrap().count, 1);
        assert_eq!(nights(&log, 12).known().unwrap().count, 0);
        let log = runs(&[("2026-08-24T23:00:00Z", true), ("2026-08-25T01:00:00Z", false)]);
        assert_eq!(nights(&log, 0).known().unwrap().count, 0);
        assert_eq!(nights(&log, 12).known().unwrap().count, 1);
    }

    #[test]
    fn without_a_good_night_it_is_at_least_so_many() {
        let log = runs(&[("2026-08-23T22:00:00Z", false), ("2026-08-24T22:00:00Z", false)]);
        let Measured::Partial { value, missing } = nights(&log, 0) else { panic!() };
        assert_eq!((value.count, missing[0].what.as_str()), (2, "nights before 2026-08-24"));
        assert!(matches!(AssetRuns::default().failed_nights(&Timestamp::now(), |_| 0), Measured::Unknown { .. }));
    }
}
