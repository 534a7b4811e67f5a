//! The records of the partner API, one file for each part of it.
//!
//! Every field is optional unless it is the record's own id, and unknown fields are kept in `extra`. Times are RFC 3339 when written, whatever
//! their form was on the wire. A field whose doc says *official* stands in Datto's contract; *observed* means that working clients rely on it; *guess* means neither.

mod activity_log;
mod agents;
mod alerts;
mod assets;
mod devices;
mod dtc;
#[cfg(test)]
mod properties;
mod saas;
mod saas_usage;
mod vm_restores;

pub use activity_log::ActivityLog;
pub use agents::{BcdrAgent, BcdrClientAgents, ProtectedMachine};
pub use alerts::Alert;
pub use assets::{
    AdvancedVerification, Asset, AssetKind, BackupRun, BackupStatus, LocalVerification, RunBackup,
    ScreenshotVerification, VerificationError,
};
pub use devices::{CloudRegion, Device};
pub use dtc::{BandwidthSettings, DtcAsset, DtcAssetDetails, DtcBackup, RmmTemplate, StoragePool};
pub use saas::{BulkSeatAssignment, SaasBackupStats, SaasDomain, SaasSeat, SeatAction, SeatState, SeatType};
pub use saas_usage::{
    AppType, BackupWindow, CustomerUsage, LastFullyProtected, RemoteIds, SaasApp, SaasSuite, SuiteType, TimeWindow,
    WindowStatus,
};
pub use vm_restores::VmRestore;

pub use crate::lenient::Flag;
pub use crate::screenshot::Screenshot;
pub use crate::sizes::StorageSize;
