//! Answers on top of the calls: the rules by which backups are judged, and the report that they make.
//!
//! Everything but the reading is pure: [`assess`] turns a [`Snapshot`] into a [`BackupHealth`] by a [`BackupPolicy`] and a given time. What could
//! not be read never counts as fine: each figure is a [`Measured`](crate::Measured) that says what it lacks.

mod appliance;
mod asset;
mod clients;
mod endpoints;
mod fetch;
mod figure;
mod health;
mod history;
mod offsite;
mod policy;
#[cfg(test)]
mod properties;
mod saas;
mod sheet;
mod snapshot;
#[cfg(test)]
mod testing;
mod times;

pub use asset::{AssetState, AssetVerdict};
pub use clients::{ClientHealth, ClientSnapshot, by_client};
pub use endpoints::{EndpointHealth, assess_endpoints, endpoint_health};
pub use fetch::backup_health;
pub use figure::{Figure, Finding, Problem};
pub use health::{BackupHealth, assess};
pub use history::{BackupHistory, FailedRun, RunOutcome};
pub use offsite::{OffsiteState, OffsiteVerdict};
pub use policy::{BackupPolicy, Weekend};
pub use saas::{ProtectionAge, SaasState};
pub use snapshot::{CustomerApplications, DeviceAssets, Snapshot};
