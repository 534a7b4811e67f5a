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
//! - A file has its final name when it is whole. An upload is never sent twice.
//! - A listing without its list is an error, never an empty folder; a [`Walk`] says whether it was complete.

mod client;
mod connection;
mod endpoint;
mod endpoint_error;
mod endpoints;
mod envelope;
mod ids;
mod metadata;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod models;
pub mod operations;
mod paths;
mod profile;
mod transfer;
mod walk;

pub use client::{WorkplaceClient, WorkplaceClientBuilder};
pub use datto_common::shared::*;
pub use endpoint::{Endpoint, Product, Region};
pub use endpoint_error::EndpointError;
pub use endpoints::{FilesApi, FoldersApi, GetItem, ListChildren, ListProjects, ProjectsApi};
pub use ids::{FileId, FolderId, ProjectId};
pub use metadata::Metadata;
pub use models::{Item, Lock};
pub use paths::{Case, Paths};
pub use transfer::{
    Conflict, Download, DownloadStream, Downloaded, FileBytes, Moved, Progress, Upload, Uploaded, Uploading, Verified,
};
pub use walk::{Entry, Walk};
