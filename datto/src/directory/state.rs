//! What is decided about a place.

use std::collections::BTreeMap;
use std::fmt;

use datto_common::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::Place;

/// Which company a place belongs to, as far as that is decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It is this company's.
    Linked(Link),
    /// It may be one of these companies', the best first. Nothing is done with it before a person decides.
    Suggested {
        /// The companies, with score and reason.
        matches: Vec<Match>,
    },
    /// No company is like it.
    Unlinked,
    /// A person said that it belongs to none of the list.
    KeepSeparate {
        /// Who said so.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// A state of a newer version, kept as it came.
    #[serde(untagged)]
    Other(Value),
}

/// A link of a place to a company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// The id of the company.
    pub company: String,
    /// By what it was made.
    pub how: How,
    /// The same in words: "site names the Autotask company 2001".
    pub why: String,
    /// The person who made or confirmed it; `None` if nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Since when it holds.
    pub at: Timestamp,
}

/// A company that a place may belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Match {
    /// The id of the company.
    pub company: String,
    /// How alike, from 0 to 1.
    pub score: f64,
    /// By what.
    pub how: How,
    /// The same in words.
    pub why: String,
}

/// By what a place and a company were brought together, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// A person said so.
    Person,
    /// The product names the company's id in another system.
    KnownId,
    /// The names are the same, letter by letter.
    SameName,
    /// The names are the same but for case, accents, punctuation, legal form and the order of words.
    SameWords,
    /// A domain is the same, and the names do not speak against it.
    SameDomain,
    /// The names are alike.
    Alike,
    /// A way of a newer version.
    #[serde(other)]
    Other,
}

impl How {
    /// Whether a link is made by it without a person.
    pub fn is_sure(self) -> bool {
        matches!(self, Self::Person | Self::KnownId | Self::SameName | Self::SameWords | Self::SameDomain)
    }
}

/// A place and what is decided about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The place as it was last seen.
    pub place: Place,
    /// What is decided.
    #[serde(flatten)]
    pub decision: Decision,
}

/// What is decided about a place, and what was last heard of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Decision {
    /// Which company it belongs to.
    pub link: State,
    /// When a list last had it.
    pub seen: Timestamp,
    /// Since when whole lists have lacked it; `None` while it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

impl Entry {
    /// The company that it is linked to.
    pub fn company(&self) -> Option<&str> {
        match &self.decision.link {
            State::Linked(link) => Some(&link.company),
            _ => None,
        }
    }

    /// The companies that it may belong to, the best first.
    pub fn suggestions(&self) -> &[Match] {
        match &self.decision.link {
            State::Suggested { matches } => matches,
            _ => &[],
        }
    }

    /// Whether a person decided.
    pub fn is_confirmed(&self) -> bool {
        match &self.decision.link {
            State::Linked(link) => link.by.is_some(),
            State::KeepSeparate { .. } => true,
            _ => false,
        }
    }

    /// Whether the last whole list lacked it.
    pub fn is_gone(&self) -> bool {
        self.decision.gone.is_some()
    }
}

/// "linked to 2001: …", "perhaps 2001 (0.93): …; or 2 others", "linked to nobody", "kept separate by Kim".
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linked(link) => write!(f, "linked to {}: {}", link.company, link.why),
            Self::Suggested { matches } => {
                let Some(best) = matches.first() else { return f.write_str("linked to nobody") };
                write!(f, "perhaps {} ({:.2}): {}", best.company, best.score, best.why)?;
                match matches.len() {
                    1 => Ok(()),
                    2 => write!(f, "; or another"),
                    all => write!(f, "; or {} others", all - 1),
                }
            }
            Self::Unlinked => f.write_str("linked to nobody"),
            Self::KeepSeparate { by, .. } => write!(f, "kept separate by {by}"),
            Self::Other(_) => f.write_str("in a state of a newer version"),
        }
    }
}
