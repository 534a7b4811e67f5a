//! Answers on top of the calls: how much each project holds, and what needs a look before a migration or a clean-up.
//!
//! Each figure is [`Measured`](crate::Measured): one that the service tells nothing about is unknown, never 0; one that
//! rests on a walk with gaps is a lower bound.

mod billing;
mod project;
mod review;

pub use billing::{StorageBill, StorageLine, bill_of, storage_bill};
pub use project::{Found, ProjectReview, ReviewPolicy, review_project};
pub use review::{ContentReview, content_review, content_review_with, summarise};
