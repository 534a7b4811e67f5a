//! The rule for the copies in the cloud.

use std::fmt;
use std::time::Duration;

use datto_common::{Cause, Timestamp};
use serde::Serialize;

use super::asset::{AssetState, AssetVerdict, Backups};
use super::figure::Problem;
use super::policy::{BackupPolicy, is_older};
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
    /// There is none, and no good backup that could have been copied.
    Pending,
    /// The appliance lives in the cloud itself.
    NotApplicable,
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
        let now_ms = now.moment().ok_or_else(|| unclear("the time of the report is no moment"))?;
        let newest = Moment::of(asset.latest_offsite.as_ref(), now_ms);
        let say = |state| Self { state, newest: newest.at().map(Timestamp::from_millis), lag: lag(asset) };
        if asset.is_paused == Some(true) || asset.is_archived == Some(true) {
            return Ok(say(OffsiteState::Resting));
        }
        if device.is_cloud_siris() {
            return Ok(say(OffsiteState::NotApplicable));
        }
        let backups = Backups::of(asset, now_ms);
        let trouble = match newest {
            Moment::Odd => return Err(unclear("the time of the newest offsite point cannot be read")),
            Moment::At(at) if is_older(at, now_ms, policy.offsite_max_age) => OffsiteState::Old,
            Moment::At(_) => return Ok(say(OffsiteState::Fine)),
            Moment::Never if backups.last_good.is_some() => OffsiteState::Missing,
            Moment::Never if backups.unsure => return Err(unclear("the time of a good backup cannot be read")),
            Moment::Never => return Ok(say(OffsiteState::Pending)),
        };
        if policy.offsite_only_after_good_backup
            && !matches!(AssetVerdict::of(asset, policy, now)?.state, AssetState::Fine)
        {
            return Ok(say(OffsiteState::LeftOut));
        }
        Ok(say(trouble))
    }

    /// Whether the figure about offsite copies rests on the asset.
    pub(crate) fn counts(&self) -> bool {
        matches!(self.state, OffsiteState::Fine | OffsiteState::Old | OffsiteState::Missing)
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

fn lag(asset: &Asset) -> Option<Duration> {
    let local = asset.last_snapshot.as_ref()?.moment()?;
    let offsite = asset.latest_offsite.as_ref()?.moment()?;
    Some(Duration::from_millis(u64::try_from(local.saturating_sub(offsite)).unwrap_or(0)))
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
            (json!({"lastSnapshot": 0, "backups": [run(3, "success", None)]}), Missing),
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
    fn a_cloud_siris_has_no_offsite_copy() {
        let device: Device = read(json!({"serialNumber": "D1", "model": "CLDSIRIS4"}));
        let asset = asset(json!({"lastSnapshot": NOW, "latestOffsite": null}));
        let verdict = OffsiteVerdict::of(&device, &asset, &BackupPolicy::default(), &now()).unwrap();
        assert_eq!(verdict.state, OffsiteState::NotApplicable);
        assert!(!verdict.counts());
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
