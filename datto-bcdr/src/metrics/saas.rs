//! The rules for the applications of SaaS Protection.

use datto_common::{Cause, Timestamp};

use super::finding::{Place, Problem};
use super::policy::{BackupPolicy, Limits};
use super::times::unclear;
use crate::models::{BackupWindow, SaasApp, SaasDomain, WindowStatus};

/// Where an application is.
pub(crate) fn place<'a>(customer: &'a SaasDomain, app: Option<&'a SaasApp>) -> Place<'a> {
    Place {
        client: customer.client_name(),
        organization_id: customer.organization_id.as_ref().filter(|id| !id.is_empty()),
        customer_id: Some(&customer.saas_customer_id),
        app: app.map(|app| app.app_type.as_ref().map_or("application", |kind| kind.as_str())),
        ..Place::default()
    }
}

/// How the backups of an application stand, by its two newest windows of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaasState {
    /// In one of the two windows at least, every active service was backed up, or all but what the policy tolerates.
    Fine,
    /// In both, fewer services were backed up than are active.
    Failed,
    /// No service is active today, and some were on a day before.
    Stopped,
    /// No service was active on any day.
    NoActiveService,
    /// The service calls one of the two windows too new to be judged.
    InsufficientHistory,
    /// The service calls every window too new, and yet the application has not been protected for too long (guess: it never began).
    NeverBegan,
}

impl SaasState {
    /// Judges an application of a customer as it stands at `now`.
    ///
    /// # Errors
    ///
    /// The cause, if the windows that would decide are not in the answer, lack their counts, or count more backups than services: then it cannot be
    /// judged, and is not fine.
    pub fn of(customer: &SaasDomain, app: &SaasApp, policy: &BackupPolicy, now: &Timestamp) -> Result<Self, Cause> {
        Self::by(app, &policy.limits(&place(customer, Some(app))), now)
    }

    pub(crate) fn by(app: &SaasApp, limits: &Limits<'_>, now: &Timestamp) -> Result<Self, Cause> {
        let windows = [0, 1].map(|day| window(app, day).and_then(|window| state_of_window(window, limits)));
        match windows {
            [Err(cause), _] => Err(cause),
            [Ok(Self::NoActiveService), _] if was_active(app) => Ok(Self::Stopped),
            [Ok(Self::InsufficientHistory), _] if never_began(app, limits, now) => Ok(Self::NeverBegan),
            // A newest window in which all is well decides alone, and one that says why not to judge: new applications have only one.
            [Ok(state), _] if state != Self::Failed => Ok(state),
            // Nothing was active the day before: one day alone does not tell.
            [_, Ok(Self::NoActiveService)] => Ok(Self::InsufficientHistory),
            [_, before] => before,
        }
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
    /// Judges an application of a customer as it stands at `now`.
    ///
    /// # Errors
    ///
    /// The cause, if the service did not say, or used a word that does not tell on which side of the limit it lies.
    pub fn of(customer: &SaasDomain, app: &SaasApp, policy: &BackupPolicy, now: &Timestamp) -> Result<Self, Cause> {
        Self::by(app, &policy.limits(&place(customer, Some(app))), now)
    }

    pub(crate) fn by(app: &SaasApp, limits: &Limits<'_>, now: &Timestamp) -> Result<Self, Cause> {
        let last = app
            .last_fully_protected_time
            .as_ref()
            .ok_or_else(|| unclear("when it was last fully protected is not said"))?;
        let odd = || unclear("when it was last fully protected cannot be read");
        let least = last.minimum_age(now).ok_or_else(odd)?;
        if last.is_exact() {
            // A moment far ahead of now says nothing.
            let ahead = last
                .moment()
                .and_then(Timestamp::moment)
                .zip(now.moment())
                .is_some_and(|(at, now)| at > now.saturating_add(86_400_000));
            return match (ahead, least > limits.saas_max_age) {
                (true, _) => Err(odd()),
                (false, true) => Ok(Self::Old),
                (false, false) => Ok(Self::Young),
            };
        }
        // "Over two days ago" is older than two days.
        if least >= limits.saas_max_age {
            Ok(Self::Old)
        } else if last.maximum_age(now).is_some_and(|most| most <= limits.saas_max_age) {
            Ok(Self::Young)
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

fn state_of_window(window: &BackupWindow, limits: &Limits<'_>) -> Result<SaasState, Cause> {
    let uncounted = || unclear("a window does not say how many services were backed up");
    if is_too_new(window) {
        return Ok(SaasState::InsufficientHistory);
    }
    let active = window.active_service_count.ok_or_else(uncounted)?;
    if active == 0 {
        return Ok(SaasState::NoActiveService);
    }
    let backed_up = window.active_service_with_backup_count.ok_or_else(uncounted)?;
    if active < 0 || backed_up < 0 || backed_up > active {
        return Err(unclear(format!("a window counts {backed_up} of {active} services as backed up")));
    }
    Ok(if is_enough(active, backed_up, limits) { SaasState::Fine } else { SaasState::Failed })
}

/// Whether the policy tolerates what is missing. Where nothing at all was backed up, nothing is tolerated.
fn is_enough(active: i64, backed_up: i64, limits: &Limits<'_>) -> bool {
    #[allow(clippy::cast_precision_loss)] // a share needs no more
    let share = 100.0 * (active - backed_up) as f64 / active as f64;
    let missing = active - backed_up;
    let tolerated = share <= limits.saas_tolerance_percent || missing <= i64::from(limits.saas_tolerance_services);
    missing == 0 || (backed_up > 0 && tolerated)
}

/// The word was seen as `Insufficient History`; that it is written in other ways is a guess.
fn is_too_new(window: &BackupWindow) -> bool {
    window.status.as_ref().is_some_and(|status| {
        let letters =
            |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        letters(status.as_str()) == letters(WindowStatus::InsufficientHistory.as_str())
    })
}

/// Whether services were active on a day that is listed.
fn was_active(app: &SaasApp) -> bool {
    app.backup_history.iter().flatten().any(|window| window.active_service_count.is_some_and(|count| count > 0))
}

fn never_began(app: &SaasApp, limits: &Limits<'_>, now: &Timestamp) -> bool {
    app.backup_history.iter().flatten().all(is_too_new) && ProtectionAge::by(app, limits, now) == Ok(ProtectionAge::Old)
}

/// What to say about an application of which nothing is active any more, and since when.
pub(crate) fn stop(app: &SaasApp) -> (Problem, String, Option<i64>) {
    let active = |window: &&BackupWindow| window.active_service_count.is_some_and(|count| count > 0);
    let newest = (0..=30).filter_map(|day| window(app, day).ok()).find(active);
    let count = newest.and_then(|window| window.active_service_count).unwrap_or_default();
    let since = newest.and_then(|window| window.ends()).and_then(Timestamp::moment);
    (Problem::SaasStopped, format!("no service is active any more, of {count} before"), since)
}

/// What to say about an application that failed, and since when.
pub(crate) fn failure(app: &SaasApp, limits: &Limits<'_>) -> (Problem, String, Option<i64>) {
    let has_failed = |window: &&BackupWindow| state_of_window(window, limits) == Ok(SaasState::Failed);
    let failed: Vec<&BackupWindow> = (0..).map_while(|day| window(app, day).ok().filter(has_failed)).collect();
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
    use crate::metrics::testing::{DAY, HOUR, NOW, at, customer, now, read, usage, window};
    use serde_json::{Value, json};

    fn app(windows: Vec<Value>) -> SaasApp {
        read(json!({ "backupHistory": windows }))
    }

    fn state(app: &SaasApp) -> Result<SaasState, Cause> {
        SaasState::of(&customer(1), app, &BackupPolicy::default(), &now())
    }

    fn with(mut window: Value, field: &str, value: Value) -> Value {
        window[field] = value;
        window
    }

    #[test]
    fn an_application_has_failed_if_services_are_missing_in_both_windows() {
        use SaasState::{Failed, Fine, InsufficientHistory, NoActiveService, Stopped};
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
            (vec![with(window(0, 0), "activeServiceCount", json!(0)), window(1, 9)], Stopped),
            (
                vec![
                    with(window(0, 0), "activeServiceCount", json!(0)),
                    with(window(1, 0), "activeServiceCount", json!(0)),
                ],
                NoActiveService,
            ),
            (vec![window(0, 9), with(window(1, 10), "activeServiceCount", json!(0))], InsufficientHistory),
            (vec![window(0, 9), with(window(1, 0), "status", json!("Insufficient History"))], InsufficientHistory),
            (vec![with(window(0, 9), "status", json!("Perfect")), window(1, 9)], Failed),
            (vec![window(0, 10)], Fine),
            (vec![window(0, 10), with(window(1, 10), "activeServiceCount", json!(0))], Fine),
            (vec![with(window(0, 9), "status", json!("Insufficient History"))], InsufficientHistory),
        ] {
            assert_eq!(state(&app(windows.clone())), Ok(expected), "{windows:?}");
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
            assert!(state(&app(windows.clone())).is_err(), "{windows:?}");
        }
        assert!(state(&read(json!({"backupHistory": null}))).is_err());
    }

    #[test]
    fn a_failure_is_told_since_its_first_day() {
        let usage = usage(1, &[7, 8, 9, 10]);
        let (_, app) = usage.apps().next().unwrap();
        let (problem, what, since) = failure(app, &BackupPolicy::default().limits(&Place::default()));
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
            assert_eq!(ProtectionAge::of(&customer(1), &app, &policy, &now()).ok(), expected, "{wire}");
        }
    }

    #[test]
    fn a_degradation_is_told_in_words() {
        let app: SaasApp = read(json!({"lastFullyProtectedTime": "OVER_10_DAYS_AGO"}));
        assert_eq!(degradation(&app).1, "last fully protected: over 10 days ago");
    }
}
