//! The devices that figures are made of: each once, without those that are set aside.

use std::collections::HashSet;

use datto_common::{Cause, ErrorKind, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::figure::Evidence;
use super::release::WindowsRelease;
use crate::models::{Device, DeviceClass, SiteKind};

/// Which devices are judged.
///
/// Devices of the system site "OnDemand" have no agent that runs all the time, suspended ones are switched off in the portal: they look offline,
/// unpatched and unprotected without being so. They are a class of their own, left out unless asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FleetScope {
    /// Whether devices of the site "OnDemand" are judged like the others.
    pub on_demand: bool,
    /// Whether suspended devices are judged like the others.
    pub suspended: bool,
}

impl FleetScope {
    /// Judges devices of the site "OnDemand" like the others.
    #[must_use]
    pub fn with_on_demand(mut self) -> Self {
        self.on_demand = true;
        self
    }

    /// Judges suspended devices like the others.
    #[must_use]
    pub fn with_suspended(mut self) -> Self {
        self.suspended = true;
        self
    }
}

/// The devices of a list that are judged, looked at once for all figures.
#[derive(Debug)]
pub(super) struct Fleet<'a> {
    subjects: Vec<Subject<'a>>,
    /// Devices that are not deleted, each once.
    pub(super) present: u64,
    /// Those of the site "OnDemand".
    pub(super) on_demand: u64,
    /// Those that are suspended.
    pub(super) suspended: u64,
    /// How many of both are left out.
    aside: u64,
}

/// A device that is judged.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) device: &'a Device,
    /// Which Windows it runs, where it tells a Windows.
    pub(super) windows: Option<WindowsRelease>,
}

impl<'a> Fleet<'a> {
    /// Pages drift while they are read, and then bring a device twice (observed).
    pub(super) fn new(devices: &'a [Device], scope: &FleetScope) -> Self {
        let mut seen = HashSet::with_capacity(devices.len());
        let mut fleet =
            Self { subjects: Vec::with_capacity(devices.len()), present: 0, on_demand: 0, suspended: 0, aside: 0 };
        for device in devices {
            if device.is_deleted() || !(device.uid.is_empty() || seen.insert(device.uid.as_str())) {
                continue;
            }
            fleet.present += 1;
            let on_demand = device.site_kind() == Some(SiteKind::OnDemand);
            let suspended = device.suspended == Some(true);
            fleet.on_demand += u64::from(on_demand);
            fleet.suspended += u64::from(suspended);
            if on_demand && !scope.on_demand || suspended && !scope.suspended {
                fleet.aside += 1;
                continue;
            }
            let windows = device.operating_system.as_deref().and_then(WindowsRelease::of);
            fleet.subjects.push(Subject { device, windows });
        }
        fleet
    }

    pub(super) fn subjects(&self) -> impl Iterator<Item = &Subject<'a>> {
        self.subjects.iter()
    }

    /// Why a question has nobody to ask.
    pub(super) fn why_nobody(&self, of_what: &str) -> String {
        match (self.present, self.aside) {
            (0, _) => format!("no device is visible to this key: nothing can be said about {of_what}"),
            (present, 0) => format!("none of {present} devices is one that reports {of_what}"),
            (present, aside) => {
                format!(
                    "none of {present} devices is one that reports {of_what}; {aside} on demand or suspended are left out"
                )
            }
        }
    }
}

/// Whether it can be a computer: it is no printer, ESXi host or network device.
pub(super) fn is_computer(subject: &Subject<'_>) -> bool {
    use DeviceClass::{EsxiHost, NetworkDevice, Printer};
    !matches!(subject.device.device_class, Some(Printer | EsxiHost | NetworkDevice))
}

/// Whether the service says that it is a computer with an agent.
pub(super) fn has_agent(subject: &Subject<'_>) -> bool {
    subject.device.device_class == Some(DeviceClass::Device)
}

/// Any device.
pub(super) fn any(_: &Subject<'_>) -> bool {
    true
}

impl Subject<'_> {
    pub(super) fn evidence(&self, topic: &str, what: String, since: Option<Timestamp>) -> Evidence {
        let device = self.device;
        Evidence {
            key: format!("{topic}:{}", device.uid),
            device_uid: device.uid.clone(),
            hostname: device.hostname.clone(),
            site_name: device.site_name.clone(),
            what,
            since,
        }
    }

    /// The first of these members that came in a form that cannot be read; it is then kept as it came.
    pub(super) fn odd_member(&self, members: &[&'static str]) -> Option<&'static str> {
        let inside = |member: &str| match member {
            "antivirus" => self.device.antivirus.as_ref().is_some_and(|antivirus| {
                antivirus.extra.contains_key("antivirusStatus") || antivirus.extra.contains_key("antivirusProduct")
            }),
            "patchManagement" => self.device.patch_management.as_ref().is_some_and(|patches| {
                ["patchStatus", "patchesApprovedPending", "patchesNotApproved"]
                    .iter()
                    .any(|name| patches.extra.contains_key(*name))
            }),
            _ => false,
        };
        members.iter().copied().find(|member| self.device.extra.contains_key(*member) || inside(member))
    }

    pub(super) fn unreadable(&self, member: &str) -> Missing {
        let name = self.device.hostname.as_deref().unwrap_or("without a name");
        let what = format!("`{member}` of device {name} ({})", self.device.uid);
        Missing::new(what, Cause::new(ErrorKind::Decode, "it came in a form that cannot be read"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::device;
    use super::*;
    use serde_json::json;

    #[test]
    fn deleted_devices_and_doubles_are_left_out_and_classes_of_their_own_set_aside() {
        let devices = [
            device("1", json!({})),
            device("1", json!({})),
            device("2", json!({"deleted": true})),
            device("3", json!({"siteName": "Deleted Devices"})),
            device("", json!({})),
            device("", json!({})),
            device("4", json!({"suspended": true})),
            device("5", json!({"siteName": "OnDemand"})),
            device("6", json!({"siteName": "OnDemand", "suspended": true})),
        ];
        let fleet = Fleet::new(&devices, &FleetScope::default());
        assert_eq!(fleet.subjects().count(), 3, "two without a uid cannot be told to be one");
        assert_eq!((fleet.present, fleet.on_demand, fleet.suspended, fleet.aside), (6, 2, 2, 3));
        let all = FleetScope::default().with_on_demand().with_suspended();
        assert_eq!(Fleet::new(&devices, &all).subjects().count(), 6);
    }
}
