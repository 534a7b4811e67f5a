//! A fleet in a few figures.

use std::collections::{HashMap, HashSet};

use datto_common::{Cause, ErrorKind, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::antivirus::{self, AntivirusPolicy, AntivirusPosture};
use super::figure::{Figure, Question, Verdict, as_complete_as, count, lacks};
use super::fleet::{Fleet, FleetScope, any};
use super::patches::{self, PatchPolicy, PatchPosture};
use super::upkeep::{self, Upkeep, UpkeepPolicy};
use super::windows::{self, WindowsTotals};
use crate::models::{Alert, AlertPriority, Device, Site, SiteKind};

/// What counts as what in a summary. Can stand in a configuration: what is left out has its default, and a name that is not known is an error.
///
/// ```
/// use datto_rmm::metrics::FleetPolicy;
/// let policy: FleetPolicy = serde_json::from_str(
///     r#"{"patches": {"more_than": 10}, "antivirus": {"hosted": ["Datto AV"]}, "upkeep": {"restart_after": "14d"}}"#,
/// )?;
/// assert_eq!(policy.upkeep.restart_after.as_secs(), 14 * 86_400);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FleetPolicy {
    /// Which devices are judged.
    pub scope: FleetScope,
    /// What counts as missing patches.
    pub patches: PatchPolicy,
    /// What counts as antivirus.
    pub antivirus: AntivirusPolicy,
    /// What counts as overdue.
    pub upkeep: UpkeepPolicy,
}

/// A fleet in a few figures, each with its own state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetSummary {
    /// When it was read.
    pub as_of: Timestamp,
    /// Sites, without the system site of deleted devices.
    pub sites: Measured<u64>,
    /// Devices that are not deleted.
    pub devices: Measured<u64>,
    /// Of them those of the system site "OnDemand": a class of its own, judged only if the policy says so.
    pub on_demand: Measured<u64>,
    /// Of them those that are suspended: a class of its own, judged only if the policy says so.
    pub suspended: Measured<u64>,
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
    /// What is overdue: warranties, restarts, devices that were not seen for long.
    pub upkeep: Upkeep,
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
/// Each figure is unknown if what it rests on was not read, if no device reports what it asks, or if there is no device at all: nothing to judge is
/// never fine. It is partial, a lower bound, if that was read in part, or if a device that it needs cannot be read. Sites say how many devices they
/// have: where the list has fewer, it is told as partial (observed: the list of the account lacked devices that their sites had). The summary is
/// partial if one of its figures is not known, and unknown if nothing was read.
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
    let devices = match (&sites, devices) {
        (Measured::Unknown { .. }, devices) => devices,
        (sites, devices) => {
            let short = shortfall(sites.value().map_or(&[], Vec::as_slice), devices.value().map_or(&[], Vec::as_slice));
            devices.with_missing(short)
        }
    };
    let fleet = Fleet::new(devices.value().map_or(&[][..], Vec::as_slice), &policy.scope);
    let as_read = |figure| as_complete_as(&devices, figure);
    let nobody = matches!(&devices, Measured::Known(_)) && fleet.present == 0;
    let summary = FleetSummary {
        as_of: now.clone(),
        sites: sites.as_ref().map(|sites| sites_of(sites)),
        devices: devices.as_ref().map(|_| fleet.present),
        on_demand: devices.as_ref().map(|_| fleet.on_demand),
        suspended: devices.as_ref().map(|_| fleet.suspended),
        online: as_read(online(&fleet, true)),
        offline: as_read(online(&fleet, false)),
        antivirus: antivirus::posture(&fleet, &policy.antivirus).map(as_read, |list| as_complete_as(&devices, list)),
        patches: patches::posture(&fleet, &policy.patches).map(as_read),
        windows: windows::totals(&fleet, now).map(as_read, |list| as_complete_as(&devices, list)),
        upkeep: upkeep::of(&fleet, &policy.upkeep, now).map(as_read),
        open_alerts: match alerts.as_ref().map(|alerts| AlertCounts::of(alerts)) {
            Measured::Known(counts) if nobody && counts.total() == 0 => Measured::unknown(nothing_visible("alerts")),
            counts => counts,
        },
    };
    let mut missing: Vec<Missing> =
        lacks("sites", &sites).chain(lacks("devices", &devices)).chain(lacks("open alerts", &alerts)).collect();
    if nobody {
        missing.push(Missing::new("devices", nothing_visible("devices")));
    } else if devices.value().is_some() {
        // Where devices could not be read at all, that says it for every figure.
        missing.extend(gaps(&summary, devices.missing()));
    }
    Measured::from_parts(summary, missing)
}

/// A key whose user may see nothing reads empty lists, as an account without devices does.
fn nothing_visible(what: &str) -> Cause {
    let mut cause =
        Cause::new(ErrorKind::NoData, format!("no device is visible to this key, so there are no {what} to judge"));
    cause.hint = Some(
        "check the device visibility of the user's security level, and whether this is the right account".to_owned(),
    );
    cause
}

/// What the figures lack beside what the list of devices lacks: each thing once. Warranties are entered by hand, restarts are told by agents: an account
/// without any is no gap of the summary, and the figure itself says that it rests on nothing.
fn gaps(summary: &FleetSummary, of_the_list: &[Missing]) -> Vec<Missing> {
    let figures = [
        ("devices online", &summary.online),
        ("antivirus", &summary.antivirus.without),
        ("patches", &summary.patches.missing_patches),
        ("Windows editions", &summary.windows.windows_10),
    ];
    let optional = [
        ("warranties", &summary.upkeep.warranty_ended),
        ("restarts", &summary.upkeep.restart_overdue),
        ("last contacts", &summary.upkeep.stale),
    ];
    let told =
        optional.into_iter().filter(|(_, figure)| figure.cause().is_none_or(|cause| cause.kind != ErrorKind::NoData));
    let mut gaps: Vec<Missing> = Vec::new();
    for gap in figures.into_iter().chain(told).flat_map(|(name, figure)| lacks(name, figure)) {
        if !of_the_list.contains(&gap) && !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }
    gaps
}

/// The devices that sites count and the list lacks. Deleted ones count on both sides: when the service stops counting one is not known.
fn shortfall(sites: &[Site], devices: &[Device]) -> Vec<Missing> {
    let mut listed: HashMap<&str, HashSet<&str>> = HashMap::new();
    for device in devices {
        listed.entry(device.site_uid.as_str()).or_default().insert(device.uid.as_str());
    }
    let mut seen = HashSet::new();
    let short = sites.iter().filter(|site| site.kind() != SiteKind::DeletedDevices && !site.uid.is_empty());
    let short = short.filter(|site| seen.insert(site.uid.as_str())).filter_map(|site| {
        let counted = u64::try_from(site.devices_status.as_ref()?.number_of_devices?).ok()?;
        let listed = listed.get(site.uid.as_str()).map_or(0, |uids| uids.len() as u64);
        let lacking = counted.checked_sub(listed).filter(|lacking| *lacking > 0)?;
        let name = site.name.as_deref().unwrap_or("without a name");
        let message = format!("the site counts {counted}, the list of the account gave {listed}");
        let cause = Cause::new(ErrorKind::Paging, message);
        Some(Missing::new(format!("{lacking} devices of site {name}"), cause))
    });
    short.collect()
}

/// Sites that hold devices which count; each once.
fn sites_of(sites: &[Site]) -> u64 {
    let mut seen = HashSet::new();
    let counted = sites
        .iter()
        .filter(|site| site.kind() != SiteKind::DeletedDevices && (site.uid.is_empty() || seen.insert(&site.uid)));
    counted.count() as u64
}

fn online(fleet: &Fleet<'_>, wanted: bool) -> Measured<Figure> {
    let topic = if wanted { "online" } else { "offline" };
    let question = Question { topic, of_what: "whether it is online", members: &["online"] };
    count(fleet, question, any, |subject| match subject.device.online {
        Some(online) if online == wanted => match (&subject.device.last_seen, wanted) {
            (Some(seen), false) => Verdict::Counts(format!("last seen {seen}"), Some(seen.clone())),
            (None, false) => Verdict::Counts("offline".to_owned(), None),
            (_, true) => Verdict::Counts("online".to_owned(), None),
        },
        Some(_) => Verdict::Not,
        None => Verdict::Silent,
    })
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
                json!({"online": true, "lastSeen": 1_799_999_000_000_i64, "lastReboot": 1_799_000_000_000_i64, "warrantyDate": "2030-01-01", "operatingSystem": "Microsoft Windows 11 Pro", "antivirus": {"antivirusStatus": "NotDetected"},
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
        assert_eq!(summary.as_of, Timestamp::from_seconds(1_800_000_000));
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
    fn nothing_to_judge_is_never_fine() {
        let summary = sum(Measured::Known(vec![]), Measured::Known(vec![]), Measured::Known(vec![]));
        let told: Vec<String> = summary.missing().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains("no device is visible to this key") && told[0].contains("device visibility"),
            "{told:?}"
        );
        let summary = summary.value().unwrap();
        assert_eq!((summary.sites.known(), summary.devices.known()), (Some(&0), Some(&0)), "beside the figures");
        assert!(summary.patches.missing_patches.value().is_none() && summary.open_alerts.value().is_none());
        let aside = vec![device("1", json!({"suspended": true, "online": false}))];
        let summary = sum(Measured::Known(sites()), Measured::Known(aside), Measured::Known(alerts()));
        assert!(!summary.is_known());
        let summary = summary.value().unwrap();
        assert_eq!((summary.suspended.known(), summary.offline.value()), (Some(&1), None));
    }

    #[test]
    fn a_list_with_fewer_devices_than_their_sites_count_is_partial() {
        let mut sites = sites();
        sites[0].devices_status = serde_json::from_value(json!({"numberOfDevices": 3})).unwrap();
        let mut fleet = fleet();
        fleet.iter_mut().for_each(|device| device.site_uid = "s-1".into());
        let known = sum(Measured::Known(sites.clone()), Measured::Known(fleet.clone()), Measured::Known(alerts()));
        assert!(known.is_known(), "a deleted one counts: {:?}", known.missing());
        fleet.pop();
        let short = sum(Measured::Known(sites), Measured::Known(fleet), Measured::Known(alerts()));
        let told = short.missing()[0].to_string();
        assert_eq!(told, "1 devices of site Contoso: the site counts 3, the list of the account gave 2");
        let short = short.value().unwrap();
        assert_eq!(
            (short.devices.to_string(), short.online.to_string()),
            ("at least 2".into(), "at least 1 of 2".into())
        );
        assert!(short.open_alerts.is_known());
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
        assert_eq!(lacking, ["antivirus", "patches", "Windows editions"], "warranties and restarts are optional");
        assert!(summary.value().unwrap().online.is_known());
    }

    #[test]
    fn a_summary_survives_json() {
        let summary = sum(Measured::Known(sites()), Measured::Known(fleet()), failed("503"));
        let json = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<Measured<FleetSummary>>(&json).unwrap(), summary);
    }
}
