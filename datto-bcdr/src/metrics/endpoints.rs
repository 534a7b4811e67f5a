//! The rules for machines that are backed up without an appliance.

use std::collections::HashSet;

use datto_common::{Cause, Measured, Timestamp};
use futures_util::future::join;
use serde::{Deserialize, Serialize};

use super::figure::{Aside, Figure, Tally};
use super::finding::{Place, Problem};
use super::policy::{BackupPolicy, Limits, is_older};
use super::sheet::{Rules, Trouble, note};
use super::times::{Moment, unclear};
use crate::BcdrClient;
use crate::models::{BcdrAgent, BcdrClientAgents, DtcAsset};

/// How the backups of machines without an appliance stand: Direct-to-Cloud, and Endpoint Backup for PCs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointHealth {
    /// The time for which it holds.
    pub as_of: Timestamp,
    /// Direct-to-Cloud assets whose last good backup is too old, or which never had one: a server by [`BackupPolicy::backup_max_age`], a PC by
    /// [`BackupPolicy::endpoint_max_age`]. What does not say that it is a PC is taken for a server.
    pub dtc_failed: Measured<Figure>,
    /// Endpoint agents whose last backup is older than [`BackupPolicy::endpoint_max_age`], or which never had one.
    pub agents_stale: Measured<Figure>,
}

/// Judges machines without an appliance, as things stand at `now`. That their times are epoch seconds is a guess of the records.
pub fn assess_endpoints(
    dtc: &Measured<Vec<DtcAsset>>,
    agents: &Measured<Vec<BcdrClientAgents>>,
    policy: &BackupPolicy,
    now: &Timestamp,
) -> EndpointHealth {
    let rules = Rules { policy, now, now_ms: now.as_millis().unwrap_or(0) };
    EndpointHealth {
        as_of: now.clone(),
        dtc_failed: dtc_failed(dtc, rules).finish(),
        agents_stale: agents_stale(agents, rules).finish(),
    }
}

fn dtc_failed(assets: &Measured<Vec<DtcAsset>>, rules: Rules<'_>) -> Tally {
    let mut tally = Tally::of("Direct-to-Cloud assets");
    note(assets, "the list of Direct-to-Cloud assets", [&mut tally]);
    let mut seen = HashSet::new();
    for asset in assets.value().into_iter().flatten() {
        let id = asset.asset_uuid.as_str();
        if !id.is_empty() && !seen.insert(id.to_ascii_lowercase()) {
            continue;
        }
        let place = Place {
            client: trimmed(asset.organization_name.as_ref()),
            organization_id: asset.organization_id.as_ref().filter(|id| !id.is_empty()),
            agent: Some(id),
            asset: trimmed(asset.name.as_ref()).or_else(|| trimmed(asset.hostname.as_ref())),
            ..Place::default()
        };
        let judge =
            |limits: &Limits<'_>| DtcBackups::of(asset, rules.now_ms).problem(is_pc(asset), limits, rules.now_ms);
        judged(&mut tally, &place, rules, judge, || format!("backups of Direct-to-Cloud asset {id}"));
    }
    tally
}

fn agents_stale(clients: &Measured<Vec<BcdrClientAgents>>, rules: Rules<'_>) -> Tally {
    let mut tally = Tally::of("endpoint agents");
    note(clients, "the list of endpoint agents", [&mut tally]);
    let mut seen = HashSet::new();
    for client in clients.value().into_iter().flatten() {
        let name = trimmed(client.client_name.as_ref()).or_else(|| trimmed(client.organization_name.as_ref()));
        let Some(agents) = &client.agents else {
            let name = name.unwrap_or("without a name");
            tally.lacks(format!("endpoint agents of client {name}"), unclear("the client has no list of agents"));
            continue;
        };
        for agent in agents {
            let id = agent.uuid.as_str();
            if !id.is_empty() && !seen.insert(id.to_ascii_lowercase()) {
                continue;
            }
            let place = Place {
                client: name,
                organization_id: client.organization_id.as_ref().filter(|id| !id.is_empty()),
                agent: Some(id),
                asset: trimmed(agent.hostname.as_ref()),
                ..Place::default()
            };
            let judge = |limits: &Limits<'_>| agent_problem(agent, limits, rules.now_ms);
            judged(&mut tally, &place, rules, judge, || format!("backups of endpoint agent {id}"));
        }
    }
    tally
}

/// Counts a machine, unless the policy leaves it out.
fn judged(
    tally: &mut Tally,
    place: &Place<'_>,
    rules: Rules<'_>,
    judge: impl FnOnce(&Limits<'_>) -> Result<Option<Trouble>, Cause>,
    what: impl FnOnce() -> String,
) {
    if let Some(reason) = rules.ignored(place) {
        return tally.set_aside(Aside::Ignored(reason.to_owned()));
    }
    match judge(&rules.policy.limits(place)) {
        Ok(trouble) => rules.judged(tally, place, trouble),
        Err(cause) => tally.lacks(what(), cause),
    }
}

/// Whether a Direct-to-Cloud asset says that it is a PC. The values of its kind are not known, so any word for one will do (guess).
pub(crate) fn is_pc(asset: &DtcAsset) -> bool {
    const WORDS: [&str; 6] = ["pc", "workstation", "desktop", "laptop", "notebook", "endpoint"];
    let kind = asset.kind.as_deref().unwrap_or_default().to_lowercase();
    let mut words = kind.split(|c: char| !c.is_alphanumeric());
    !kind.contains("server") && words.any(|word| WORDS.contains(&word))
}

/// Reads the machines without an appliance and judges them. Never fails: what could not be read is missing from its figure.
///
/// # Cancel safety
/// It only reads.
///
/// ```no_run
/// # async fn run(bcdr: datto_bcdr::BcdrClient) {
/// use datto_bcdr::metrics::{BackupPolicy, endpoint_health};
/// let health = endpoint_health(&bcdr, &BackupPolicy::default()).await;
/// println!("Direct-to-Cloud: {} failed", health.dtc_failed);
/// # }
/// ```
pub async fn endpoint_health(bcdr: &BcdrClient, policy: &BackupPolicy) -> EndpointHealth {
    let (dtc, agents) = join(bcdr.dtc().assets().collect_measured(), bcdr.agents().list().collect_measured()).await;
    assess_endpoints(&dtc, &agents, policy, &Timestamp::now())
}

/// What a Direct-to-Cloud asset says about its backups; times in milliseconds.
struct DtcBackups {
    last_good: Option<i64>,
    newest_failed: Option<i64>,
    oldest_failed: Option<i64>,
    /// Whether something came that may stand for a later good backup and cannot be judged.
    unsure: bool,
}

impl DtcBackups {
    fn of(asset: &DtcAsset, now: i64) -> Self {
        let listed = asset.last_10_backups.iter().flatten();
        let mut runs: Vec<(Moment, Option<bool>)> =
            listed.map(|run| (Moment::of(run.timestamp.as_ref(), now), run.backup_status)).collect();
        runs.push((Moment::of(asset.last_backup.as_ref(), now), asset.backup_state_successful));
        let of = |wanted: bool| {
            runs.iter().filter(move |(_, good)| *good == Some(wanted)).filter_map(|(moment, _)| moment.at())
        };
        let last_good = of(true).max();
        let unsure = runs.iter().any(|(moment, good)| match good {
            Some(true) => *moment == Moment::Odd,
            Some(false) => false,
            None => moment.at() > last_good || *moment == Moment::Odd,
        });
        Self { last_good, newest_failed: of(false).max(), oldest_failed: of(false).min(), unsure }
    }

    fn problem(&self, is_pc: bool, limits: &Limits<'_>, now: i64) -> Result<Option<Trouble>, Cause> {
        let is_old = |good: i64| match is_pc {
            true => is_older(good, now, limits.endpoint_max_age),
            false => limits.is_backup_old(good, now),
        };
        if self.last_good.is_some_and(|good| !is_old(good)) {
            return Ok(None);
        }
        if self.unsure {
            return Err(unclear("whether its last backup worked, or when it was, is not said"));
        }
        Ok(Some(match (self.last_good, self.newest_failed) {
            (Some(good), failed) if failed > Some(good) => {
                let what = format!("no good backup since {}, the newest one failed", Timestamp::from_millis(good));
                (Problem::BackupFailing, what, Some(good))
            }
            (Some(good), _) => {
                (Problem::BackupStale, format!("no good backup since {}", Timestamp::from_millis(good)), Some(good))
            }
            (None, Some(_)) => {
                (Problem::BackupFailing, "no good backup is listed, and some failed".to_owned(), self.oldest_failed)
            }
            (None, None) => (Problem::NeverBackedUp, "never backed up".to_owned(), None),
        }))
    }
}

/// The agents of PCs say nothing but when their last backup was.
fn agent_problem(agent: &BcdrAgent, limits: &Limits<'_>, now: i64) -> Result<Option<Trouble>, Cause> {
    match Moment::of(agent.last_snapshot.as_ref(), now) {
        Moment::At(at) if is_older(at, now, limits.endpoint_max_age) => {
            let what = format!("no backup since {}", Timestamp::from_millis(at));
            Ok(Some((Problem::BackupStale, what, Some(at))))
        }
        Moment::At(_) => Ok(None),
        Moment::Never => Ok(Some((Problem::NeverBackedUp, "never backed up".to_owned(), None))),
        Moment::Odd => Err(unclear("the time of its last backup cannot be read")),
    }
}

fn trimmed(name: Option<&String>) -> Option<&str> {
    name.map(|name| name.trim()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{DAY, HOUR, NOW, failed, now, read};
    use serde_json::{Value, json};

    fn dtc(wire: Value) -> Result<Option<Problem>, Cause> {
        let (policy, asset) = (BackupPolicy::default(), read(wire));
        let problem =
            DtcBackups::of(&asset, NOW * 1_000).problem(is_pc(&asset), &policy.limits(&Place::default()), NOW * 1_000);
        problem.map(|problem| problem.map(|(problem, ..)| problem))
    }

    #[test]
    fn a_direct_to_cloud_asset_is_judged_by_its_last_good_backup() {
        use Problem::{BackupFailing, BackupStale, NeverBackedUp};
        let run = |age: i64, good: bool| json!({"timestamp": NOW - age, "backupStatus": good});
        for (wire, expected) in [
            (json!({"lastBackup": NOW - HOUR, "backupStateSuccessful": true}), None),
            (json!({"lastBackup": NOW - 2 * DAY, "backupStateSuccessful": "1"}), None),
            (json!({"lastBackup": NOW - 2 * DAY - 1, "backupStateSuccessful": true}), Some(BackupStale)),
            (
                json!({"lastBackup": NOW - HOUR, "backupStateSuccessful": false, "last10Backups": [run(HOUR, false), run(DAY, true)]}),
                None,
            ),
            (
                json!({"lastBackup": NOW - HOUR, "backupStateSuccessful": false, "last10Backups": [run(9 * DAY, true), run(HOUR, false)]}),
                Some(BackupFailing),
            ),
            (json!({"last10Backups": [run(HOUR, false)]}), Some(BackupFailing)),
            (json!({"lastBackup": 0, "backupStateSuccessful": false, "last10Backups": []}), Some(NeverBackedUp)),
            (json!({"lastBackup": null}), Some(NeverBackedUp)),
            // A laptop may be shut for a weekend.
            (json!({"type": "laptop", "lastBackup": NOW - 60 * HOUR, "backupStateSuccessful": true}), None),
            (json!({"type": "DTC-PC", "lastBackup": NOW - 8 * DAY, "backupStateSuccessful": true}), Some(BackupStale)),
            (
                json!({"type": "pc server", "lastBackup": NOW - 60 * HOUR, "backupStateSuccessful": true}),
                Some(BackupStale),
            ),
        ] {
            assert_eq!(dtc(wire.clone()), Ok(expected), "{wire}");
        }
        for unclear in [
            json!({"lastBackup": NOW - HOUR}),
            json!({"lastBackup": "soon", "backupStateSuccessful": true}),
            json!({"lastBackup": NOW + 9 * DAY, "backupStateSuccessful": true}),
        ] {
            assert!(dtc(unclear.clone()).is_err(), "{unclear}");
        }
    }

    #[test]
    fn an_endpoint_agent_may_rest_for_a_week() {
        let judge = |last: Value| {
            let agent: BcdrAgent = read(json!({ "lastSnapshot": last }));
            agent_problem(&agent, &BackupPolicy::default().limits(&Place::default()), NOW * 1_000)
                .map(|problem| problem.map(|(problem, ..)| problem))
        };
        assert_eq!(judge(json!(NOW - 7 * DAY)), Ok(None));
        assert_eq!(judge(json!(NOW - 7 * DAY - 1)), Ok(Some(Problem::BackupStale)));
        assert_eq!(judge(json!(0)), Ok(Some(Problem::NeverBackedUp)));
        assert!(judge(json!("soon")).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_missing_and_never_fine() {
        let assets = vec![read(json!({"assetUuid": "A-1", "lastBackup": NOW - HOUR, "backupStateSuccessful": true}))];
        let clients = vec![read(json!({"clientName": "Acorn Dental", "agents": null}))];
        let judge =
            |dtc: &Measured<_>, agents: &Measured<_>| assess_endpoints(dtc, agents, &BackupPolicy::default(), &now());
        let seen = judge(&Measured::Known(assets), &Measured::Known(clients));
        assert_eq!(seen.dtc_failed.known().map(|figure| (figure.value, figure.rests_on)), Some((0, 1)));
        assert!(seen.agents_stale.value().is_none(), "the only client has no list");
        let seen = judge(&Measured::unknown(failed()), &Measured::Known(vec![]));
        let Measured::Unknown { cause } = &seen.agents_stale else { panic!("nothing was judged") };
        assert_eq!(cause.message, "there are no endpoint agents that this key can see");
        assert!(seen.dtc_failed.to_string().contains("503"));
    }
}
