//! What the clients of the Datto products share: transport, authentication, retries, limits, paging, errors.

// The `model!` macro names the crate as its users do.
#[cfg(test)]
extern crate self as datto_common;

mod error;
mod ids;
mod measured;
mod model;
mod open_enum;
mod secret;
mod timestamp;

pub use error::{Error, ErrorKind, Result};
pub use measured::{Cause, Measured, Missing};
pub use model::Extra;
pub use secret::{Secret, Sensitive};
pub use timestamp::Timestamp;

/// What the product crates need of the core. Outside semver: do not use it.
#[doc(hidden)]
pub mod internal {
    pub use crate::error::{Context, Text};
    pub use crate::ids::read_id;
    pub use crate::model::{Field, Model, Unset, is_unset};
}
