//! What a list of alerts amounts to: by kind, by device, and which come again and again.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use datto_common::internal::spans_of_time;
use datto_common::{Measured, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::DeviceUid;
use crate::models::Alert;

/// When an alert is said to flap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AlertPolicy {
    /// Raised so many times: 3.
    pub flapping_times: u32,
    /// Within this time: 24 hours.
    #[serde(with = "spans_of_time")]
    pub flapping_within: Duration,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        Self { flapping_times: 3, flapping_within: Duration::from_secs(24 * 3_600) }
    }
}

impl AlertPolicy {
    /// An alert flaps if it was raised so many times within this time.
    #[must_use]
    pub fn flapping(mut self, times: u32, within: Duration) -> Self {
        self.flapping_times = times;
        self.flapping_within = within;
        self
    }
}

/// What a list of alerts amounts to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlertPosture {
    /// Open ones by the kind of their monitor, the most frequent first.
    pub kinds: Measured<Vec<AlertKind>>,
    /// Devices with open alerts, the gravest first: what belongs to one device is looked at together.
    pub devices: Measured<Vec<DeviceAlerts>>,
    /// What was raised again and again, open or resolved, the most frequent first.
    pub flapping: Measured<Vec<Flapping>>,
}

/// The open alerts of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlertKind {
    /// The name of the kind on the wire: `perf_disk_usage_ctx`; "unknown" for alerts without a context.
    pub kind: String,
    /// How many are open.
    pub open: u64,
    /// How many devices they are about.
    pub devices: u64,
    /// How much the gravest of them matters.
    pub severity: Severity,
}

/// The open alerts of one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeviceAlerts {
    /// The device; empty for alerts that name none.
    pub device_uid: DeviceUid,
    /// Its name.
    pub device_name: Option<String>,
    /// Its site.
    pub site_name: Option<String>,
    /// How much the gravest of them matters.
    pub severity: Severity,
    /// One line each, the gravest first.
    pub alerts: Vec<String>,
}

/// Something that was raised again and again on one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flapping {
    /// What it is: the [fingerprint](Alert::fingerprint) of its alerts.
    pub fingerprint: String,
    /// The device.
    pub device_uid: DeviceUid,
    /// The newest of them in words.
    pub what: String,
    /// How many times it was raised within the time of the policy, at the densest.
    pub times: u32,
    /// When it was raised last.
    pub last: Timestamp,
}

/// What these alerts amount to. `resolved` are those of the past, as far back as flapping is looked for.
///
/// Each part is as complete as the lists that it rests on. An alert that comes twice counts once.
pub fn alert_posture(
    open: &Measured<Vec<Alert>>,
    resolved: &Measured<Vec<Alert>>,
    policy: &AlertPolicy,
) -> AlertPosture {
    let kinds = open.as_ref().map(|alerts| kinds(&each_once(alerts.iter())));
    let devices = open.as_ref().map(|alerts| devices(&each_once(alerts.iter())));
    let flapping = match (open, resolved) {
        (Measured::Unknown { cause }, _) => Measured::unknown(cause.clone()),
        (open, resolved) => {
            let all = resolved.as_ref().map(|resolved| each_once(open.value().into_iter().flatten().chain(resolved)));
            all.map(|all| flapping(&all, policy)).with_missing(open.missing().iter().cloned())
        }
    };
    AlertPosture { kinds, devices, flapping }
}

fn each_once<'a>(alerts: impl Iterator<Item = &'a Alert>) -> Vec<&'a Alert> {
    let mut seen = HashSet::new();
    alerts.filter(|alert| alert.alert_uid.is_empty() || seen.insert(alert.alert_uid.as_str())).collect()
}

fn is_open(alert: &&&Alert) -> bool {
    alert.resolved != Some(true)
}

fn device_of(alert: &Alert) -> &str {
    alert.alert_source_info.as_ref().map_or("", |source| source.device_uid.as_str())
}

fn kinds(alerts: &[&Alert]) -> Vec<AlertKind> {
    let mut by_kind: BTreeMap<&str, (u64, HashSet<&str>, Severity)> = BTreeMap::new();
    for alert in alerts.iter().filter(is_open) {
        let kind = alert.alert_context.as_ref().and_then(|context| context.kind()).unwrap_or("unknown");
        let (open, devices, severity) = by_kind.entry(kind).or_insert((0, HashSet::new(), Severity::Notice));
        *open += 1;
        devices.insert(device_of(alert));
        *severity = alert.severity().max(*severity);
    }
    let of = |(kind, (open, devices, severity)): (&str, (u64, HashSet<&str>, Severity))| AlertKind {
        kind: kind.to_owned(),
        open,
        devices: devices.len() as u64,
        severity,
    };
    let mut kinds: Vec<AlertKind> = by_kind.into_iter().map(of).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.open));
    kinds
}

fn devices(alerts: &[&Alert]) -> Vec<DeviceAlerts> {
    let mut by_device: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts.iter().filter(is_open) {
        by_device.entry(device_of(alert)).or_default().push(alert);
    }
    let of = |mut alerts: Vec<&Alert>| {
        alerts.sort_by_key(|alert| std::cmp::Reverse(alert.severity()));
        let source = alerts.iter().find_map(|alert| alert.alert_source_info.as_ref());
        DeviceAlerts {
            device_uid: source.map(|source| source.device_uid.clone()).unwrap_or_default(),
            device_name: source.and_then(|source| source.device_name.clone()),
            site_name: source.and_then(|source| source.site_name.clone()),
            severity: alerts.first().map_or(Severity::Notice, |alert| alert.severity()),
            alerts: alerts.iter().map(|alert| alert.sentence()).collect(),
        }
    };
    let mut devices: Vec<DeviceAlerts> = by_device.into_values().map(of).collect();
    devices.sort_by_key(|device| std::cmp::Reverse((device.severity, device.alerts.len())));
    devices
}

fn flapping(alerts: &[&Alert], policy: &AlertPolicy) -> Vec<Flapping> {
    let mut raised: BTreeMap<String, Vec<(i64, &Alert)>> = BTreeMap::new();
    for alert in alerts {
        if let Some(at) = alert.timestamp.as_ref().and_then(Timestamp::moment) {
            raised.entry(alert.fingerprint()).or_default().push((at, alert));
        }
    }
    let within = i64::try_from(policy.flapping_within.as_millis()).unwrap_or(i64::MAX);
    let mut flapping: Vec<Flapping> = raised
        .into_iter()
        .filter_map(|(fingerprint, mut raised)| {
            raised.sort_by_key(|(at, _)| *at);
            let times = densest(&raised.iter().map(|(at, _)| *at).collect::<Vec<_>>(), within);
            let (last, alert) = raised.last()?;
            (times >= policy.flapping_times.max(2)).then(|| Flapping {
                fingerprint,
                device_uid: alert
                    .alert_source_info
                    .as_ref()
                    .map(|source| source.device_uid.clone())
                    .unwrap_or_default(),
                what: alert.sentence(),
                times,
                last: Timestamp::from_millis(*last),
            })
        })
        .collect();
    flapping.sort_by_key(|flapping| std::cmp::Reverse(flapping.times));
    flapping
}

/// The most of these sorted moments that lie within so many milliseconds.
fn densest(moments: &[i64], within: i64) -> u32 {
    let most = moments.iter().enumerate().map(|(place, first)| {
        moments.iter().skip(place).take_while(|moment| moment.saturating_sub(*first) <= within).count()
    });
    u32::try_from(most.max().unwrap_or(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::AlertPriority;
    use datto_common::{Cause, ErrorKind};
    use serde_json::json;

    fn alert(uid: &str, device: &str, priority: &str, hour: i64, resolved: bool) -> Alert {
        serde_json::from_value(json!({
            "alertUid": uid, "priority": priority, "resolved": resolved, "timestamp": 1_787_643_495_000 + hour * 3_600_000,
            "alertContext": {"@class": "srvc_status_ctx", "serviceName": "Spooler", "status": "STOPPED"},
            "alertSourceInfo": {"deviceUid": device, "deviceName": device, "siteName": "Contoso"},
        }))
        .unwrap()
    }

    #[test]
    fn alerts_are_summed_by_kind_and_device_each_once() {
        let open = vec![
            alert("1", "a", "Low", 0, false),
            alert("1", "a", "Low", 0, false),
            alert("2", "a", "Critical", 1, false),
            alert("3", "b", "Information", 1, false),
            alert("4", "b", "Critical", 1, true),
        ];
        let posture = alert_posture(&Measured::Known(open), &Measured::Known(vec![]), &AlertPolicy::default());
        let kinds = posture.kinds.known().unwrap();
        assert_eq!(kinds.len(), 1);
        assert_eq!((kinds[0].kind.as_str(), kinds[0].open, kinds[0].devices), ("srvc_status_ctx", 3, 2));
        let devices = posture.devices.known().unwrap();
        let shown: Vec<_> =
            devices.iter().map(|device| (device.device_uid.as_str(), device.severity, device.alerts.len())).collect();
        assert_eq!(shown, [("a", Severity::Critical, 2), ("b", Severity::Notice, 1)]);
        assert!(posture.flapping.known().unwrap().is_empty());
    }

    #[test]
    fn what_is_raised_often_enough_in_time_flaps() {
        let past = |hours: &[i64]| {
            hours.iter().map(|hour| alert(&hour.to_string(), "a", "Low", *hour, true)).collect::<Vec<_>>()
        };
        let flaps = |open: Vec<Alert>, resolved: Vec<Alert>| {
            alert_posture(&Measured::Known(open), &Measured::Known(resolved), &AlertPolicy::default()).flapping
        };
        let flapping = flaps(past(&[30]), past(&[0, 10, 20]));
        assert_eq!(flapping.known().unwrap()[0].times, 3);
        assert!(flaps(past(&[60]), past(&[0, 30])).known().unwrap().is_empty());
    }

    #[test]
    fn what_was_not_read_is_not_claimed() {
        let failed = || Measured::unknown(Cause::new(ErrorKind::Server, "503"));
        let open = Measured::Known(vec![alert("1", "a", "Low", 0, false)]);
        let posture = alert_posture(&open, &failed(), &AlertPolicy::default());
        assert!(posture.kinds.is_known() && posture.flapping.value().is_none());
        let posture = alert_posture(&failed(), &open, &AlertPolicy::default());
        assert!(
            posture.kinds.value().is_none() && posture.devices.value().is_none() && posture.flapping.value().is_none()
        );
    }

    #[test]
    fn severities_follow_priorities() {
        assert!(AlertPriority::High.severity() > AlertPriority::Moderate.severity());
        assert!(AlertPriority::Low.severity() > AlertPriority::Information.severity());
        assert_eq!(AlertPriority::Other("Odd".into()).severity(), Severity::Warning);
    }
}
