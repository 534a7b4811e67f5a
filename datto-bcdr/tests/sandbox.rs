//! The client against the sandbox, end to end.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use datto_bcdr::metrics::{BackupHealth, BackupPolicy, Figure, by_client};
use datto_bcdr::{
    BcdrClient, BulkSeatChange, DataLoss, ErrorKind, Measured, SeatReport, SeatResult, SeatState, SeatType,
    SeatsOrCounts,
};
use datto_sandbox::{AssetCase, BcdrTruth, BulkAnswer, Fault, KeyScope, Product, Sandbox, SandboxBuilder};
use proptest::prelude::*;

fn client(sandbox: &Sandbox) -> BcdrClient {
    let (public_key, secret_key) = sandbox.bcdr_key();
    BcdrClient::builder().url(sandbox.bcdr_url()).api_key(public_key, secret_key).build().unwrap()
}

async fn start(builder: SandboxBuilder) -> (Sandbox, BcdrClient, BcdrTruth) {
    let sandbox = builder.start().await.unwrap();
    let (bcdr, truth) = (client(&sandbox), sandbox.truth().bcdr);
    (sandbox, bcdr, truth)
}

fn fault(fault: Fault, path: &str) -> Fault {
    fault.product(Product::Bcdr).path_contains(path)
}

async fn health(bcdr: &BcdrClient) -> Measured<BackupHealth> {
    datto_bcdr::metrics::backup_health(bcdr, &BackupPolicy::default()).await
}

fn known(figure: &Measured<Figure>) -> &Figure {
    figure.known().unwrap_or_else(|| panic!("{figure:?}"))
}

/// The assets that a figure names.
fn assets(figure: &Figure) -> BTreeSet<(String, String)> {
    let names = figure.evidence.iter().map(|finding| {
        let (serial, volume) = (finding.serial_number.as_ref().unwrap(), finding.volume.as_ref().unwrap());
        (serial.to_string(), volume.to_string())
    });
    names.collect()
}

fn apps(figure: &Figure) -> BTreeSet<(i64, String)> {
    let names = figure
        .evidence
        .iter()
        .map(|finding| (finding.customer_id.as_ref().unwrap().as_i64().unwrap(), finding.app.clone().unwrap()));
    names.collect()
}

fn set<T: Ord + Clone>(planted: &[T]) -> BTreeSet<T> {
    planted.iter().cloned().collect()
}

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
        assert_eq!(assets(shots), set(&truth.screenshots_failed), "seed {seed}");
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
    assert!(clients.len() > 5);
    for (place, (name, figure)) in whole.known().unwrap().figures().into_iter().enumerate() {
        let sum: u64 =
            clients.iter().map(|client| known(client.health.known().unwrap().figures()[place].1).value).sum();
        assert_eq!(sum, known(figure).value, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_asset_is_found_whatever_the_shape_of_the_list() {
    for index_keyed in [false, true] {
        let (sandbox, bcdr, truth) =
            start(Sandbox::builder().seed(5).appliances(8).index_keyed_assets(index_keyed)).await;
        let mut found = BTreeSet::new();
        let appliances = bcdr.devices().list().collect().await.unwrap();
        assert_eq!(appliances.len(), truth.devices_visible.len() + truth.devices_hidden.len());
        for appliance in &appliances {
            let serial = &appliance.serial_number;
            let all = bcdr.assets().list(serial).collect().await.unwrap();
            let agents = bcdr.assets().agents(serial).collect().await.unwrap();
            let shares = bcdr.assets().shares(serial).page_size(2).collect().await.unwrap();
            assert_eq!(all.len(), agents.len() + shares.len());
            let raw = bcdr.raw(datto_bcdr::Method::GET, ["bcdr", "device", serial.as_str(), "asset"]).await.unwrap();
            assert_eq!(raw.as_object().map_or_else(|| raw.as_array().unwrap().len(), serde_json::Map::len), all.len());
            found.extend(all.iter().map(|asset| (serial.to_string(), asset.volume.to_string())));
            if let Some(asset) = all.first() {
                let one = bcdr.assets().get(serial, &asset.volume).await.unwrap();
                assert_eq!(&one, asset);
            }
        }
        let planted = truth.assets.iter().map(|asset| (asset.serial.clone(), asset.volume.clone())).collect();
        assert_eq!(found, planted);
        let error = bcdr.assets().get(&appliances[0].serial_number, "0").await.unwrap_err();
        assert!(error.is_not_found() && error.hint().is_some(), "{error}");
        let error = bcdr.devices().get("D0000").await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        drop(sandbox);
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_know_their_appliance() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(5).appliances(8)).await;
    let fleet = bcdr.fleet().concurrency(3).alerts().await;
    let fleet = fleet.known().unwrap();
    assert_eq!(fleet.len(), truth.devices_visible.len());
    let count: usize = fleet.iter().map(|entry| entry.alerts.known().unwrap().len()).sum();
    assert_eq!(count, truth.alerts_visible, "more than one page on one appliance");
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
async fn seats_come_whole_or_by_type_or_as_a_count() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(2).saas_customers(3).seats_time_out_above(100)).await;
    let (large, small) = (truth.saas_customers[0], truth.saas_customers[1]);
    let exact = bcdr.saas().seats_or_counts(small).await.unwrap();
    assert!(matches!(&exact, SeatsOrCounts::Exact(seats) if seats.len() == truth.saas_seats[&small]), "{exact:?}");

    sandbox.clear_journal();
    let error = bcdr.saas().seats(large).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1));
    assert!(error.hint().unwrap().contains("seats_or_counts"));
    assert_eq!(sandbox.journal().len(), 1, "a 504 is not asked for again");

    let per_type = bcdr.saas().seats_or_counts(large).await.unwrap();
    assert!(
        matches!(&per_type, SeatsOrCounts::PerType(seats) if seats.len() == truth.saas_seats[&large]),
        "{per_type:?}"
    );

    sandbox.inject(fault(Fault::status(504), &format!("/saas/{large}/seats")).always());
    let counts = bcdr.saas().seats_or_counts(large).await.unwrap();
    let SeatsOrCounts::CountsOnly { seats_used, listed, missing } = &counts else { panic!("{counts:?}") };
    assert!(*seats_used > 100 && listed.is_empty() && missing.len() == SeatType::KNOWN.len());

    sandbox.inject(fault(Fault::status(503), "/saas/domains").always());
    assert_eq!(bcdr.saas().seats_or_counts(large).await.unwrap_err().kind(), ErrorKind::Server);
}

/// A customer, its subscription, and the ids of its active users.
async fn users(bcdr: &BcdrClient, truth: &BcdrTruth) -> (i64, String, Vec<String>) {
    let customer = truth.saas_customers[0];
    let domains = bcdr.saas().domains().await.unwrap();
    let domain = domains.iter().find(|domain| domain.saas_customer_id.as_i64() == Some(customer)).unwrap();
    let seats = bcdr.saas().seats(customer).seat_types([SeatType::User]).await.unwrap();
    let active = seats.iter().filter(|seat| seat.seat_state == Some(SeatState::Active));
    (customer, domain.external_subscription_id.to_string(), active.map(|seat| seat.remote_id.to_string()).collect())
}

fn results(report: &SeatReport, wanted: &SeatResult) -> usize {
    report.seats.iter().filter(|seat| seat.result == *wanted).count()
}

#[tokio::test(start_paused = true)]
async fn seats_are_changed_until_all_are_and_each_is_reported() {
    for answer in [BulkAnswer::Object, BulkAnswer::Array, BulkAnswer::Empty] {
        let builder = Sandbox::builder().seed(5).saas_customers(2).bulk_change_percent(60).bulk_answer(answer);
        let (sandbox, bcdr, truth) = start(builder).await;
        let (customer, subscription, mut ids) = users(&bcdr, &truth).await;
        assert!(ids.len() > 100, "more than one piece");
        ids.push("nobody".to_owned());
        let change = || BulkSeatChange::pause(SeatType::User, &ids);

        sandbox.clear_journal();
        let dry = bcdr.saas().change_seats(customer, &subscription, change()).dry_run(true).run().await.unwrap();
        assert_eq!(results(&dry, &SeatResult::WouldChange), ids.len() - 1);
        assert!(sandbox.journal().iter().all(|entry| entry.method == "GET"));

        let report = bcdr.saas().change_seats(customer, &subscription, change()).run().await.unwrap();
        assert_eq!(report.changed().count(), ids.len() - 1);
        assert_eq!(report.unfinished().map(|seat| seat.id.as_str()).collect::<Vec<_>>(), ["nobody"]);
        assert!(report.rounds > 1 && report.stopped_by.is_none(), "{report:?}");

        let again = bcdr.saas().change_seats(customer, &subscription, change()).run().await.unwrap();
        assert_eq!((results(&again, &SeatResult::AlreadySo), again.rounds), (ids.len() - 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_fails_midway_says_which_seats_were_changed() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(5).saas_customers(2)).await;
    let (customer, subscription, ids) = users(&bcdr, &truth).await;
    let gone = || BulkSeatChange::unlicense(SeatType::User, &ids, DataLoss::PurgedAfter30Days);
    sandbox.inject(fault(Fault::status(403), "bulkSeatChange").after(1).always());
    let report = bcdr.saas().change_seats(customer, &subscription, gone()).run().await.unwrap();
    assert_eq!(report.changed().count(), 100);
    let not_asked = report.seats.iter().filter(|seat| matches!(seat.result, SeatResult::NotAsked(_))).count();
    assert_eq!(not_asked, ids.len() - 100);
    assert_eq!(report.stopped_by.as_ref().unwrap().kind, ErrorKind::Forbidden);

    // The seats cannot be read afterwards: what was sent may have happened.
    sandbox.clear_faults();
    sandbox.inject(fault(Fault::status(500), "/seats").after(1).always());
    let change = BulkSeatChange::license(SeatType::User, &ids);
    let report = bcdr.saas().change_seats(customer, &subscription, change).run().await.unwrap();
    let unknown = report.seats.iter().filter(|seat| matches!(seat.result, SeatResult::Unknown(_))).count();
    assert_eq!((unknown, report.changed().count()), (100, 0), "{report:?}");
    assert!(!report.is_complete());

    // Nothing was changed if they cannot be read before.
    sandbox.clear_faults();
    sandbox.clear_journal();
    sandbox.inject(fault(Fault::status(500), "/seats").always());
    let change = BulkSeatChange::pause(SeatType::User, &ids);
    bcdr.saas().change_seats(customer, &subscription, change).run().await.unwrap_err();
    assert!(sandbox.journal().iter().all(|entry| entry.method == "GET"));
}

#[tokio::test(start_paused = true)]
async fn the_connection_check_tells_the_causes_apart() {
    let (sandbox, bcdr, truth) = start(Sandbox::builder().seed(4).appliances(9)).await;
    let report = bcdr.check_connection().await;
    assert!(report.is_connected(), "{report}");
    let visible = truth.devices_visible.len();
    assert_eq!(report.finding("devices").unwrap().message, format!("{visible} appliances visible"));
    assert!(report.finding("hidden_devices").unwrap().message.starts_with(&truth.devices_hidden.len().to_string()));
    assert!(report.finding("saas").is_some());

    let (public_key, _) = sandbox.bcdr_key();
    let wrong = BcdrClient::builder().url(sandbox.bcdr_url()).api_key(public_key, "wrong-secret-0001").build().unwrap();
    let report = wrong.check_connection().await;
    assert!(!report.is_connected() && report.finding("wrong_key").is_some(), "{report}");
    assert!(!format!("{report} {report:?} {wrong:?}").contains("wrong-secret-0001"));

    let (public_key, secret_key) = sandbox.bcdr_key();
    let base = sandbox.bcdr_url().replace("/v1", "/elsewhere/v1");
    let elsewhere = BcdrClient::builder().url(base).api_key(public_key, secret_key).build().unwrap();
    let report = elsewhere.check_connection().await;
    assert!(report.finding("wrong_url").unwrap().next_step.contains("https://api.datto.com/v1"), "{report}");

    for (scope, connected, code) in [
        (KeyScope::Missing, false, "missing_scope"),
        (KeyScope::Vendor, true, "saas_refused"),
        (KeyScope::OneClient, true, "devices"),
    ] {
        let (_sandbox, bcdr, _) = start(Sandbox::builder().bcdr_key_scope(scope)).await;
        let report = bcdr.check_connection().await;
        assert_eq!((report.is_connected(), report.finding(code).is_some()), (connected, true), "{scope:?}: {report}");
    }

    let (_sandbox, bcdr, _) = start(Sandbox::builder().appliances(0)).await;
    let report = bcdr.check_connection().await;
    assert!(report.finding("no_devices_visible").unwrap().next_step.contains("restricted to a client"), "{report}");

    let (_sandbox, bcdr, _) = start(Sandbox::builder().saas_latency(Duration::from_secs(30))).await;
    let report = bcdr.check_connection().await;
    assert!(report.is_connected() && report.finding("saas_not_checked").is_some(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn slow_saas_calls_are_waited_for() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().saas_latency(Duration::from_secs(100))).await;
    let customers = bcdr.saas().domains().await.unwrap();
    assert_eq!(customers.len(), truth.saas_customers.len());
}

#[tokio::test(start_paused = true)]
async fn direct_to_cloud_is_read_and_set() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(6).appliances(10)).await;
    let assets = bcdr.dtc().assets().page_size(3).collect().await.unwrap();
    assert_eq!(assets.len(), truth.dtc_assets);
    let failed: HashSet<&str> = assets
        .iter()
        .filter(|asset| asset.backup_state_successful == Some(false))
        .map(|asset| asset.asset_uuid.as_str())
        .collect();
    assert_eq!(failed, truth.dtc_failed.iter().map(String::as_str).collect());

    let asset = &assets[0];
    let client = asset.organization_id.clone().unwrap();
    assert!(!bcdr.dtc().client_assets(&client).collect().await.unwrap().is_empty());
    let details = bcdr.dtc().asset(&client, &asset.asset_uuid).await.unwrap();
    assert_eq!(details.asset_uuid, asset.asset_uuid);
    assert_eq!(bcdr.dtc().screenshot(&client, &asset.asset_uuid).await.unwrap().media_type, "image/jpeg");
    let limits = datto_bcdr::Bandwidth::new(true).maximum_bits(5_000_000);
    let settings = bcdr.dtc().set_bandwidth(asset.asset_uuid.as_str(), limits).await.unwrap();
    assert_eq!((settings.pause_while_metered, settings.maximum_bandwidth_in_bits), (Some(true), Some(5_000_000)));
    let lifted = bcdr.dtc().set_bandwidth(asset.asset_uuid.as_str(), datto_bcdr::Bandwidth::new(false)).await.unwrap();
    assert_eq!((lifted.pause_while_metered, lifted.maximum_bandwidth_in_bits), (Some(false), None));
    assert!(!bcdr.dtc().rmm_templates().collect().await.unwrap().is_empty());
    assert_eq!(bcdr.dtc().storage_pool().pool_name("Servers").await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rest_answers() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(6).appliances(10).detailed_backup_stats(true)).await;
    let serial = truth.devices_visible[0].as_str();
    bcdr.devices().vm_restores(serial).collect().await.unwrap();
    assert!(!bcdr.agents().list().collect().await.unwrap().is_empty());
    let all = bcdr.activity_log().list().last_days(30).collect().await.unwrap();
    let day = bcdr.activity_log().list().last_hours(24).collect().await.unwrap();
    assert!(all.len() > day.len());
    let of_one = bcdr.activity_log().list().last_days(30).target("bcdr-device", serial).collect().await.unwrap();
    assert!(of_one.iter().all(|entry| entry.target_id.as_deref() == Some(serial)));
    let customer = truth.saas_customers[0];
    assert!(bcdr.saas().detailed_backup_stats(customer).await.unwrap().is_object());
    let short = bcdr.saas().applications(customer).days_until(3).include_remote_ids(true).await.unwrap();
    assert!(short[0].remote_ids.is_some());
    assert!(short[0].apps().all(|(_, app)| app.backup_history.as_ref().is_some_and(|history| history.len() <= 3)));
    assert_eq!(bcdr.saas().applications(customer).days_until(31).await.unwrap_err().kind(), ErrorKind::Api);
}

/// The paths that a report rests on; one appliance's assets and one customer's applications are told apart by what follows.
const PATHS: [&str; 4] = ["/bcdr/device", "/asset", "/saas/domains", "/applications"];

fn any_fault() -> impl Strategy<Value = Fault> {
    prop::sample::select(PATHS.to_vec()).prop_flat_map(|path| {
        // An empty list of customers looks like a partner without SaaS Protection, and nothing in the answers says otherwise.
        let bodies = ["null", "{}", "{\"items\":null}", "{\"code\":\"x\",\"message\":\"y\"}", "7", "", "[]"];
        let bodies = if path == "/saas/domains" { &bodies[..6] } else { &bodies };
        let kind = prop_oneof![
            prop::sample::select(vec![400, 401, 403, 404, 429, 500, 502, 503, 504]).prop_map(Fault::status),
            Just(Fault::reset()),
            Just(Fault::html()),
            Just(Fault::stall()),
            (0_usize..2_000).prop_map(Fault::cut_body),
            prop::sample::select(bodies.to_vec()).prop_map(|body| Fault::body("application/json", body)),
        ];
        let times = prop_oneof![3 => (1_u64..6).prop_map(Some), 1 => Just(None)];
        (kind, 0_u64..12, times).prop_map(move |(kind, after, times)| {
            let placed = fault(kind, path).after(after);
            match times {
                Some(times) => placed.times(times),
                None => placed.always(),
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_failing_calls_make_a_report_say_less_than_it_knows(
        seed in 1_u64..1_000, faults in prop::collection::vec(any_fault(), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (sandbox, bcdr, _) = start(Sandbox::builder().seed(seed).appliances(9).saas_customers(4)).await;
            let calm = health(&bcdr).await;
            let calm = calm.known().unwrap();
            for fault in faults {
                sandbox.inject(fault);
            }
            let seen = health(&bcdr).await;
            let Some(report) = seen.value() else { return Ok(()) };
            let mut whole = true;
            for ((name, seen), (_, calm)) in report.figures().into_iter().zip(calm.figures()) {
                let calm = known(calm);
                let keys = |figure: &Figure| -> BTreeSet<String> {
                    figure.evidence.iter().map(|finding| finding.key.clone()).collect()
                };
                match seen {
                    Measured::Known(figure) => {
                        prop_assert_eq!((figure.value, figure.rests_on), (calm.value, calm.rests_on), "{}", name);
                        prop_assert_eq!(keys(figure), keys(calm), "{}", name);
                    }
                    Measured::Partial { value, missing } => {
                        whole = false;
                        prop_assert!(!missing.is_empty() && keys(value).is_subset(&keys(calm)), "{}", name);
                    }
                    Measured::Unknown { .. } => whole = false,
                }
            }
            prop_assert_eq!(seen.is_known(), whole);
            Ok(())
        })?;
    }
}
