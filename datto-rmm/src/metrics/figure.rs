//! A figure with what it rests on.

use std::fmt;

use datto_common::{Cause, ErrorKind, Incident, Measured, Missing, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use super::fleet::{Fleet, Subject};
use crate::ids::DeviceUid;

/// A count of devices, with what it rests on and which devices it counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figure {
    /// How many devices are counted.
    pub value: u64,
    /// How many devices it rests on: those in scope that tell what is asked.
    pub rests_on: u64,
    /// How many devices in scope tell nothing about it; they are in neither of the two.
    pub silent: u64,
    /// The devices that are counted.
    pub evidence: Vec<Evidence>,
}

/// "3 of 120", "3 of 120 (7 more report nothing)".
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.value, self.rests_on)?;
        if self.silent > 0 {
            write!(f, " ({} more report nothing)", self.silent)?;
        }
        Ok(())
    }
}

/// A device that a figure counts, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// Stays the same as long as the problem does, whatever its details: the key for a ticket. What is wrong about the antivirus of a device, for
    /// one, has one key.
    pub key: String,
    /// The device.
    pub device_uid: DeviceUid,
    /// Its host name.
    pub hostname: Option<String>,
    /// The name of its site.
    pub site_name: Option<String>,
    /// What was seen: "3 approved, 4 not approved".
    pub what: String,
    /// Since when, where that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// "Contoso, WS-042: 3 approved, 4 not approved".
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in [&self.site_name, &self.hostname].into_iter().flatten() {
            let separator = if Some(name) == self.hostname.as_ref() { ": " } else { ", " };
            write!(f, "{name}{separator}")?;
        }
        if self.hostname.is_none() {
            write!(f, "{}: ", self.device_uid)?;
        }
        f.write_str(&self.what)
    }
}

impl Figure {
    /// What it counts as incidents of this gravity, under the same keys: for a [`Desk`](crate::Desk).
    pub fn incidents(&self, severity: Severity) -> Vec<Incident> {
        let of = |evidence: &Evidence| {
            let mut incident = Incident::new(&evidence.key, severity, evidence.what.as_str())
                .customer(evidence.site_name.clone())
                .place(evidence.hostname.clone())
                .since(evidence.since.clone());
            incident.evidence.push(evidence.to_string());
            incident
        };
        self.evidence.iter().map(of).collect()
    }
}

/// What a question is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// The beginning of the key of its evidence.
    pub(super) topic: &'static str,
    /// What devices must tell: "patch data".
    pub(super) of_what: &'static str,
    /// The members of a device that it rests on, as the wire names them.
    pub(super) members: &'static [&'static str],
}

/// What one device says to a question.
pub(super) enum Verdict {
    /// It counts; this is why, and since when.
    Counts(String, Option<Timestamp>),
    /// It tells, and does not count.
    Not,
    /// It tells nothing.
    Silent,
}

impl Verdict {
    /// Counts, for this reason, if it is so.
    pub(super) fn when(counts: bool, what: impl FnOnce() -> String) -> Self {
        if counts { Self::Counts(what(), None) } else { Self::Not }
    }
}

/// Asks every device of a fleet that is in scope.
///
/// Unknown if none of them tells, and if there is none: nothing to judge is never fine. A device whose member could not be read makes the figure
/// partial, and is named.
pub(super) fn count(
    fleet: &Fleet<'_>,
    question: Question,
    in_scope: impl Fn(&Subject<'_>) -> bool,
    verdict: impl Fn(&Subject<'_>) -> Verdict,
) -> Measured<Figure> {
    let mut figure = Figure::default();
    let (mut asked, mut odd) = (0_u64, Vec::new());
    for subject in fleet.subjects().filter(|subject| in_scope(subject)) {
        asked += 1;
        if let Some(member) = subject.odd_member(question.members) {
            odd.push(subject.unreadable(member));
            continue;
        }
        match verdict(subject) {
            Verdict::Counts(what, since) => {
                figure.evidence.push(subject.evidence(question.topic, what, since));
                figure.value += 1;
                figure.rests_on += 1;
            }
            Verdict::Not => figure.rests_on += 1,
            Verdict::Silent => figure.silent += 1,
        }
    }
    if figure.rests_on > 0 {
        return Measured::from_parts(figure, odd);
    }
    let message = match (asked, odd.as_slice()) {
        (0, _) => fleet.why_nobody(question.of_what),
        (_, [first, ..]) => format!("no device can be read that reports {}; first: {first}", question.of_what),
        (asked, []) => format!("none of {asked} devices reports {}", question.of_what),
    };
    Measured::unknown(Cause::new(ErrorKind::NoData, message))
}

/// A figure over a list is at most as complete as the list.
pub(super) fn as_complete_as<T, U>(read: &Measured<Vec<T>>, figure: Measured<U>) -> Measured<U> {
    match read {
        Measured::Unknown { cause } => Measured::unknown(cause.clone()),
        read => figure.with_missing(read.missing().iter().cloned()),
    }
}

/// What an answer lacks, under this name where nothing of it is known.
pub(super) fn lacks<T>(name: &str, answer: &Measured<T>) -> impl Iterator<Item = Missing> {
    let whole = match answer {
        Measured::Unknown { cause } => Some(Missing::new(name, cause.clone())),
        _ => None,
    };
    whole.into_iter().chain(answer.missing().to_vec())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::fleet::FleetScope;
    use super::*;
    use crate::models::Device;
    use serde_json::{Value, json};

    const QUESTION: Question = Question { topic: "test", of_what: "patch data", members: &["online"] };

    /// A device of the class "device" with these members.
    pub(in crate::metrics) fn device(uid: &str, members: Value) -> Device {
        let mut body =
            json!({"uid": uid, "hostname": format!("WS-{uid}"), "siteName": "Contoso", "deviceClass": "device"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    /// The uids that a known figure counts.
    pub(in crate::metrics) fn counted(figure: &Measured<Figure>) -> Vec<&str> {
        let figure = figure.known().unwrap_or_else(|| panic!("{figure:?}"));
        assert_eq!(figure.value, figure.evidence.len() as u64);
        figure.evidence.iter().map(|evidence| evidence.device_uid.as_str()).collect()
    }

    fn ask(devices: &[Device], verdict: impl Fn(&Subject<'_>) -> Verdict) -> Measured<Figure> {
        count(&Fleet::new(devices, &FleetScope::default()), QUESTION, |_| true, verdict)
    }

    #[test]
    fn a_fleet_that_tells_nothing_gives_no_zero() {
        let silent = [device("1", json!({}))];
        assert_eq!(ask(&silent, |_| Verdict::Silent).to_string(), "unknown: none of 1 devices reports patch data");
        let empty = ask(&[], |_| Verdict::Silent).to_string();
        assert_eq!(empty, "unknown: no device is visible to this key: nothing can be said about patch data");
        let aside = [device("1", json!({"suspended": true})), device("2", json!({"siteName": "OnDemand"}))];
        let aside = ask(&aside, |_| Verdict::Not).to_string();
        assert!(aside.contains("none of 2 devices") && aside.contains("2 on demand or suspended"), "{aside}");
    }

    #[test]
    fn a_device_that_cannot_be_read_makes_its_own_figure_partial_and_is_named() {
        let mut odd = device("1", json!({}));
        odd.extra.insert("online".to_owned(), json!({"since": 3}));
        let fleet = [odd, device("2", json!({}))];
        let Measured::Partial { value, missing } = ask(&fleet, |_| Verdict::when(true, || "x".into())) else {
            panic!()
        };
        assert_eq!((value.value, value.evidence[0].key.as_str()), (1, "test:2"));
        assert!(missing[0].to_string().starts_with("`online` of device WS-1 (1)"), "{}", missing[0]);
        let other = Question { members: &["antivirus"], ..QUESTION };
        assert!(count(&Fleet::new(&fleet, &FleetScope::default()), other, |_| true, |_| Verdict::Not).is_known());
    }

    #[test]
    fn evidence_reads_as_a_line() {
        let fleet = [device("1", json!({}))];
        let figure = ask(&fleet, |_| Verdict::when(true, || "old".to_owned()));
        let incident = &figure.known().unwrap().incidents(Severity::Notice)[0];
        assert_eq!((incident.key.as_str(), incident.customer.as_deref()), ("test:1", Some("Contoso")));
        assert_eq!(figure.known().unwrap().evidence[0].to_string(), "Contoso, WS-1: old");
    }
}
