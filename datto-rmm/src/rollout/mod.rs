//! A component on many devices, once each, whatever is killed in between.
//!
//! 1. [`JobsApi::plan`](crate::JobsApi::plan) finds the component and makes a [`Plan`]: one task a device, each with a marker of its own, which becomes the name of its job.
//!    Nothing is sent. Store the plan.
//! 2. [`JobsApi::start`](crate::JobsApi::start) looks for the markers in the activity log, then sends what was never sent. Before each job is sent, and after it, its
//!    [`Entry`] goes into your [`Journal`].
//! 3. [`JobsApi::wait_all`](crate::JobsApi::wait_all) looks at all that were started in turn, and yields each end with what the component wrote.
//!
//! After a crash: read the plan, [`apply`](Plan::apply) the stored entries, and do 2 and 3 again. What may have been sent and is not found in the log is not sent again: it
//! stays in doubt until you [`release`](Plan::release) it, or for as long as you said by [`trusting_log_after`](Plan::trusting_log_after).
//!
//! ```no_run
//! # async fn run(rmm: datto_rmm::RmmClient, uids: Vec<datto_rmm::DeviceUid>, kept: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
//! use datto_rmm::Run;
//! use datto_rmm::rollout::{Entry, Journal, Plan, StoreError, TaskState};
//!
//! struct Table; // of your database
//!
//! #[datto_rmm::async_trait]
//! impl Journal for Table {
//!     async fn record(&self, entry: &Entry) -> Result<(), StoreError> {
//!         // insert, and return once it is committed
//!         Ok(())
//!     }
//! }
//!
//! let mut plan: Plan = match kept {
//!     Some(json) => serde_json::from_str(&json)?, // then `plan.apply(entry)` for each stored entry
//!     None => rmm.jobs().plan(uids, Run::named("Clear print queue")).await?,
//! };
//! // … store serde_json::to_string(&plan)? before anything is sent
//! let mut starts = rmm.jobs().start(&mut plan, &Table);
//! while let Some(entry) = starts.next().await {
//!     let entry = entry?;
//!     if let TaskState::Refused { cause } | TaskState::MayHaveHappened { cause } = &entry.state {
//!         println!("{}: {cause}", entry.device);
//!     }
//! }
//! drop(starts);
//! let mut ends = rmm.jobs().wait_all(&mut plan, &Table);
//! while let Some(entry) = ends.next().await {
//!     if let TaskState::Ended { end, .. } = entry?.state {
//!         println!("{}", end.status);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod entries;
mod log;
mod output;
mod plan;
mod reboot;
mod start;
mod wait;

pub use entries::{Entries, Journal, StoreError};
pub use output::{JobEnd, Untrusted};
pub use plan::{Entry, Plan, Task, TaskState};
pub use reboot::Rebooted;
