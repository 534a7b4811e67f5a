//! What changed since the document was last brought up to date.

use std::fmt;

use datto_common::Missing;
use serde::{Deserialize, Serialize};

use super::place::PlaceKey;

/// What changed since a directory was last brought up to date.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drift {
    /// The changes, by place.
    pub changes: Vec<Change>,
    /// What could not be read: of it nothing is said, and nothing counts as gone.
    pub missing: Vec<Missing>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// A place that was not there before.
    Appeared {
        /// Which.
        place: PlaceKey,
        /// Its name.
        name: String,
    },
    /// A place has another name. Its link holds: it is by id.
    Renamed {
        /// Which.
        place: PlaceKey,
        /// Its name before.
        from: String,
        /// Its name now.
        to: String,
    },
    /// A place is no longer in its list, which was read whole. It is kept, in case it comes back.
    Gone {
        /// Which.
        place: PlaceKey,
        /// Its last name.
        name: String,
        /// The company that it was linked to.
        company: Option<String>,
    },
    /// A place that was gone is back.
    Returned {
        /// Which.
        place: PlaceKey,
        /// Its name.
        name: String,
    },
    /// A company has another name.
    CompanyRenamed {
        /// Its id.
        company: String,
        /// Its name before.
        from: String,
        /// Its name now.
        to: String,
    },
    /// A company that places are linked to is no longer in the list.
    CompanyGone {
        /// Its id.
        company: String,
        /// Its last name.
        name: String,
        /// The places that are linked to it.
        places: Vec<PlaceKey>,
    },
    /// What is known now speaks for another company than the one a place is linked to. The link is kept: a person decides.
    Contradicted {
        /// Which place.
        place: PlaceKey,
        /// The company that it is linked to.
        linked: String,
        /// The company that is spoken for.
        other: String,
        /// Why.
        why: String,
    },
    /// A change of a newer version.
    #[serde(other)]
    Other,
}

impl Drift {
    /// Whether nothing changed and everything was read.
    pub fn is_none(&self) -> bool {
        self.changes.is_empty() && self.missing.is_empty()
    }
}

/// One line each.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        for missing in &self.missing {
            writeln!(f, "not read: {missing}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appeared { place, name } => write!(f, "new: {name} ({place})"),
            Self::Renamed { place, from, to } => write!(f, "renamed: {from} is now {to} ({place})"),
            Self::Gone { place, name, company: Some(company) } => {
                write!(f, "gone: {name} ({place}), which was linked to {company}")
            }
            Self::Gone { place, name, company: None } => write!(f, "gone: {name} ({place})"),
            Self::Returned { place, name } => write!(f, "back: {name} ({place})"),
            Self::CompanyRenamed { company, from, to } => write!(f, "company {company} renamed: {from} is now {to}"),
            Self::CompanyGone { company, name, places } => {
                write!(f, "company {company} ({name}) is gone, and {} places are linked to it", places.len())
            }
            Self::Contradicted { place, linked, other, why } => {
                write!(f, "doubtful: {place} is linked to {linked}, but {other} is spoken for: {why}")
            }
            Self::Other => f.write_str("a change of a newer version"),
        }
    }
}
