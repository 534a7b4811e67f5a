//! The runs of one asset.

use datto_common::Timestamp;

use crate::models::{Asset, BackupRun};

/// How many runs a history shows.
const RECENT: usize = 10;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunOutcome {
    /// It worked.
    Succeeded,
    /// It did not: the service gave another word than `success` (observed: `failure`).
    Failed,
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
            Some(_) => Self::Failed,
        }
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
    /// The history of this asset.
    pub fn of(asset: &Asset) -> Self {
        let runs = runs(asset);
        let newest = |outcome: RunOutcome| runs.iter().find(|run| run.outcome == outcome);
        let success = newest(RunOutcome::Succeeded).map(|run| run.at);
        let point = asset.last_snapshot.as_ref().and_then(Timestamp::moment);
        let last_failure = newest(RunOutcome::Failed).map(|run| FailedRun {
            at: Timestamp::from_millis(run.at),
            message: run.record.message().map(str::to_owned),
        });
        Self {
            last_success: success.max(point).map(Timestamp::from_millis),
            last_failure,
            currently_failing: runs
                .iter()
                .find(|run| run.outcome != RunOutcome::NotSaid)
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

/// The runs whose time can be read, newest first: the order on the wire is not promised.
pub(crate) fn runs(asset: &Asset) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = asset
        .backups
        .iter()
        .flatten()
        .filter_map(|record| {
            let at = record.timestamp.as_ref()?.moment()?;
            Some(Run { at, outcome: RunOutcome::of(record), record })
        })
        .collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.at));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{HOUR, NOW, asset, at, run};
    use serde_json::json;

    #[test]
    fn a_history_is_put_in_order() {
        let asset = asset(json!({
            "lastSnapshot": NOW - 30 * HOUR,
            "backups": [run(20, "failure", Some("BKP1")), run(50, "success", None), run(10, "failure", Some("BKP2")), run(5, "", None)],
        }));
        let history = BackupHistory::of(&asset);
        assert_eq!(history.last_success, Some(at(30)));
        assert_eq!(history.last_failure, Some(FailedRun { at: at(10), message: Some("BKP2".into()) }));
        assert_eq!(history.currently_failing, Some(true));
        assert_eq!(history.listed_since, Some(at(50)));
        let times: Vec<_> = history.recent.iter().filter_map(|run| run.timestamp.clone()).collect();
        assert_eq!(times, [at(5), at(10), at(20), at(50)]);
    }

    #[test]
    fn no_run_in_the_list_is_not_the_same_as_no_failure() {
        let without = BackupHistory::of(&asset(json!({"lastSnapshot": NOW - HOUR, "backups": null})));
        assert_eq!((without.last_failure, without.currently_failing), (None, None));
        let unsaid = BackupHistory::of(&asset(json!({"backups": [{"timestamp": NOW, "backup": null}]})));
        assert_eq!((unsaid.currently_failing, unsaid.recent.len()), (None, 1));
    }

    #[test]
    fn a_point_that_is_newer_than_the_failed_run_ends_the_failing() {
        let history =
            BackupHistory::of(&asset(json!({"lastSnapshot": NOW - HOUR, "backups": [run(5, "failure", None)]})));
        assert_eq!(history.currently_failing, Some(false));
    }

    #[test]
    fn it_shows_ten_runs() {
        let all: Vec<_> = (0..25).map(|hours| run(hours, "success", None)).collect();
        let history = BackupHistory::of(&asset(json!({ "backups": all })));
        assert_eq!((history.recent.len(), history.listed_since), (10, Some(at(24))));
    }
}
