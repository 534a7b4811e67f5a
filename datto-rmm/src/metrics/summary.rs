//! A fleet in a few figures.

use std::collections::HashSet;

use datto_common::{Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::antivirus::{AntivirusPolicy, AntivirusPosture, antivirus_posture};
use super::figure::{Figure, Verdict, count_in_scope, present};
use super::patches::{PatchPolicy, PatchPosture, patch_posture};
use super::windows::{WindowsTotals, windows_totals};
use crate::models::{Alert, AlertPriority, Device, Site, SiteKind};

/// What counts as what in a summary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetPolicy {
    /// What counts as missing patches.
    pub patches: PatchPolicy,
    /// What counts as antivirus.
    pub antivirus: AntivirusPolicy,
}

/// A fleet in a few figures, each with its own state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetSummary {
    /// Sites, without the system site of deleted devices.
    pub sites: Measured<u64>,
    /// Devices that are not deleted.
    pub devices: Measured<u64>,
    /// Devices online.
    pub online: Measured<Figure>,
    /// Devices offline.
    pub offline: Measured<Figure>,
    /// How they are protected.
    pub antivirus: AntivirusPosture,
    /// How they are patched.
    pub patches: PatchPosture,
    /// Which Windows they run.
    pub windows: WindowsTotals,
    /// Open alerts.
    pub open_alerts: Measured<AlertCounts>,
}

/// Open alerts by priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlertCounts {
    /// Critical.
    pub critical: u64,
    /// High.
    pub high: u64,
    /// Moderate.
    pub moderate: u64,
    /// Low.
    pub low: u64,
    /// For information.
    pub information: u64,
    /// Of another priority, or of none.
    pub other: u64,
}

impl AlertCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.critical + self.high + self.moderate + self.low + self.information + self.other
    }

    /// Counts each alert once; one that was resolved while the list was read is left out.
    fn of(alerts: &[Alert]) -> Self {
        let mut seen = HashSet::new();
        let mut counts = Self::default();
        let open = alerts.iter().filter(|alert| alert.resolved != Some(true));
        for alert in open.filter(|alert| alert.alert_uid.is_empty() || seen.insert(&alert.alert_uid)) {
            let count = match &alert.priority {
                Some(AlertPriority::Critical) => &mut counts.critical,
                Some(AlertPriority::High) => &mut counts.high,
                Some(AlertPriority::Moderate) => &mut counts.moderate,
                Some(AlertPriority::Low) => &mut counts.low,
                Some(AlertPriority::Information) => &mut counts.information,
                Some(AlertPriority::Unknown | AlertPriority::Other(_)) | None => &mut counts.other,
            };
            *count += 1;
        }
        counts
    }
}

/// Sums up what was read, as far as it was read.
///
/// Each figure is unknown if what it rests on was not read, or if no device reports what it asks; it is partial, a lower bound, if that was
/// read in part. The summary is partial if one of its figures is not known, and unknown if nothing was read.
pub fn summarise(
    sites: Measured<Vec<Site>>,
    devices: Measured<Vec<Device>>,
    alerts: Measured<Vec<Alert>>,
    policy: &FleetPolicy,
    now: &Timestamp,
) -> Measured<FleetSummary> {
    if let (Measured::Unknown { .. }, Measured::Unknown { cause }, Measured::Unknown { .. }) =
        (&sites, &devices, &alerts)
    {
        return Measured::unknown(cause.clone());
    }
    let fleet = devices.value().map_or(&[][..], Vec::as_slice);
    let as_read = |figure| as_complete_as(&devices, figure);
    let summary = FleetSummary {
        sites: sites.as_ref().map(|sites| sites_of(sites)),
        devices: devices.as_ref().map(|devices| present(devices).count() as u64),
        online: as_read(online(fleet, true)),
        offline: as_read(online(fleet, false)),
        antivirus: antivirus_posture(fleet, &policy.antivirus).map(as_read),
        patches: patch_posture(fleet, &policy.patches).map(as_read),
        windows: windows_totals(fleet, now).map(as_read),
        open_alerts: alerts.as_ref().map(|alerts| AlertCounts::of(alerts)),
    };
    let mut missing: Vec<Missing> =
        lacks("sites", &sites).chain(lacks("devices", &devices)).chain(lacks("open alerts", &alerts)).collect();
    // Where devices could not be read at all, that says it for every figure.
    if devices.value().is_some() {
        let figures = [
            ("devices online", &summary.online),
            ("antivirus", &summary.antivirus.without),
            ("patches", &summary.patches.missing_patches),
            ("Windows editions", &summary.windows.windows_10),
        ];
        let unknown = figures.into_iter().filter(|(_, figure)| figure.value().is_none());
        missing.extend(unknown.flat_map(|(name, figure)| lacks(name, figure)));
    }
    Measured::from_parts(summary, missing)
}

/// Sites that hold devices which count; each once.
fn sites_of(sites: &[Site]) -> u64 {
    let mut seen = HashSet::new();
    let counted = sites
        .iter()
        .filter(|site| site.kind() != SiteKind::DeletedDevices && (site.uid.is_empty() || seen.insert(&site.uid)));
    counted.count() as u64
}

fn online(fleet: &[Device], wanted: bool) -> Measured<Figure> {
    count_in_scope(
        fleet,
        "whether it is online",
        |_| true,
        move |device| match device.online {
            Some(online) => Verdict::when(online == wanted, || match (&device.last_seen, wanted) {
                (Some(seen), false) => format!("last seen {seen}"),
                (None, false) => "offline".to_owned(),
                (_, true) => "online".to_owned(),
            }),
            None => Verdict::Silent,
        },
    )
}

/// A figure over a list is at most as complete as the list.
fn as_complete_as<T>(read: &Measured<Vec<T>>, figure: Measured<Figure>) -> Measured<Figure> {
    match read {
        Measured::Unknown { cause } => Measured::unknown(cause.clone()),
        read => figure.with_missing(read.missing().iter().cloned()),
    }
}

/// What an answer lacks, under this name where nothing of it is known.
fn lacks<T>(name: &str, answer: &Measured<T>) -> impl Iterator<Item = Missing> {
    let whole = match answer {
        Measured::Unknown { cause } => Some(Missing::new(name, cause.clone())),
        _ => None,
    };
    whole.into_iter().chain(answer.missing().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::device;
    use super::*;
    use datto_common::{Cause, ErrorKind};
    use serde_json::json;

    fn failed<T>(what: &str) -> Measured<T> {
        Measured::unknown(Cause::new(ErrorKind::Server, what))
    }

    fn sites() -> Vec<Site> {
        serde_json::from_value(json!([{"uid": "s-1", "name": "Contoso"}, {"uid": "s-2", "name": "Deleted Devices"}]))
            .unwrap()
    }

    fn fleet() -> Vec<Device> {
        vec![
            device(
                "1",
                json!({"online": true, "operatingSystem": "Microsoft Windows 11 Pro", "antivirus": {"antivirusStatus": "NotDetected"},
                "patchManagement": {"patchStatus": "ApprovedPending", "patchesApprovedPending": 9}}),
            ),
            device("2", json!({"online": false, "lastSeen": 1_787_643_495_000_i64})),
            device("3", json!({"deleted": true})),
        ]
    }

    fn alerts() -> Vec<Alert> {
        serde_json::from_value(json!([
            {"alertUid": "a-1", "priority": "Critical"}, {"alertUid": "a-1", "priority": "Critical"},
            {"alertUid": "a-2", "priority": "Strange"}, {"alertUid": "a-3", "priority": "Low", "resolved": true}
        ]))
        .unwrap()
    }

    fn sum(
        sites: Measured<Vec<Site>>,
        devices: Measured<Vec<Device>>,
        alerts: Measured<Vec<Alert>>,
    ) -> Measured<FleetSummary> {
        summarise(sites, devices, alerts, &FleetPolicy::default(), &Timestamp::from_seconds(1_800_000_000))
    }

    #[test]
    fn a_fleet_that_was_read_whole_is_known() {
        let summary = sum(Measured::Known(sites()), Measured::Known(fleet()), Measured::Known(alerts()));
        let summary = summary.known().unwrap();
        assert_eq!((summary.sites.known(), summary.devices.known()), (Some(&1), Some(&2)));
        assert_eq!(summary.online.to_string(), "1 of 2");
        assert_eq!(summary.offline.value().unwrap().evidence[0].what, "last seen 2026-08-25T07:38:15Z");
        assert_eq!(summary.antivirus.without.to_string(), "1 of 1 (1 more report nothing)");
        assert_eq!(summary.patches.missing_patches.to_string(), "1 of 1 (1 more report nothing)");
        assert_eq!(summary.windows.windows_11.to_string(), "1 of 1 (1 more report nothing)");
        let counts = summary.open_alerts.known().unwrap();
        assert_eq!((counts.critical, counts.other, counts.total()), (1, 1, 2));
    }

    #[test]
    fn an_empty_account_is_known_to_be_empty() {
        let summary = sum(Measured::Known(vec![]), Measured::Known(vec![]), Measured::Known(vec![]));
        let summary = summary.known().unwrap();
        assert_eq!(summary.patches.missing_patches.to_string(), "0 of 0");
    }

    #[test]
    fn what_was_not_read_is_unknown_and_the_rest_stands() {
        let summary = sum(Measured::Known(sites()), failed("503"), Measured::Known(alerts()));
        assert_eq!(summary.missing().len(), 1);
        assert_eq!(summary.missing()[0].to_string(), "devices: 503");
        let summary = summary.value().unwrap();
        assert_eq!(summary.sites.known(), Some(&1));
        for figure in
            [&summary.online, &summary.antivirus.without, &summary.patches.missing_patches, &summary.windows.windows_7]
        {
            assert_eq!(figure.to_string(), "unknown: 503");
        }
        assert!(
            matches!(sum(failed("a"), failed("503"), failed("c")), Measured::Unknown { cause } if cause.message == "503")
        );
    }

    #[test]
    fn what_was_read_in_part_is_a_lower_bound() {
        let missing = vec![Missing::new("page 3 of the devices", Cause::new(ErrorKind::Timeout, "no answer"))];
        let summary =
            sum(Measured::Known(sites()), Measured::Partial { value: fleet(), missing }, Measured::Known(alerts()));
        assert_eq!(summary.missing().len(), 1);
        let summary = summary.value().unwrap();
        assert_eq!(summary.devices.to_string(), "at least 2");
        assert_eq!(summary.patches.missing_patches.to_string(), "at least 1 of 1 (1 more report nothing)");
        assert!(summary.open_alerts.is_known());
    }

    #[test]
    fn figures_that_no_device_reports_make_the_summary_partial() {
        let silent = vec![device("1", json!({"online": true}))];
        let summary = sum(Measured::Known(sites()), Measured::Known(silent), Measured::Known(vec![]));
        let lacking: Vec<&str> = summary.missing().iter().map(|missing| missing.what.as_str()).collect();
        assert_eq!(lacking, ["antivirus", "patches", "Windows editions"]);
        assert!(summary.value().unwrap().online.is_known());
    }

    #[test]
    fn a_summary_survives_json() {
        let summary = sum(Measured::Known(sites()), Measured::Known(fleet()), failed("503"));
        let json = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<Measured<FleetSummary>>(&json).unwrap(), summary);
    }
}
