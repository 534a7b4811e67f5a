//! The rules for an appliance itself.

use datto_common::{Cause, Timestamp};

use super::policy::{BackupPolicy, is_older};
use super::times::{Moment, unclear};
use crate::models::Device;

/// Hidden appliances and such as were never set up are not looked at.
pub(crate) fn is_watched(device: &Device) -> bool {
    device.hidden != Some(true) && !device.is_unconfigured()
}

/// Since when an appliance is offline; `None` if it is not.
pub(crate) fn offline_since(device: &Device, policy: &BackupPolicy, now: i64) -> Result<Option<i64>, Cause> {
    match Moment::of(device.last_seen_date.as_ref(), now) {
        Moment::At(seen) => Ok(Some(seen).filter(|seen| is_older(*seen, now, policy.offline_after))),
        Moment::Never => Err(unclear("when it was last seen is not said")),
        Moment::Odd => Err(unclear("when it was last seen cannot be read")),
    }
}

/// What lies behind the problems of an offline appliance.
pub(crate) fn root_cause(offline_since: i64) -> String {
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
