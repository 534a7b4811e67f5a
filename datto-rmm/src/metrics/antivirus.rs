//! Which devices lack antivirus, and which run only what came with Windows.

use std::collections::BTreeMap;

use datto_common::Measured;
use serde::{Deserialize, Serialize};

use super::figure::{Figure, Question, Verdict, count};
use super::fleet::{Fleet, FleetScope, is_computer};
use crate::models::{Antivirus, AntivirusStatus, Device};

/// What counts as antivirus, and what as a hosted one.
///
/// A hosted antivirus is one that a provider sees and steers. What is built into Windows is not, unless it is managed: "Windows Defender" and
/// "Microsoft Defender Antivirus" are built in, "Microsoft Defender for Endpoint" or "for Business" is hosted. That the service names the managed ones
/// so is a guess; who knows better names the products.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AntivirusPolicy {
    /// The products that count at all, by parts of their names, without regard to case. Empty: every product counts.
    pub products: Vec<String>,
    /// The products that count as hosted, by parts of their names. Empty: every one that counts and is not built into Windows.
    pub hosted: Vec<String>,
}

impl AntivirusPolicy {
    /// Lets a product count, by a part of its name; without any, every product counts.
    #[must_use]
    pub fn product(mut self, name: impl Into<String>) -> Self {
        self.products.push(name.into());
        self
    }

    /// Lets a product count as hosted, by a part of its name; without any, every product that is not built into Windows does.
    #[must_use]
    pub fn hosted_product(mut self, name: impl Into<String>) -> Self {
        self.hosted.push(name.into());
        self
    }

    /// Whether a product of this name counts.
    fn takes(&self, product: Option<&str>) -> bool {
        self.products.is_empty() || names(&self.products, product)
    }

    /// Whether a product of this name is hosted. One without a name is none that anybody steers.
    pub fn is_hosted(&self, product: Option<&str>) -> bool {
        let named = product.is_some_and(|product| !product.trim().is_empty());
        named
            && self.takes(product)
            && if self.hosted.is_empty() { !is_built_in(product) } else { names(&self.hosted, product) }
    }
}

fn names(parts: &[String], product: Option<&str>) -> bool {
    let product = product.unwrap_or_default().to_lowercase();
    parts.iter().any(|part| product.contains(&part.to_lowercase()))
}

/// Whether it comes with Windows and nobody manages it.
fn is_built_in(product: Option<&str>) -> bool {
    let product = product.unwrap_or_default().to_lowercase();
    let of_windows =
        ["defender", "security essentials", "windows security", "forefront"].iter().any(|part| product.contains(part));
    let managed = ["endpoint", "business", "atp", "advanced threat", "365", "identity", "cloud", "managed", "xdr"];
    // "Bitdefender" and its like are no Defender.
    let other_maker = product.split(|letter: char| !letter.is_alphanumeric()).all(|word| word != "defender")
        && product.contains("defender");
    of_windows && !other_maker && !managed.iter().any(|part| product.contains(part))
}

/// How a fleet is protected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AntivirusPosture {
    /// Devices without antivirus: none detected, or one that the policy does not count.
    pub without: Measured<Figure>,
    /// Devices without a hosted antivirus: none detected, or one that the policy does not count as hosted, as what is built into Windows.
    pub without_hosted: Measured<Figure>,
    /// Devices whose antivirus is there and does not run.
    pub not_running: Measured<Figure>,
    /// Devices whose antivirus runs and is not up to date.
    pub outdated: Measured<Figure>,
    /// Devices whose antivirus runs and is up to date.
    pub protected: Measured<Figure>,
    /// Every product there is, by its name; the most devices first.
    pub products: Measured<Vec<ProductCount>>,
}

/// How many devices have one antivirus product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProductCount {
    /// The product, as the devices name it; empty where it was found and has no name.
    pub product: String,
    /// Whether the policy counts it as hosted.
    pub hosted: bool,
    /// How many devices have it.
    pub devices: u64,
    /// On how many of them it runs and is up to date.
    pub protected: u64,
}

const ANTIVIRUS: Question = Question { topic: "antivirus", of_what: "antivirus data", members: &["antivirus"] };

impl AntivirusPosture {
    /// Each figure seen through `view`, the list of products through `list`.
    pub(super) fn map(
        self,
        view: impl Fn(Measured<Figure>) -> Measured<Figure>,
        list: impl Fn(Measured<Vec<ProductCount>>) -> Measured<Vec<ProductCount>>,
    ) -> Self {
        Self {
            without: view(self.without),
            without_hosted: view(self.without_hosted),
            not_running: view(self.not_running),
            outdated: view(self.outdated),
            protected: view(self.protected),
            products: list(self.products),
        }
    }
}

/// How these devices are protected.
///
/// In scope are all that are not deleted, on demand or suspended, and no printer, ESXi host or network device. One that reports no antivirus data tells
/// nothing: it is counted as silent, neither as protected nor as unprotected. So is one with a status that this version does not know.
pub fn antivirus_posture(devices: &[Device], policy: &AntivirusPolicy) -> AntivirusPosture {
    posture(&Fleet::new(devices, &FleetScope::default()), policy)
}

pub(super) fn posture(fleet: &Fleet<'_>, policy: &AntivirusPolicy) -> AntivirusPosture {
    let ask = |topic: &'static str, counts: &dyn Fn(State, &Antivirus) -> bool| {
        count(fleet, Question { topic, ..ANTIVIRUS }, is_computer, |subject| {
            match subject
                .device
                .antivirus
                .as_ref()
                .and_then(|antivirus| Some((State::of(antivirus, policy)?, antivirus)))
            {
                Some((state, antivirus)) => Verdict::when(counts(state, antivirus), || describe(antivirus)),
                None => Verdict::Silent,
            }
        })
    };
    let in_state = |wanted: State| ask("antivirus", &move |state, _| state == wanted);
    AntivirusPosture {
        without: in_state(State::Without),
        without_hosted: ask("hosted-antivirus", &|state, antivirus| {
            state == State::Without || !policy.is_hosted(antivirus.antivirus_product.as_deref())
        }),
        not_running: in_state(State::NotRunning),
        outdated: in_state(State::Outdated),
        protected: in_state(State::Protected),
        products: products(fleet, policy),
    }
}

fn products(fleet: &Fleet<'_>, policy: &AntivirusPolicy) -> Measured<Vec<ProductCount>> {
    let told = count(fleet, ANTIVIRUS, is_computer, |subject| match &subject.device.antivirus {
        Some(antivirus) if antivirus.antivirus_status.is_some() => Verdict::Not,
        _ => Verdict::Silent,
    });
    let mut by_name: BTreeMap<&str, ProductCount> = BTreeMap::new();
    let found =
        fleet.subjects().filter(|subject| is_computer(subject)).filter_map(|subject| subject.device.antivirus.as_ref());
    for antivirus in found {
        let Some(status) =
            antivirus.antivirus_status.as_ref().filter(|status| **status != AntivirusStatus::NotDetected)
        else {
            continue;
        };
        let name = antivirus.antivirus_product.as_deref().unwrap_or_default().trim();
        let count = by_name.entry(name).or_insert_with(|| ProductCount {
            product: name.to_owned(),
            hosted: policy.is_hosted(Some(name)),
            devices: 0,
            protected: 0,
        });
        count.devices += 1;
        count.protected += u64::from(*status == AntivirusStatus::RunningAndUpToDate);
    }
    let mut list: Vec<ProductCount> = by_name.into_values().collect();
    list.sort_by_key(|product| std::cmp::Reverse(product.devices));
    told.map(|_| list)
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
    fn what_is_built_into_windows_is_not_hosted_unless_it_is_managed() {
        let policy = AntivirusPolicy::default();
        for (product, hosted) in [
            ("Windows Defender", false),
            ("Microsoft Defender Antivirus", false),
            ("Microsoft Security Essentials", false),
            ("", false),
            ("Microsoft Defender for Endpoint", true),
            ("Microsoft Defender for Business", true),
            ("Windows Defender Advanced Threat Protection", true),
            ("Bitdefender Endpoint Security", true),
            ("Bitdefender Antivirus Free", true),
            ("Datto AV", true),
        ] {
            assert_eq!(policy.is_hosted(Some(product)), hosted, "{product}");
        }
        let only = AntivirusPolicy::default().hosted_product("datto av");
        assert!(only.is_hosted(Some("Datto AV")) && !only.is_hosted(Some("Sophos Endpoint")));
        let trusted = AntivirusPolicy::default().hosted_product("windows defender");
        assert!(trusted.is_hosted(Some("Windows Defender")));
    }

    #[test]
    fn products_are_counted_and_the_built_in_one_is_no_hosted_one() {
        let posture = antivirus_posture(&fleet(), &AntivirusPolicy::default());
        assert_eq!(counted(&posture.without_hosted), ["1", "2"]);
        let products = posture.products.known().unwrap();
        let told: Vec<_> = products
            .iter()
            .map(|count| (count.product.as_str(), count.hosted, count.devices, count.protected))
            .collect();
        assert_eq!(told, [("Datto AV", true, 3, 0), ("Windows Defender", false, 1, 1)]);
    }

    #[test]
    fn suspended_and_on_demand_devices_raise_no_alarm() {
        let mut fleet = vec![
            guarded("1", "Datto AV", "RunningAndUpToDate"),
            guarded("2", "Datto AV", "NotRunning"),
            guarded("3", "Datto AV", "NotRunning"),
        ];
        fleet[1].suspended = Some(true);
        fleet[2].site_name = Some("OnDemand".to_owned());
        assert_eq!(counted(&antivirus_posture(&fleet, &AntivirusPolicy::default()).not_running), [""; 0]);
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
