//! What can be asked of the service, one module a subject, as the records in [`models`](crate::models).

mod account;
mod activity_logs;
mod alerts;
mod audits;
mod components;
mod devices;
mod devices_v3;
mod ensure;
mod filters;
pub(crate) mod job_reconcile;
mod job_run;
pub(crate) mod job_wait;
mod jobs;
mod network;
mod site_settings;
mod sites;
mod system;
mod users;
mod variables;

pub use account::*;
pub use activity_logs::*;
pub use alerts::*;
pub use audits::*;
pub use components::*;
pub use devices::*;
pub use devices_v3::*;
pub use ensure::*;
pub use filters::*;
pub use job_reconcile::*;
pub use job_run::*;
pub use job_wait::*;
pub use jobs::*;
pub use network::*;
pub use sites::*;
pub use system::*;
pub use users::*;
pub use variables::*;

use datto_common::internal::{Core, Prepared};
use datto_common::{Error, ErrorKind, Operation};

/// A call by MAC address, which the service wants as twelve hexadecimal digits without separators (official).
fn by_mac(core: &Core, operation: &'static Operation, text: &str) -> Prepared {
    let digits: String =
        text.chars().filter(|c| !matches!(c, ':' | '-' | '.' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    let is_one = digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let checked = is_one
        .then_some(())
        .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "a MAC address has twelve hexadecimal digits"));
    core.call(operation, [&digits]).checked(checked)
}
