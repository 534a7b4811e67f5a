//! Answers on top of the calls: the rules by which backups are judged, and the report that they make.
//!
//! Everything but the reading is pure: [`assess`] turns a [`Snapshot`] into a [`BackupHealth`] by a [`BackupPolicy`] and a given time. What could
//! not be read never counts as fine: each figure is a [`Measured`](crate::Measured) that says what it lacks.

mod appliance;
mod asset;
mod billing;
mod calendar;
#[cfg(test)]
mod cases;
mod checks;
mod clients;
mod endpoints;
mod exceptions;
mod fetch;
mod figure;
mod finding;
mod health;
mod history;
mod nights;
mod offsite;
mod policy;
mod presets;
#[cfg(test)]
mod properties;
mod run_log;
mod run_store;
mod saas;
mod saas_sheet;
mod sheet;
mod snapshot;
#[cfg(test)]
mod testing;
mod times;
mod visible;

pub use asset::{AssetState, AssetVerdict};
pub use billing::{ClientBill, bill};
pub use calendar::{Day, Holidays, NoDay, Weekend};
pub use clients::{ClientHealth, ClientSnapshot, by_client};
pub use datto_common::Severity;
pub use endpoints::{EndpointHealth, assess_endpoints, endpoint_health};
pub use exceptions::Exception;
pub use fetch::backup_health;
pub use figure::{Aside, Figure, SetAside};
pub use finding::{Finding, Problem};
pub use health::{BackupHealth, assess};
pub use history::{BackupHistory, FailedRun, RunOutcome};
pub use nights::FailedNights;
pub use offsite::{OffsiteState, OffsiteVerdict};
pub use policy::BackupPolicy;
pub use presets::{Preset, UnknownPreset};
pub use run_log::{AssetRuns, RunLog, StoredRun};
pub use run_store::{RunFile, RunStore, RunsInMemory};
pub use saas::{ProtectionAge, SaasState};
pub use snapshot::{CustomerApplications, DeviceAssets, Snapshot};
pub use visible::Visible;
