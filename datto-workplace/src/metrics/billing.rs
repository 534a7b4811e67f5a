//! What a provider bills for storage: by project and month.

use datto_common::{Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::review::{ContentReview, content_review};
use crate::{ProjectId, WorkplaceClient};

/// What the projects hold at one moment, for the bill of its month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StorageBill {
    /// The month that is billed, `2026-11`, in UTC.
    pub month: String,
    /// When it was counted.
    pub as_of: Timestamp,
    /// One line a project, in the order of the service.
    pub lines: Vec<StorageLine>,
    /// How many files all of them hold.
    pub files: Measured<u64>,
    /// The size of these files together, in bytes. Older versions and deleted files count with the service, but it tells neither.
    pub bytes: Measured<u64>,
}

/// What one project holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StorageLine {
    /// The project: its name is that of the customer where each customer has one.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// How many files it holds.
    pub files: Measured<u64>,
    /// Their size together, in bytes.
    pub bytes: Measured<u64>,
}

/// Walks over every project that the integration can see, and counts what it holds. One list for each folder.
///
/// Partial if a folder could not be read: what was counted is then the least that there is. Unknown if no project is shared with the
/// integration: nothing was counted, which is no bill of zero.
///
/// # Cancel safety
/// Dropping it changes nothing.
///
/// ```no_run
/// # async fn run(files: datto_workplace::WorkplaceClient) {
/// let bill = datto_workplace::metrics::storage_bill(&files).await;
/// for line in bill.value().into_iter().flat_map(|bill| &bill.lines) {
///     println!("{}: {} bytes", line.name, line.bytes);
/// }
/// # }
/// ```
pub async fn storage_bill(files: &WorkplaceClient) -> Measured<StorageBill> {
    match content_review(files).await {
        Measured::Unknown { cause } => Measured::Unknown { cause },
        Measured::Known(review) | Measured::Partial { value: review, .. } => bill_of(&review),
    }
}

/// The bill of a review, for the month in which that was made.
pub fn bill_of(review: &ContentReview) -> Measured<StorageBill> {
    let lines = review.projects.iter().map(|project| StorageLine {
        project: project.id.clone(),
        name: project.name.clone(),
        files: project.files.clone(),
        bytes: project.bytes.clone(),
    });
    let month = review.as_of.to_string().get(..7).unwrap_or_default().to_owned();
    let bill = StorageBill {
        month,
        as_of: review.as_of.clone(),
        lines: lines.collect(),
        files: review.files.clone(),
        bytes: review.bytes.clone(),
    };
    let mut missing: Vec<Missing> = Vec::new();
    for (name, figure) in [("files", &bill.files), ("bytes", &bill.bytes)] {
        match figure {
            Measured::Known(_) => {}
            Measured::Partial { missing: parts, .. } => missing.extend(parts.iter().cloned()),
            Measured::Unknown { cause } => missing.push(Missing::new(name, cause.clone())),
        }
    }
    Measured::from_parts(bill, missing)
}
