//! Guides: what a user of the clients has to know beside the docs of each call.
//!
//! | guide | |
//! |---|---|
//! | [`credentials`] | Where the keys come from, what they may do, rotation. |
//! | [`limits`] | What the services allow, and how the clients keep within it. |
//! | [`lists`] | Lists that are whole or say what is missing; what absence proves. |
//! | [`errors`] | What you see, what it means, what to do. |
//! | [`writes`] | What is sent again, and what "may have happened" means. |
//! | [`accounts`] | Many accounts in one program. |
//! | [`testing`] | Testing your code without an account. |
//! | [`moving`] | From other clients to this one: their names, ours. |
//! | [`cannot`] | What the services offer no call for, and what to do instead. |
//! | [`telemetry`] | Spans and events. |

pub use datto_common::docs::telemetry;

#[doc = include_str!("docs/credentials.md")]
pub mod credentials {}

#[doc = include_str!("docs/limits.md")]
pub mod limits {}

#[doc = include_str!("docs/lists.md")]
pub mod lists {}

#[doc = include_str!("docs/errors.md")]
pub mod errors {}

#[doc = include_str!("docs/writes.md")]
pub mod writes {}

#[doc = include_str!("docs/accounts.md")]
pub mod accounts {}

#[doc = include_str!("docs/testing.md")]
pub mod testing {}

#[doc = include_str!("docs/moving.md")]
pub mod moving {}

#[doc = include_str!("docs/cannot.md")]
pub mod cannot {}
