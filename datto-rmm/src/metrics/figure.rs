//! A figure with what it rests on.

use std::collections::HashSet;
use std::fmt;

use datto_common::{Cause, ErrorKind, Measured};
use serde::{Deserialize, Serialize};

use crate::ids::DeviceUid;
use crate::models::{Device, DeviceClass};

/// A count of devices, with what it rests on and which devices it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The device.
    pub device_uid: DeviceUid,
    /// Its host name.
    pub hostname: Option<String>,
    /// The name of its site.
    pub site_name: Option<String>,
    /// What was seen: "3 approved, 4 not approved".
    pub what: String,
}

/// What one device says to a question.
pub(super) enum Verdict {
    /// It counts; this is why.
    Counts(String),
    /// It tells, and does not count.
    Not,
    /// It tells nothing.
    Silent,
}

impl Verdict {
    /// Counts, for this reason, if it is so.
    pub(super) fn when(counts: bool, what: impl FnOnce() -> String) -> Self {
        if counts { Self::Counts(what()) } else { Self::Not }
    }
}

/// Asks every device. Unknown if there are devices and none of them tells: `of_what` says what, as in "patch data".
pub(super) fn count(devices: &[&Device], of_what: &str, verdict: impl Fn(&Device) -> Verdict) -> Measured<Figure> {
    let mut figure = Figure::default();
    for device in devices {
        match verdict(device) {
            Verdict::Counts(what) => {
                figure.evidence.push(Evidence {
                    device_uid: device.uid.clone(),
                    hostname: device.hostname.clone(),
                    site_name: device.site_name.clone(),
                    what,
                });
                figure.value += 1;
                figure.rests_on += 1;
            }
            Verdict::Not => figure.rests_on += 1,
            Verdict::Silent => figure.silent += 1,
        }
    }
    if figure.rests_on > 0 || devices.is_empty() {
        return Measured::Known(figure);
    }
    let message = format!("none of {} devices reports {of_what}", devices.len());
    Measured::unknown(Cause::new(ErrorKind::NoData, message))
}

/// As `count`, over the devices in scope of a fleet. A fleet without any is a fleet that nothing can be said about.
pub(super) fn count_in_scope(
    fleet: &[Device],
    of_what: &str,
    in_scope: impl Fn(&Device) -> bool,
    verdict: impl Fn(&Device) -> Verdict,
) -> Measured<Figure> {
    let devices: Vec<&Device> = present(fleet).filter(|device| in_scope(device)).collect();
    if devices.is_empty() && !fleet.is_empty() {
        let message = format!("none of {} devices is one that reports {of_what}", fleet.len());
        return Measured::unknown(Cause::new(ErrorKind::NoData, message));
    }
    count(&devices, of_what, verdict)
}

/// The devices that are not deleted, each once: pages drift while they are read, and then bring a device twice (observed).
pub(super) fn present(fleet: &[Device]) -> impl Iterator<Item = &Device> {
    let mut seen = HashSet::new();
    fleet.iter().filter(move |device| !device.is_deleted() && (device.uid.is_empty() || seen.insert(&device.uid)))
}

/// Whether it can be a computer: it is no printer, ESXi host or network device.
pub(super) fn is_computer(device: &Device) -> bool {
    !matches!(device.device_class, Some(DeviceClass::Printer | DeviceClass::EsxiHost | DeviceClass::NetworkDevice))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::{Value, json};

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

    #[test]
    fn deleted_devices_and_doubles_are_left_out() {
        let fleet = [
            device("1", json!({})),
            device("1", json!({})),
            device("2", json!({"deleted": true})),
            device("3", json!({"siteName": "Deleted Devices"})),
            device("", json!({})),
            device("", json!({})),
        ];
        assert_eq!(present(&fleet).count(), 3, "two without a uid cannot be told to be one");
    }

    #[test]
    fn a_fleet_that_tells_nothing_gives_no_zero() {
        let silent = [device("1", json!({}))];
        let unknown = count_in_scope(&silent, "patch data", |_| true, |_| Verdict::Silent);
        assert_eq!(unknown.to_string(), "unknown: none of 1 devices reports patch data");
        let nobody = count_in_scope(&silent, "patch data", |_| false, |_| Verdict::Not);
        assert!(matches!(nobody, Measured::Unknown { .. }));
        let empty = count_in_scope(&[], "patch data", |_| true, |_| Verdict::Silent);
        assert_eq!(empty.to_string(), "0 of 0");
    }
}
