//! Client of the Datto Workplace and Datto File Protection API: projects, folders, files.
//!
//! ```no_run
//! # async fn run() -> datto_workplace::Result<()> {
//! use datto_workplace::{Upload, WorkplaceClient};
//! let files = WorkplaceClient::builder()
//!     .endpoint("https://us.workplace.datto.com/5/api/v1")
//!     .credentials("id", "secret")
//!     .build()?;
//! let folder = files.paths().ensure("Finance/2026/Invoices").await?;
//! let uploaded = files.files().upload(&folder, Upload::file("report.pdf")).await?;
//! files.files().download(&uploaded.id).to_file("back.pdf").await?;
//! # Ok(())
//! # }
//! ```
//!
//! What is known of this API is thin: there is no public document, so the calls are those that programs were seen to make.
//! What is a guess says so. Whoever has an account can settle the rest: [`WorkplaceClient::description`] is the service's own.
//!
//! - Transfers are streams: memory stays the same whatever the size. [`Verified`] says what was compared.
//! - A file has its final name when it is whole; what is given up leaves nothing behind. An upload is never sent twice.
//! - A listing without its list is an error, never an empty folder; a [`Walk`] says whether it was complete, and goes on later
//!   where it stood.
//! - Stores spell names otherwise than they were sent: [`names`] tells which are one.

mod client;
mod connection;
mod endpoint;
mod endpoint_error;
pub mod endpoints;
mod envelope;
pub mod ids;
mod metadata;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod models;
pub mod names;
#[doc(hidden)]
pub mod operations;
mod paths;
mod paths_cache;
mod profile;
#[cfg(feature = "testing")]
pub mod testing;
mod transfer;
mod walk;
mod walk_state;

pub use client::{WorkplaceClient, WorkplaceClientBuilder};
pub use endpoint::{Endpoint, Product, Region};
pub use endpoint_error::EndpointError;
// Every name is at the root too; the docs show each once, in its module.
#[doc(no_inline)]
pub use datto_common::shared::*;
#[doc(no_inline)]
pub use endpoints::*;
#[doc(no_inline)]
pub use ids::*;
#[doc(no_inline)]
pub use models::*;

/// The programs of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
