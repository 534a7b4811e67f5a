//! The runs of a fleet over time: what the service lists today, joined with what it listed before.

use std::collections::BTreeMap;

use datto_common::Timestamp;
use serde::{Deserialize, Serialize};

use super::appliance::why_aside;
use super::asset::place;
use super::history::{RunOutcome, runs};
use super::snapshot::{DeviceAssets, Snapshot};
use super::times::Moment;
use crate::models::{Asset, Device};

/// One run of one asset, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredRun {
    /// The asset, by the ids of its appliance and its volume: `datto:D05099000001:0a`. The same as the beginning of the keys of its findings.
    pub key: String,
    /// Serial number of the appliance.
    pub serial_number: String,
    /// Name of the asset.
    pub asset: String,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// When it ran, in milliseconds since 1970.
    pub at_ms: i64,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why it failed, in the service's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl StoredRun {
    /// When it ran.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.at_ms)
    }
}

impl Snapshot {
    /// Every run that is listed and whose time can be believed, and the newest local point of each asset as a run that worked. Appliances that
    /// are not watched are left out.
    pub fn stored_runs(&self, now: &Timestamp) -> Vec<StoredRun> {
        let now = now.as_millis().unwrap_or(i64::MAX);
        let watched = self.devices.value().into_iter().flatten().filter(|entry| why_aside(entry).is_none());
        watched.flat_map(|entry| of_device(entry, now)).collect()
    }
}

fn of_device(entry: &DeviceAssets, now: i64) -> Vec<StoredRun> {
    let assets = entry.assets.value().into_iter().flatten();
    assets.flat_map(|asset| of_asset(&entry.device, asset, now)).collect()
}

fn of_asset(device: &Device, asset: &Asset, now: i64) -> Vec<StoredRun> {
    let key = key(device, asset);
    let kept = |at_ms, outcome, message: Option<&str>| StoredRun {
        key: key.clone(),
        serial_number: device.serial_number.to_string(),
        asset: asset.label().to_owned(),
        client: device.client_name().map(str::to_owned),
        at_ms,
        outcome,
        message: message.map(str::to_owned),
    };
    let point = Moment::of(asset.last_snapshot.as_ref(), now).at();
    let listed = runs(asset, now).into_iter().map(|run| kept(run.at, run.outcome, run.record.message()));
    listed.chain(point.map(|at| kept(at, RunOutcome::Succeeded, None))).collect()
}

/// By what the runs of an asset are found.
pub(crate) fn key(device: &Device, asset: &Asset) -> String {
    place(device, asset).path()
}

/// The runs of a fleet over time, each once: by asset and time.
///
/// The service lists recent runs alone, so that questions such as "since when" need what it listed before: keep each reading in a
/// [`RunStore`](super::RunStore), or merge it by hand.
///
/// ```
/// use datto_bcdr::Timestamp;
/// use datto_bcdr::metrics::{RunLog, Snapshot};
///
/// fn after_each_reading(log: &mut RunLog, snapshot: &Snapshot) {
///     log.merge(snapshot.stored_runs(&Timestamp::now()));
///     for run in log.latest_of_client("Acorn Dental", 10) {
///         println!("{} {}: {:?}", run.at(), run.asset, run.outcome);
///     }
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunLog {
    assets: BTreeMap<String, AssetRuns>,
}

/// The runs of one asset over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssetRuns {
    pub(super) runs: BTreeMap<i64, StoredRun>,
}

impl RunLog {
    /// Takes these runs in. Of one asset and time the later word counts, unless it says less: a run that was under way and has ended has ended.
    pub fn merge(&mut self, runs: impl IntoIterator<Item = StoredRun>) {
        for run in runs {
            let of_asset = &mut self.assets.entry(run.key.clone()).or_default().runs;
            match of_asset.get_mut(&run.at_ms) {
                Some(kept) if kept.outcome.is_told() && !run.outcome.is_told() => {}
                Some(kept) => {
                    let message = run.message.clone().or_else(|| kept.message.take());
                    *kept = StoredRun { message, ..run };
                }
                None => drop(of_asset.insert(run.at_ms, run)),
            }
        }
    }

    /// The runs of an asset, by its [key](StoredRun::key).
    pub fn asset(&self, key: &str) -> Option<&AssetRuns> {
        self.assets.get(key)
    }

    /// The runs of an asset, by its records.
    pub fn of(&self, device: &Device, asset: &Asset) -> Option<&AssetRuns> {
        self.asset(&key(device, asset))
    }

    /// Every asset, in the order of their keys.
    pub fn assets(&self) -> impl Iterator<Item = (&str, &AssetRuns)> {
        self.assets.iter().map(|(key, runs)| (key.as_str(), runs))
    }

    /// Every run, asset by asset, oldest first.
    pub fn runs(&self) -> impl Iterator<Item = &StoredRun> {
        self.assets.values().flat_map(|runs| runs.runs.values())
    }

    /// The most recent runs of a client's machines, newest first; its name is compared without regard to case.
    pub fn latest_of_client(&self, client: &str, most: usize) -> Vec<&StoredRun> {
        let is_theirs = |run: &&StoredRun| {
            run.client.as_deref().is_some_and(|name| name.trim().eq_ignore_ascii_case(client.trim()))
        };
        let newest = self.assets.values().flat_map(|runs| runs.runs.values().rev().filter(is_theirs).take(most));
        let mut runs: Vec<&StoredRun> = newest.collect();
        runs.sort_by(|a, b| b.at_ms.cmp(&a.at_ms).then_with(|| a.key.cmp(&b.key)));
        runs.truncate(most);
        runs
    }

    /// Forgets what ran before.
    pub fn forget_before(&mut self, since: &Timestamp) {
        let since = since.as_millis().unwrap_or(i64::MIN);
        for runs in self.assets.values_mut() {
            runs.runs = runs.runs.split_off(&since);
        }
        self.assets.retain(|_, runs| !runs.runs.is_empty());
    }
}

impl AssetRuns {
    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &StoredRun> {
        self.runs.values().rev()
    }

    /// The newest that worked.
    pub fn last_success(&self) -> Option<&StoredRun> {
        self.newest_first().find(|run| run.outcome == RunOutcome::Succeeded)
    }

    /// The newest that failed.
    pub fn last_failure(&self) -> Option<&StoredRun> {
        self.newest_first().find(|run| run.outcome == RunOutcome::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{HOUR, NOW, asset, device, now, run};
    use datto_common::Measured;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    pub(crate) fn reading(runs: Vec<Value>) -> Snapshot {
        let asset = asset(json!({"volume": "0A", "name": "dc-01", "backups": runs}));
        let devices = vec![DeviceAssets::new(device("d1"), Measured::Known(vec![asset]))];
        Snapshot::new(Measured::Known(devices), Measured::Known(vec![]))
    }

    #[test]
    fn readings_join_up() {
        let mut log = RunLog::default();
        log.merge(reading(vec![run(50, "failure", Some("BKP1")), run(26, "running", None)]).stored_runs(&now()));
        log.merge(reading(vec![run(26, "failure", None), run(2, "success", None)]).stored_runs(&now()));
        log.merge(reading(vec![run(26, "", None), run(2, "success", None)]).stored_runs(&now()));
        let runs = log.asset("datto:D1:0a").unwrap();
        let outcomes: Vec<RunOutcome> = runs.newest_first().map(|run| run.outcome).collect();
        assert_eq!(outcomes, [RunOutcome::Succeeded, RunOutcome::Failed, RunOutcome::Failed]);
        assert_eq!(runs.last_success().map(StoredRun::at), Some(Timestamp::from_seconds(NOW - 2 * HOUR)));
        assert_eq!(runs.last_failure().map(StoredRun::at), Some(Timestamp::from_seconds(NOW - 26 * HOUR)));
        let latest = log.latest_of_client("acorn dental ", 2);
        assert_eq!(
            latest.iter().map(|run| run.at_ms).collect::<Vec<_>>(),
            [(NOW - 2 * HOUR) * 1_000, (NOW - 26 * HOUR) * 1_000]
        );
        log.forget_before(&Timestamp::from_seconds(NOW - 3 * HOUR));
        assert_eq!(log.runs().count(), 1);
    }

    #[test]
    fn the_newest_point_is_a_run_that_worked() {
        let mut snapshot = reading(vec![]);
        if let Measured::Known(devices) = &mut snapshot.devices {
            devices[0].assets = Measured::Known(vec![asset(json!({"volume": "0A", "lastSnapshot": NOW - HOUR}))]);
        }
        let runs = snapshot.stored_runs(&now());
        assert_eq!((runs.len(), runs[0].outcome), (1, RunOutcome::Succeeded));
    }

    proptest! {
        /// Whatever windows of the service's list were read, and in whatever order, all that was ever listed is kept once.
        #[test]
        fn windows_of_the_list_join_to_the_whole(
            hours in proptest::collection::btree_set(0_i64..500, 1..60),
            windows in proptest::collection::vec((0_usize..60, 1_usize..12), 1..40),
        ) {
            let all: Vec<Value> = hours.iter().map(|hours| run(*hours, "failure", None)).collect();
            let mut log = RunLog::default();
            let mut listed = std::collections::BTreeSet::new();
            for (start, length) in windows {
                let window: Vec<Value> = all.iter().skip(start).take(length).cloned().collect();
                listed.extend(hours.iter().skip(start).take(length).copied());
                log.merge(reading(window).stored_runs(&now()));
            }
            let kept: std::collections::BTreeSet<i64> = log.runs().map(|run| (NOW * 1_000 - run.at_ms) / 3_600_000).collect();
            prop_assert_eq!(log.runs().count(), listed.len());
            prop_assert_eq!(kept, listed);
        }
    }
}
