//! The checks that reports on backups know by name.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use datto_common::{Measured, Timestamp};
use serde::{Deserialize, Serialize};

use super::appliance::why_aside;
use super::asset::place;
use super::figure::{Aside, Figure, Tally};
use super::finding::Problem;
use super::health::assess;
use super::policy::BackupPolicy;
use super::run_log::RunLog;
use super::sheet::{Rules, note};
use super::snapshot::Snapshot;

const HOUR: Duration = Duration::from_secs(3_600);

/// A check that reports on backups know by name.
///
/// ```
/// use datto_bcdr::Timestamp;
/// use datto_bcdr::metrics::{BackupPolicy, Preset, RunLog, Snapshot};
///
/// fn print(snapshot: &Snapshot, log: &RunLog) {
///     for preset in Preset::ALL {
///         let figure = preset.judge(snapshot, log, &BackupPolicy::default(), &Timestamp::now(), |_| 0);
///         println!("{preset}: {figure}");
///     }
/// }
/// assert_eq!("two-nights".parse::<Preset>(), Ok(Preset::TwoNights));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Preset {
    /// `two-nights`: the backups of a machine failed two nights in a row or more.
    TwoNights,
    /// `48-hours`: the last good backup is older than 48 hours.
    #[serde(rename = "48-hours")]
    FortyEightHours,
    /// `7-days-offsite`: the newest offsite point is older than 7 days.
    #[serde(rename = "7-days-offsite")]
    SevenDaysOffsite,
    /// `screenshot`: the last screenshot failed or was tried too long ago.
    Screenshot,
    /// `capacity`: the local storage of an appliance is nearly full.
    Capacity,
}

/// What was given names no preset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no preset is called {0:?}; there are two-nights, 48-hours, 7-days-offsite, screenshot, capacity")]
pub struct UnknownPreset(String);

impl Preset {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::TwoNights, Self::FortyEightHours, Self::SevenDaysOffsite, Self::Screenshot, Self::Capacity];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TwoNights => "two-nights",
            Self::FortyEightHours => "48-hours",
            Self::SevenDaysOffsite => "7-days-offsite",
            Self::Screenshot => "screenshot",
            Self::Capacity => "capacity",
        }
    }

    /// Judges a reading as things stand at `now`, in the time zone in which clocks are ahead of UTC by what `seconds_ahead` says of a moment. All else
    /// that the policy says holds too. Only [`TwoNights`](Self::TwoNights) needs the log: a machine of which it has no run is set aside.
    pub fn judge(
        self,
        snapshot: &Snapshot,
        log: &RunLog,
        policy: &BackupPolicy,
        now: &Timestamp,
        seconds_ahead: impl Fn(&Timestamp) -> i32,
    ) -> Measured<Figure> {
        let policy = match self {
            Self::FortyEightHours => policy.clone().backup_max_age(48 * HOUR),
            Self::SevenDaysOffsite => policy.clone().offsite_max_age(7 * 24 * HOUR),
            Self::TwoNights => return two_nights(snapshot, log, policy, now, seconds_ahead),
            Self::Screenshot | Self::Capacity => policy.clone(),
        };
        let health = match assess(snapshot, &policy, now) {
            Measured::Unknown { cause } => return Measured::unknown(cause),
            Measured::Known(health) | Measured::Partial { value: health, .. } => health,
        };
        match self {
            Self::FortyEightHours | Self::TwoNights => health.failed_backups,
            Self::SevenDaysOffsite => health.offsite_old,
            Self::Screenshot => health.failed_screenshots,
            Self::Capacity => health.full_storage,
        }
    }
}

fn two_nights(
    snapshot: &Snapshot,
    log: &RunLog,
    policy: &BackupPolicy,
    now: &Timestamp,
    seconds_ahead: impl Fn(&Timestamp) -> i32,
) -> Measured<Figure> {
    let rules = Rules { policy, now, now_ms: now.as_millis().unwrap_or(0) };
    let mut tally = Tally::of("agents and shares");
    note(&snapshot.devices, "the list of appliances", [&mut tally]);
    for entry in snapshot.devices.value().into_iter().flatten().filter(|entry| why_aside(entry).is_none()) {
        note(&entry.assets, &crate::fleet::assets_of(&entry.device), [&mut tally]);
        for asset in entry.assets.value().into_iter().flatten() {
            let place = place(&entry.device, asset);
            let aside = match (asset.is_archived, asset.is_paused, rules.ignored(&place)) {
                (Some(true), ..) => Some(Aside::Archived),
                (_, Some(true), _) => Some(Aside::Paused),
                (.., Some(reason)) => Some(Aside::Ignored(reason.to_owned())),
                _ => None,
            };
            let nights = log.of(&entry.device, asset).map(|runs| runs.failed_nights(now, &seconds_ahead));
            match (aside, nights.as_ref().and_then(Measured::value)) {
                (Some(why), _) => tally.set_aside(why),
                (None, None) => tally.set_aside(Aside::NotReported),
                (None, Some(nights)) if nights.count < 2 => rules.judged(&mut tally, &place, None),
                (None, Some(_)) => {
                    let count = nights.iter().map(|nights| nights.as_ref().map(|nights| nights.count).to_string());
                    let what = format!("failed {} nights in a row", count.collect::<String>());
                    rules.judged(&mut tally, &place, Some((Problem::BackupFailing, what, None)));
                }
            }
        }
    }
    tally.finish()
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let is_it = |preset: &Self| preset.name().eq_ignore_ascii_case(name.trim());
        Self::ALL.into_iter().find(is_it).ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{DAY, HOUR, NOW, asset, device, now, run};
    use crate::metrics::{DeviceAssets, Severity};
    use serde_json::json;

    #[test]
    fn each_preset_finds_its_own() {
        let failing: Vec<_> = [2, 26, 50].map(|hours| run(hours, "failure", None)).to_vec();
        let assets = vec![
            asset(json!({"volume": "a", "name": "a", "lastSnapshot": NOW - HOUR, "latestOffsite": NOW - 8 * DAY})),
            asset(json!({"volume": "b", "name": "b", "lastSnapshot": NOW - 60 * HOUR, "backups": failing})),
            asset(json!({"volume": "c", "name": "c", "lastSnapshot": NOW - HOUR, "latestOffsite": NOW - HOUR,
                "lastScreenshotAttempt": NOW - HOUR, "lastScreenshotAttemptStatus": ""})),
            asset(json!({"volume": "d", "name": "d", "isPaused": true})),
        ];
        let mut unit = device("D1");
        unit.local_storage_used = Some(crate::StorageSize::new(90, "KB"));
        unit.local_storage_available = Some(crate::StorageSize::new(10, "KB"));
        let devices = vec![DeviceAssets::new(unit, Measured::Known(assets))];
        let snapshot = Snapshot::new(Measured::Known(devices), Measured::Known(vec![]));
        let mut log = RunLog::default();
        log.merge(snapshot.stored_runs(&now()));
        let found = |preset: Preset| {
            let figure = preset.judge(&snapshot, &log, &BackupPolicy::default(), &now(), |_| 0);
            let figure = figure.known().cloned().unwrap_or_else(|| panic!("{preset}: {figure:?}"));
            figure.evidence.iter().map(|finding| finding.asset.clone().unwrap_or_default()).collect::<Vec<_>>()
        };
        assert_eq!(found(Preset::TwoNights), ["b"]);
        assert_eq!(found(Preset::FortyEightHours), ["b"]);
        assert_eq!(found(Preset::SevenDaysOffsite), ["a", "b"]);
        assert_eq!(found(Preset::Screenshot), ["c"]);
        assert_eq!(found(Preset::Capacity), [""]);
        let two = Preset::TwoNights.judge(&snapshot, &log, &BackupPolicy::default(), &now(), |_| 0);
        let finding = &two.known().unwrap().evidence[0];
        assert_eq!((finding.what.as_str(), finding.severity), ("failed 2 nights in a row", Severity::Critical));
        let nothing = Preset::TwoNights.judge(&snapshot, &RunLog::default(), &BackupPolicy::default(), &now(), |_| 0);
        assert!(nothing.to_string().contains("3 not reporting it"), "{nothing}");
    }

    #[test]
    fn presets_are_found_by_name() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse(), Ok(preset));
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
        }
        assert!("three-nights".parse::<Preset>().unwrap_err().to_string().contains("two-nights"));
    }
}
