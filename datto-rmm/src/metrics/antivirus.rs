//! Which devices lack antivirus.

use datto_common::Measured;
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Verdict, count_in_scope, is_computer};
use crate::models::{Antivirus, AntivirusStatus, Device};

/// What counts as antivirus.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AntivirusPolicy {
    /// The products that count, by parts of their names, without regard to case. Empty: every product counts.
    pub products: Vec<String>,
}

impl AntivirusPolicy {
    /// Lets a product count, by a part of its name; without any, every product counts.
    #[must_use]
    pub fn product(mut self, name: impl Into<String>) -> Self {
        self.products.push(name.into());
        self
    }

    /// Whether a product of this name counts.
    fn takes(&self, product: Option<&str>) -> bool {
        let product = product.unwrap_or_default().to_lowercase();
        self.products.is_empty() || self.products.iter().any(|name| product.contains(&name.to_lowercase()))
    }
}

/// How a fleet is protected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AntivirusPosture {
    /// Devices without antivirus: none detected, or one that the policy does not count.
    pub without: Measured<Figure>,
    /// Devices whose antivirus is there and does not run.
    pub not_running: Measured<Figure>,
    /// Devices whose antivirus runs and is not up to date.
    pub outdated: Measured<Figure>,
    /// Devices whose antivirus runs and is up to date.
    pub protected: Measured<Figure>,
}

impl AntivirusPosture {
    /// Each figure seen through `view`.
    pub(super) fn map(self, view: impl Fn(Measured<Figure>) -> Measured<Figure>) -> Self {
        Self {
            without: view(self.without),
            not_running: view(self.not_running),
            outdated: view(self.outdated),
            protected: view(self.protected),
        }
    }
}

/// How these devices are protected.
///
/// In scope are all that are not deleted and no printer, ESXi host or network device. One that reports no antivirus data tells nothing: it is
/// counted as silent, neither as protected nor as unprotected. So is one with a status that this version does not know.
pub fn antivirus_posture(devices: &[Device], policy: &AntivirusPolicy) -> AntivirusPosture {
    let count = |wanted: State| {
        count_in_scope(devices, "antivirus data", is_computer, move |device| match device.antivirus.as_ref() {
            Some(antivirus) => match State::of(antivirus, policy) {
                Some(state) => Verdict::when(state == wanted, || describe(antivirus)),
                None => Verdict::Silent,
            },
            None => Verdict::Silent,
        })
    };
    AntivirusPosture {
        without: count(State::Without),
        not_running: count(State::NotRunning),
        outdated: count(State::Outdated),
        protected: count(State::Protected),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Without,
    NotRunning,
    Outdated,
    Protected,
}

impl State {
    fn of(antivirus: &Antivirus, policy: &AntivirusPolicy) -> Option<Self> {
        let product = antivirus.antivirus_product.as_deref();
        Some(match antivirus.antivirus_status.as_ref()? {
            AntivirusStatus::NotDetected => Self::Without,
            AntivirusStatus::Other(_) => return None,
            _ if !policy.takes(product) => Self::Without,
            AntivirusStatus::NotRunning => Self::NotRunning,
            AntivirusStatus::RunningAndNotUpToDate => Self::Outdated,
            AntivirusStatus::RunningAndUpToDate => Self::Protected,
        })
    }
}

fn describe(antivirus: &Antivirus) -> String {
    let status = antivirus.antivirus_status.as_ref().map(ToString::to_string).unwrap_or_default();
    match antivirus.antivirus_product.as_deref().filter(|product| !product.is_empty()) {
        Some(product) => format!("{product}: {status}"),
        None => status,
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::{counted, device};
    use super::*;
    use serde_json::json;

    fn guarded(uid: &str, product: &str, status: &str) -> Device {
        device(uid, json!({"antivirus": {"antivirusProduct": product, "antivirusStatus": status}}))
    }

    fn fleet() -> Vec<Device> {
        vec![
            guarded("1", "Windows Defender", "RunningAndUpToDate"),
            guarded("2", "", "NotDetected"),
            guarded("3", "Datto AV", "NotRunning"),
            guarded("4", "Datto AV", "RunningAndNotUpToDate"),
            guarded("5", "Datto AV", "Sleeping"),
            device("6", json!({"antivirus": null})),
            device("7", json!({"antivirus": {}})),
            device("8", json!({"deviceClass": "printer", "antivirus": {"antivirusStatus": "NotDetected"}})),
            device("9", json!({"deviceClass": "esxihost"})),
            device("10", json!({"deviceClass": "rmmnetworkdevice"})),
        ]
    }

    #[test]
    fn each_state_is_counted_apart() {
        let posture = antivirus_posture(&fleet(), &AntivirusPolicy::default());
        assert_eq!(counted(&posture.without), ["2"]);
        assert_eq!(counted(&posture.not_running), ["3"]);
        assert_eq!(counted(&posture.outdated), ["4"]);
        assert_eq!(counted(&posture.protected), ["1"]);
        assert_eq!(posture.without.to_string(), "1 of 4 (3 more report nothing)");
    }

    #[test]
    fn a_product_outside_the_list_is_no_antivirus() {
        let posture = antivirus_posture(&fleet(), &AntivirusPolicy::default().product("datto av"));
        assert_eq!(counted(&posture.without), ["1", "2"]);
        assert_eq!(posture.without.value().unwrap().evidence[0].what, "Windows Defender: RunningAndUpToDate");
        assert_eq!(counted(&posture.not_running), ["3"]);
    }

    #[test]
    fn a_fleet_of_printers_and_silent_devices_is_unknown() {
        for fleet in [&fleet()[5..7], &fleet()[7..]] {
            let posture = antivirus_posture(fleet, &AntivirusPolicy::default());
            assert!(matches!(posture.without, Measured::Unknown { .. }));
            assert!(matches!(posture.protected, Measured::Unknown { .. }));
        }
    }
}
