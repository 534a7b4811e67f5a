//! Which jobs of a plan the activity log knows.

use std::collections::HashMap;

use datto_common::Result;

use super::{Plan, Task};
use crate::endpoints::job_reconcile::{SLACK, any_text};
use crate::{ActivityLog, ActivityLogsApi, JobUid, JobsApi};

/// The jobs that the log has under the name of a task: their uids, where it gives them.
pub(super) type Found = HashMap<String, Vec<Option<JobUid>>>;

/// Reads the log once for all tasks.
pub(super) async fn find(jobs: &JobsApi, plan: &Plan) -> Result<Found> {
    let since = plan.planned_at.minus(SLACK);
    let log = ActivityLogsApi::new(&jobs.core).list().from(since).categories(["job"]).collect().await?;
    let tasks: HashMap<&str, &Task> = plan.tasks().iter().map(|task| (task.marker.as_str(), task)).collect();
    let mut found = Found::new();
    for entry in &log {
        if let Some((marker, job)) = named(entry, &tasks) {
            let jobs = found.entry(marker).or_default();
            if !jobs.contains(&job) {
                jobs.push(job);
            }
        }
    }
    Ok(found)
}

/// The task that an entry names, and the uid of its job.
fn named(entry: &ActivityLog, tasks: &HashMap<&str, &Task>) -> Option<(String, Option<JobUid>)> {
    let details = entry.parsed_details()?;
    let mut task = None;
    any_text(details.members().values(), &mut |text| {
        task = tasks.get(text);
        task.is_some()
    });
    let task = task?;
    let other_device = details.text("device.uid").is_some_and(|uid| uid != task.device.as_str());
    (!other_device).then(|| (task.marker.clone(), details.text("job.uid").map(JobUid::from)))
}
