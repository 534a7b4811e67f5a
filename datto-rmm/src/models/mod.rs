//! The records that the service sends and takes, one module a subject.
//!
//! Fields carry the wire's names in snake case (`type` is `kind`) and are optional: the service may leave any of them out or send
//! null (observed), and null is not empty. What this version does not know is kept in `extra`.

mod account;
mod activity_logs;
mod alert_context;
mod alert_words;
mod alerts;
mod audits;
mod components;
mod date;
mod devices;
mod filters;
mod jobs;
mod lenient;
mod network;
mod patches;
pub(crate) mod plain;
#[doc(hidden)]
pub mod schemas;
mod sites;
mod system;
mod udf;
mod udf_record;
mod udf_update;
mod users;
mod variables;

pub use account::*;
pub use activity_logs::*;
pub use alert_context::*;
pub use alerts::*;
pub use audits::*;
pub use components::*;
pub(crate) use date::check as check_date;
pub use devices::*;
pub use filters::*;
pub use jobs::*;
pub use network::*;
pub use patches::*;
pub use sites::*;
pub use system::*;
pub use udf::*;
pub use udf_update::*;
pub use users::*;
pub use variables::*;
