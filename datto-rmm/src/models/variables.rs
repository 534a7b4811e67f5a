//! Variables of the account and of sites.

use datto_common::Sensitive;
use serde::Serialize;

use crate::ids::VariableId;

datto_common::model! {
    /// A variable of the account or of a site.
    pub struct Variable {
        /// Its id.
        pub id: VariableId,
        /// Its name.
        pub name: Option<String>,
        /// Its value; `Debug` hides it. Whether the service gives a masked one out is a guess: no.
        pub value: Option<Sensitive<String>>,
        /// Whether the portal hides its value.
        pub masked: Option<bool>,
    }
}

/// A variable to be created. The service answers nothing: its id is found by listing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct NewVariable {
    name: String,
    value: Sensitive<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked: Option<bool>,
}

impl NewVariable {
    /// A variable of this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Sensitive(value.into()), masked: None }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn value(&self) -> &str {
        &self.value.0
    }

    /// Whether the portal hides its value. Can be said only now: an update has no such field (official).
    pub fn masked(mut self, masked: bool) -> Self {
        self.masked = Some(masked);
        self
    }
}

/// The new name and value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct VariableUpdate {
    name: String,
    value: Sensitive<String>,
}

impl VariableUpdate {
    /// This name and value. Both are required: what the service does with one left out is not known.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Sensitive(value.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_sent_but_not_printed() {
        let new = NewVariable::new("wifi", "hunter2").masked(true);
        let update = VariableUpdate::new("wifi", "hunter3");
        let read: Variable = serde_json::from_value(json!({"id": 4, "name": "wifi", "value": "hunter4"})).unwrap();
        assert!(!format!("{new:?}{update:?}{read:?}").contains("hunter"));
        assert_eq!(serde_json::to_value(new).unwrap(), json!({"name": "wifi", "value": "hunter2", "masked": true}));
        assert_eq!(serde_json::to_value(update).unwrap(), json!({"name": "wifi", "value": "hunter3"}));
    }
}
