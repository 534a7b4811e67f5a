//! Where a company appears in the products: a site, a client of the backup portal, a SaaS organisation, a project.

use std::collections::BTreeMap;
use std::fmt;

use datto_common::Measured;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::company::System;
use super::named::named;

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlaceKind {
    /// A site of Datto RMM.
    RmmSite,
    /// A client of the backup portal, with appliances, Direct-to-Cloud or PC agents.
    BackupClient,
    /// A customer of SaaS Protection.
    SaasOrganisation,
    /// A project of Workplace.
    WorkplaceProject,
}

impl PlaceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::RmmSite, Self::BackupClient, Self::SaasOrganisation, Self::WorkplaceProject];
}

impl fmt::Display for PlaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RmmSite => "RMM site",
            Self::BackupClient => "backup client",
            Self::SaasOrganisation => "SaaS organisation",
            Self::WorkplaceProject => "Workplace project",
        })
    }
}

/// What names a place for good: names change, this does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlaceKey {
    /// What it is.
    pub kind: PlaceKind,
    /// Its id there: the uid of a site, the number of an organization, the id of a SaaS customer or project.
    pub id: String,
}

impl PlaceKey {
    /// The key of a place.
    pub fn new(kind: PlaceKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for PlaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// A place where a company appears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Place {
    /// What names it for good.
    #[serde(flatten)]
    pub key: PlaceKey,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Other names that the product has for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_names: Vec<String>,
    /// Its domains on the internet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The ids of the company in other systems, as the product names them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known_ids: BTreeMap<System, String>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

named!(Place);

impl Place {
    /// A place of this kind, id and name.
    pub fn new(kind: PlaceKind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            key: PlaceKey::new(kind, id),
            name: name.into(),
            further_names: Vec::new(),
            domains: Vec::new(),
            known_ids: BTreeMap::new(),
            extra: BTreeMap::new(),
        }
    }
}

/// The places of one kind, as far as they could be read. Only a list that is known lets a place count as gone.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Places {
    /// What they are.
    pub kind: PlaceKind,
    /// The places.
    pub list: Measured<Vec<Place>>,
}

impl Places {
    /// The places of one kind. Those of another kind are left out.
    pub fn new(kind: PlaceKind, list: Measured<Vec<Place>>) -> Self {
        let list = list.map(|mut places| {
            places.retain(|place| place.key.kind == kind);
            places
        });
        Self { kind, list }
    }
}
