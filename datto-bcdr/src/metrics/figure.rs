//! A figure, and what it rests on.

use std::fmt;

use datto_common::{Cause, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{SaasCustomerId, SerialNumber, Volume};

/// How many objects have a problem, out of how many, and which.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figure {
    /// How many have it.
    pub value: u64,
    /// How many were judged: what the figure rests on.
    pub rests_on: u64,
    /// Which ones; first those whose appliance is offline, then by client, appliance and name.
    pub evidence: Vec<Finding>,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// The last good backup is too old, and no failed run is newer.
    BackupStale,
    /// The last good backup is too old or there is none, and runs fail.
    BackupFailing,
    /// There is no good backup, and no failed run that is too old.
    NeverBackedUp,
    /// Backups are paused.
    BackupPaused,
    /// The newest offsite point is too old.
    OffsiteOld,
    /// There is no offsite point, though there are good backups.
    OffsiteMissing,
    /// Services of an application were not backed up, two days in a row.
    SaasFailed,
    /// A customer uses seats, but no service of any application is active: the tenant is gone, disabled or unlicensed, and nothing is backed up.
    SaasStopped,
    /// An application is backed up, but has not been fully protected for too long.
    SaasDegraded,
    /// An application has services that were not yet taken in.
    SaasUningested,
    /// An appliance was not seen for too long.
    ApplianceOffline,
    /// The last screenshot of a started backup failed.
    ScreenshotFailed,
    /// The local storage of an appliance is nearly full.
    StorageFull,
}

impl Problem {
    /// What it is about. A backup that is stale today and fails tomorrow is one problem, and so one ticket.
    fn topic(self) -> &'static str {
        match self {
            Self::BackupStale | Self::BackupFailing | Self::NeverBackedUp => "backup",
            Self::BackupPaused => "paused",
            Self::OffsiteOld | Self::OffsiteMissing => "offsite",
            Self::SaasFailed => "saas",
            Self::SaasStopped => "saas-stopped",
            Self::SaasDegraded => "saas-degraded",
            Self::SaasUningested => "saas-uningested",
            Self::ApplianceOffline => "offline",
            Self::ScreenshotFailed => "screenshot",
            Self::StorageFull => "storage",
        }
    }
}

/// One object with a problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// Stays the same as long as the problem does, whatever its details: the key for a ticket.
    pub key: String,
    /// What kind of problem.
    pub problem: Problem,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Serial number of the appliance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<SerialNumber>,
    /// Name of the appliance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Volume of the asset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Volume>,
    /// Name of the asset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Id of the Direct-to-Cloud asset or of the endpoint agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The customer of SaaS Protection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<SaasCustomerId>,
    /// Its application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// What may lie behind it: "appliance offline since 2026-08-25T07:38:15Z".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<String>,
    /// What it is, in words.
    pub what: String,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// The root cause stands first: "Acorn Dental, siris-01 (D05099000001), dc-01: appliance offline since …; no good backup since …".
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for name in [&self.client, &self.device].into_iter().flatten() {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        if let Some(serial_number) = &self.serial_number {
            let (open, close) = if self.device.is_some() { (" (", ")") } else { (separator, "") };
            write!(f, "{open}{serial_number}{close}")?;
            separator = ", ";
        }
        for name in [&self.asset, &self.app].into_iter().flatten() {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        write!(f, ": ")?;
        if let Some(root_cause) = &self.root_cause {
            write!(f, "{root_cause}; ")?;
        }
        f.write_str(&self.what)
    }
}

/// Where a problem was found. The same for every problem of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) client: Option<String>,
    pub(crate) serial_number: Option<SerialNumber>,
    pub(crate) device: Option<String>,
    pub(crate) volume: Option<Volume>,
    pub(crate) asset: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) customer_id: Option<SaasCustomerId>,
    pub(crate) app: Option<String>,
    pub(crate) root_cause: Option<String>,
}

impl Place {
    pub(crate) fn finding(&self, problem: Problem, what: impl Into<String>, since: Option<i64>) -> Finding {
        Finding {
            key: self.key(problem),
            problem,
            client: self.client.clone(),
            serial_number: self.serial_number.clone(),
            device: self.device.clone(),
            volume: self.volume.clone(),
            asset: self.asset.clone(),
            agent: self.agent.clone(),
            customer_id: self.customer_id.clone(),
            app: self.app.clone(),
            root_cause: self.root_cause.clone(),
            what: what.into(),
            since: since.map(Timestamp::from_millis),
        }
    }

    /// Of ids alone, since names change; the case of a serial number varies (observed).
    fn key(&self, problem: Problem) -> String {
        let serial = self.serial_number.as_ref().map(|serial| serial.as_str().to_ascii_uppercase());
        let volume = self.volume.as_ref().map(|volume| volume.as_str().to_ascii_lowercase());
        let customer = self.customer_id.as_ref().map(|id| id.as_str().to_owned());
        let agent = self.agent.as_ref().map(|agent| agent.to_ascii_lowercase());
        let parts = [serial, volume, agent, customer, self.app.clone()];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        format!("datto:{}:{}", parts.join(":"), problem.topic())
    }
}

/// A figure in the making.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rests_on: u64,
    evidence: Vec<Finding>,
    missing: Vec<Missing>,
    settled: bool,
}

impl Tally {
    /// An object was judged and is what the figure is about; `finding` if it has the problem.
    pub(crate) fn judged(&mut self, finding: Option<Finding>) {
        self.settled = true;
        self.rests_on += 1;
        self.evidence.extend(finding);
    }

    /// An object or a source was looked at, and there is nothing in it for this figure.
    pub(crate) fn nothing_to_judge(&mut self) {
        self.settled = true;
    }

    /// Something could not be read or judged.
    pub(crate) fn lacks(&mut self, what: impl Into<String>, cause: impl Into<Cause>) {
        self.missing.push(Missing::new(what, cause));
    }

    /// A source was read in part.
    pub(crate) fn lacks_all(&mut self, missing: &[Missing]) {
        self.missing.extend_from_slice(missing);
    }

    /// Everything was asked for: known, partial, or unknown where nothing at all could be judged.
    pub(crate) fn finish(self) -> Measured<Figure> {
        match self.missing.first() {
            Some(first) if !self.settled => Measured::unknown(in_place_of_all(first, self.missing.len() - 1)),
            _ => {
                let mut evidence = self.evidence;
                evidence.sort_by(|a, b| order(a).cmp(&order(b)));
                let value = u64::try_from(evidence.len()).unwrap_or(u64::MAX);
                Measured::from_parts(Figure { value, rests_on: self.rests_on, evidence }, self.missing)
            }
        }
    }
}

fn order(finding: &Finding) -> impl Ord + '_ {
    let Finding { root_cause, client, serial_number, asset, app, key, .. } = finding;
    (root_cause.is_none(), client, serial_number, asset, app, key)
}

fn in_place_of_all(first: &Missing, others: usize) -> Cause {
    let mut cause = first.cause.clone();
    cause.message = match others {
        0 => format!("{}: {}", first.what, cause.message),
        others => format!("{}: {}; and {others} more", first.what, cause.message),
    };
    cause
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::times::unclear;

    fn place() -> Place {
        Place {
            client: Some("Acorn Dental".into()),
            serial_number: Some("d05099000001".into()),
            device: Some("siris-01".into()),
            volume: Some("0A".into()),
            asset: Some("dc-01".into()),
            ..Place::default()
        }
    }

    #[test]
    fn a_key_outlives_names_and_details() {
        let stale = place().finding(Problem::BackupStale, "old", Some(5));
        let renamed = Place { asset: Some("dc-02".into()), serial_number: Some("D05099000001".into()), ..place() };
        assert_eq!(stale.key, "datto:D05099000001:0a:backup");
        assert_eq!(renamed.finding(Problem::BackupFailing, "fails", None).key, stale.key);
        assert_ne!(place().finding(Problem::OffsiteOld, "old", None).key, stale.key);
    }

    #[test]
    fn a_finding_reads_as_a_sentence_with_its_root_cause_first() {
        let mut finding = place().finding(Problem::BackupStale, "no good backup since Monday", None);
        assert_eq!(finding.to_string(), "Acorn Dental, siris-01 (d05099000001), dc-01: no good backup since Monday");
        finding.root_cause = Some("appliance offline".into());
        assert!(finding.to_string().ends_with("dc-01: appliance offline; no good backup since Monday"));
        let bare = Place { serial_number: Some("D1".into()), ..Place::default() };
        assert_eq!(bare.finding(Problem::ApplianceOffline, "offline", None).to_string(), "D1: offline");
    }

    #[test]
    fn a_tally_is_known_only_if_nothing_is_missing() {
        let mut tally = Tally::default();
        assert_eq!(Tally::default().finish(), Measured::Known(Figure::default()));
        tally.lacks("assets of appliance D1", unclear("timeout"));
        tally.lacks("assets of appliance D2", unclear("timeout"));
        let Measured::Unknown { cause } = tally.finish() else { panic!("nothing was read") };
        assert_eq!(cause.message, "assets of appliance D1: timeout; and 1 more");

        let mut tally = Tally::default();
        tally.lacks("assets of appliance D1", unclear("timeout"));
        tally.judged(Some(place().finding(Problem::BackupStale, "old", None)));
        tally.judged(None);
        let figure = tally.finish();
        assert_eq!(figure.to_string(), "at least 1");
        assert_eq!(figure.value().map(|figure| figure.rests_on), Some(2));
    }

    #[test]
    fn those_with_a_root_cause_come_first() {
        let mut tally = Tally::default();
        tally.judged(Some(place().finding(Problem::BackupStale, "old", None)));
        let offline = Place { client: Some("Zeta".into()), root_cause: Some("appliance offline".into()), ..place() };
        tally.judged(Some(offline.finding(Problem::BackupStale, "old", None)));
        let figure = tally.finish();
        assert_eq!(figure.known().unwrap().evidence[0].client.as_deref(), Some("Zeta"));
    }
}
