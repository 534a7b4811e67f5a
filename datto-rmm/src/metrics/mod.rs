//! Answers on top of the calls: pure functions over devices, sites and alerts that were read, and a summary of them.
//!
//! Each figure says how many devices it rests on, how many tell nothing, and which ones it counts. A figure that no device tells
//! anything about is unknown, never 0.

mod antivirus;
mod figure;
mod patches;
mod read;
mod summary;
mod windows;

pub use antivirus::{AntivirusPolicy, AntivirusPosture, antivirus_posture};
pub use figure::{Evidence, Figure};
pub use patches::{PatchPolicy, PatchPosture, patch_posture};
pub use read::{fleet_summary, fleet_summary_with};
pub use summary::{AlertCounts, FleetPolicy, FleetSummary, summarise};
pub use windows::{WindowsEdition, WindowsTotals, end_of_support, windows_totals};
