//! The report on backups against what was planted.

use std::collections::BTreeSet;

use datto_bcdr::metrics::{BackupPolicy, Figure, by_client};
use datto_bcdr::{ErrorKind, Measured};
use datto_sandbox::{AssetCase, Fault, Product, Sandbox};

use crate::{apps, assets, fault, health, known, set, start};

#[tokio::test(start_paused = true)]
async fn the_figures_are_what_was_planted() {
    for (seed, appliances) in [(1, 3), (2, 7), (3, 12), (4, 25), (7, 48), (11, 130)] {
        let (_sandbox, bcdr, truth) =
            start(Sandbox::builder().seed(seed).appliances(appliances).saas_customers(appliances)).await;
        let health = health(&bcdr).await;
        let health = health.known().unwrap_or_else(|| panic!("seed {seed}: {:?}", health.missing()));

        let failed = known(&health.failed_backups);
        assert_eq!(assets(failed), set(&truth.failed_backups), "seed {seed}");
        assert_eq!(failed.rests_on, truth.assets_watched as u64);
        let never: BTreeSet<_> = truth.never_backed_up.iter().chain(&truth.first_backup_pending).cloned().collect();
        assert_eq!(assets(known(&health.never_backed_up)), never, "seed {seed}");
        let offsite = known(&health.offsite_old);
        assert_eq!(assets(offsite), set(&truth.offsite_old), "seed {seed}");
        assert_eq!(offsite.rests_on, truth.offsite_expected as u64);
        assert_eq!(assets(known(&health.paused)), set(&truth.paused), "seed {seed}");
        let shots = known(&health.failed_screenshots);
        let bad_shots = truth.screenshots_failed.iter().chain(&truth.screenshots_overdue).cloned().collect();
        assert_eq!(assets(shots), bad_shots, "seed {seed}");
        assert_eq!(assets(known(&health.failed_verifications)), set(&truth.verifications_failed), "seed {seed}");
        assert_eq!(assets(known(&health.unprotected_volumes)), set(&truth.volumes_unprotected), "seed {seed}");
        assert_eq!(shots.rests_on, truth.screenshots_tried as u64);

        let saas = known(&health.saas_failed);
        assert_eq!(apps(saas), set(&truth.saas_failed), "seed {seed}");
        assert_eq!(saas.rests_on, truth.saas_apps_judged as u64);
        assert_eq!(apps(known(&health.saas_degraded)), set(&truth.saas_degraded), "seed {seed}");
        assert_eq!(apps(known(&health.saas_uningested)), set(&truth.saas_uningested), "seed {seed}");

        let serials = |figure: &Figure| -> BTreeSet<String> {
            figure.evidence.iter().map(|finding| finding.serial_number.as_ref().unwrap().to_string()).collect()
        };
        assert_eq!(serials(known(&health.offline_appliances)), set(&truth.devices_offline), "seed {seed}");
        let visible: BTreeSet<String> = set(&truth.devices_visible);
        let full = truth.devices_full.iter().filter(|serial| visible.contains(*serial)).cloned().collect();
        assert_eq!(serials(known(&health.full_storage)), full, "seed {seed}");
        let ended = truth.devices_service_ended.iter().filter(|serial| visible.contains(*serial)).cloned().collect();
        assert_eq!(serials(known(&health.service_ended)), ended, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_never_healthy() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(7).appliances(12).saas_customers(4)).await;
    // One appliance of several.
    let lost = truth.devices_visible.iter().find(|serial| !truth.devices_empty.contains(serial)).unwrap();
    sandbox.inject(fault(Fault::status(503), &format!("{lost}/asset")).always());
    let seen = health(&bcdr).await;
    let seen = seen.value().unwrap();
    let Measured::Partial { value, missing } = &seen.failed_backups else { panic!("{:?}", seen.failed_backups) };
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].what, format!("assets of appliance {lost}"));
    let others: BTreeSet<_> = truth.failed_backups.iter().filter(|(serial, _)| serial != lost).cloned().collect();
    assert_eq!(assets(value), others);
    assert!(seen.saas_failed.is_known() && seen.offline_appliances.is_known());

    // An appliance that counts its agents and lists none.
    for body in ["{}", "[]"] {
        sandbox.clear_faults();
        sandbox.inject(fault(Fault::body("application/json", body), &format!("{lost}/asset")).always());
        let seen = health(&bcdr).await;
        let missing = seen.value().unwrap().failed_backups.missing();
        assert!(missing.len() == 1 && missing[0].to_string().contains("the list is empty"), "{missing:?}");
    }

    // All appliances, or the list of them; the SaaS figures stand.
    sandbox.clear_faults();
    for path in ["/asset", "/bcdr/device"] {
        sandbox.clear_faults();
        sandbox.inject(fault(Fault::status(500), path).always());
        let seen = health(&bcdr).await;
        let seen = seen.value().unwrap();
        assert!(seen.failed_backups.value().is_none() && seen.offsite_old.value().is_none(), "{path}");
        assert_eq!(apps(known(&seen.saas_failed)), set(&truth.saas_failed), "{path}");
    }

    // A page of HTML, an answer without its list, no answer: the list of customers.
    for broken in
        [Fault::html(), Fault::body("application/json", "{}"), Fault::body("application/json", "null"), Fault::stall()]
    {
        sandbox.clear_faults();
        sandbox.inject(fault(broken, "/saas/domains").always());
        let seen = health(&bcdr).await;
        let seen = seen.value().unwrap();
        assert!(seen.saas_failed.value().is_none(), "{:?}", seen.saas_failed);
        assert!(seen.failed_backups.is_known());
    }

    // One customer of several.
    sandbox.clear_faults();
    let customer = truth.saas_customers[0];
    sandbox.inject(fault(Fault::status(404), &format!("/saas/{customer}/applications")).always());
    let seen = health(&bcdr).await;
    let figure = &seen.value().unwrap().saas_failed;
    assert_eq!(figure.missing().len(), 1, "{figure:?}");
    let others: BTreeSet<_> = truth.saas_failed.iter().filter(|(id, _)| *id != customer).cloned().collect();
    assert_eq!(apps(figure.value().unwrap()), others);

    // Everything.
    sandbox.clear_faults();
    sandbox.inject(Fault::status(503).product(Product::Bcdr).always());
    assert!(health(&bcdr).await.value().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_clients_make_up_the_fleet() {
    let (_sandbox, bcdr, _) = start(Sandbox::builder().seed(3).appliances(20).saas_customers(6)).await;
    let snapshot = datto_bcdr::metrics::Snapshot::read(&bcdr).await;
    let (policy, now) = (BackupPolicy::default(), datto_bcdr::Timestamp::now());
    let whole = datto_bcdr::metrics::assess(&snapshot, &policy, &now);
    let clients = by_client(&snapshot, &policy, &now);
    let clients = clients.known().unwrap();
    assert!(clients.len() > 5);
    for (place, (name, figure)) in whole.known().unwrap().figures().into_iter().enumerate() {
        let of = clients.iter().map(|client| client.health.value().unwrap().figures()[place].1);
        // Of some clients there is nothing to judge; nothing else is lacking.
        let sum: u64 = of
            .map(|figure| match figure {
                Measured::Unknown { cause } if cause.kind == ErrorKind::NoData => 0,
                figure => known(figure).value,
            })
            .sum();
        assert_eq!(sum, known(figure).value, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn histories_are_those_of_the_stories() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(9).appliances(6)).await;
    for planted in &truth.assets {
        let asset = bcdr.assets().get(planted.serial.as_str(), planted.volume.as_str()).await.unwrap();
        let history = datto_bcdr::metrics::BackupHistory::of(&asset);
        let (success, failing) = match planted.case {
            AssetCase::NeverTried => (false, None),
            AssetCase::NeverSucceeded | AssetCase::New => (false, Some(true)),
            AssetCase::Failing => (true, Some(true)),
            AssetCase::Stale => (true, Some(false)),
            AssetCase::FineWithoutRuns | AssetCase::StaleWithoutRuns => (true, None),
            _ => (true, history.currently_failing),
        };
        assert_eq!((history.last_success.is_some(), history.currently_failing), (success, failing), "{planted:?}");
        assert!(history.recent.len() <= 10);
    }
}

#[tokio::test(start_paused = true)]
async fn machines_without_an_appliance_are_judged_too() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(6).appliances(40)).await;
    let policy = BackupPolicy::default();
    let seen = datto_bcdr::metrics::endpoint_health(&bcdr, &policy).await;
    let failed: BTreeSet<String> =
        known(&seen.dtc_failed).evidence.iter().map(|finding| finding.agent.clone().unwrap()).collect();
    assert_eq!(failed, set(&truth.dtc_failed));
    assert_eq!(known(&seen.dtc_failed).rests_on, truth.dtc_assets as u64);
    assert!(known(&seen.agents_stale).value == 0 && known(&seen.agents_stale).rests_on > 0);

    sandbox.inject(fault(Fault::status(403), "/dtc/assets").always());
    let seen = datto_bcdr::metrics::endpoint_health(&bcdr, &policy).await;
    assert!(seen.dtc_failed.value().is_none() && seen.agents_stale.is_known());
}
