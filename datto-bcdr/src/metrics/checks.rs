//! The rules for what follows a backup: its screenshot, its check on the appliance, and the volumes that it leaves out.

use datto_common::{Cause, Timestamp};

use super::asset::Backups;
use super::figure::Aside;
use super::finding::Problem;
use super::policy::Limits;
use super::times::{Moment, unclear};
use crate::lenient::Flag;
use crate::models::{Asset, AssetKind};

/// What a rule says of an asset: why it is not judged, that all is well, or what is wrong and since when.
pub(crate) enum Check {
    Aside(Aside),
    Fine,
    Wrong(Problem, String, Option<i64>),
}

/// The last good screenshot is no matter; the last try is, and how old it is. Asked where the backup is good: without one, no screenshot can be.
pub(crate) fn screenshot(asset: &Asset, limits: &Limits<'_>, now: i64) -> Result<Check, Cause> {
    if asset.kind == Some(AssetKind::Share) {
        return Ok(Check::Aside(Aside::NeverTried));
    }
    let at = match Moment::of(asset.last_screenshot_attempt.as_ref(), now) {
        Moment::Never => return Ok(Check::Aside(Aside::NeverTried)),
        Moment::At(at) => at,
        Moment::Odd => return Err(unclear("the time of the last screenshot cannot be read")),
    };
    let wrong = |problem, what: String| Ok(Check::Wrong(problem, what, Some(at)));
    match asset.last_screenshot_attempt_status.as_ref().and_then(Flag::get) {
        Some(false) => wrong(Problem::ScreenshotFailed, "the last screenshot of the started backup failed".to_owned()),
        // Where backups may be older than screenshots, these may be as old.
        _ if limits.is_screenshot_old(at, now) && limits.is_backup_old(at, now) => {
            wrong(Problem::ScreenshotOverdue, format!("no screenshot was tried since {}", Timestamp::from_millis(at)))
        }
        Some(true) => Ok(Check::Fine),
        None => Err(unclear("how the last screenshot ended is not said")),
    }
}

/// A failed backup fails its check as well (observed), so only the newest good one tells.
pub(crate) fn verification(asset: &Asset, now: i64) -> Check {
    let backups = Backups::of(asset, now);
    let Some(run) = backups.newest_good() else { return Check::Aside(Aside::NotReported) };
    let check = run.record.local_verification.as_ref();
    let status = check.and_then(|check| check.status.as_ref()).map(|status| status.as_str().trim());
    match status {
        None | Some("") => Check::Aside(Aside::NotReported),
        Some(status) if status.eq_ignore_ascii_case("success") => Check::Fine,
        Some(_) => {
            let errors = check.and_then(|check| check.errors.as_deref()).unwrap_or_default();
            let words = errors.iter().find_map(|error| error.error_message.as_deref().or(error.error_type.as_deref()));
            let why = words.map(str::trim).filter(|words| !words.is_empty()).unwrap_or("no message");
            let what = format!("the check of the newest good backup failed: {why}");
            Check::Wrong(Problem::VerificationFailed, what, Some(run.at))
        }
    }
}

/// Volumes that are not backed up.
pub(crate) fn volumes(asset: &Asset) -> Check {
    let names = asset.unprotected_volume_names.as_deref().unwrap_or_default();
    let named = i64::try_from(names.len()).unwrap_or(i64::MAX);
    match asset.unprotected_volumes_count.or_else(|| asset.unprotected_volume_names.as_ref().map(|_| named)) {
        None => Check::Aside(Aside::NotReported),
        Some(count) if count.max(named) > 0 => {
            let which = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            let what = format!("{} volumes are not backed up{which}", count.max(named));
            Check::Wrong(Problem::VolumesUnprotected, what, None)
        }
        Some(_) => Check::Fine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::BackupPolicy;
    use crate::metrics::finding::Place;
    use crate::metrics::testing::{DAY, HOUR, NOW, asset, at};
    use serde_json::{Value, json};

    fn problem(check: Check) -> Result<Option<Problem>, Aside> {
        match check {
            Check::Aside(why) => Err(why),
            Check::Fine => Ok(None),
            Check::Wrong(problem, ..) => Ok(Some(problem)),
        }
    }

    #[test]
    fn a_screenshot_is_judged_by_its_last_try_and_its_age() {
        let judge = |status: Value, at: i64| {
            let asset = asset(json!({"lastScreenshotAttempt": at, "lastScreenshotAttemptStatus": status}));
            let policy = BackupPolicy::default();
            screenshot(&asset, &policy.limits(&Place::default()), NOW * 1_000).map(problem).ok()
        };
        for (status, at, expected) in [
            (json!(true), NOW, Some(Ok(None))),
            (json!("1"), NOW - 2 * DAY, Some(Ok(None))),
            (json!("1"), NOW - 2 * DAY - 1, Some(Ok(Some(Problem::ScreenshotOverdue)))),
            (json!(null), NOW - 90 * DAY, Some(Ok(Some(Problem::ScreenshotOverdue)))),
            (json!(""), NOW, Some(Ok(Some(Problem::ScreenshotFailed)))),
            (json!(false), NOW - 90 * DAY, Some(Ok(Some(Problem::ScreenshotFailed)))),
            (json!(false), 0, Some(Err(Aside::NeverTried))),
            (json!(null), NOW, None),
            (json!("perhaps"), NOW, None),
            (json!(true), NOW + 9 * DAY, None),
        ] {
            assert_eq!(judge(status.clone(), at), expected, "{status} {at}");
        }
    }

    #[test]
    fn the_check_of_the_newest_good_backup_tells() {
        let run = |hours: i64, good: bool, check: Value| {
            let status = if good { "success" } else { "failure" };
            json!({"timestamp": at(hours), "backup": {"status": status}, "localVerification": check})
        };
        let failed =
            || json!({"status": "failure", "errors": [{"errorType": "x", "errorMessage": "volume C: is dirty"}]});
        let good = || json!({"status": "success", "errors": []});
        let judge = |runs: Vec<Value>| verification(&asset(json!({ "backups": runs })), NOW * 1_000);
        let Check::Wrong(Problem::VerificationFailed, what, since) = judge(vec![run(5, true, failed())]) else {
            panic!()
        };
        assert!(what.ends_with("volume C: is dirty"), "{what}");
        assert_eq!(since, at(5).as_millis());
        for (runs, expected) in [
            (vec![run(5, true, good()), run(9, true, failed())], Ok(None)),
            // A failed backup fails its check too, which is no second problem.
            (vec![run(2, false, failed()), run(5, true, good())], Ok(None)),
            (vec![run(2, false, failed())], Err(Aside::NotReported)),
            (vec![run(2, true, Value::Null)], Err(Aside::NotReported)),
            (vec![], Err(Aside::NotReported)),
        ] {
            assert_eq!(problem(judge(runs.clone())), expected, "{runs:?}");
        }
    }

    #[test]
    fn volumes_without_protection_are_named() {
        let Check::Wrong(_, what, _) =
            volumes(&asset(json!({"unprotectedVolumesCount": 2, "unprotectedVolumeNames": ["D:\\", "E:\\"]})))
        else {
            panic!()
        };
        assert_eq!(what, "2 volumes are not backed up: D:\\, E:\\");
        assert_eq!(problem(volumes(&asset(json!({"unprotectedVolumesCount": 0})))), Ok(None));
        assert_eq!(problem(volumes(&asset(json!({"lastSnapshot": NOW - HOUR})))), Err(Aside::NotReported));
    }
}
