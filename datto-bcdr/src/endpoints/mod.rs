//! What can be asked of the service, one module a subject, as the records in [`models`](crate::models).

mod activity_log;
mod agents;
mod assets;
mod devices;
mod dtc;
mod saas;
mod seat_changes;
mod seats;

pub use activity_log::*;
pub use agents::*;
pub use assets::*;
pub use devices::*;
pub use dtc::*;
pub use saas::*;
pub use seat_changes::*;
pub use seats::*;

pub use crate::fleet::{CustomerApplications, DeviceAlerts, DeviceAssets, FleetApi};

/// A switch of which only 0 and 1 act (observed).
fn switch(on: bool) -> u8 {
    u8::from(on)
}
