//! Client of the Datto RMM API: devices, sites, alerts, jobs, patches.
//!
//! ```no_run
//! # async fn run() -> datto_rmm::Result<()> {
//! use datto_rmm::{Platform, RmmClient};
//! let rmm = RmmClient::builder().platform(Platform::Merlot).api_key("key", "secret").build()?;
//! println!("{}", rmm.check_connection().await);
//! let mut alerts = rmm.alerts().open().muted(false).pager();
//! while let Some(alert) = alerts.next().await {
//!     println!("{}", alert?.sentence());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | subject | where |
//! |---|---|
//! | the account of the key | [`RmmClient::account`] |
//! | sites, their settings, proxies and variables | [`RmmClient::sites`] |
//! | devices, moves, warranties, user-defined fields, patches, quick jobs | [`RmmClient::devices`]; with typed fields [`RmmClient::devices_v3`] |
//! | alerts, in words and with fingerprints | [`RmmClient::alerts`] |
//! | alerts as events, each once, from polls and webhooks | [`watch`] |
//! | what devices are made of | [`RmmClient::audits`] |
//! | jobs: results, output, waiting, run-and-wait, what may have happened | [`RmmClient::jobs`] |
//! | a component on many devices, over restarts, none twice | [`rollout`] |
//! | who did what, when | [`RmmClient::activity_logs`] |
//! | components, filters, users, variables, networks | [`RmmClient::components`], [`RmmClient::filters`], [`RmmClient::users`], [`RmmClient::variables`], [`RmmClient::network`] |
//! | the service itself | [`RmmClient::system`] |
//! | anything else below `/api` | [`RmmClient::raw`] |
//! | figures of a fleet | [`metrics`] (feature `metrics`, on by default) |
//!
//! One call is awaited; a list is sent (one page), paged (a stream), collected (all or an error) or collected as far as it goes. A write that creates or runs
//! something reaches the service at most once: if no good answer came, [`Error::may_have_happened`] says so.
//!
//! What is said about the service is marked: *official* stands in its document (build 235), *observed* is what clients of it
//! have met, *guess* is inferred. `ENDPOINTS.md` lists every call.

mod api_url;
mod client;
mod connection;
pub mod endpoints;
pub mod ids;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod models;
#[doc(hidden)]
pub mod operations;
mod platform;
mod profile;
pub mod rollout;
#[cfg(feature = "testing")]
pub mod testing;
pub mod watch;

pub use client::{RmmClient, RmmClientBuilder};
// Every name is at the root too; the docs show each once, in its module.
#[doc(no_inline)]
pub use datto_common::shared::*;
#[doc(no_inline)]
pub use endpoints::*;
#[doc(no_inline)]
pub use ids::*;
#[doc(no_inline)]
pub use models::*;
pub use platform::{Platform, UrlError};

/// The programs of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
