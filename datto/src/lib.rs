//! The clients of the Datto products in one crate, and what joins them.
//!
//! | subject | where |
//! |---|---|
//! | the three clients | `rmm`, `bcdr`, `workplace` (features of the same names, all on by default) |
//! | which site, backup client, SaaS organisation and project is which company | [`directory`] |
//! | guides: credentials, limits, lists, errors, writes, testing, what the services cannot do | [`docs`] |
//!
//! It calls nothing that the three clients do not offer. Answers are [`Measured`]: what could not be read is never taken for absent.

pub mod directory;
pub mod docs;

#[cfg(feature = "bcdr")]
pub use datto_bcdr as bcdr;
pub use datto_common::shared::*;
#[cfg(feature = "rmm")]
pub use datto_rmm as rmm;
#[cfg(feature = "workplace")]
pub use datto_workplace as workplace;
