//! Answers on top of the calls: pure functions over devices, sites and alerts that were read, and a summary of them.
//!
//! Each figure says how many devices it rests on, how many tell nothing, and which ones it counts. A figure that no device tells
//! anything about is unknown, never 0.

mod antivirus;
mod figure;
mod fleet;
mod lifecycle;
mod patches;
mod read;
mod release;
mod summary;
mod upkeep;
mod windows;

pub use antivirus::{AntivirusPolicy, AntivirusPosture, ProductCount, antivirus_posture};
pub use figure::{Evidence, Figure};
pub use fleet::FleetScope;
pub use patches::{PatchPolicy, PatchPosture, patch_posture};
pub use read::{fleet_summary, fleet_summary_with};
pub use release::{WindowsChannel, WindowsRelease};
pub use summary::{AlertCounts, FleetPolicy, FleetSummary, summarise};
pub use upkeep::{Upkeep, UpkeepPolicy, upkeep};
pub use windows::{ReleaseCount, WindowsEdition, WindowsTotals, end_of_support, windows_totals};
