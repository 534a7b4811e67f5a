//! What the tests of the rules share: a fixed now, and records written as the service writes them.

use datto_common::{Cause, ErrorKind, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::models::{Asset, CustomerUsage, Device, SaasDomain};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// Tuesday, 2026-08-25T07:38:15Z, in seconds.
pub(crate) const NOW: i64 = 1_787_643_495;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

/// So many hours before now.
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp::from_seconds(NOW - hours * HOUR)
}

pub(crate) fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn asset(value: Value) -> Asset {
    read(value)
}

/// A run of so many hours ago.
pub(crate) fn run(hours: i64, status: &str, message: Option<&str>) -> Value {
    json!({"timestamp": at(hours), "backup": {"status": status, "errorMessage": message}})
}

/// An appliance that was seen a minute ago.
pub(crate) fn device(serial: &str) -> Device {
    read(
        json!({"serialNumber": serial, "name": "siris-01", "model": "S5-2", "lastSeenDate": NOW - 60, "clientCompanyName": "Acorn Dental",
        "localStorageUsed": {"size": 1, "units": "KB"}, "localStorageAvailable": {"size": 9, "units": "KB"}}),
    )
}

/// An asset with a good backup of so many hours ago, offsite as well.
pub(crate) fn backed_up(volume: &str, hours: i64) -> Asset {
    asset(
        json!({"volume": volume, "name": format!("host-{volume}"), "type": "agent", "lastSnapshot": NOW - hours * HOUR,
        "latestOffsite": NOW - hours * HOUR}),
    )
}

pub(crate) fn customer(id: i64) -> SaasDomain {
    read(json!({"saasCustomerId": id, "saasCustomerName": "Acorn Dental", "domain": "acorn.example.com"}))
}

/// A window with so many of ten active services backed up.
pub(crate) fn window(day: i64, backed_up: i64) -> Value {
    json!({
        "timeWindow": format!("Between{day}dAnd{}d", day + 1),
        "startTime": (NOW - day * DAY) * 1_000, "endTime": (NOW - (day + 1) * DAY) * 1_000,
        "totalServiceCount": 12, "activeServiceCount": 10, "activeServiceWithBackupCount": backed_up,
        "activeServiceWithPerfectBackupCount": backed_up, "status": if backed_up == 10 { "Perfect" } else { "Backup With Issues" }
    })
}

/// The report of a customer with one application, whose windows have so many of ten services backed up, newest first.
pub(crate) fn usage(id: i64, windows: &[i64]) -> CustomerUsage {
    let windows: Vec<Value> = (0..).zip(windows).map(|(day, backed_up)| window(day, *backed_up)).collect();
    read(json!({"customerId": id, "suites": [{"suiteType": "Office365", "appTypes": [{
        "appType": "Office365Exchange", "uningestedServiceCount": 0, "lastFullyProtectedTime": (NOW - HOUR) * 1_000, "backupHistory": windows,
    }]}]}))
}

pub(crate) fn failed() -> Cause {
    Cause::new(ErrorKind::Server, "503 Service Unavailable after 4 attempts")
}
