//! The rule for the copies in the cloud.

use std::fmt;
use std::time::Duration;

use datto_common::{Cause, Timestamp};
use serde::Serialize;

use super::asset::{AssetState, Backups, place};
use super::figure::Aside;
use super::finding::Problem;
use super::policy::{BackupPolicy, Limits, is_older};
use super::times::{Moment, unclear};
use crate::models::{Asset, Device};

/// How the offsite copies of an asset stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OffsiteState {
    /// The newest point is young enough.
    Fine,
    /// The newest point is too old.
    Old,
    /// There is none, though there are good backups.
    Missing,
    /// There is none, and none is due yet: no good backup that could have been copied, or a machine so new that its first image may be on its way.
    Pending,
    /// There is none, and the appliance lives in the cloud itself.
    NotApplicable,
    /// There is none, and the service plan has no cloud.
    LocalOnly,
    /// The asset is paused or archived.
    Resting,
    /// There is none or an old one, but the policy leaves that out because the local backup is the problem.
    LeftOut,
}

impl fmt::Display for OffsiteState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "fine",
            Self::Old => "old",
            Self::Missing => "missing",
            Self::Pending => "pending",
            Self::NotApplicable => "not applicable",
            Self::LocalOnly => "local only",
            Self::Resting => "resting",
            Self::LeftOut => "left out",
        })
    }
}

/// How the offsite copies of an asset stand, and since when.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OffsiteVerdict {
    /// How they stand.
    pub state: OffsiteState,
    /// The newest offsite point.
    pub newest: Option<Timestamp>,
    /// How far it is behind the newest point on the appliance; says something of paused assets too.
    pub lag: Option<Duration>,
}

impl OffsiteVerdict {
    /// Judges the offsite copies of an asset as they stand at `now`.
    ///
    /// # Errors
    ///
    /// The cause, if what the service sent does not allow to tell.
    pub fn of(device: &Device, asset: &Asset, policy: &BackupPolicy, now: &Timestamp) -> Result<Self, Cause> {
        let now = now.moment().ok_or_else(|| unclear("the time of the report is no moment"))?;
        Self::by(device, asset, &policy.limits(&place(device, asset)), now)
    }

    pub(crate) fn by(device: &Device, asset: &Asset, limits: &Limits<'_>, now: i64) -> Result<Self, Cause> {
        let newest = Moment::of(asset.latest_offsite.as_ref(), now);
        let say = |state| Self { state, newest: newest.at().map(Timestamp::from_millis), lag: lag(asset, now) };
        if asset.is_paused == Some(true) || asset.is_archived == Some(true) {
            return Ok(say(OffsiteState::Resting));
        }
        let backups = Backups::of(asset, now);
        let trouble = match newest {
            Moment::Odd => return Err(unclear("the time of the newest offsite point cannot be read")),
            // A Cloud SIRIS may replicate too (official), and what is there is judged.
            Moment::At(at) if is_older(at, now, limits.offsite_max_age) => OffsiteState::Old,
            Moment::At(_) => return Ok(say(OffsiteState::Fine)),
            Moment::Never if device.is_cloud_siris() => return Ok(say(OffsiteState::NotApplicable)),
            Moment::Never if limits.local_only || has_no_cloud(device, limits.policy) => {
                return Ok(say(OffsiteState::LocalOnly));
            }
            Moment::Never if is_new(device, &backups, limits, now) => return Ok(say(OffsiteState::Pending)),
            Moment::Never if backups.last_good.is_some() => OffsiteState::Missing,
            Moment::Never if backups.unsure => return Err(unclear("the time of a good backup cannot be read")),
            Moment::Never => return Ok(say(OffsiteState::Pending)),
        };
        if limits.policy.offsite_only_after_good_backup && backups.verdict(limits, now)?.state != AssetState::Fine {
            return Ok(say(OffsiteState::LeftOut));
        }
        Ok(say(trouble))
    }

    /// Why the figure about offsite copies does not rest on the asset, if it does not.
    pub(crate) fn aside(&self, asset: &Asset) -> Option<Aside> {
        match self.state {
            OffsiteState::Fine | OffsiteState::Old | OffsiteState::Missing => None,
            OffsiteState::Pending => Some(Aside::Pending),
            OffsiteState::NotApplicable => Some(Aside::InTheCloud),
            OffsiteState::LocalOnly => Some(Aside::LocalOnly),
            OffsiteState::LeftOut => Some(Aside::WithoutGoodBackup),
            OffsiteState::Resting if asset.is_archived == Some(true) => Some(Aside::Archived),
            OffsiteState::Resting => Some(Aside::Paused),
        }
    }

    /// What it counts as, if it does; and what to say about it.
    pub(crate) fn problem(&self) -> Option<(Problem, String)> {
        match (self.state, &self.newest) {
            (OffsiteState::Missing, _) => {
                Some((Problem::OffsiteMissing, "no offsite point, though there are good backups".to_owned()))
            }
            (OffsiteState::Old, Some(newest)) => {
                let days = self.lag.map_or(0, |lag| lag.as_secs() / 86_400);
                let behind =
                    if days == 0 { String::new() } else { format!(", {days} days behind the newest local one") };
                Some((Problem::OffsiteOld, format!("newest offsite point of {newest}{behind}")))
            }
            _ => None,
        }
    }
}

fn lag(asset: &Asset, now: i64) -> Option<Duration> {
    let local = Moment::of(asset.last_snapshot.as_ref(), now).at()?;
    let offsite = Moment::of(asset.latest_offsite.as_ref(), now).at()?;
    Some(Duration::from_millis(u64::try_from(local.saturating_sub(offsite)).unwrap_or(0)))
}

/// Whether its plan or model says that there is no cloud.
fn has_no_cloud(device: &Device, policy: &BackupPolicy) -> bool {
    let texts = || [&device.service_plan, &device.model].into_iter().flatten();
    let holds = |word: &str| texts().any(|text| text.to_lowercase().contains(word));
    policy.local_only_plans.iter().map(|word| word.trim().to_lowercase()).any(|word| !word.is_empty() && holds(&word))
}

/// Whether the machine or its appliance is so new that the first copy may still be on its way.
fn is_new(device: &Device, backups: &Backups<'_>, limits: &Limits<'_>, now: i64) -> bool {
    let registered = Moment::of(device.registration_date.as_ref(), now).at();
    let young = |since: Option<i64>| since.is_some_and(|at| !is_older(at, now, limits.policy.offsite_due_after));
    young(backups.first_good()) || young(registered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{DAY, HOUR, NOW, asset, device, now, read, run};
    use serde_json::{Value, json};

    fn judge(wire: Value, policy: &BackupPolicy) -> Result<OffsiteState, Cause> {
        OffsiteVerdict::of(&device("D1"), &asset(wire), policy, &now()).map(|verdict| verdict.state)
    }

    #[test]
    fn each_state_at_its_border() {
        use OffsiteState::{Fine, Missing, Old, Pending, Resting};
        for (wire, expected) in [
            (json!({"lastSnapshot": NOW, "latestOffsite": NOW}), Fine),
            (json!({"lastSnapshot": NOW, "latestOffsite": NOW - 7 * DAY}), Fine),
            (json!({"lastSnapshot": NOW, "latestOffsite": NOW - 7 * DAY - 1}), Old),
            (json!({"lastSnapshot": NOW, "latestOffsite": null}), Missing),
            (json!({"lastSnapshot": NOW, "latestOffsite": 0}), Missing),
            (json!({"lastSnapshot": NOW, "localSnapshots": 1, "backups": [run(1, "success", None)]}), Pending),
            (json!({"lastSnapshot": NOW, "localSnapshots": 1, "backups": [run(73, "success", None)]}), Missing),
            // The list may be cut: there are more points than it shows.
            (json!({"lastSnapshot": NOW, "localSnapshots": 2, "backups": [run(1, "success", None)]}), Missing),
            (json!({"lastSnapshot": 0, "backups": [run(80, "success", None)]}), Missing),
            (json!({"lastSnapshot": 0, "backups": [run(3, "failure", None)]}), Pending),
            (json!({"lastSnapshot": null}), Pending),
            // An old point shows that there once was a good backup, even if none is left.
            (json!({"lastSnapshot": 0, "latestOffsite": NOW - 30 * DAY}), Old),
            (json!({"lastSnapshot": NOW, "isPaused": true}), Resting),
            (json!({"lastSnapshot": NOW, "isArchived": true}), Resting),
        ] {
            assert_eq!(judge(wire.clone(), &BackupPolicy::default()), Ok(expected), "{wire}");
        }
        assert!(judge(json!({"lastSnapshot": NOW, "latestOffsite": "soon"}), &BackupPolicy::default()).is_err());
        assert!(judge(json!({"lastSnapshot": "soon"}), &BackupPolicy::default()).is_err());
    }

    #[test]
    fn a_cloud_siris_needs_no_offsite_copy() {
        let device: Device = read(json!({"serialNumber": "D1", "model": "CLDSIRIS4"}));
        let asset = asset(json!({"lastSnapshot": NOW, "latestOffsite": null}));
        let verdict = OffsiteVerdict::of(&device, &asset, &BackupPolicy::default(), &now()).unwrap();
        assert_eq!(verdict.state, OffsiteState::NotApplicable);
        assert!(verdict.aside(&asset).is_some());
        let asset = crate::metrics::testing::asset(json!({"lastSnapshot": NOW, "latestOffsite": NOW - 30 * DAY}));
        let verdict = OffsiteVerdict::of(&device, &asset, &BackupPolicy::default(), &now()).unwrap();
        assert_eq!(verdict.state, OffsiteState::Old, "what replicates is judged");
    }

    #[test]
    fn an_old_point_after_a_failed_backup_is_left_out_on_request() {
        let policy = BackupPolicy::default().offsite_only_after_good_backup(true);
        let stale = json!({"lastSnapshot": NOW - 10 * DAY, "latestOffsite": NOW - 10 * DAY});
        assert_eq!(judge(stale.clone(), &policy), Ok(OffsiteState::LeftOut));
        assert_eq!(judge(stale, &BackupPolicy::default()), Ok(OffsiteState::Old));
        let fresh = json!({"lastSnapshot": NOW - HOUR, "latestOffsite": NOW - 10 * DAY});
        assert_eq!(judge(fresh, &policy), Ok(OffsiteState::Old));
    }

    #[test]
    fn the_lag_is_told_for_paused_assets_as_well() {
        let asset = asset(json!({"isPaused": true, "lastSnapshot": NOW - 2 * DAY, "latestOffsite": NOW - 5 * DAY}));
        let verdict = OffsiteVerdict::of(&device("D1"), &asset, &BackupPolicy::default(), &now()).unwrap();
        assert_eq!(verdict.lag, Some(Duration::from_secs(3 * 86_400)));
    }
}
