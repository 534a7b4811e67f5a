//! Finding a job that may have been started.

use std::time::Duration;

use datto_common::{Result, Timestamp};
use serde_json::Value;

use super::{ActivityLogsApi, JobsApi};
use crate::{ActivityLog, DeviceUid, JobUid};

/// The clocks of the service and of the caller may differ by this much.
pub(crate) const SLACK: Duration = Duration::from_secs(5 * 60);

/// What became of a job that may have been started.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reconciled {
    /// It was started.
    Started {
        /// Its uid, where the log gives it: [`JobsApi::wait`] can wait for it.
        job_uid: Option<JobUid>,
        /// The entry of the activity log.
        entry: Box<ActivityLog>,
    },
    /// The log does not tell.
    CannotTell {
        /// Why not.
        why: String,
    },
}

impl JobsApi {
    /// Looks in the activity log for a job that may have been started, by its name and device, from a little before `since`. That the log has
    /// no such job proves nothing: it may lag behind, or leave it out; so the answer is then that it cannot tell.
    ///
    /// `GET /v2/activity-logs` · read · official; that its entries name the job is a guess
    ///
    /// # Errors
    /// Those of [`ActivityLogsApi::list`](crate::ActivityLogsApi::list).
    ///
    /// # Cancel safety
    /// Only reads: it can be dropped at any time.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, job: datto_rmm::QuickJob) -> datto_rmm::Result<()> {
    /// use datto_rmm::{Reconciled, Timestamp};
    /// let (device, since) = ("00000000-0000-4000-8000-000000000001", Timestamp::now());
    /// if let Err(error) = rmm.devices().quick_job(device, job).await
    ///     && error.may_have_happened()
    ///     && let Some(name) = error.marker()
    /// {
    ///     match rmm.jobs().reconcile(device, name, since).await? {
    ///         Reconciled::Started { job_uid, .. } => println!("it was started: {job_uid:?}"),
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn reconcile(
        &self,
        device: impl Into<DeviceUid>,
        job_name: impl AsRef<str>,
        since: impl Into<Timestamp>,
    ) -> Result<Reconciled> {
        let (device, name, since) = (device.into(), job_name.as_ref(), since.into());
        let log =
            ActivityLogsApi::new(&self.core).list().from(since.minus(SLACK)).categories(["job"]).collect().await?;
        let mut found: Vec<(Option<JobUid>, ActivityLog)> = Vec::new();
        for entry in log {
            if let Some(job_uid) = names_job(&entry, &device, name)
                && !found.iter().any(|(other, _)| *other == job_uid)
            {
                found.push((job_uid, entry));
            }
        }
        let count = found.len();
        Ok(match (found.pop(), count) {
            (Some((job_uid, entry)), 1) => Reconciled::Started { job_uid, entry: Box::new(entry) },
            (None, _) => Reconciled::CannotTell {
                why: format!("the activity log since {since} has no job {name:?} on this device; it may lag behind"),
            },
            (Some(_), count) => Reconciled::CannotTell {
                why: format!("the activity log since {since} has {count} jobs {name:?} on this device"),
            },
        })
    }
}

/// Whether an entry is about a job of this name on this device; if so, the uid of the job, where it is given.
fn names_job(entry: &ActivityLog, device: &DeviceUid, name: &str) -> Option<Option<JobUid>> {
    let details = entry.parsed_details()?;
    let other_device = details.text("device.uid").is_some_and(|uid| uid != device.as_str());
    let named = any_text(details.members().values(), &mut |text| text == name);
    (named && !other_device).then(|| details.text("job.uid").map(JobUid::from))
}

/// Whether a text anywhere in these values is the one.
pub(crate) fn any_text<'a>(
    values: impl IntoIterator<Item = &'a Value>,
    is_it: &mut dyn FnMut(&'a str) -> bool,
) -> bool {
    values.into_iter().any(|value| match value {
        Value::String(text) => is_it(text),
        Value::Array(values) => any_text(values, is_it),
        Value::Object(members) => any_text(members.values(), is_it),
        _ => false,
    })
}
