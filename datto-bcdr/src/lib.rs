//! Client of the Datto partner API: BCDR appliances, SaaS Protection, Direct-to-Cloud, the activity log.
//!
//! ```no_run
//! # async fn run() -> datto_bcdr::Result<()> {
//! use datto_bcdr::BcdrClient;
//! use datto_bcdr::metrics::{BackupPolicy, backup_health};
//!
//! let bcdr = BcdrClient::builder().api_key("public", "secret").build()?;
//! let health = backup_health(&bcdr, &BackupPolicy::default()).await;
//! match health.value() {
//!     Some(health) => println!("failed backups: {}", health.failed_backups), // "3", "at least 3", "unknown: why"
//!     None => println!("{}", bcdr.check_connection().await),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - [`BcdrClient`] leads to everything: [`devices`](BcdrClient::devices), [`assets`](BcdrClient::assets), [`saas`](BcdrClient::saas),
//!   [`dtc`](BcdrClient::dtc), [`agents`](BcdrClient::agents), [`activity_log`](BcdrClient::activity_log); [`fleet`](BcdrClient::fleet) walks over
//!   all appliances and customers, [`raw`](BcdrClient::raw) reaches what has no method.
//! - The service has one host. A [`Region`] is a label and changes nothing.
//! - There is no call that starts, repeats or restores a backup, and none that acknowledges an alert. The only writes are the bulk change of
//!   [seats](SaasApi::change_seats) and the [bandwidth](DtcApi::set_bandwidth) of an agent.
//! - SaaS calls take 20 to 60 seconds and have time limits of their own: 120 s an attempt, 300 s in all.
//! - Every claim about the service is *official*, *observed* (clients that run against it rely on it) or a *guess*; the docs say which.

mod client;
mod connection;
pub mod endpoints;
mod fleet;
pub mod ids;
mod lenient;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod models;
#[doc(hidden)]
pub mod operations;
mod profile;
mod region;
mod screenshot;
mod sizes;
#[cfg(feature = "testing")]
pub mod testing;

pub use client::{BcdrClient, BcdrClientBuilder};
pub use region::{Region, UnknownRegion};
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
