//! Answers on top of the calls: pure functions over devices, sites and alerts that were read, and a summary of them.
//!
//! Each figure says how many devices it rests on, how many tell nothing, and which ones it counts. A figure that no device tells
//! anything about is unknown, never 0.

mod alerts;
mod antivirus;
mod billing;
mod figure;
mod fleet;
mod hardware;
mod lifecycle;
mod missing;
mod patches;
mod read;
mod release;
mod summary;
mod upkeep;
mod windows;

pub use alerts::{AlertKind, AlertPolicy, AlertPosture, DeviceAlerts, Flapping, alert_posture};
pub use antivirus::{AntivirusPolicy, AntivirusPosture, ProductCount, antivirus_posture};
pub use billing::{SiteBill, bill};
pub use figure::{Evidence, Figure};
pub use fleet::FleetScope;
pub use hardware::{Audits, HardwarePolicy, HardwarePosture, ModelCount, hardware_posture, read_audits};
pub use missing::{MissingPatch, missing_patches};
pub use patches::{PatchPolicy, PatchPosture, patch_posture};
pub use read::{fleet_summary, fleet_summary_with};
pub use release::{WindowsChannel, WindowsRelease};
pub use summary::{AlertCounts, FleetPolicy, FleetSummary, summarise};
pub use upkeep::{Upkeep, UpkeepPolicy, upkeep};
pub use windows::{ReleaseCount, WindowsEdition, WindowsTotals, end_of_support, windows_totals};
