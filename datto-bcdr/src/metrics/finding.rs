//! One object with a problem, and the key under which a ticket about it is found again.

use std::fmt;

use datto_common::{Incident, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{AssetId, OrganizationId, SaasCustomerId, SerialNumber, Volume};

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// The last good backup is too old, and no failed run is newer.
    BackupStale,
    /// The last good backup is too old or there is none, and runs fail.
    BackupFailing,
    /// There is no good backup, and not enough failed runs to call it failing.
    NeverBackedUp,
    /// Backups are paused.
    BackupPaused,
    /// The newest offsite point is too old.
    OffsiteOld,
    /// There is no offsite point, though there are good backups.
    OffsiteMissing,
    /// Services of an application were not backed up, two days in a row.
    SaasFailed,
    /// Nothing is backed up any more: a customer uses seats and no service of any application is active, or an application had active services
    /// and has none today. The tenant is gone, disabled or unlicensed.
    SaasStopped,
    /// An application never got beyond insufficient history, and has not been protected for too long.
    SaasNeverBegan,
    /// An application is backed up, but has not been fully protected for too long.
    SaasDegraded,
    /// An application has services that were not yet taken in.
    SaasUningested,
    /// An appliance was not seen for too long.
    ApplianceOffline,
    /// The service contract of an appliance ended, and the days of grace are over: backups, retention and offsite copies stop (official).
    ServiceEnded,
    /// The last screenshot of a started backup failed.
    ScreenshotFailed,
    /// No screenshot was tried for too long, though backups are good.
    ScreenshotOverdue,
    /// The newest backup is good, and its check on the appliance failed.
    VerificationFailed,
    /// A machine has volumes that are not backed up.
    VolumesUnprotected,
    /// The local storage of an appliance is nearly full.
    StorageFull,
}

impl Problem {
    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Self::BackupStale
            | Self::BackupFailing
            | Self::SaasFailed
            | Self::SaasStopped
            | Self::SaasNeverBegan
            | Self::ServiceEnded => Severity::Critical,
            Self::NeverBackedUp
            | Self::OffsiteOld
            | Self::OffsiteMissing
            | Self::ApplianceOffline
            | Self::ScreenshotFailed
            | Self::VerificationFailed
            | Self::SaasDegraded
            | Self::StorageFull => Severity::Warning,
            Self::BackupPaused | Self::ScreenshotOverdue | Self::VolumesUnprotected | Self::SaasUningested => {
                Severity::Notice
            }
        }
    }

    /// What it is about. A backup that is stale today and fails tomorrow is one problem, and so one ticket.
    fn topic(self) -> &'static str {
        match self {
            Self::BackupStale | Self::BackupFailing | Self::NeverBackedUp => "backup",
            Self::BackupPaused => "paused",
            Self::OffsiteOld | Self::OffsiteMissing => "offsite",
            Self::SaasFailed => "saas",
            Self::SaasStopped | Self::SaasNeverBegan => "saas-stopped",
            Self::SaasDegraded => "saas-degraded",
            Self::SaasUningested => "saas-uningested",
            Self::ApplianceOffline => "offline",
            Self::ServiceEnded => "service-ended",
            Self::ScreenshotFailed | Self::ScreenshotOverdue => "screenshot",
            Self::VerificationFailed => "verification",
            Self::VolumesUnprotected => "volumes",
            Self::StorageFull => "storage",
        }
    }
}

/// One object with a problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// Stays the same as long as the problem does, whatever its details: the key for a ticket. Made of ids, and of names only where an object
    /// has no id; no two objects of a figure share one.
    pub key: String,
    /// What kind of problem.
    pub problem: Problem,
    /// How much it matters.
    pub severity: Severity,
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
        if let Some(serial_number) = self.serial_number.as_ref().filter(|serial| !serial.is_empty()) {
            let (open, close) = if self.device.is_some() { (" (", ")") } else { (separator, "") };
            write!(f, "{open}{serial_number}{close}")?;
            separator = ", ";
        }
        // An id stands for what has no name.
        let machine = self.asset.as_ref().or(self.agent.as_ref());
        for name in [machine, self.app.as_ref()].into_iter().flatten() {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        if separator.is_empty() {
            f.write_str("without a name")?;
        }
        write!(f, ": ")?;
        if let Some(root_cause) = &self.root_cause {
            write!(f, "{root_cause}; ")?;
        }
        f.write_str(&self.what)
    }
}

/// As an incident, under the same key.
impl From<&Finding> for Incident {
    fn from(finding: &Finding) -> Self {
        let place = [&finding.device, &finding.asset, &finding.agent, &finding.app].into_iter().flatten();
        let place: Vec<&str> = place.map(String::as_str).collect();
        let mut incident = Self::new(&finding.key, finding.severity, finding.what.as_str())
            .customer(finding.client.clone())
            .place((!place.is_empty()).then(|| place.join(", ")))
            .since(finding.since.clone());
        incident.evidence = [Some(finding.to_string()), finding.root_cause.clone()].into_iter().flatten().collect();
        incident
    }
}

/// Where a problem was found. The same for every problem of an object.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub(crate) client: Option<&'a str>,
    pub(crate) organization_id: Option<&'a OrganizationId>,
    pub(crate) serial_number: Option<&'a SerialNumber>,
    pub(crate) device: Option<&'a str>,
    pub(crate) volume: Option<&'a Volume>,
    pub(crate) asset_id: Option<&'a AssetId>,
    pub(crate) asset: Option<&'a str>,
    pub(crate) agent: Option<&'a str>,
    pub(crate) customer_id: Option<&'a SaasCustomerId>,
    pub(crate) app: Option<&'a str>,
    pub(crate) root_cause: Option<&'a str>,
}

impl Place<'_> {
    pub(crate) fn finding(&self, problem: Problem, what: impl Into<String>, since: Option<i64>) -> Finding {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Finding {
            key: self.key(problem),
            problem,
            severity: problem.severity(),
            client: text(self.client),
            serial_number: self.serial_number.cloned(),
            device: text(self.device),
            volume: self.volume.cloned(),
            asset: text(self.asset),
            agent: text(self.agent),
            customer_id: self.customer_id.cloned(),
            app: text(self.app),
            root_cause: text(self.root_cause),
            what: what.into(),
            since: since.map(Timestamp::from_millis),
        }
    }

    fn key(&self, problem: Problem) -> String {
        let mut key = self.path();
        key.push(':');
        escape(&mut key, problem.topic());
        key
    }

    /// Of ids, since names change; the case of a serial number varies (observed). What has no id is named: two machines are two tickets.
    pub(crate) fn path(&self) -> String {
        let mut key = String::from("datto");
        let mut add = |label: &str, part: &str| {
            key.push(':');
            key.push_str(label);
            escape(&mut key, part);
        };
        let named = |name: Option<&str>| name.unwrap_or_default().to_lowercase();
        if let Some(serial) = self.serial_number {
            match serial.as_str() {
                "" => add("name=", &named(self.device)),
                serial => add("", &serial.to_ascii_uppercase()),
            }
        }
        if let Some(volume) = self.volume {
            match (volume.as_str(), self.asset_id.map_or("", |id| id.as_str())) {
                ("", "") => add("name=", &named(self.asset)),
                ("", id) => add("id=", id),
                (volume, _) => add("", &volume.to_ascii_lowercase()),
            }
        }
        if let Some(agent) = self.agent {
            match agent {
                "" => add("host=", &named(self.asset)),
                agent => add("agent=", &agent.to_ascii_lowercase()),
            }
        }
        if let Some(customer) = self.customer_id {
            match customer.as_str() {
                "" => add("name=", &named(self.client)),
                id => add("", id),
            }
        }
        if let Some(app) = self.app {
            add("", app);
        }
        key
    }
}

/// Writes a part of a key so that no two lists of parts give one key.
fn escape(key: &mut String, part: &str) {
    for c in part.chars() {
        match c {
            ':' | '=' | '#' | '%' => key.push_str(&format!("%{:02X}", u32::from(c))),
            c if c.is_control() => key.push_str(&format!("%{:02X}", u32::from(c))),
            c => key.push(c),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const NAMES: (&str, &str, &str) = ("Acorn Dental", "siris-01", "dc-01");

    fn key(serial: &str, volume: &str, id: &str, asset: &str, problem: Problem) -> String {
        let (serial, volume, id) = (SerialNumber::from(serial), Volume::from(volume), AssetId::from(id));
        let place = Place {
            serial_number: Some(&serial),
            volume: Some(&volume),
            asset_id: Some(&id),
            asset: Some(asset),
            ..Place::default()
        };
        place.finding(problem, "", None).key
    }

    #[test]
    fn a_key_outlives_names_and_details() {
        let stale = key("d05099000001", "0A", "7", "dc-01", Problem::BackupStale);
        assert_eq!(stale, "datto:D05099000001:0a:backup");
        assert_eq!(key("D05099000001", "0a", "7", "dc-02", Problem::BackupFailing), stale);
        assert_ne!(key("D05099000001", "0a", "7", "dc-01", Problem::OffsiteOld), stale);
    }

    #[test]
    fn what_has_no_id_is_told_apart_by_its_name() {
        let by_id = key("D1", "", "7", "dc-01", Problem::BackupStale);
        assert_eq!(by_id, "datto:D1:id=7:backup");
        assert_ne!(key("D1", "", "8", "dc-01", Problem::BackupStale), by_id);
        assert_ne!(key("D1", "", "", "dc-01", Problem::BackupStale), key("D1", "", "", "dc-02", Problem::BackupStale));
    }

    #[test]
    fn a_finding_is_an_incident_of_the_same_key() {
        let serial = SerialNumber::from("d05099000001");
        let place =
            Place { client: Some(NAMES.0), serial_number: Some(&serial), asset: Some(NAMES.2), ..Place::default() };
        let finding = place.finding(Problem::BackupStale, "no good backup", Some(1_787_643_495_000));
        let incident = Incident::from(&finding);
        assert_eq!(
            (incident.key, incident.severity, incident.customer),
            (finding.key, Severity::Critical, finding.client)
        );
        assert_eq!((incident.place.as_deref(), incident.since), (Some("dc-01"), finding.since));
    }

    #[test]
    fn a_finding_reads_as_a_sentence_with_its_root_cause_first() {
        let (serial, (client, device, asset)) = (SerialNumber::from("d05099000001"), NAMES);
        let place = Place {
            client: Some(client),
            serial_number: Some(&serial),
            device: Some(device),
            asset: Some(asset),
            ..Place::default()
        };
        let mut finding = place.finding(Problem::BackupStale, "no good backup since Monday", None);
        assert_eq!(finding.to_string(), "Acorn Dental, siris-01 (d05099000001), dc-01: no good backup since Monday");
        finding.root_cause = Some("appliance offline".into());
        assert!(finding.to_string().ends_with("dc-01: appliance offline; no good backup since Monday"));
        let bare = Place { serial_number: Some(&serial), ..Place::default() };
        assert_eq!(bare.finding(Problem::ApplianceOffline, "offline", None).to_string(), "d05099000001: offline");
        let nameless = Place { agent: Some("a-1"), ..Place::default() };
        assert_eq!(nameless.finding(Problem::BackupStale, "old", None).to_string(), "a-1: old");
        assert_eq!(Place::default().finding(Problem::BackupStale, "old", None).to_string(), "without a name: old");
    }

    proptest! {
        #[test]
        fn keys_of_two_objects_never_collide(one in ["[A-Z:=#%]{1,3}", "[a-c:=#%]{0,3}"], other in ["[A-Z:=#%]{1,3}", "[a-c:=#%]{0,3}"]) {
            let of = |parts: &[String; 2]| key(&parts[0], &parts[1], "", "", Problem::BackupStale);
            prop_assert_eq!(of(&one) == of(&other), one == other);
        }
    }
}
