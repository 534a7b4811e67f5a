//! All projects together.

use datto_common::{Cause, ErrorKind, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::project::{Found, ProjectReview, ReviewPolicy, review_project};
use crate::{Metadata, WorkplaceClient};

/// What all projects hold that the integration can see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContentReview {
    /// When it was begun.
    pub as_of: Timestamp,
    /// Each project.
    pub projects: Vec<ProjectReview>,
    /// How many files there are.
    pub files: Measured<u64>,
    /// How many folders there are, the projects not counted.
    pub folders: Measured<u64>,
    /// The size of all files together, in bytes.
    pub bytes: Measured<u64>,
    /// Files that are not wholly in the cloud, or cannot be downloaded now.
    pub not_in_cloud: Measured<Vec<Found>>,
    /// Items that are shared by a public link.
    pub public_links: Measured<Vec<Found>>,
    /// Files whose lock is older than the policy's age.
    pub old_locks: Measured<Vec<Found>>,
}

/// Walks over every project and reviews it, with the default policy. One list for each folder. Unknown if no project is shared with the
/// integration.
///
/// # Cancel safety
/// Dropping it changes nothing.
///
/// ```no_run
/// # async fn run(files: datto_workplace::WorkplaceClient) {
/// let review = datto_workplace::metrics::content_review(&files).await;
/// if let Some(review) = review.value() {
///     println!("{} bytes in {} files", review.bytes, review.files);
/// }
/// # }
/// ```
pub async fn content_review(files: &WorkplaceClient) -> Measured<ContentReview> {
    content_review_with(files, &ReviewPolicy::default()).await
}

/// As [`content_review`], with a policy of your own.
///
/// # Cancel safety
/// Dropping it changes nothing.
pub async fn content_review_with(files: &WorkplaceClient, policy: &ReviewPolicy) -> Measured<ContentReview> {
    let projects = match files.projects().list().await {
        Ok(projects) => projects,
        Err(error) => return Measured::unknown(error),
    };
    let now = Timestamp::now();
    let mut reviews = Vec::with_capacity(projects.len());
    for project in &projects {
        let walk = files.walk(project).metadata(Metadata::REVIEW).concurrency(policy.concurrency);
        reviews.push(review_project(project, &walk.collect_measured().await, policy, &now));
    }
    summarise(reviews, &now)
}

/// Adds projects up that were reviewed at this moment. Partial if one figure of one project is; unknown if there is none: then nothing is shared with the integration, and
/// nothing was looked at, which is neither empty nor fine.
pub fn summarise(projects: Vec<ProjectReview>, as_of: &Timestamp) -> Measured<ContentReview> {
    if projects.is_empty() {
        let nothing = "no project is shared with the integration: nothing was looked at";
        return Measured::unknown(Cause::new(ErrorKind::NotFound, nothing));
    }
    let add = |figure: fn(&ProjectReview) -> &Measured<u64>| {
        total(&projects, figure, |sum: &mut u64, one| *sum = sum.saturating_add(*one))
    };
    let join = |figure: fn(&ProjectReview) -> &Measured<Vec<Found>>| {
        total(&projects, figure, |all: &mut Vec<Found>, some| all.extend(some.iter().cloned()))
    };
    let review = ContentReview {
        as_of: as_of.clone(),
        files: add(|project| &project.files),
        folders: add(|project| &project.folders),
        bytes: add(|project| &project.bytes),
        not_in_cloud: join(|project| &project.not_in_cloud),
        public_links: join(|project| &project.public_links),
        old_locks: join(|project| &project.old_locks),
        projects,
    };
    let mut missing = Vec::new();
    let numbers = [("files", &review.files), ("folders", &review.folders), ("bytes", &review.bytes)];
    numbers.into_iter().for_each(|(name, figure)| missing.extend(gap(name, figure)));
    let lists = [
        ("not_in_cloud", &review.not_in_cloud),
        ("public_links", &review.public_links),
        ("old_locks", &review.old_locks),
    ];
    lists.into_iter().for_each(|(name, figure)| missing.extend(gap(name, figure)));
    Measured::from_parts(review, missing)
}

/// What the whole lacks where this figure of it is not known.
fn gap<T>(name: &str, figure: &Measured<T>) -> Option<Missing> {
    let cause = match figure {
        Measured::Known(_) => return None,
        Measured::Partial { missing, .. } => missing.first()?.cause.clone(),
        Measured::Unknown { cause } => cause.clone(),
    };
    Some(Missing::new(name, cause))
}

/// A figure of all projects: what is missing of each is missing of the whole; unknown if it is of every one.
fn total<T, S: Default>(
    projects: &[ProjectReview],
    figure: fn(&ProjectReview) -> &Measured<T>,
    add: impl Fn(&mut S, &T),
) -> Measured<S> {
    let (mut sum, mut missing, mut known) = (S::default(), Vec::new(), false);
    for project in projects {
        match figure(project) {
            Measured::Unknown { cause } => {
                missing.push(Missing::new(format!("project {}", project.name), cause.clone()))
            }
            part => {
                known = true;
                part.value().into_iter().for_each(|part| add(&mut sum, part));
                missing.extend(part.missing().iter().cloned().map(|mut part| {
                    part.what = format!("project {}: {}", project.name, part.what);
                    part
                }));
            }
        }
    }
    match missing.first() {
        Some(first) if !known => Measured::unknown(first.cause.clone()),
        None if !known => Measured::unknown(Cause::new(ErrorKind::Internal, "nothing was read")),
        _ => Measured::from_parts(sum, missing),
    }
}
