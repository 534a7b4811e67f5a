//! Names to names: which site, backup client, SaaS organisation and Workplace project belongs to which company.
//!
//! A provider's customer has a name of its own in each product. A [`Directory`] brings them together and keeps what was decided.
//!
//! What is linked without a person asking: an id of the company that the product names; the same name, or the same words of a name, where no other
//! company has them and no other place of the kind; the company's own domain, if the names do not speak against it. Everything else is suggested, with a
//! score and a reason in words. Two empty names are never the same name.

mod catalogue;
mod company;
mod document;
mod drift;
mod matching;
mod named;
mod normal;
mod place;
#[cfg(any(feature = "rmm", feature = "bcdr", feature = "workplace"))]
mod products;
mod similar;
mod state;

pub use company::{Company, System};
pub use document::{Count, Directory, Summary};
pub use drift::{Change, Drift};
pub use matching::MatchPolicy;
pub use place::{Place, PlaceKey, PlaceKind, Places};
#[cfg(any(feature = "rmm", feature = "bcdr", feature = "workplace"))]
pub use products::*;
pub use state::{Decision, Entry, How, Link, Match, State};

/// The id of a backup client that the portal knows by name alone.
#[cfg(feature = "bcdr")]
pub(crate) fn client_without_organization(folded: &str) -> String {
    format!("name:{folded}")
}
