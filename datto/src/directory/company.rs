//! The companies of whatever list a provider keeps: a PSA, a spreadsheet, the sites themselves.

use std::collections::BTreeMap;

use super::named::named;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose number an id is. Two systems count from one each, so a number without its system tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct System(String);

impl System {
    /// Autotask: Datto RMM names its company ids at each linked site.
    pub fn autotask() -> Self {
        Self::named("autotask")
    }

    /// The organizations of the partner portal: backup clients, SaaS customers and Direct-to-Cloud share their numbers.
    pub fn datto_organization() -> Self {
        Self::named("datto-organization")
    }

    /// Any other system, by a name of one's own.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A customer as the provider's own list has it.
///
/// ```
/// use datto::directory::Company;
/// let company = Company::new("2001", "Contoso Ltd").also_named("Contoso Bakery").domain("contoso.example").autotask_id("2001");
/// assert_eq!(company.name, "Contoso Ltd");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Company {
    /// Its id in the list; what links refer to.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Other names that it goes by: of trade, of old.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_names: Vec<String>,
    /// Its domains on the internet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Its ids in other systems.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known_ids: BTreeMap<System, String>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

named!(Company);

impl Company {
    /// A company of this id and name.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), ..Self::default() }
    }

    /// It has this company id in Autotask.
    #[must_use]
    pub fn autotask_id(self, id: impl Into<String>) -> Self {
        self.known_id(System::autotask(), id)
    }
}
