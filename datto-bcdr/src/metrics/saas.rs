//! The rules for the applications of SaaS Protection.

use datto_common::{Cause, Timestamp};

use super::figure::Problem;
use super::policy::BackupPolicy;
use super::times::unclear;
use crate::models::{BackupWindow, SaasApp, WindowStatus};

/// How the backups of an application stand, by its two newest windows of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaasState {
    /// In one of the two windows at least, every active service was backed up.
    Fine,
    /// In both, fewer services were backed up than are active.
    Failed,
    /// No service was active in one of them.
    NoActiveService,
    /// The service calls one of them too new to be judged.
    InsufficientHistory,
}

impl SaasState {
    /// Judges an application.
    ///
    /// # Errors
    ///
    /// The cause, if the windows that would decide are not in the answer, or lack their counts: then it cannot be judged, and is not fine.
    pub fn of(app: &SaasApp) -> Result<Self, Cause> {
        let windows = [0, 1].map(|day| window(app, day).and_then(state_of_window));
        match windows {
            [Err(cause), _] => Err(cause),
            // A window that says why not to judge decides alone: new applications have only one.
            [Ok(state), _] | [_, Ok(state)] if !state.counts() => Ok(state),
            // So does a newest one in which all is well.
            [Ok(Self::Fine), _] => Ok(Self::Fine),
            [_, before] => before,
        }
    }

    /// Whether the figure about SaaS backups rests on the application.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Self::Fine | Self::Failed)
    }
}

/// How long ago an application was fully protected, against the limit of the policy. One service without a backup makes it old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtectionAge {
    /// Young enough.
    Young,
    /// Too old.
    Old,
}

impl ProtectionAge {
    /// Judges an application as it stands at `now`.
    ///
    /// # Errors
    ///
    /// The cause, if the service did not say, or used a word that does not tell on which side of the limit it lies.
    pub fn of(app: &SaasApp, policy: &BackupPolicy, now: &Timestamp) -> Result<Self, Cause> {
        let last = app
            .last_fully_protected_time
            .as_ref()
            .ok_or_else(|| unclear("when it was last fully protected is not said"))?;
        let odd = || unclear("when it was last fully protected cannot be read");
        let age = last.minimum_age(now).ok_or_else(odd)?;
        if last.is_exact() {
            // A moment far ahead of now says nothing.
            let ahead = last
                .moment()
                .and_then(Timestamp::moment)
                .zip(now.moment())
                .is_some_and(|(at, now)| at > now + 86_400_000);
            return match (ahead, age > policy.saas_max_age) {
                (true, _) => Err(odd()),
                (false, true) => Ok(Self::Old),
                (false, false) => Ok(Self::Young),
            };
        }
        // "Over two days ago" is older than two days.
        if age >= policy.saas_max_age {
            Ok(Self::Old)
        } else {
            Err(unclear("how long ago it was fully protected is said too roughly"))
        }
    }
}

fn window(app: &SaasApp, day: u32) -> Result<&BackupWindow, Cause> {
    let wanted =
        |window: &&BackupWindow| window.time_window.as_ref().and_then(|name| name.days_ago()) == Some((day, day + 1));
    app.backup_history
        .iter()
        .flatten()
        .find(wanted)
        .ok_or_else(|| unclear(format!("the window from {day} to {} days ago is not in the answer", day + 1)))
}

fn state_of_window(window: &BackupWindow) -> Result<SaasState, Cause> {
    let uncounted = || unclear("a window does not say how many services were backed up");
    if window.status == Some(WindowStatus::InsufficientHistory) {
        return Ok(SaasState::InsufficientHistory);
    }
    let active = window.active_service_count.ok_or_else(uncounted)?;
    if active == 0 {
        return Ok(SaasState::NoActiveService);
    }
    let backed_up = window.active_service_with_backup_count.ok_or_else(uncounted)?;
    Ok(if backed_up < active { SaasState::Failed } else { SaasState::Fine })
}

/// What to say about an application that failed, and since when.
pub(crate) fn failure(app: &SaasApp) -> (Problem, String, Option<i64>) {
    let failed: Vec<&BackupWindow> = (0..)
        .map_while(|day| window(app, day).ok().filter(|window| state_of_window(window) == Ok(SaasState::Failed)))
        .collect();
    let count = |window: &BackupWindow| {
        let of = |count: Option<i64>| count.unwrap_or_default();
        format!("{} of {}", of(window.active_service_with_backup_count), of(window.active_service_count))
    };
    let newest = failed.first().map(|window| count(window)).unwrap_or_default();
    let since = failed.last().and_then(|window| window.starts()).and_then(Timestamp::moment);
    (
        Problem::SaasFailed,
        format!("{newest} services backed up in the last day, some missing for {} days", failed.len()),
        since,
    )
}

/// What to say about an application that has not been fully protected for too long, and since when.
pub(crate) fn degradation(app: &SaasApp) -> (Problem, String, Option<i64>) {
    let last = app.last_fully_protected_time.as_ref();
    let moment = last.and_then(|last| last.moment());
    let when = match (moment, last) {
        (Some(moment), _) => moment.to_string(),
        (None, Some(crate::models::LastFullyProtected::Word(word))) => word.to_ascii_lowercase().replace('_', " "),
        (None, _) => "not known".to_owned(),
    };
    (Problem::SaasDegraded, format!("last fully protected: {when}"), moment.and_then(Timestamp::moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{DAY, HOUR, NOW, at, now, read, usage, window};
    use serde_json::{Value, json};

    fn app(windows: Vec<Value>) -> SaasApp {
        read(json!({ "backupHistory": windows }))
    }

    fn with(mut window: Value, field: &str, value: Value) -> Value {
        window[field] = value;
        window
    }

    #[test]
    fn an_application_has_failed_if_services_are_missing_in_both_windows() {
        use SaasState::{Failed, Fine, InsufficientHistory, NoActiveService};
        for (windows, expected) in [
            (vec![window(0, 10), window(1, 10)], Fine),
            (vec![window(0, 9), window(1, 10)], Fine),
            (vec![window(0, 10), window(1, 0)], Fine),
            (vec![window(0, 9), window(1, 9)], Failed),
            (vec![window(0, 0), window(1, 0), window(2, 10)], Failed),
            // The order is that of the names.
            (vec![window(2, 10), window(1, 9), window(0, 9)], Failed),
            // With a backup is not the same as perfect.
            (vec![with(window(0, 10), "activeServiceWithPerfectBackupCount", json!(0)), window(1, 0)], Fine),
            (vec![with(window(0, 0), "activeServiceCount", json!(0)), window(1, 9)], NoActiveService),
            (vec![window(0, 9), with(window(1, 0), "status", json!("Insufficient History"))], InsufficientHistory),
            (vec![with(window(0, 9), "status", json!("Perfect")), window(1, 9)], Failed),
            (vec![window(0, 10)], Fine),
            (vec![window(0, 10), with(window(1, 10), "activeServiceCount", json!(0))], NoActiveService),
            (vec![with(window(0, 9), "status", json!("Insufficient History"))], InsufficientHistory),
        ] {
            assert_eq!(SaasState::of(&app(windows.clone())), Ok(expected), "{windows:?}");
        }
    }

    #[test]
    fn without_the_windows_that_decide_nothing_can_be_said() {
        for windows in [
            vec![],
            vec![window(0, 9)],
            vec![window(1, 10), window(2, 10)],
            vec![with(window(1, 10), "activeServiceCount", json!(0))],
            vec![with(window(0, 10), "timeWindow", json!("LastDay")), window(1, 10)],
            vec![with(window(0, 10), "activeServiceCount", json!(null)), window(1, 10)],
            vec![window(0, 9), with(window(1, 10), "activeServiceWithBackupCount", json!(null))],
        ] {
            assert!(SaasState::of(&app(windows.clone())).is_err(), "{windows:?}");
        }
        assert!(SaasState::of(&read(json!({"backupHistory": null}))).is_err());
    }

    #[test]
    fn a_failure_is_told_since_its_first_day() {
        let usage = usage(1, &[7, 8, 9, 10]);
        let (_, app) = usage.apps().next().unwrap();
        let (problem, what, since) = failure(app);
        assert_eq!(problem, Problem::SaasFailed);
        assert_eq!(what, "7 of 10 services backed up in the last day, some missing for 3 days");
        assert_eq!(since, at(72).as_millis());
    }

    #[test]
    fn protection_is_old_by_a_moment_or_by_a_word() {
        use ProtectionAge::{Old, Young};
        let ms = |seconds: i64| json!((NOW - seconds) * 1_000);
        let policy = BackupPolicy::default();
        for (wire, expected) in [
            (ms(HOUR), Some(Young)),
            (ms(2 * DAY), Some(Young)),
            (ms(2 * DAY + 1), Some(Old)),
            (json!("OVER_10_DAYS_AGO"), Some(Old)),
            (json!("OVER_2_DAYS_AGO"), Some(Old)),
            (json!("OVER_1_DAYS_AGO"), None),
            (json!("NEVER"), None),
            (json!(0), None),
            (json!(null), None),
            (ms(-3 * DAY), None),
        ] {
            let app: SaasApp = read(json!({ "lastFullyProtectedTime": wire }));
            assert_eq!(ProtectionAge::of(&app, &policy, &now()).ok(), expected, "{wire}");
        }
    }

    #[test]
    fn a_degradation_is_told_in_words() {
        let app: SaasApp = read(json!({"lastFullyProtectedTime": "OVER_10_DAYS_AGO"}));
        assert_eq!(degradation(&app).1, "last fully protected: over 10 days ago");
    }
}
