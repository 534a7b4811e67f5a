//! How long it takes to judge a large provider's backups: 3,000 appliances, 60,000 agents and shares, 600,000 runs.
//!
//! `cargo bench -p datto-bcdr --bench figures`, on a machine that does nothing else.
// A program of measurements: it fails as tests do.
#![allow(clippy::unwrap_used)]

use datto_bcdr::metrics::{BackupPolicy, DeviceAssets, RunLog, Snapshot, assess, by_client};
use datto_bcdr::{Asset, Measured, Timestamp};
use serde_json::{Value, json};

const NOW: i64 = 1_787_643_495;
const HOUR: i64 = 3_600;

fn main() {
    divan::main();
}

fn asset(number: i64) -> Asset {
    let bad = number % 17 == 0;
    let runs: Vec<Value> = (0..10)
        .map(|run| {
            let status = if bad && run < 6 { "failure" } else { "success" };
            json!({"timestamp": NOW - run * HOUR, "backup": {"status": status, "errorMessage": null}})
        })
        .collect();
    serde_json::from_value(json!({
        "volume": format!("{number:08x}"), "name": format!("srv-{number}"), "type": "agent",
        "lastSnapshot": NOW - if bad { 60 } else { 1 } * HOUR, "latestOffsite": NOW - 20 * HOUR, "backups": runs,
        "lastScreenshotAttempt": NOW - HOUR, "lastScreenshotAttemptStatus": "1", "unprotectedVolumesCount": 0,
    }))
    .unwrap()
}

fn fleet() -> Snapshot {
    let devices = (0..3_000_i64).map(|number| {
        let device = serde_json::from_value(json!({
            "serialNumber": format!("D{number:011}"), "name": format!("siris-{number}"), "model": "S5-2", "lastSeenDate": NOW - 60,
            "clientCompanyName": format!("Client {}", number % 900), "registrationDate": NOW - 9_000 * HOUR,
        }));
        let assets = (0..20).map(|place| asset(number * 20 + place)).collect();
        DeviceAssets::new(device.unwrap(), Measured::Known(assets))
    });
    Snapshot::new(Measured::Known(devices.collect()), Measured::Known(Vec::new()))
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn sixty_thousand_assets(bencher: divan::Bencher<'_, '_>) {
    let (fleet, policy, now) = (fleet(), BackupPolicy::default(), Timestamp::from_seconds(NOW));
    bencher.bench_local(|| assess(&fleet, &policy, &now));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn sixty_thousand_assets_by_client(bencher: divan::Bencher<'_, '_>) {
    let (fleet, policy, now) = (fleet(), BackupPolicy::default(), Timestamp::from_seconds(NOW));
    bencher.bench_local(|| by_client(&fleet, &policy, &now));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn six_hundred_thousand_runs_into_a_log(bencher: divan::Bencher<'_, '_>) {
    let (fleet, now) = (fleet(), Timestamp::from_seconds(NOW));
    bencher.bench_local(|| {
        let mut log = RunLog::default();
        log.merge(fleet.stored_runs(&now));
        log
    });
}
