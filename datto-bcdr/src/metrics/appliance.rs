//! The rules for an appliance itself.

use datto_common::{Cause, Measured, Timestamp};

use super::figure::Aside;
use super::finding::Place;
use super::policy::{BackupPolicy, is_older};
use super::snapshot::DeviceAssets;
use super::times::{Moment, unclear};
use crate::models::Device;

/// Where an appliance is.
pub(crate) fn place(device: &Device) -> Place<'_> {
    Place {
        client: device.client_name(),
        organization_id: device.organization_id.as_ref().filter(|id| !id.is_empty()),
        serial_number: Some(&device.serial_number),
        device: device.name.as_deref().map(str::trim).filter(|name| !name.is_empty()),
        ..Place::default()
    }
}

/// Why an appliance is not looked at: it is hidden, or was never set up. One that was never seen and holds nothing was ordered and never switched on.
pub(crate) fn why_aside(entry: &DeviceAssets) -> Option<Aside> {
    let device = &entry.device;
    let holds_nothing = || match &entry.assets {
        Measured::Known(assets) => assets.is_empty(),
        _ => device.agent_count.unwrap_or(0) == 0 && device.share_count.unwrap_or(0) == 0,
    };
    let never_seen = Moment::of(device.last_seen_date.as_ref(), i64::MAX) == Moment::Never;
    match device {
        _ if device.hidden == Some(true) => Some(Aside::Hidden),
        _ if device.is_unconfigured() => Some(Aside::NeverSetUp),
        _ if never_seen && !device.is_cloud_siris() && holds_nothing() => Some(Aside::NeverSetUp),
        _ => None,
    }
}

/// Since when an appliance is offline; `None` if it is not.
pub(crate) fn offline_since(device: &Device, policy: &BackupPolicy, now: i64) -> Result<Option<i64>, Cause> {
    match Moment::of(device.last_seen_date.as_ref(), now) {
        Moment::At(seen) => Ok(Some(seen).filter(|seen| is_older(*seen, now, policy.offline_after))),
        Moment::Never => Err(unclear("when it was last seen is not said")),
        Moment::Odd => Err(unclear("when it was last seen cannot be read")),
    }
}

/// Since when the service of an appliance is over, grace included; `None` within if it is not, `None` if the appliance does not say.
///
/// When the contract ends, the service goes on for 30 days; then backups, retention and offsite copies stop, though the unit is online (official,
/// kb.datto.com 218027403).
pub(crate) fn service_ended(device: &Device, policy: &BackupPolicy, now: i64) -> Option<Result<Option<i64>, Cause>> {
    let end = device.service_period.as_ref()?;
    // It may lie years ahead, so no bound holds.
    match Moment::of(Some(end), i64::MAX) {
        Moment::Never => None,
        Moment::Odd => Some(Err(unclear("the end of its service cannot be read"))),
        Moment::At(at) => Some(Ok(Some(at).filter(|at| is_older(*at, now, policy.service_grace)))),
    }
}

/// What lies behind the problems of an appliance whose service is over.
pub(crate) fn service_cause(ended: i64) -> String {
    format!("service contract ended on {}", Timestamp::from_millis(ended))
}

/// What lies behind the problems of an offline appliance.
pub(crate) fn offline_cause(offline_since: i64) -> String {
    format!("appliance offline since {}", Timestamp::from_millis(offline_since))
}

/// How much of the local storage is used, in percent; `None` where the appliance does not report it (observed: null or 0).
pub(crate) fn storage_used_percent(device: &Device) -> Option<Result<f64, Cause>> {
    let (used, free) = (device.local_storage_used.as_ref()?, device.local_storage_available.as_ref()?);
    let same_unit = used.units().map(str::to_ascii_lowercase) == free.units().map(str::to_ascii_lowercase);
    let (used, free) = match (used.bytes(), free.bytes()) {
        #[allow(clippy::cast_precision_loss)] // a percentage needs no more
        (Some(used), Some(free)) => (used as f64, free as f64),
        // Two plain numbers have a ratio, whatever their unit.
        _ if same_unit => (used.size()?, free.size()?),
        _ => return Some(Err(unclear("the units of its local storage are not known"))),
    };
    let all = used + free;
    (all > 0.0).then(|| Ok(100.0 * used / all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{HOUR, NOW, read};
    use serde_json::{Value, json};

    #[test]
    fn an_appliance_is_offline_after_an_hour() {
        let since = |seen: Value| {
            let device: Device = read(json!({ "lastSeenDate": seen }));
            offline_since(&device, &BackupPolicy::default(), NOW * 1_000).map_err(|cause| cause.message)
        };
        assert_eq!(since(json!(NOW)), Ok(None));
        assert_eq!(since(json!(NOW - HOUR)), Ok(None));
        assert_eq!(since(json!(NOW - HOUR - 1)), Ok(Some((NOW - HOUR - 1) * 1_000)));
        assert!(since(json!(null)).is_err());
        assert!(since(json!("soon")).is_err());
    }

    #[test]
    fn storage_is_compared_by_unit() {
        let percent = |used: Value, free: Value| {
            let device: Device = read(json!({"localStorageUsed": used, "localStorageAvailable": free}));
            storage_used_percent(&device).map(|percent| percent.map(f64::round).map_err(|cause| cause.message))
        };
        let size = |size: i64, units: &str| json!({"size": size, "units": units});
        assert_eq!(percent(size(85, "KB"), size(15, "kb")), Some(Ok(85.0)));
        assert_eq!(percent(size(1_024, "KB"), size(1, "MB")), Some(Ok(50.0)));
        assert_eq!(percent(json!(3), json!(1)), Some(Ok(75.0)));
        assert_eq!(percent(size(0, "KB"), size(0, "KB")), None);
        assert_eq!(percent(json!(null), size(1, "KB")), None);
        assert_eq!(percent(size(3, "blocks"), size(1, "Blocks")), Some(Ok(75.0)));
        assert!(percent(size(3, "blocks"), size(1, "KB")).unwrap().is_err());
    }
}
