//! What holds for any fleet, however much of it could be read.

use datto_common::{Measured, Missing};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::testing::{DAY, HOUR, NOW, customer, device, failed, now, read, run, usage};
use super::{BackupHealth, BackupPolicy, CustomerApplications, DeviceAssets, Figure, Snapshot, assess};
use crate::models::{Asset, CustomerUsage};

/// The figures that rest on assets, on appliances, on SaaS reports.
const OF_ASSETS: [&str; 7] = [
    "failed_backups",
    "never_backed_up",
    "offsite_old",
    "paused",
    "failed_screenshots",
    "failed_verifications",
    "unprotected_volumes",
];
const OF_DEVICES: [&str; 3] = ["offline_appliances", "service_ended", "full_storage"];

/// What becomes of a source.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Read {
    Whole,
    InPart,
    Not,
}

impl Read {
    fn take<T>(self, records: Vec<T>) -> Measured<Vec<T>> {
        match self {
            Self::Whole => Measured::Known(records),
            Self::Not => Measured::unknown(failed()),
            Self::InPart => {
                let half = records.len() / 2;
                let value = records.into_iter().take(half).collect();
                Measured::Partial { value, missing: vec![Missing::new("page 2", failed())] }
            }
        }
    }
}

fn outcome() -> impl Strategy<Value = Read> {
    prop_oneof![4 => Just(Read::Whole), 1 => Just(Read::InPart), 1 => Just(Read::Not)]
}

fn time() -> impl Strategy<Value = Value> {
    let ages = (0_i64..40).prop_map(|days| json!(NOW - days * DAY));
    prop_oneof![6 => ages, 1 => Just(json!(0)), 1 => Just(json!(null))]
}

fn an_asset() -> impl Strategy<Value = Value> {
    let runs = prop::collection::vec((0_i64..100, prop::sample::select(vec!["success", "failure", ""])), 0..4);
    let volume = prop::sample::select(vec!["a", "b", "c", ""]);
    (volume, time(), time(), time(), runs, any::<[bool; 3]>()).prop_map(|(volume, last, offsite, shot, runs, [paused, archived, good])| {
        let runs: Vec<Value> = runs.into_iter().map(|(hours, status)| run(hours, status, None)).collect();
        json!({
            "volume": volume, "isPaused": paused && archived, "isArchived": archived && !good, "lastSnapshot": last, "latestOffsite": offsite,
            "lastScreenshotAttempt": shot, "lastScreenshotAttemptStatus": good, "backups": runs,
        })
    })
}

type Fleet = (Vec<(Vec<Value>, Read)>, Read, Vec<(Vec<i64>, Read)>, Read);

fn a_fleet() -> impl Strategy<Value = Fleet> {
    let devices = prop::collection::vec((prop::collection::vec(an_asset(), 0..5), outcome()), 0..5);
    let customers = prop::collection::vec((prop::collection::vec(8_i64..=10, 2..4), outcome()), 0..5);
    (devices, outcome(), customers, outcome())
}

/// The fleet as it was read, and as it would have been read without any failure.
fn snapshot(fleet: &Fleet, with_failures: bool) -> Snapshot {
    let seen = |read: Read| if with_failures { read } else { Read::Whole };
    let (devices, devices_read, customers, customers_read) = fleet;
    let devices = devices.iter().enumerate().map(|(number, (assets, outcome))| {
        let assets: Vec<Asset> = assets.iter().cloned().map(read).collect();
        let mut device = device(&format!("D{number}"));
        if number % 2 == 1 {
            device.last_seen_date = Some(read(json!(NOW - 5 * HOUR)));
        }
        DeviceAssets::new(device, seen(*outcome).take(assets))
    });
    let customers = (1..).zip(customers).map(|(id, (windows, outcome))| {
        let reports: Vec<CustomerUsage> = vec![usage(id, windows)];
        CustomerApplications::new(customer(id), seen(*outcome).take(reports))
    });
    Snapshot::new(seen(*devices_read).take(devices.collect()), seen(*customers_read).take(customers.collect()))
}

fn figures(health: &BackupHealth) -> Vec<(&'static str, &Measured<Figure>)> {
    health.figures().to_vec()
}

proptest! {
    #[test]
    fn a_failed_read_never_makes_a_figure_known(fleet in a_fleet()) {
        let whole = assess(&snapshot(&fleet, false), &BackupPolicy::default(), &now());
        let (devices, devices_read, customers, customers_read) = &fleet;
        let all = |ok: &Read| *ok == Read::Whole;
        let devices_whole = all(devices_read);
        let assets_whole = devices_whole && devices.iter().all(|(_, read)| all(read));
        let saas_whole = all(customers_read) && customers.iter().all(|(_, read)| all(read));

        let seen = assess(&snapshot(&fleet, true), &BackupPolicy::default(), &now());
        if devices_whole && assets_whole && saas_whole {
            prop_assert_eq!(&seen, &whole);
        }
        let (Some(seen), Some(whole)) = (seen.value(), whole.value()) else { return Ok(()) };
        for ((name, seen), (_, whole)) in figures(seen).into_iter().zip(figures(whole)) {
            let complete = match name {
                name if OF_ASSETS.contains(&name) => assets_whole,
                name if OF_DEVICES.contains(&name) => devices_whole,
                _ => saas_whole,
            };
            match (seen, whole.known()) {
                (seen, _) if complete => prop_assert_eq!(seen, whole, "{}", name),
                (Measured::Known(_), _) => prop_assert!(false, "{} is known though something was not read", name),
                (Measured::Partial { value, missing }, Some(whole)) => {
                    prop_assert!(value.value <= whole.value && value.rests_on <= whole.rests_on, "{}", name);
                    prop_assert!(!missing.is_empty(), "{} says what it lacks", name);
                }
                (Measured::Partial { .. }, None) => prop_assert!(false, "{} rests on something where there is nothing", name),
                (Measured::Unknown { .. }, _) => {}
            }
        }
    }

    #[test]
    fn a_figure_counts_its_evidence(fleet in a_fleet()) {
        let health = assess(&snapshot(&fleet, true), &BackupPolicy::default(), &now());
        for (name, figure) in health.value().map(figures).unwrap_or_default() {
            if let Some(figure) = figure.value() {
                prop_assert_eq!(figure.value, figure.evidence.len() as u64, "{}", name);
                prop_assert!(figure.value <= figure.rests_on && figure.rests_on > 0, "{}", name);
                let keys: std::collections::HashSet<_> = figure.evidence.iter().map(|finding| &finding.key).collect();
                prop_assert_eq!(keys.len(), figure.evidence.len(), "{}: a key for each", name);
            }
        }
    }

    #[test]
    fn any_times_are_judged_without_a_panic(last in any::<i64>(), offsite in any::<i64>(), seen in any::<i64>(), at in any::<i64>()) {
        let mut device = device("D1");
        device.last_seen_date = Some(read(json!(seen)));
        let asset: Asset = read(json!({"volume": "a", "lastSnapshot": last, "latestOffsite": offsite}));
        let snapshot = Snapshot::new(
            Measured::Known(vec![DeviceAssets::new(device, Measured::Known(vec![asset]))]),
            Measured::Known(vec![CustomerApplications::new(customer(1), Measured::Known(vec![usage(1, &[9, 9])]))]),
        );
        let policy = BackupPolicy::default().weekend(super::Weekend::default());
        let _ = assess(&snapshot, &policy, &datto_common::Timestamp::from_millis(at));
    }
}
