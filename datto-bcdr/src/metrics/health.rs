//! The report: every figure over one snapshot.

use std::borrow::Borrow;

use datto_common::{Cause, ErrorKind, Incident, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::figure::Figure;
use super::policy::BackupPolicy;
use super::saas_sheet::SaasTallies;
use super::sheet::{ApplianceTallies, Rules};
use super::snapshot::{CustomerApplications, DeviceAssets, Snapshot};
use super::visible::Visible;

/// How the backups of a fleet stand. Each figure says by itself how much of it is known.
///
/// Appliances that are hidden or were never set up are left out; archived assets too. A figure that would rest on nothing is unknown, of the
/// kind [`NoData`](ErrorKind::NoData), and says what there is instead: everything paused is no zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackupHealth {
    /// The time for which it holds.
    pub as_of: Timestamp,
    /// What there is to see with this key. A key that sees nothing is often one that is restricted to a client.
    pub visible: Visible,
    /// Agents and shares whose last good backup is too old, whether runs fail or none was tried; see [`AssetState`](super::AssetState). Rests on those neither paused nor archived.
    pub failed_backups: Measured<Figure>,
    /// Agents and shares without any good backup, which have not failed for long.
    pub never_backed_up: Measured<Figure>,
    /// Agents and shares whose newest point in the cloud is too old or missing. Rests on those that should have one.
    pub offsite_old: Measured<Figure>,
    /// Applications of SaaS customers with services that were not backed up, two days in a row. Rests on those with active services and enough history.
    pub saas_failed: Measured<Figure>,
    /// Applications of SaaS customers that are backed up, but have not been fully protected for too long.
    pub saas_degraded: Measured<Figure>,
    /// Applications of SaaS customers with services that were not yet taken in.
    pub saas_uningested: Measured<Figure>,
    /// Agents and shares whose backups are paused. Rests on all that are not archived.
    pub paused: Measured<Figure>,
    /// Appliances that were not seen for too long.
    pub offline_appliances: Measured<Figure>,
    /// Appliances whose service contract has ended, and the days of grace too. Rests on those that say when it ends.
    pub service_ended: Measured<Figure>,
    /// Agents whose last screenshot failed, or was tried too long ago. Rests on those with a good backup for which one was ever tried.
    pub failed_screenshots: Measured<Figure>,
    /// Agents and shares whose newest good backup failed its check on the appliance. Rests on those with a good backup that say how it ended.
    pub failed_verifications: Measured<Figure>,
    /// Agents and shares with volumes that are not backed up. Rests on those that count them.
    pub unprotected_volumes: Measured<Figure>,
    /// Appliances whose local storage is nearly full. Rests on those that report it.
    pub full_storage: Measured<Figure>,
}

impl BackupHealth {
    /// Every figure, by name.
    pub fn figures(&self) -> [(&'static str, &Measured<Figure>); 13] {
        [
            ("failed_backups", &self.failed_backups),
            ("never_backed_up", &self.never_backed_up),
            ("offsite_old", &self.offsite_old),
            ("saas_failed", &self.saas_failed),
            ("saas_degraded", &self.saas_degraded),
            ("saas_uningested", &self.saas_uningested),
            ("paused", &self.paused),
            ("offline_appliances", &self.offline_appliances),
            ("service_ended", &self.service_ended),
            ("failed_screenshots", &self.failed_screenshots),
            ("failed_verifications", &self.failed_verifications),
            ("unprotected_volumes", &self.unprotected_volumes),
            ("full_storage", &self.full_storage),
        ]
    }

    /// What is wrong, figure by figure, each as known as its figure: for a [`Desk`](crate::Desk), with the name of the figure as source. Paused assets are a choice
    /// and no incident.
    pub fn incidents(&self) -> impl Iterator<Item = (&'static str, Measured<Vec<Incident>>)> {
        let figures = self.figures().into_iter().filter(|(name, _)| *name != "paused");
        figures.map(|(name, figure)| {
            (name, figure.as_ref().map(|figure| figure.evidence.iter().map(Incident::from).collect()))
        })
    }

    /// Known if every figure is, unknown if neither list was read, else partial.
    fn measured(self) -> Measured<Self> {
        if let (Measured::Unknown { cause }, Measured::Unknown { .. }) =
            (&self.visible.appliances, &self.visible.saas_customers)
        {
            return Measured::unknown(cause.clone());
        }
        let figures = self.figures();
        let mut missing: Vec<Missing> = Vec::new();
        if self.visible.is_nothing() {
            missing.push(Missing::new("fleet", Cause::new(ErrorKind::NoData, self.visible.to_string())));
        }
        for (name, figure) in figures {
            let lacks = match figure {
                Measured::Unknown { cause } => vec![Missing::new(name, cause.clone())],
                other => other.missing().to_vec(),
            };
            for lack in lacks {
                if !missing.contains(&lack) {
                    missing.push(lack);
                }
            }
        }
        Measured::from_parts(self, missing)
    }
}

/// Judges a snapshot by a policy, as things stand at `now`.
///
/// The answer is partial as soon as one figure is not wholly known, and unknown if neither appliances nor SaaS customers could be listed.
pub fn assess(snapshot: &Snapshot, policy: &BackupPolicy, now: &Timestamp) -> Measured<BackupHealth> {
    judge(&snapshot.devices, &snapshot.saas, policy, now)
}

/// The same of any part of a snapshot.
pub(crate) fn judge<D: Borrow<DeviceAssets>, C: Borrow<CustomerApplications>>(
    devices: &Measured<Vec<D>>,
    saas: &Measured<Vec<C>>,
    policy: &BackupPolicy,
    now: &Timestamp,
) -> Measured<BackupHealth> {
    let Some(now_ms) = now.moment() else {
        return Measured::unknown(Cause::new(ErrorKind::InvalidInput, "the time of the report is no moment"));
    };
    let rules = Rules { policy, now, now_ms };
    let visible = Visible::of(devices, saas);
    let appliances = ApplianceTallies::over(devices, rules);
    let saas = SaasTallies::over(saas, rules);
    BackupHealth {
        as_of: now.clone(),
        visible,
        failed_backups: appliances.failed.finish(),
        never_backed_up: appliances.never.finish(),
        offsite_old: appliances.offsite.finish(),
        saas_failed: saas.failed.finish(),
        saas_degraded: saas.degraded.finish(),
        saas_uningested: saas.uningested.finish(),
        paused: appliances.paused.finish(),
        offline_appliances: appliances.offline.finish(),
        service_ended: appliances.ended.finish(),
        failed_screenshots: appliances.screenshots.finish(),
        failed_verifications: appliances.verifications.finish(),
        unprotected_volumes: appliances.volumes.finish(),
        full_storage: appliances.storage.finish(),
    }
    .measured()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::finding::Problem;
    use crate::metrics::snapshot::{CustomerApplications, DeviceAssets};
    use crate::metrics::testing::{DAY, HOUR, NOW, asset, backed_up, customer, device, failed, now, read, run, usage};
    use crate::models::{Asset, CustomerUsage};
    use serde_json::json;

    fn judge(devices: Vec<DeviceAssets>, saas: Vec<CustomerApplications>) -> BackupHealth {
        let snapshot = Snapshot::new(Measured::Known(devices), Measured::Known(saas));
        match assess(&snapshot, &BackupPolicy::default(), &now()) {
            Measured::Known(health) | Measured::Partial { value: health, .. } => health,
            Measured::Unknown { cause } => panic!("{cause}"),
        }
    }

    fn known(assets: Vec<Asset>) -> Measured<Vec<Asset>> {
        Measured::Known(assets)
    }

    /// Value and base of a known figure.
    fn counts(figure: &Measured<Figure>) -> (u64, u64) {
        let figure = figure.known().unwrap_or_else(|| panic!("not known: {figure:?}"));
        (figure.value, figure.rests_on)
    }

    #[test]
    fn a_fleet_that_nobody_sees_has_no_figures() {
        let snapshot = Snapshot::new(Measured::Known(vec![]), Measured::Known(vec![]));
        let health = assess(&snapshot, &BackupPolicy::default(), &now());
        let first = &health.missing()[0].cause;
        assert_eq!(first.kind, ErrorKind::NoData);
        assert_eq!(first.message, "this key sees no appliance and no SaaS customer; it may be restricted to a client");
        for (name, figure) in health.value().unwrap().figures() {
            assert!(figure.value().is_none(), "{name}");
        }
    }

    #[test]
    fn only_what_is_watched_counts() {
        let watched = vec![
            backed_up("a", 1),
            backed_up("b", 60),
            asset(json!({"volume": "c", "backups": [run(60, "failure", None)]})),
            asset(json!({"volume": "d"})),
            asset(json!({"volume": "e", "isPaused": true, "lastSnapshot": NOW - 60 * DAY})),
            asset(json!({"volume": "f", "isArchived": true, "lastSnapshot": NOW - 60 * DAY})),
            asset(json!({"volume": "g", "type": "share", "lastSnapshot": NOW - HOUR, "latestOffsite": null})),
        ];
        let mut hidden = device("D2");
        hidden.hidden = Some(true);
        let mut unconfigured = device("D3");
        unconfigured.name = Some("backupDevice".into());
        let health = judge(
            vec![
                DeviceAssets::new(device("D1"), known(watched.clone())),
                DeviceAssets::new(hidden, known(vec![backed_up("h", 60)])),
                DeviceAssets::new(unconfigured, Measured::unknown(failed())),
                DeviceAssets::new(device("d1"), known(watched)),
            ],
            vec![],
        );
        assert_eq!(counts(&health.failed_backups), (2, 5));
        assert_eq!(counts(&health.never_backed_up), (1, 5));
        assert_eq!(counts(&health.offsite_old), (1, 3));
        assert_eq!(counts(&health.paused), (1, 6));
        assert_eq!(counts(&health.offline_appliances), (0, 1));
        assert_eq!(counts(&health.full_storage), (0, 1));
    }

    #[test]
    fn the_evidence_names_what_is_wrong() {
        let health = judge(vec![DeviceAssets::new(device("D1"), known(vec![backed_up("0A", 60)]))], vec![]);
        let finding = &health.failed_backups.known().unwrap().evidence[0];
        assert_eq!(finding.problem, Problem::BackupStale);
        assert_eq!(finding.key, "datto:D1:0a:backup");
        assert_eq!(finding.since, Some(Timestamp::from_seconds(NOW - 60 * HOUR)));
        assert_eq!(
            finding.to_string(),
            "Acorn Dental, siris-01 (D1), host-0A: no good backup since 2026-08-22T19:38:15Z"
        );
    }

    #[test]
    fn an_offline_appliance_is_the_root_cause_and_its_old_backups_count() {
        let mut offline = device("D1");
        offline.last_seen_date = Some(Timestamp::from_seconds(NOW - 3 * DAY));
        let health = judge(
            vec![
                DeviceAssets::new(offline, known(vec![backed_up("z", 73), backed_up("y", 47)])),
                DeviceAssets::new(device("D2"), known(vec![backed_up("a", 60)])),
            ],
            vec![],
        );
        let figure = health.failed_backups.known().unwrap();
        assert_eq!(figure.value, 2);
        assert_eq!(figure.evidence[0].root_cause.as_deref(), Some("appliance offline since 2026-08-22T07:38:15Z"));
        assert_eq!(figure.evidence[1].root_cause, None);
        assert_eq!(counts(&health.offline_appliances), (1, 2));
    }

    #[test]
    fn screenshots_and_storage_have_figures_of_their_own() {
        let mut full = device("D1");
        full.local_storage_used = Some(crate::StorageSize::new(9, "KB"));
        full.local_storage_available = Some(crate::StorageSize::new(1, "KB"));
        let shot = |volume: &str, kind: &str, status: serde_json::Value| {
            asset(
                json!({"volume": volume, "type": kind, "lastSnapshot": NOW, "lastScreenshotAttempt": NOW, "lastScreenshotAttemptStatus": status}),
            )
        };
        let assets = vec![
            shot("a", "agent", json!("")),
            shot("c", "agent", json!("1")),
            shot("d", "share", json!("")),
            backed_up("b", 1),
        ];
        let health = judge(vec![DeviceAssets::new(full, known(assets))], vec![]);
        assert_eq!(counts(&health.failed_screenshots), (1, 2), "a share has none");
        assert_eq!(counts(&health.full_storage), (1, 1));
    }

    #[test]
    fn saas_figures_are_kept_apart() {
        let mut report = usage(2, &[10, 10]);
        let app = report.suites.as_mut().unwrap()[0].app_types.as_mut().unwrap();
        app[0].last_fully_protected_time = Some(read(json!("OVER_10_DAYS_AGO")));
        app[0].uningested_service_count = Some(3);
        let health = judge(
            vec![],
            vec![
                CustomerApplications::new(customer(1), Measured::Known(vec![usage(1, &[9, 9])])),
                CustomerApplications::new(customer(2), Measured::Known(vec![report])),
                CustomerApplications::new(customer(3), Measured::Known(vec![usage(3, &[10, 9])])),
                CustomerApplications::new(customer(3), Measured::Known(vec![usage(3, &[9, 9])])),
                CustomerApplications::new(read(json!({"saasCustomerId": 4, "seatsUsed": 0})), Measured::Known(vec![])),
            ],
        );
        assert_eq!(counts(&health.saas_failed), (1, 3));
        assert_eq!(counts(&health.saas_degraded), (1, 3));
        assert_eq!(counts(&health.saas_uningested), (1, 3));
        let finding = &health.saas_failed.known().unwrap().evidence[0];
        assert_eq!(finding.key, "datto:1:Office365Exchange:saas");
    }

    #[test]
    fn a_customer_without_anything_active_has_stopped_if_it_uses_seats() {
        let idle = |id: i64| {
            let mut report = usage(id, &[10, 10]);
            let app = &mut report.suites.as_mut().unwrap()[0].app_types.as_mut().unwrap()[0];
            for window in app.backup_history.iter_mut().flatten() {
                window.active_service_count = Some(0);
            }
            report
        };
        let seats = |id: i64, seats: i64| read(json!({"saasCustomerId": id, "seatsUsed": seats}));
        let of = |customer, report| {
            judge(vec![], vec![CustomerApplications::new(customer, Measured::Known(vec![report]))]).saas_failed
        };
        let stopped = of(seats(1, 25), idle(1));
        let finding = &stopped.known().unwrap().evidence[0];
        assert_eq!((finding.problem, finding.key.as_str()), (Problem::SaasStopped, "datto:1:saas-stopped"));
        assert!(of(seats(1, 0), idle(1)).to_string().contains("1 without seats"));
        assert!(of(seats(1, 25), usage(1, &[10, 10])).known().unwrap().evidence.is_empty());
        // A report that names nothing says nothing, unless there is nothing to name.
        for suites in [json!([]), json!([{"suiteType": "Office365", "appTypes": []}])] {
            let empty = || read(json!({"customerId": 1, "suites": suites}));
            assert!(of(seats(1, 25), empty()).known().is_none(), "{suites}");
            assert!(of(seats(1, 0), empty()).to_string().contains("1 without seats"), "{suites}");
        }
    }

    #[test]
    fn what_cannot_be_judged_makes_its_figure_partial() {
        let truncated: CustomerUsage = read(json!({"customerId": 2, "suites": null}));
        let silent = CustomerApplications::new(customer(3), Measured::Known(vec![]));
        let health = judge(
            vec![
                DeviceAssets::new(device("D1"), known(vec![backed_up("a", 60)])),
                DeviceAssets::new(device("D2"), Measured::unknown(failed())),
                DeviceAssets::new(device("D3"), known(vec![asset(json!({"volume": "b", "lastSnapshot": "soon"}))])),
            ],
            vec![
                CustomerApplications::new(customer(1), Measured::Known(vec![usage(1, &[9])])),
                CustomerApplications::new(customer(2), Measured::Known(vec![truncated])),
                silent,
            ],
        );
        let missing: Vec<&str> = health.failed_backups.missing().iter().map(|missing| missing.what.as_str()).collect();
        assert_eq!(missing, ["assets of appliance D2", "backups of b on appliance D3"]);
        assert_eq!(health.failed_backups.to_string(), "at least 1");
        assert!(health.offline_appliances.is_known() && health.full_storage.is_known());
        assert_eq!(health.visible.to_string(), "3 appliances, at least 2 agents and shares, 3 SaaS customers");
        // Not one application could be judged by its windows, though its protection could.
        assert!(health.saas_failed.value().is_none());
        assert_eq!(health.saas_degraded.missing().len(), 2);
    }

    #[test]
    fn nothing_read_is_unknown() {
        let snapshot = Snapshot::new(Measured::unknown(failed()), Measured::unknown(failed()));
        let Measured::Unknown { cause } = assess(&snapshot, &BackupPolicy::default(), &now()) else {
            panic!("nothing was read")
        };
        assert!(cause.message.contains("503"), "{cause}");
        let unreadable = vec![DeviceAssets::new(device("D1"), Measured::unknown(failed()))];
        let snapshot = Snapshot::new(Measured::Known(unreadable), Measured::Known(vec![]));
        let health = assess(&snapshot, &BackupPolicy::default(), &now());
        assert!(health.known().is_none(), "an inner figure is unknown");
        assert!(health.value().unwrap().failed_backups.value().is_none());
    }

    #[test]
    fn a_report_survives_json() {
        let health = judge(
            vec![
                DeviceAssets::new(device("D1"), known(vec![backed_up("a", 60)])),
                DeviceAssets::new(device("D2"), Measured::unknown(failed())),
            ],
            vec![],
        );
        let json = serde_json::to_string(&health).unwrap();
        assert_eq!(serde_json::from_str::<BackupHealth>(&json).unwrap(), health);
    }
}
