//! The rule for the backups of one asset.

use std::fmt;

use datto_common::{Cause, Timestamp};
use serde::Serialize;

use super::appliance;
use super::finding::{Place, Problem};
use super::history::{Run, RunOutcome, runs};
use super::policy::{BackupPolicy, Limits};
use super::times::{Moment, unclear};
use crate::models::{Asset, Device};

/// Where an asset is.
pub(crate) fn place<'a>(device: &'a Device, asset: &'a Asset) -> Place<'a> {
    Place {
        volume: Some(&asset.volume),
        asset_id: Some(&asset.asset_id),
        asset: Some(asset.label()).filter(|label| !label.is_empty()),
        ..appliance::place(device)
    }
}

/// How the backups of an asset stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssetState {
    /// The last good backup is young enough, whatever happened since.
    Fine,
    /// The last good backup is too old, and no failed run is newer.
    Stale,
    /// The last good backup is too old and the newest run failed; or there never was one, and a failed run is too old or several failed (see
    /// [`BackupPolicy::failing_runs`]).
    Failing,
    /// There is no good backup, and not enough failed runs: a new asset, or one that nobody ever tried to back up.
    NeverBackedUp,
    /// Backups are paused, which is no failure.
    Paused,
    /// The asset is archived, and no longer backed up.
    Archived,
}

impl fmt::Display for AssetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "fine",
            Self::Stale => "stale",
            Self::Failing => "failing",
            Self::NeverBackedUp => "never backed up",
            Self::Paused => "paused",
            Self::Archived => "archived",
        })
    }
}

/// How the backups of an asset stand, and why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AssetVerdict {
    /// How they stand.
    pub state: AssetState,
    /// The last good backup.
    pub last_good: Option<Timestamp>,
    /// Since when there is a problem: the last good backup, or the oldest failed run that is listed.
    pub since: Option<Timestamp>,
    /// What the newest failed run said, if it is the newest of all: the service's words, or "no message". Of what was never backed up: what is
    /// known of it.
    pub message: Option<String>,
}

impl AssetVerdict {
    /// Judges an asset of an appliance as it stands at `now`.
    ///
    /// # Errors
    ///
    /// The cause, if what the service sent does not allow to tell: an unreadable time, or one that lies days ahead.
    pub fn of(device: &Device, asset: &Asset, policy: &BackupPolicy, now: &Timestamp) -> Result<Self, Cause> {
        let now = now.moment().ok_or_else(|| unclear("the time of the report is no moment"))?;
        Backups::of(asset, now).verdict(&policy.limits(&place(device, asset)), now)
    }

    /// What it counts as, if it counts; and what to say about it.
    pub(crate) fn problem(&self) -> Option<(Problem, String)> {
        let message = self.message.as_deref().unwrap_or("no message");
        Some(match (self.state, &self.last_good) {
            (AssetState::Stale, Some(good)) => (Problem::BackupStale, format!("no good backup since {good}")),
            (AssetState::Stale, None) => (Problem::BackupStale, "no good backup".to_owned()),
            (AssetState::Failing, Some(good)) => {
                (Problem::BackupFailing, format!("no good backup since {good}, the newest run failed: {message}"))
            }
            (AssetState::Failing, None) => {
                (Problem::BackupFailing, format!("never backed up, the newest run failed: {message}"))
            }
            (AssetState::NeverBackedUp, _) => {
                let why = self.message.as_ref().map(|message| format!(", {message}")).unwrap_or_default();
                (Problem::NeverBackedUp, format!("never backed up{why}"))
            }
            (AssetState::Paused, _) => (Problem::BackupPaused, "backups are paused".to_owned()),
            (AssetState::Fine | AssetState::Archived, _) => return None,
        })
    }
}

/// What an asset says about its backups; times in milliseconds.
pub(crate) struct Backups<'a> {
    asset: &'a Asset,
    /// Newest first; those of a believable time.
    runs: Vec<Run<'a>>,
    pub(crate) last_good: Option<i64>,
    /// Whether a time came that cannot be believed and that might be that of a later good backup.
    pub(crate) unsure: bool,
}

impl<'a> Backups<'a> {
    pub(crate) fn of(asset: &'a Asset, now: i64) -> Self {
        let point = Moment::of(asset.last_snapshot.as_ref(), now);
        let runs = runs(asset, now);
        let last_run = runs.iter().find(|run| run.outcome == RunOutcome::Succeeded).map(|run| run.at);
        let timeless = asset.backups.iter().flatten().any(|run| {
            RunOutcome::of(run) == RunOutcome::Succeeded && Moment::of(run.timestamp.as_ref(), now).at().is_none()
        });
        Self { asset, runs, last_good: last_run.max(point.at()), unsure: timeless || point == Moment::Odd }
    }

    pub(crate) fn verdict(&self, limits: &Limits<'_>, now: i64) -> Result<AssetVerdict, Cause> {
        let is_set = |flag: Option<bool>| flag == Some(true);
        if is_set(self.asset.is_archived) {
            return Ok(self.say(AssetState::Archived, None, None));
        }
        if is_set(self.asset.is_paused) {
            return Ok(self.say(AssetState::Paused, None, None));
        }
        if self.last_good.is_some_and(|good| !limits.is_backup_old(good, now)) {
            return Ok(self.say(AssetState::Fine, None, None));
        }
        if self.unsure {
            return Err(unclear("the time of a good backup cannot be read"));
        }
        let failed = self.runs.iter().find(|run| run.outcome.is_told()).filter(|run| run.outcome == RunOutcome::Failed);
        let message = failed.map(|run| run.record.message().unwrap_or("no message").to_owned());
        Ok(match (self.last_good, failed) {
            (Some(good), Some(run)) if run.at > good => self.say(AssetState::Failing, Some(good), message),
            (Some(good), _) => self.say(AssetState::Stale, Some(good), None),
            (None, _) => self.never_good(limits, now, message),
        })
    }

    /// A machine that never worked fails once runs fail for long, or often: the list of them is short, and reaches back a few hours where they are
    /// hourly.
    fn never_good(&self, limits: &Limits<'_>, now: i64, message: Option<String>) -> AssetVerdict {
        let failures = || self.runs.iter().filter(|run| run.outcome == RunOutcome::Failed);
        let often = limits.policy.failing_runs.max(1);
        let is_often = u32::try_from(failures().count()).is_ok_and(|count| count >= often);
        match failures().next_back() {
            Some(first) if is_often || limits.is_backup_old(first.at, now) => {
                self.say(AssetState::Failing, Some(first.at), message)
            }
            Some(_) => self.say(
                AssetState::NeverBackedUp,
                None,
                message.map(|message| format!("the newest run failed: {message}")),
            ),
            None => {
                let running = self.runs.iter().any(|run| run.outcome == RunOutcome::Running);
                self.say(AssetState::NeverBackedUp, None, running.then(|| "the first run is under way".to_owned()))
            }
        }
    }

    /// The oldest good run, if the list of runs goes back to the first point: else the asset may be older than the list.
    pub(crate) fn first_good(&self) -> Option<i64> {
        let good = || self.runs.iter().filter(|run| run.outcome == RunOutcome::Succeeded);
        let listed = i64::try_from(good().count()).unwrap_or(i64::MAX);
        let is_whole = match self.asset.local_snapshots {
            Some(points) => points <= listed,
            // Lists of ten were seen: a shorter one was not cut (guess).
            None => self.runs.len() < 5,
        };
        good().next_back().map(|run| run.at).filter(|_| is_whole)
    }

    /// How the newest good run was checked on the appliance.
    pub(crate) fn newest_good(&self) -> Option<&Run<'a>> {
        self.runs.iter().find(|run| run.outcome == RunOutcome::Succeeded)
    }

    fn say(&self, state: AssetState, since: Option<i64>, message: Option<String>) -> AssetVerdict {
        AssetVerdict {
            state,
            last_good: self.last_good.map(Timestamp::from_millis),
            since: since.map(Timestamp::from_millis),
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::calendar::Weekend;
    use crate::metrics::testing::{DAY, HOUR, NOW, asset, at, device, now, run};
    use serde_json::{Value, json};

    fn state(value: Value) -> AssetState {
        AssetVerdict::of(&device("D1"), &asset(value), &BackupPolicy::default(), &now()).unwrap().state
    }

    #[test]
    fn each_state_at_its_border() {
        use AssetState::{Archived, Failing, Fine, NeverBackedUp, Paused, Stale};
        let two_days = NOW - 48 * HOUR;
        for (wire, expected) in [
            (json!({"lastSnapshot": NOW - HOUR}), Fine),
            (json!({"lastSnapshot": NOW + HOUR}), Fine),
            (json!({"lastSnapshot": two_days}), Fine),
            (json!({"lastSnapshot": two_days - 1}), Stale),
            // The newest good run counts as much as the newest point.
            (json!({"lastSnapshot": two_days - 1, "backups": [run(47, "success", None)]}), Fine),
            (json!({"lastSnapshot": 0, "backups": [run(48, "success", None)]}), Fine),
            (json!({"lastSnapshot": 0, "backups": [run(49, "success", None)]}), Stale),
            (json!({"lastSnapshot": null, "backups": [run(60, "success", None), run(2, "SUCCESS", None)]}), Fine),
            // A failed run is no matter while a good one is young.
            (json!({"lastSnapshot": NOW - 20 * HOUR, "backups": [run(1, "failure", None)]}), Fine),
            (json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [run(1, "failure", None)]}), Failing),
            (json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [run(1, "aborted", None)]}), Failing),
            // The order in which runs come is not promised.
            (
                json!({"lastSnapshot": 0, "backups": [run(90, "failure", None), run(70, "success", None), run(80, "failure", None)]}),
                Stale,
            ),
            (
                json!({"lastSnapshot": 0, "backups": [run(90, "success", None), run(70, "failure", None), run(80, "success", None)]}),
                Failing,
            ),
            // A point that is newer than the failed run was a good backup.
            (json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [run(70, "failure", None)]}), Stale),
            // A run that does not say how it ended tells nothing.
            (json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [{"timestamp": NOW - HOUR, "backup": null}]}), Stale),
            (
                json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [{"timestamp": NOW - HOUR}, run(2, "failure", None)]}),
                Failing,
            ),
            // No good backup ever.
            (json!({"lastSnapshot": 0}), NeverBackedUp),
            (json!({"lastSnapshot": null, "backups": null}), NeverBackedUp),
            (json!({"lastSnapshot": "", "backups": []}), NeverBackedUp),
            (json!({"backups": [run(1, "failure", None), run(48, "failure", None)]}), NeverBackedUp),
            (json!({"backups": [run(1, "failure", None), run(2, "failure", None), run(3, "failure", None)]}), Failing),
            (json!({"backups": [run(50, "running", None)]}), NeverBackedUp),
            (json!({"backups": [run(1, "failure", None), run(49, "failure", None)]}), Failing),
            (json!({"isPaused": true, "lastSnapshot": NOW - 60 * DAY}), Paused),
            (json!({"isPaused": "1", "isArchived": true, "lastSnapshot": 0}), Archived),
            (json!({"isPaused": null, "isArchived": "", "lastSnapshot": NOW}), Fine),
        ] {
            assert_eq!(state(wire.clone()), expected, "{wire}");
        }
    }

    #[test]
    fn a_verdict_says_since_when_and_why() {
        let judge =
            |wire: Value| AssetVerdict::of(&device("D1"), &asset(wire), &BackupPolicy::default(), &now()).unwrap();
        let stale = judge(json!({"lastSnapshot": NOW - 60 * HOUR}));
        assert_eq!((stale.since, stale.message), (Some(at(60)), None));
        let failing =
            judge(json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [run(2, "failure", Some(" BKP42: no answer "))]}));
        assert_eq!((failing.since.clone(), failing.message.as_deref()), (Some(at(60)), Some("BKP42: no answer")));
        assert_eq!(failing.problem().unwrap().0, Problem::BackupFailing);
        let never = judge(json!({"backups": [run(2, "failure", None), run(60, "failure", Some("first"))]}));
        assert_eq!((never.since.clone(), never.message.as_deref()), (Some(at(60)), Some("no message")));
        assert_eq!(never.problem().unwrap().1, "never backed up, the newest run failed: no message");
    }

    #[test]
    fn what_cannot_be_read_is_neither_fine_nor_never() {
        let judge = |wire: Value| AssetVerdict::of(&device("D1"), &asset(wire), &BackupPolicy::default(), &now());
        for wire in [
            json!({"lastSnapshot": "soon"}),
            json!({"lastSnapshot": NOW + 3 * DAY}),
            json!({"lastSnapshot": 0, "backups": [{"timestamp": "soon", "backup": {"status": "success"}}]}),
            json!({"lastSnapshot": NOW - 60 * HOUR, "backups": [{"timestamp": null, "backup": {"status": "success"}}]}),
            json!({"backups": [{"timestamp": NOW + 3 * DAY, "backup": {"status": "success"}}]}),
        ] {
            assert!(judge(wire.clone()).is_err(), "{wire}");
        }
        // It does not matter where another good backup is young enough.
        let young = json!({"lastSnapshot": "soon", "backups": [run(2, "success", None)]});
        assert_eq!(judge(young).unwrap().state, AssetState::Fine);
        let failed = json!({"lastSnapshot": 0, "backups": [{"timestamp": "soon", "backup": {"status": "failure"}}]});
        assert_eq!(judge(failed).unwrap().state, AssetState::NeverBackedUp);
    }

    #[test]
    fn a_weekend_is_no_failure_where_the_policy_says_so() {
        let monday = at(24);
        let friday_evening = json!({"lastSnapshot": monday.minus(std::time::Duration::from_secs(61 * 3_600))});
        let judge = |policy: &BackupPolicy| {
            AssetVerdict::of(&device("D1"), &asset(friday_evening.clone()), policy, &monday).unwrap().state
        };
        assert_eq!(judge(&BackupPolicy::default()), AssetState::Stale);
        assert_eq!(judge(&BackupPolicy::default().weekend(Weekend::default())), AssetState::Fine);
    }
}
