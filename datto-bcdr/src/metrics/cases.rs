//! Fleets that occur, and what an experienced technician says of them.

use datto_common::{ErrorKind, Measured, Timestamp};
use serde_json::{Value, json};

use super::testing::{DAY, HOUR, NOW, asset, at, now, read, run, usage, window};
use super::{
    BackupHealth, BackupPolicy, CustomerApplications, DeviceAssets, EndpointHealth, Exception, Figure, Holidays,
    Problem, Snapshot, Weekend, assess, assess_endpoints,
};
use crate::models::{Asset, Device};

/// What a figure says: how many of how many with which problems; or why nothing can be said.
#[derive(Debug, PartialEq)]
enum Says {
    Counts(u64, u64, Vec<Problem>),
    Partly(u64, u64),
    NothingToJudge(String),
    Unknown(String),
}

fn says(figure: &Measured<Figure>) -> Says {
    match figure {
        Measured::Known(figure) => {
            let problems = figure.evidence.iter().map(|finding| finding.problem).collect();
            Says::Counts(figure.value, figure.rests_on, problems)
        }
        Measured::Partial { value, .. } => Says::Partly(value.value, value.rests_on),
        Measured::Unknown { cause } if cause.kind == ErrorKind::NoData => Says::NothingToJudge(cause.message.clone()),
        Measured::Unknown { cause } => Says::Unknown(cause.message.clone()),
    }
}

fn fine(of: u64) -> Says {
    Says::Counts(0, of, vec![])
}

fn all(problems: &[Problem]) -> Says {
    let count = problems.len() as u64;
    Says::Counts(count, count, problems.to_vec())
}

fn nothing(why: &str) -> Says {
    Says::NothingToJudge(why.to_owned())
}

/// An appliance of a minute ago, with what is special about it.
fn unit(special: Value, assets: Vec<Value>) -> DeviceAssets {
    let mut device = json!({
        "serialNumber": "D1", "name": "siris-01", "model": "S5-2", "lastSeenDate": NOW - 60, "clientCompanyName": "Acorn Dental",
        "registrationDate": NOW - 400 * DAY,
    });
    device.as_object_mut().unwrap().extend(special.as_object().unwrap().clone());
    let device: Device = read(device);
    let assets: Vec<Asset> = assets.into_iter().map(asset).collect();
    DeviceAssets::new(device, Measured::Known(assets))
}

/// A machine with a good backup an hour ago, offsite too, with what is special about it.
fn machine(special: Value) -> Value {
    let mut machine = json!({
        "volume": "0a", "name": "dc-01", "type": "agent", "lastSnapshot": NOW - HOUR, "latestOffsite": NOW - DAY,
        "unprotectedVolumesCount": 0, "localSnapshots": 100,
    });
    machine.as_object_mut().unwrap().extend(special.as_object().unwrap().clone());
    machine
}

fn failed_runs(hours: impl Iterator<Item = i64>) -> Vec<Value> {
    hours.map(|hours| run(hours, "failure", None)).collect()
}

fn never_good(hours: impl Iterator<Item = i64>) -> Value {
    machine(json!({"lastSnapshot": 0, "latestOffsite": null, "localSnapshots": 0, "backups": failed_runs(hours)}))
}

fn health_at(
    devices: Vec<DeviceAssets>,
    saas: Vec<CustomerApplications>,
    policy: &BackupPolicy,
    now: &Timestamp,
) -> BackupHealth {
    let snapshot = Snapshot::new(Measured::Known(devices), Measured::Known(saas));
    assess(&snapshot, policy, now).into_value().expect("something is known")
}

fn of_unit(special: Value, assets: Vec<Value>) -> BackupHealth {
    health_at(vec![unit(special, assets)], vec![], &BackupPolicy::default(), &now())
}

fn of_machine(special: Value) -> BackupHealth {
    of_unit(json!({}), vec![machine(special)])
}

type Pick = fn(&BackupHealth) -> &Measured<Figure>;

#[test]
fn machines_and_appliances() {
    use Problem::*;
    let failed: Pick = |health| &health.failed_backups;
    let never: Pick = |health| &health.never_backed_up;
    let offsite: Pick = |health| &health.offsite_old;
    let shots: Pick = |health| &health.failed_screenshots;
    let offline: Pick = |health| &health.offline_appliances;
    let paused: Pick = |health| &health.paused;
    let archived = || machine(json!({"isArchived": true}));
    let rows: Vec<(&str, BackupHealth, Pick, Says)> = vec![
        (
            "never worked and fails every hour for 10 h",
            of_unit(json!({}), vec![never_good(0..10)]),
            failed,
            all(&[BackupFailing]),
        ),
        (
            "never worked, fails once a day for 47 h",
            of_unit(json!({}), vec![never_good([1, 24, 47].into_iter())]),
            failed,
            all(&[BackupFailing]),
        ),
        (
            "added an hour ago, the first run failed",
            of_unit(json!({}), vec![never_good([1].into_iter())]),
            failed,
            fine(1),
        ),
        ("the same is not fine", of_unit(json!({}), vec![never_good([1].into_iter())]), never, all(&[NeverBackedUp])),
        (
            "the first image takes 50 h",
            of_machine(json!({"lastSnapshot": 0, "backups": [run(50, "running", None)]})),
            never,
            all(&[NeverBackedUp]),
        ),
        (
            "a point of 2038, and runs fail",
            of_machine(json!({"lastSnapshot": "2038-01-19T03:14:07Z", "backups": failed_runs(0..5)})),
            failed,
            Says::Unknown("backups of dc-01 on appliance D1: the time of a good backup cannot be read".into()),
        ),
        (
            "everything paused",
            of_unit(json!({}), vec![machine(json!({"isPaused": true})); 1]),
            failed,
            nothing("there are no agents and shares to judge: 1 paused"),
        ),
        ("everything paused shows", of_machine(json!({"isPaused": true})), paused, all(&[BackupPaused])),
        (
            "everything archived",
            of_unit(json!({}), vec![archived()]),
            failed,
            nothing("there are no agents and shares to judge: 1 archived"),
        ),
        (
            "an appliance with nothing on it",
            of_unit(json!({}), vec![]),
            failed,
            nothing("there are no agents and shares that this key can see"),
        ),
        (
            "ordered, never switched on",
            of_unit(json!({"lastSeenDate": null}), vec![]),
            offline,
            nothing("there are no appliances to judge: 1 never set up"),
        ),
        (
            "never seen, and yet it has a machine",
            of_unit(json!({"lastSeenDate": null}), vec![machine(json!({}))]),
            offline,
            Says::Unknown("presence of appliance D1: when it was last seen is not said".into()),
        ),
        (
            "a machine listed twice",
            of_unit(
                json!({}),
                vec![
                    machine(json!({"lastSnapshot": NOW - 60 * HOUR})),
                    machine(json!({"lastSnapshot": NOW - 60 * HOUR})),
                ],
            ),
            failed,
            all(&[BackupStale]),
        ),
        (
            "a local-only plan",
            of_unit(json!({"servicePlan": "SIRIS Local-Only 1 Year"}), vec![machine(json!({"latestOffsite": null}))]),
            offsite,
            nothing("there are no agents and shares to judge: 1 without a cloud by plan"),
        ),
        (
            "SIRIS Private",
            of_unit(json!({"model": "SIRIS Private"}), vec![machine(json!({"latestOffsite": null}))]),
            offsite,
            nothing("there are no agents and shares to judge: 1 without a cloud by plan"),
        ),
        (
            "a local-only plan that has a cloud all the same",
            of_unit(json!({"servicePlan": "Local Only"}), vec![machine(json!({"latestOffsite": NOW - 30 * DAY}))]),
            offsite,
            all(&[OffsiteOld]),
        ),
        (
            "a machine added an hour ago",
            of_machine(json!({"latestOffsite": null, "localSnapshots": 1, "backups": [run(1, "success", None)]})),
            offsite,
            nothing("there are no agents and shares to judge: 1 waiting for the first copy"),
        ),
        (
            "an appliance set up yesterday",
            of_unit(json!({"registrationDate": NOW - DAY}), vec![machine(json!({"latestOffsite": null}))]),
            offsite,
            nothing("there are no agents and shares to judge: 1 waiting for the first copy"),
        ),
        ("no copy after a month", of_machine(json!({"latestOffsite": null})), offsite, all(&[OffsiteMissing])),
        (
            "a Cloud SIRIS that replicates, 30 days ago",
            of_unit(json!({"model": "CLDSIRIS"}), vec![machine(json!({"latestOffsite": NOW - 30 * DAY}))]),
            offsite,
            all(&[OffsiteOld]),
        ),
        (
            "a Cloud SIRIS",
            of_unit(json!({"model": "CLDSIRIS"}), vec![machine(json!({"latestOffsite": null}))]),
            offsite,
            nothing("there are no agents and shares to judge: 1 in the cloud itself"),
        ),
        (
            "no screenshot for 90 days",
            of_machine(json!({"lastScreenshotAttempt": NOW - 90 * DAY, "lastScreenshotAttemptStatus": "1"})),
            shots,
            all(&[ScreenshotOverdue]),
        ),
        (
            "the screenshot failed because the backup did",
            of_machine(
                json!({"lastSnapshot": NOW - 60 * HOUR, "lastScreenshotAttempt": NOW - HOUR, "lastScreenshotAttemptStatus": ""}),
            ),
            shots,
            nothing("there are no agents and shares to judge: 1 without a good backup"),
        ),
        (
            "the check on the appliance fails",
            of_machine(
                json!({"backups": [{"timestamp": at(1), "backup": {"status": "success"}, "localVerification": {"status": "failure", "errors": null}}]}),
            ),
            |health| &health.failed_verifications,
            all(&[VerificationFailed]),
        ),
        (
            "three volumes without protection",
            of_machine(json!({"unprotectedVolumesCount": 3})),
            |health| &health.unprotected_volumes,
            all(&[VolumesUnprotected]),
        ),
        (
            "the last run failed, an older good one is young",
            of_machine(json!({"backups": [run(0, "failure", None), run(2, "success", None)]})),
            failed,
            fine(1),
        ),
        (
            "archived on an old unit after a migration",
            of_unit(json!({"lastSeenDate": NOW - 90 * DAY}), vec![archived(), machine(json!({"volume": "b"}))]),
            failed,
            fine(1),
        ),
        (
            "a contract that ended 20 days ago",
            of_unit(json!({"servicePeriod": NOW - 20 * DAY}), vec![]),
            |health| &health.service_ended,
            fine(1),
        ),
        (
            "a contract that ended 40 days ago",
            of_unit(json!({"servicePeriod": NOW - 40 * DAY}), vec![]),
            |health| &health.service_ended,
            all(&[ServiceEnded]),
        ),
    ];
    for (fleet, health, pick, expected) in rows {
        assert_eq!(says(pick(&health)), expected, "{fleet}");
    }
}

#[test]
fn one_cause_is_named_at_all_that_follows_from_it() {
    let old = || machine(json!({"lastSnapshot": NOW - 20 * DAY, "latestOffsite": NOW - 20 * DAY}));
    for (special, cause) in [
        (json!({"servicePeriod": NOW - 60 * DAY}), "service contract ended on 2026-06-26T07:38:15Z"),
        (json!({"lastSeenDate": NOW - 150 * DAY}), "appliance offline since 2026-03-28T07:38:15Z"),
        // What ended does not come back by being switched on.
        (
            json!({"servicePeriod": NOW - 60 * DAY, "lastSeenDate": NOW - 2 * DAY}),
            "service contract ended on 2026-06-26T07:38:15Z",
        ),
    ] {
        let health = of_unit(special, vec![old()]);
        for figure in [&health.failed_backups, &health.offsite_old] {
            let finding = &figure.known().unwrap().evidence[0];
            assert_eq!(finding.root_cause.as_deref(), Some(cause));
        }
    }
}

#[test]
fn what_has_no_id_is_two_tickets() {
    let old = |name: &str| json!({"name": name, "lastSnapshot": NOW - 60 * HOUR});
    let keys = |devices: Vec<DeviceAssets>| -> Vec<String> {
        let health = health_at(devices, vec![], &BackupPolicy::default(), &now());
        health.failed_backups.known().unwrap().evidence.iter().map(|finding| finding.key.clone()).collect()
    };
    let machines = keys(vec![unit(json!({}), vec![old("a"), old("b")])]);
    assert_eq!(machines, ["datto:D1:name=a:backup", "datto:D1:name=b:backup"]);
    let nameless = json!({"serialNumber": null, "name": null});
    let units = keys(vec![unit(nameless.clone(), vec![old("a")]), unit(nameless, vec![old("a")])]);
    assert_eq!(units, ["datto:name=:name=a:backup", "datto:name=:name=a:backup#2"]);
}

#[test]
fn weekends_holidays_and_other_limits() {
    let time = |text: &str| read::<Timestamp>(json!(text));
    let (thursday, friday) = ("2026-04-02T18:00:00Z", "2026-04-10T18:00:00Z");
    let weekend = || BackupPolicy::default().weekend(Weekend::default());
    let easter = Holidays::new(["2026-04-03".parse().unwrap(), "2026-04-06".parse().unwrap()]);
    let hours = |hours: u64| std::time::Duration::from_secs(hours * 3_600);
    let rows = [
        ("Friday to Monday", friday, "2026-04-13T09:05:00Z", BackupPolicy::default(), 1),
        ("Friday to Monday, with weekends", friday, "2026-04-13T09:05:00Z", weekend(), 0),
        ("over Easter, with weekends", thursday, "2026-04-07T09:05:00Z", weekend(), 1),
        ("over Easter until the afternoon, with weekends", thursday, "2026-04-07T18:05:00Z", weekend(), 1),
        ("the same with holidays", thursday, "2026-04-07T18:05:00Z", weekend().holidays(easter), 0),
        ("a schedule as long as the limit", thursday, "2026-04-04T18:00:03Z", BackupPolicy::default(), 1),
        ("the same with a grace", thursday, "2026-04-04T18:00:03Z", BackupPolicy::default().grace(hours(1)), 0),
        (
            "a client with a limit of its own",
            friday,
            "2026-04-13T09:05:00Z",
            BackupPolicy::default().exception(Exception::client("acorn dental").backup_max_age(hours(96))),
            0,
        ),
        (
            "a machine with a limit of its own",
            thursday,
            "2026-04-03T18:05:00Z",
            BackupPolicy::default().exception(Exception::asset("d1", "DC-01").backup_max_age(hours(4))),
            1,
        ),
    ];
    for (fleet, last, now, policy, expected) in rows {
        let devices = vec![unit(
            json!({"lastSeenDate": now}),
            vec![machine(json!({"lastSnapshot": last, "latestOffsite": last}))],
        )];
        let health = health_at(devices, vec![], &policy, &time(now));
        let figure = health.failed_backups.known().unwrap_or_else(|| panic!("{fleet}: {:?}", health.failed_backups));
        assert_eq!(figure.value, expected, "{fleet}");
    }
}

#[test]
fn what_is_ignored_is_counted_with_its_reason() {
    let policy = BackupPolicy::default().exception(Exception::asset("D1", "lab").ignore("rebuilt weekly"));
    let lab = machine(json!({"volume": "b", "name": "lab", "lastSnapshot": NOW - 60 * HOUR}));
    let health = health_at(vec![unit(json!({}), vec![machine(json!({})), lab])], vec![], &policy, &now());
    let figure = health.failed_backups.known().unwrap();
    assert_eq!(
        (figure.value, figure.rests_on, figure.set_aside[0].to_string()),
        (0, 1, "1 ignored (rebuilt weekly)".to_owned())
    );
    let shot = BackupPolicy::default()
        .exception(Exception::client("Acorn Dental").ignore("no screens here").problems([Problem::ScreenshotFailed]));
    let machine =
        machine(json!({"lastSnapshot": NOW - HOUR, "lastScreenshotAttempt": NOW, "lastScreenshotAttemptStatus": ""}));
    let health = health_at(vec![unit(json!({}), vec![machine])], vec![], &shot, &now());
    assert_eq!(says(&health.failed_backups), fine(1));
    assert_eq!(
        says(&health.failed_screenshots),
        nothing("there are no agents and shares to judge: 1 ignored (no screens here)")
    );
}

/// A customer with seats and a report of these windows, newest first: so many of so many services.
fn customer(seats: Value, apps: Vec<Value>) -> CustomerApplications {
    let suites = json!([{"suiteType": "Office365", "appTypes": apps}]);
    let customer = read(json!({"saasCustomerId": 1, "saasCustomerName": "Acorn Dental", "seatsUsed": seats}));
    CustomerApplications::new(customer, Measured::Known(vec![read(json!({"customerId": 1, "suites": suites}))]))
}

fn app(windows: &[(i64, i64)], special: Value) -> Value {
    let windows: Vec<Value> = (0..)
        .zip(windows)
        .map(|(day, (backed_up, active))| {
            let mut window = window(day, 10);
            window["activeServiceWithBackupCount"] = json!(backed_up);
            window["activeServiceCount"] = json!(active);
            window
        })
        .collect();
    let mut app = json!({
        "appType": "Office365SharePoint", "uningestedServiceCount": 0, "lastFullyProtectedTime": (NOW - HOUR) * 1_000, "backupHistory": windows,
    });
    app.as_object_mut().unwrap().extend(special.as_object().unwrap().clone());
    app
}

#[test]
fn saas_protection() {
    use Problem::*;
    let failed: Pick = |health| &health.saas_failed;
    let degraded: Pick = |health| &health.saas_degraded;
    let one = |windows: &[(i64, i64)], special: Value| customer(json!(25), vec![app(windows, special)]);
    let too_new = |status: &str| {
        json!({"lastFullyProtectedTime": "OVER_10_DAYS_AGO", "backupHistory": [
        {"timeWindow": "Between0dAnd1d", "status": status}, {"timeWindow": "Between1dAnd2d", "status": status}]})
    };
    let strict = BackupPolicy::default().saas_tolerance_percent(0.0);
    let rows: Vec<(&str, CustomerApplications, BackupPolicy, Pick, Says)> = vec![
        ("the tenant is gone", one(&[(0, 0), (0, 0)], json!({})), BackupPolicy::default(), failed, all(&[SaasStopped])),
        ("no seats are used", customer(json!(0), vec![app(&[(0, 0), (0, 0)], json!({}))]), BackupPolicy::default(), failed, nothing("there are no applications of SaaS Protection to judge: 1 without seats")),
        ("nothing active, and no word of seats", customer(json!(null), vec![app(&[(0, 0), (0, 0)], json!({}))]), BackupPolicy::default(), failed, Says::Unknown("applications of SaaS customer Acorn Dental: no service is active, and how many seats are used is not said".into())),
        ("no application is named", customer(json!(25), vec![]), BackupPolicy::default(), failed, Says::Unknown("applications of SaaS customer Acorn Dental: the report names no application, though the customer uses seats".into())),
        ("40 services yesterday, none today, and no word of seats", customer(json!(null), vec![app(&[(0, 0), (0, 40)], json!({}))]), BackupPolicy::default(), failed, all(&[SaasStopped])),
        ("one application of two stopped overnight", customer(json!(25), vec![app(&[(0, 0), (40, 40)], json!({})), app(&[(9, 9), (9, 9)], json!({"appType": "Office365Teams"}))]), BackupPolicy::default(), failed, Says::Counts(1, 2, vec![SaasStopped])),
        ("499 of 500 for ever", one(&[(499, 500), (499, 500)], json!({})), BackupPolicy::default(), failed, fine(1)),
        ("499 of 500 for ever, strictly", one(&[(499, 500), (499, 500)], json!({})), strict, failed, all(&[SaasFailed])),
        ("499 of 500 for ever is looked at all the same", one(&[(499, 500), (499, 500)], json!({"lastFullyProtectedTime": "OVER_10_DAYS_AGO"})), BackupPolicy::default(), degraded, all(&[SaasDegraded])),
        ("0 of 500", one(&[(0, 500), (0, 500)], json!({})), BackupPolicy::default().saas_tolerance_percent(100.0), failed, all(&[SaasFailed])),
        ("a new mailbox a day", one(&[(24, 25), (23, 24)], json!({})), BackupPolicy::default().saas_tolerance_services(1), failed, fine(1)),
        ("9 of 5", one(&[(9, 5), (9, 5)], json!({})), BackupPolicy::default(), failed, Says::Unknown("Office365SharePoint of SaaS customer Acorn Dental: a window counts 9 of 5 services as backed up".into())),
        ("two to three days ago", one(&[(9, 9), (9, 9)], json!({"lastFullyProtectedTime": "BETWEEN_2_AND_3_DAYS_AGO"})), BackupPolicy::default(), degraded, all(&[SaasDegraded])),
        ("one to two days ago", one(&[(9, 9), (9, 9)], json!({"lastFullyProtectedTime": "BETWEEN_1_AND_2_DAYS_AGO"})), BackupPolicy::default(), degraded, fine(1)),
        ("too new for ever", one(&[], too_new("Insufficient History")), BackupPolicy::default(), failed, all(&[SaasNeverBegan])),
        ("too new, in capitals", one(&[], json!({"backupHistory": too_new("INSUFFICIENT_HISTORY")["backupHistory"], "lastFullyProtectedTime": null})), BackupPolicy::default(), failed, nothing("there are no applications of SaaS Protection to judge: 1 too new to be judged")),
        ("an application named twice", customer(json!(25), vec![app(&[(8, 9), (8, 9)], json!({})); 2]), BackupPolicy::default(), failed, all(&[SaasFailed])),
    ];
    for (fleet, customer, policy, pick, expected) in rows {
        let health = health_at(vec![], vec![customer], &policy, &now());
        assert_eq!(says(pick(&health)), expected, "{fleet}");
    }
    let ignored = BackupPolicy::default().exception(Exception::customer(1).ignore("leaves in May"));
    let known = CustomerApplications::new(read(json!({"saasCustomerId": 1})), Measured::Known(vec![usage(1, &[9, 9])]));
    let health = health_at(vec![], vec![known], &ignored, &now());
    assert_eq!(
        says(&health.saas_failed),
        nothing("there are no applications of SaaS Protection to judge: 1 ignored (leaves in May)")
    );
}

fn machines_without_appliance(assets: Vec<Value>) -> EndpointHealth {
    let assets = assets.into_iter().map(read).collect();
    assess_endpoints(&Measured::Known(assets), &Measured::Known(vec![]), &BackupPolicy::default(), &now())
}

#[test]
fn direct_to_cloud() {
    let old = |id: &str, hours: i64, kind: &str| json!({"assetUuid": id, "type": kind, "lastBackup": NOW - hours * HOUR, "backupStateSuccessful": true});
    let health =
        machines_without_appliance(vec![old("a", 60, "server"), old("b", 60, "laptop"), old("A", 60, "server")]);
    let figure = health.dtc_failed.known().unwrap();
    assert_eq!((figure.value, figure.rests_on), (1, 2));
    assert_eq!(figure.evidence[0].to_string(), "a: no good backup since 2026-08-22T19:38:15Z");
}
