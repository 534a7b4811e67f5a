//! Scenarios: settings, faults, events and accounts as data, and those that have a name.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::change::{Change, Refused};
use crate::fault_form::Span;
use crate::sandbox::SandboxBuilder;
use crate::schedule::When;
use crate::settings::Reach;

impl SandboxBuilder {
    /// Adds what a scenario says to what was set before, from data of this form:
    ///
    /// ```
    /// let scenario = serde_json::json!({
    ///     "devices": 1_200,
    ///     "latency": "50ms",
    ///     "fault": [{"fault": "status", "status": 503, "path_contains": "/account/devices", "times": 2}],
    ///     "event": [
    ///         {"after": "5m", "change": "tenant_gone"},
    ///         {"after": "1m", "every": "10m", "times": 6, "change": "raise_alert", "priority": "Critical"},
    ///         {"before_page": {"list": "devices.list", "page": 3}, "change": "remove_device"},
    ///     ],
    ///     "account": [{"name": "north", "devices": 40, "platform": "vidal"}],
    /// });
    /// let builder = datto_sandbox::Sandbox::builder().data(&scenario)?;
    /// # drop(builder);
    /// # Ok::<(), datto_sandbox::Refused>(())
    /// ```
    ///
    /// Settings have the names of [`settings`](Self::settings); a [`Fault`](crate::Fault) is written by the name of its constructor
    /// and those of its methods, a [`Change`] by its name in snake case.
    ///
    /// # Errors
    /// If a name is unknown or a value does not fit; the error says which.
    pub fn data(mut self, scenario: &Value) -> Result<Self, Refused> {
        let scenario = scenario.as_object().ok_or_else(|| Refused::new("a scenario is an object"))?;
        for (name, value) in scenario {
            self = match name.as_str() {
                "fault" => each(name, value)?
                    .iter()
                    .try_fold(self, |builder, fault| Ok::<_, Refused>(builder.fault(read(name, fault)?)))?,
                "event" => each(name, value)?.iter().try_fold(self, Self::event_data)?,
                "account" => each(name, value)?.iter().try_fold(self, Self::account_data)?,
                _ => self.set(name, &text(name, value)?)?,
            };
        }
        Ok(self)
    }

    fn event_data(self, event: &Value) -> Result<Self, Refused> {
        let events = events(event)?;
        Ok(events.into_iter().fold(self, |builder, (when, change)| builder.event(when, change)))
    }

    fn account_data(mut self, account: &Value) -> Result<Self, Refused> {
        let mut rest = account.as_object().cloned().unwrap_or_default();
        let Some(Value::String(name)) = rest.remove("name") else {
            return Err(Refused::new("account: each has a name"));
        };
        let process = SandboxBuilder::settings().iter().filter(|about| about.reach == Reach::Process);
        let mut whole = process.map(|about| about.name).chain(["fault", "account"]);
        if let Some(what) = whole.find(|what| rest.contains_key(*what)) {
            return Err(Refused::new(format!("account {name}: {what} belongs to the scenario as a whole")));
        }
        let known = self.accounts.iter().position(|(known, _)| *known == name);
        let before = known.map(|place| self.accounts.remove(place).1).unwrap_or_default();
        let after = before.data(&Value::Object(rest)).map_err(|why| Refused::new(format!("account {name}: {why}")))?;
        self.accounts.insert(known.unwrap_or(self.accounts.len()), (name, after));
        Ok(self)
    }
}

#[cfg(feature = "scenarios")]
impl SandboxBuilder {
    /// The scenarios that have a name: name and TOML text, which begins with what it is about.
    pub fn scenarios() -> &'static [(&'static str, &'static str)] {
        &[
            ("half-blind-key", include_str!("../scenarios/half-blind-key.toml")),
            ("monday-morning", include_str!("../scenarios/monday-morning.toml")),
            ("moving-list", include_str!("../scenarios/moving-list.toml")),
            ("ransomware", include_str!("../scenarios/ransomware.toml")),
            ("tenant-gone", include_str!("../scenarios/tenant-gone.toml")),
        ]
    }

    /// Adds what a scenario with a name says to what was set before.
    ///
    /// ```
    /// let builder = datto_sandbox::Sandbox::builder().scenario("moving-list")?.devices(500);
    /// # drop(builder);
    /// # Ok::<(), datto_sandbox::Refused>(())
    /// ```
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn scenario(self, name: &str) -> Result<Self, Refused> {
        let known = Self::scenarios();
        let Some((_, text)) = known.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            return Err(Refused::new(format!("there is no scenario {name}; there are {}", names.join(", "))));
        };
        self.toml(text)
    }

    /// Adds what a scenario file says to what was set before; the form is that of [`data`](Self::data).
    ///
    /// # Errors
    /// If the text is no TOML, a name is unknown or a value does not fit; the error says which.
    pub fn toml(self, text: &str) -> Result<Self, Refused> {
        let scenario: Value = toml::from_str(text).map_err(|error| Refused::new(error.to_string()))?;
        self.data(&scenario)
    }
}

/// The members of an array.
fn each<'a>(name: &str, value: &'a Value) -> Result<&'a [Value], Refused> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| Refused::new(format!("{name} is an array of objects")))
}

fn read<T: for<'de> Deserialize<'de>>(name: &str, value: &Value) -> Result<T, Refused> {
    T::deserialize(value).map_err(|error| Refused::new(format!("{name} {value}: {error}")))
}

/// The text of a setting, which may be a number or a flag where it looks like one.
pub(crate) fn text(name: &str, value: &Value) -> Result<String, Refused> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(Refused::new(format!("{name}: {value} is neither a text nor a number nor a flag"))),
    }
}

/// When something happens, as data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    after: Option<Span>,
    every: Option<Span>,
    times: Option<u32>,
    before_page: Option<Page>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    list: String,
    page: u64,
}

/// So often an event may be repeated: each is kept until it happens.
const MOST: u32 = 100_000;

/// Reads an event: a change and its moment, which may be repeated.
pub(crate) fn events(event: &Value) -> Result<Vec<(When, Change)>, Refused> {
    let all = event.as_object().cloned().ok_or_else(|| Refused::new("an event is an object"))?;
    let (moment, change): (Map<String, Value>, Map<String, Value>) =
        all.into_iter().partition(|(name, _)| ["after", "every", "times", "before_page"].contains(&name.as_str()));
    let moment: Moment = read("event", &Value::Object(moment))?;
    let change: Change = read("event", &Value::Object(change))?;
    match moment {
        Moment { before_page: Some(Page { list, page }), after: None, every: None, times: None } => {
            Ok(vec![(When::BeforePage { list, page }, change)])
        }
        Moment { before_page: None, after: Some(Span(first)), every, times } => {
            let every = every.map_or(Duration::ZERO, |Span(every)| every);
            let moment = |time: u32| first.saturating_add(every.saturating_mul(time));
            Ok((0..times.unwrap_or(1).min(MOST)).map(|time| (When::After(moment(time)), change.clone())).collect())
        }
        _ => Err(Refused::new(format!("event {event}: it has either `after` (and `every`, `times`) or `before_page`"))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{SandboxBuilder, events};
    use crate::Sandbox;
    use crate::change::Change;
    use crate::schedule::When;

    #[test]
    fn every_setting_is_a_key() {
        let before = Sandbox::builder();
        for about in SandboxBuilder::settings() {
            let text = before.settings.text(about.name).unwrap();
            let builder = before.clone().data(&json!({ about.name: text })).unwrap();
            assert_eq!(builder.settings.text(about.name), Some(text), "{}", about.name);
        }
        let builder = before.data(&json!({"devices": 7, "life": true, "latency": "1s"})).unwrap();
        assert_eq!((builder.settings.devices, builder.settings.life), (7, true));
    }

    #[test]
    fn an_account_that_is_named_again_is_the_same() {
        let builder = Sandbox::builder().account("north", Sandbox::builder().devices(9).seed(4));
        let builder = builder.data(&json!({"account": [{"name": "north", "devices": 5}, {"name": "south"}]})).unwrap();
        let [(north, first), (south, _)] = &builder.accounts[..] else { panic!("{builder:?}") };
        assert_eq!((north.as_str(), south.as_str()), ("north", "south"));
        assert_eq!((first.settings.devices, first.settings.seed), (5, 4));
    }

    #[test]
    fn an_event_can_come_again() {
        let planned = events(&json!({"after": "1m", "every": "30s", "times": 3, "change": "shuffle_devices"})).unwrap();
        let moments: Vec<When> = [60, 90, 120].map(|seconds| When::After(Duration::from_secs(seconds))).to_vec();
        assert_eq!(planned.iter().map(|(when, _)| when.clone()).collect::<Vec<_>>(), moments);
        assert!(planned.iter().all(|(_, change)| *change == Change::ShuffleDevices {}));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (scenario, named) in [
            (json!({"sed": 7}), "sed"),
            (json!({"latency": "long"}), "latency"),
            (json!({"latency": [1]}), "latency"),
            (json!({"fault": {"fault": "reset"}}), "array"),
            (json!({"fault": [{"fault": "rest"}]}), "rest"),
            (json!({"event": [{"after": "1m", "change": "explode"}]}), "explode"),
            (json!({"event": [{"change": "shuffle_devices"}]}), "before_page"),
            (json!({"event": [{"after": "1m", "change": "shuffle_devices", "device": "x"}]}), "device"),
            (json!({"account": [{"devices": 1}]}), "name"),
            (json!({"account": [{"name": "north", "devises": 1}]}), "devises"),
            (json!({"account": [{"name": "north", "fault": []}]}), "whole"),
            (json!({"account": [{"name": "north", "bind": "0.0.0.0"}]}), "whole"),
        ] {
            let error = Sandbox::builder().data(&scenario).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[cfg(feature = "scenarios")]
    #[test]
    fn every_scenario_with_a_name_can_be_read() {
        for (name, text) in SandboxBuilder::scenarios() {
            assert!(text.starts_with("# "), "{name} says what it is about");
            let builder = Sandbox::builder().scenario(name).unwrap();
            assert!(!builder.events.is_empty(), "{name}");
        }
        let error = Sandbox::builder().scenario("tuesday").unwrap_err().to_string();
        assert!(error.contains("monday-morning"), "{error}");
        let error = Sandbox::builder().toml("devices = 3\nseed = ").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
