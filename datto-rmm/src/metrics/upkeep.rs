//! What is overdue on a fleet: warranties, restarts, devices that were not seen for long.

use std::time::Duration;

use datto_common::internal::spans_of_time;
use datto_common::{Measured, Timestamp};
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Question, Verdict, count};
use super::fleet::{Fleet, FleetScope, any, has_agent};
use crate::models::Device;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What counts as overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UpkeepPolicy {
    /// How long before its end a warranty ends soon. By default 90 days.
    #[serde(with = "spans_of_time")]
    pub warranty_soon: Duration,
    /// After how long a computer should have been restarted. By default 30 days.
    #[serde(with = "spans_of_time")]
    pub restart_after: Duration,
    /// After how long a device that was not seen is stale. By default 30 days.
    #[serde(with = "spans_of_time")]
    pub stale_after: Duration,
}

impl Default for UpkeepPolicy {
    fn default() -> Self {
        Self { warranty_soon: DAY * 90, restart_after: DAY * 30, stale_after: DAY * 30 }
    }
}

impl UpkeepPolicy {
    /// Tells warranties that end within this many days.
    #[must_use]
    pub fn warranty_within_days(mut self, days: u32) -> Self {
        self.warranty_soon = DAY.saturating_mul(days);
        self
    }

    /// Tells computers that were not restarted for this many days.
    #[must_use]
    pub fn restart_after_days(mut self, days: u32) -> Self {
        self.restart_after = DAY.saturating_mul(days);
        self
    }

    /// Tells devices that were not seen for this many days.
    #[must_use]
    pub fn stale_after_days(mut self, days: u32) -> Self {
        self.stale_after = DAY.saturating_mul(days);
        self
    }
}

/// What is overdue on a fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Upkeep {
    /// Devices whose warranty has ended.
    pub warranty_ended: Measured<Figure>,
    /// Devices whose warranty ends soon.
    pub warranty_ending: Measured<Figure>,
    /// Computers that were not restarted for too long, as far as the last contact tells.
    pub restart_overdue: Measured<Figure>,
    /// Devices that say that they wait for a restart.
    pub restart_required: Measured<Figure>,
    /// Devices that were not seen for too long.
    pub stale: Measured<Figure>,
}

impl Upkeep {
    /// Each figure seen through `view`.
    pub(super) fn map(self, view: impl Fn(Measured<Figure>) -> Measured<Figure>) -> Self {
        Self {
            warranty_ended: view(self.warranty_ended),
            warranty_ending: view(self.warranty_ending),
            restart_overdue: view(self.restart_overdue),
            restart_required: view(self.restart_required),
            stale: view(self.stale),
        }
    }
}

const WARRANTY: Question = Question { topic: "warranty", of_what: "a warranty date", members: &["warrantyDate"] };
const RESTART: Question = Question { topic: "restart", of_what: "when it was restarted", members: &["lastReboot"] };
const REQUIRED: Question =
    Question { topic: "restart-required", of_what: "whether it waits for a restart", members: &["rebootRequired"] };
const SEEN: Question = Question { topic: "stale", of_what: "when it was seen", members: &["lastSeen", "online"] };

/// What is overdue on these devices at `now`.
///
/// In scope are all that are not deleted, on demand or suspended; for restarts those of the class "device". A device that does not tell is silent.
pub fn upkeep(devices: &[Device], policy: &UpkeepPolicy, now: &Timestamp) -> Upkeep {
    of(&Fleet::new(devices, &FleetScope::default()), policy, now)
}

pub(super) fn of(fleet: &Fleet<'_>, policy: &UpkeepPolicy, now: &Timestamp) -> Upkeep {
    let soon = now.plus(policy.warranty_soon);
    let warranty = |counts: &dyn Fn(&Timestamp) -> bool| {
        count(fleet, WARRANTY, any, |subject| match warranty_end(subject.device) {
            Some(last) if counts(&last) => {
                let date = subject.device.warranty_date.as_deref().unwrap_or_default().trim();
                Verdict::Counts(format!("warranty until {date}"), Some(last))
            }
            Some(_) => Verdict::Not,
            None => Verdict::Silent,
        })
    };
    // The last day still counts.
    let is_over = |last: &Timestamp, now: &Timestamp| last.plus(DAY).moment() <= now.moment();
    Upkeep {
        warranty_ended: warranty(&|last| is_over(last, now)),
        warranty_ending: warranty(&|last| !is_over(last, now) && is_over(last, &soon)),
        restart_overdue: count(fleet, RESTART, has_agent, |subject| {
            // What happened after the last contact is not known.
            let until = if subject.device.online == Some(true) { Some(now) } else { subject.device.last_seen.as_ref() };
            let since = subject.device.last_reboot.as_ref().filter(|reboot| reboot.moment().is_some());
            match (since, until) {
                (Some(since), Some(until)) => match since.age(until) {
                    Some(age) if age > policy.restart_after => {
                        Verdict::Counts(format!("last restarted {since}"), Some(since.clone()))
                    }
                    _ => Verdict::Not,
                },
                _ => Verdict::Silent,
            }
        }),
        restart_required: count(fleet, REQUIRED, has_agent, |subject| match subject.device.reboot_required {
            Some(required) => Verdict::when(required, || "waits for a restart".to_owned()),
            None => Verdict::Silent,
        }),
        stale: count(fleet, SEEN, any, |subject| {
            let device = subject.device;
            match (device.online, device.last_seen.as_ref().and_then(|seen| Some((seen, seen.age(now)?)))) {
                (Some(true), _) => Verdict::Not,
                (_, Some((seen, age))) if age > policy.stale_after => {
                    Verdict::Counts(format!("last seen {seen}"), Some(seen.clone()))
                }
                (_, Some(_)) => Verdict::Not,
                (_, None) => Verdict::Silent,
            }
        }),
    }
}

/// The last day of the warranty, as its first moment in UTC. Where the text holds a time, the date alone counts.
fn warranty_end(device: &Device) -> Option<Timestamp> {
    let date = device.warranty_date.as_deref()?.trim();
    let date = date.get(..10).filter(|_| date.len() == 10 || date.as_bytes().get(10) == Some(&b'T')).unwrap_or(date);
    crate::models::check_date(date).ok()?;
    serde_json::from_value(serde_json::Value::from(format!("{date}T00:00:00Z"))).ok()
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::{counted, device};
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000; // 2027-01-15T08:00:00Z

    fn days_ago(days: i64) -> i64 {
        (NOW - days * 86_400) * 1_000
    }

    fn of(devices: &[Device]) -> Upkeep {
        upkeep(devices, &UpkeepPolicy::default(), &Timestamp::from_seconds(NOW))
    }

    #[test]
    fn warranties_end_with_their_day() {
        let until = |uid: &str, date: &str| device(uid, json!({ "warrantyDate": date }));
        let fleet = [
            until("1", "2027-01-14"),
            until("2", "2027-01-15"),
            until("3", "2027-03-01T00:00:00"),
            until("4", "2029-01-01"),
            until("5", "soon"),
            device("6", json!({"warrantyDate": null})),
        ];
        let upkeep = of(&fleet);
        assert_eq!(counted(&upkeep.warranty_ended), ["1"]);
        assert_eq!(counted(&upkeep.warranty_ending), ["2", "3"]);
        assert_eq!(upkeep.warranty_ended.to_string(), "1 of 4 (2 more report nothing)");
        assert_eq!(upkeep.warranty_ended.known().unwrap().evidence[0].key, "warranty:1");
    }

    #[test]
    fn restarts_are_overdue_as_far_as_the_device_was_seen() {
        let fleet = [
            device("1", json!({"online": true, "lastReboot": days_ago(31), "rebootRequired": true})),
            device("2", json!({"online": true, "lastReboot": days_ago(29), "rebootRequired": false})),
            device("3", json!({"online": false, "lastSeen": days_ago(50), "lastReboot": days_ago(60)})),
            device("4", json!({"online": false, "lastSeen": days_ago(2), "lastReboot": days_ago(60)})),
            device("5", json!({"online": true, "lastReboot": -62_135_596_800_000_i64})),
            device("6", json!({"online": true, "lastReboot": days_ago(90), "deviceClass": "printer"})),
        ];
        let upkeep = of(&fleet);
        assert_eq!(counted(&upkeep.restart_overdue), ["1", "4"]);
        assert_eq!(counted(&upkeep.restart_required), ["1"]);
        assert_eq!(upkeep.restart_required.to_string(), "1 of 2 (3 more report nothing)");
    }

    #[test]
    fn a_device_that_was_not_seen_for_long_is_stale() {
        let fleet = [
            device("1", json!({"online": false, "lastSeen": days_ago(31)})),
            device("2", json!({"online": false, "lastSeen": days_ago(29)})),
            device("3", json!({"online": true, "lastSeen": days_ago(90)})),
            device("4", json!({"online": false})),
            device("5", json!({"online": false, "lastSeen": days_ago(90), "suspended": true})),
        ];
        let stale = of(&fleet).stale;
        assert_eq!(counted(&stale), ["1"]);
        assert_eq!(stale.to_string(), "1 of 3 (1 more report nothing)");
    }
}
