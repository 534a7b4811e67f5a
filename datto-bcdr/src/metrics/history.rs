//! The runs of one asset.

use datto_common::Timestamp;
use serde::{Deserialize, Serialize};

use super::times::Moment;
use crate::models::{Asset, BackupRun};

/// How many runs a history shows.
const RECENT: usize = 10;
/// Words for a run that has not ended (guess).
const RUNNING: [&str; 7] = ["running", "queued", "pending", "started", "in progress", "in_progress", "inprogress"];

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunOutcome {
    /// It worked.
    Succeeded,
    /// It did not: the service gave another word than `success` (observed: `failure`).
    Failed,
    /// It is under way or waits for its turn (a guess: `running`, `queued` and their like).
    Running,
    /// The service did not say.
    NotSaid,
}

impl RunOutcome {
    /// How this run ended.
    pub fn of(run: &BackupRun) -> Self {
        match run.status() {
            None => Self::NotSaid,
            Some(status) if status.as_str().trim().is_empty() => Self::NotSaid,
            Some(status) if status.as_str().trim().eq_ignore_ascii_case("success") => Self::Succeeded,
            Some(status) if RUNNING.contains(&status.as_str().trim().to_ascii_lowercase().as_str()) => Self::Running,
            Some(_) => Self::Failed,
        }
    }

    /// Whether it says how the run ended.
    pub(crate) fn is_told(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// A run that failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FailedRun {
    /// When.
    pub at: Timestamp,
    /// Why, in the service's words; often it gives none (observed).
    pub message: Option<String>,
}

/// What is known of the runs of one asset. The service lists recent runs only, and does not say how many: none in the list does not mean never.
///
/// ```
/// use datto_bcdr::{Asset, metrics::BackupHistory};
/// let asset: Asset = serde_json::from_str(
///     r#"{"lastSnapshot": 1787643495, "backups": [{"timestamp": "2026-08-25T09:00:00Z", "backup": {"status": "failure"}}]}"#,
/// )?;
/// let history = BackupHistory::of(&asset);
/// assert_eq!(history.last_success.map(|at| at.to_string()).as_deref(), Some("2026-08-25T07:38:15Z"));
/// assert_eq!(history.currently_failing, Some(true));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct BackupHistory {
    /// The last good backup: the newest local point or the newest successful run, whichever is later.
    pub last_success: Option<Timestamp>,
    /// The newest run that failed, of those that are listed.
    pub last_failure: Option<FailedRun>,
    /// Whether the newest run failed; `None` if no run is listed that says how it ended.
    pub currently_failing: Option<bool>,
    /// The oldest run that is listed: there is no word of what was before.
    pub listed_since: Option<Timestamp>,
    /// The ten latest runs, newest first.
    pub recent: Vec<BackupRun>,
}

impl BackupHistory {
    /// The history of this asset as it stands now.
    pub fn of(asset: &Asset) -> Self {
        Self::as_of(asset, &Timestamp::now())
    }

    /// The history of this asset as it stands at a moment. Times that lie more than a day ahead of it are not believed.
    pub fn as_of(asset: &Asset, now: &Timestamp) -> Self {
        let now = now.as_millis().unwrap_or(i64::MAX);
        let runs = runs(asset, now);
        let newest = |outcome: RunOutcome| runs.iter().find(|run| run.outcome == outcome);
        let success = newest(RunOutcome::Succeeded).map(|run| run.at);
        let point = Moment::of(asset.last_snapshot.as_ref(), now).at();
        let last_failure = newest(RunOutcome::Failed).map(|run| FailedRun {
            at: Timestamp::from_millis(run.at),
            message: run.record.message().map(str::to_owned),
        });
        Self {
            last_success: success.max(point).map(Timestamp::from_millis),
            last_failure,
            currently_failing: runs
                .iter()
                .find(|run| run.outcome.is_told())
                .map(|run| run.outcome == RunOutcome::Failed && Some(run.at) > point),
            listed_since: runs.last().map(|run| Timestamp::from_millis(run.at)),
            recent: runs.iter().take(RECENT).map(|run| run.record.clone()).collect(),
        }
    }
}

/// A run with what the rules need of it.
pub(crate) struct Run<'a> {
    pub(crate) at: i64,
    pub(crate) outcome: RunOutcome,
    pub(crate) record: &'a BackupRun,
}

/// The runs whose time can be believed, newest first, each once: neither their order on the wire nor their number is promised.
pub(crate) fn runs(asset: &Asset, now: i64) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = asset
        .backups
        .iter()
        .flatten()
        .filter_map(|record| {
            let at = Moment::of(record.timestamp.as_ref(), now).at()?;
            Some(Run { at, outcome: RunOutcome::of(record), record })
        })
        .collect();
    runs.sort_by_key(|run| (std::cmp::Reverse(run.at), run.outcome, run.record.message().is_none()));
    runs.dedup_by_key(|run| (run.at, run.outcome));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{DAY, HOUR, NOW, asset, at, now, run};
    use serde_json::json;

    #[test]
    fn a_history_is_put_in_order() {
        let asset = asset(json!({
            "lastSnapshot": NOW - 30 * HOUR,
            "backups": [run(20, "failure", Some("BKP1")), run(50, "success", None), run(10, "failure", Some("BKP2")), run(5, "", None)],
        }));
        let history = BackupHistory::as_of(&asset, &now());
        assert_eq!(history.last_success, Some(at(30)));
        assert_eq!(history.last_failure, Some(FailedRun { at: at(10), message: Some("BKP2".into()) }));
        assert_eq!(history.currently_failing, Some(true));
        assert_eq!(history.listed_since, Some(at(50)));
        let times: Vec<_> = history.recent.iter().filter_map(|run| run.timestamp.clone()).collect();
        assert_eq!(times, [at(5), at(10), at(20), at(50)]);
    }

    #[test]
    fn no_run_in_the_list_is_not_the_same_as_no_failure() {
        let without = BackupHistory::as_of(&asset(json!({"lastSnapshot": NOW - HOUR, "backups": null})), &now());
        assert_eq!((without.last_failure, without.currently_failing), (None, None));
        let unsaid = BackupHistory::as_of(&asset(json!({"backups": [{"timestamp": NOW, "backup": null}]})), &now());
        assert_eq!((unsaid.currently_failing, unsaid.recent.len()), (None, 1));
    }

    #[test]
    fn a_point_that_is_newer_than_the_failed_run_ends_the_failing() {
        let history = BackupHistory::as_of(
            &asset(json!({"lastSnapshot": NOW - HOUR, "backups": [run(5, "failure", None)]})),
            &now(),
        );
        assert_eq!(history.currently_failing, Some(false));
    }

    #[test]
    fn it_shows_ten_runs() {
        let all: Vec<_> = (0..25).map(|hours| run(hours, "success", None)).collect();
        let history = BackupHistory::as_of(&asset(json!({ "backups": all })), &now());
        assert_eq!((history.recent.len(), history.listed_since), (10, Some(at(24))));
    }

    #[test]
    fn neither_order_nor_copies_matter() {
        let one = |order: [&str; 2]| {
            let runs: Vec<_> = order.iter().cycle().take(20).map(|status| run(3, status, None)).collect();
            BackupHistory::as_of(&asset(json!({"backups": runs})), &now())
        };
        let (history, other) = (one(["success", "failure"]), one(["failure", "success"]));
        assert_eq!((history.recent.len(), history.currently_failing), (2, Some(false)));
        assert_eq!(history, other);
    }

    #[test]
    fn a_time_that_cannot_be_is_not_believed() {
        let history = BackupHistory::as_of(
            &asset(
                json!({"lastSnapshot": NOW + 4_000 * DAY, "backups": [run(2, "failure", None), run(-48, "success", None)]}),
            ),
            &now(),
        );
        assert_eq!((history.last_success, history.currently_failing), (None, Some(true)));
        assert_eq!(history.recent.len(), 1);
    }

    #[test]
    fn a_run_that_has_not_ended_has_not_failed() {
        let history = BackupHistory::as_of(&asset(json!({"backups": [run(1, "Running", None)]})), &now());
        assert_eq!((history.currently_failing, history.last_failure), (None, None));
    }
}
