//! Jobs: the quick job, its results and its output.

use datto_common::{Extra, Sensitive, Timestamp};
use serde::Serialize;

use crate::ids::{ComponentUid, DeviceUid, JobId, JobUid};

datto_common::model! {
    /// A job.
    pub struct Job {
        /// Its numeric id.
        pub id: JobId,
        /// When it was made. Its form on the wire is a guess: every one is read.
        pub date_created: Option<Timestamp>,
        /// Its name.
        pub name: Option<String>,
        /// Its uid.
        pub uid: JobUid,
        /// Whether it still runs.
        pub status: Option<JobStatus>,
    }

    /// A component as a job runs it.
    pub struct JobComponent {
        /// The uid of the component.
        pub uid: ComponentUid,
        /// Its name.
        pub name: Option<String>,
        /// The variables it was given.
        pub variables: Option<Vec<JobComponentVariable>>,
    }

    /// A variable given to a component. Its value may be a credential: `Debug` hides it.
    pub struct JobComponentVariable {
        /// Its name, one of those the component declares.
        pub name: Option<String>,
        /// Its value.
        pub value: Option<Sensitive<String>>,
    }

    /// What the service answers to a quick job.
    pub struct CreatedQuickJob {
        /// The components it runs.
        pub job_components: Option<Vec<JobComponent>>,
        /// The job.
        pub job: Option<Job>,
    }

    /// How a job went on one device.
    pub struct JobResults {
        /// The job.
        pub job_uid: JobUid,
        /// The device.
        pub device_uid: DeviceUid,
        /// When it ran. Its form on the wire is a guess: every one is read.
        pub ran_on: Option<Timestamp>,
        /// How it went.
        pub job_deployment_status: Option<JobDeploymentStatus>,
        /// How each component went.
        pub component_results: Option<Vec<JobComponentResult>>,
    }

    /// How a component of a job went on one device.
    pub struct JobComponentResult {
        /// The uid of the component.
        pub component_uid: ComponentUid,
        /// Its name.
        pub component_name: Option<String>,
        /// How it went.
        pub component_status: Option<ComponentStatus>,
        /// How many warnings it gave.
        pub number_of_warnings: Option<i64>,
        /// Whether it wrote to its standard output.
        pub has_std_out: Option<bool>,
        /// Whether it wrote to its standard error.
        pub has_std_err: Option<bool>,
    }

    /// What a component wrote: one output or error stream.
    pub struct JobStdData {
        /// The uid of the component.
        pub component_uid: ComponentUid,
        /// Its name.
        pub component_name: Option<String>,
        /// What it wrote.
        pub std_data: Option<String>,
    }
}

/// A quick job that the service has taken.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct StartedJob {
    /// Its numeric id.
    pub id: JobId,
    /// Its uid: what to wait for. Empty if the service sent none: [`JobsApi::reconcile`](crate::JobsApi::reconcile) may find it.
    pub uid: JobUid,
    /// Its name.
    pub name: Option<String>,
    /// When it was made.
    pub date_created: Option<Timestamp>,
    /// Whether it still runs.
    pub status: Option<JobStatus>,
    /// The components it runs.
    pub components: Option<Vec<JobComponent>>,
    /// What the service sent with the job and this version does not know.
    pub extra: Extra,
}

/// Where the answer holds no job, it is one without a uid: it was taken all the same.
impl From<CreatedQuickJob> for StartedJob {
    fn from(created: CreatedQuickJob) -> Self {
        let Job { id, date_created, name, uid, status, extra } = created.job.unwrap_or_default();
        Self { id, uid, name, date_created, status, components: created.job_components, extra }
    }
}

datto_common::open_enum! {
    /// Whether a job still runs.
    pub enum JobStatus {
        /// It runs, or waits for a device.
        Active = "active",
        /// It is over.
        Completed = "completed",
    }
}

impl JobStatus {
    /// Whether the job is over on every device, in whatever spelling it came.
    pub fn is_over(&self) -> bool {
        self.as_str().eq_ignore_ascii_case("completed") || self.as_str().eq_ignore_ascii_case("complete")
    }
}

datto_common::open_enum! {
    /// How a job stands on one device.
    pub enum JobDeploymentStatus {
        /// It was not run in time.
        Expired = "Expired",
        /// The device has not taken it up yet; it may be offline.
        Pending = "Pending",
        /// It runs.
        Running = "Running",
        /// It went well.
        Success = "Success",
        /// It went well, with warnings.
        Warning = "Warning",
        /// It was withdrawn (guess).
        Retired = "Retired",
        /// It failed.
        Failure = "Failure",
    }
}

impl JobDeploymentStatus {
    /// Whether it will not change any more, in whatever spelling it came. A value that this version does not know counts as not final.
    pub fn is_final(&self) -> bool {
        matches!(self.understood(), Self::Expired | Self::Success | Self::Warning | Self::Retired | Self::Failure)
    }

    /// The value that is meant, where it came in another spelling: `SUCCESS`, `succeeded`, `in-progress` (guess: the document has one spelling).
    pub fn understood(&self) -> Self {
        let Self::Other(text) = self else { return self.clone() };
        let word: String =
            text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
        match word.as_str() {
            "success" | "succeeded" | "successful" | "completed" | "complete" | "finished" | "done" => Self::Success,
            "warning" | "warnings" | "completedwithwarnings" | "successwithwarnings" => Self::Warning,
            "failure" | "failed" | "error" => Self::Failure,
            "expired" | "timedout" => Self::Expired,
            "retired" | "cancelled" | "canceled" | "withdrawn" => Self::Retired,
            "pending" | "queued" | "scheduled" | "waiting" => Self::Pending,
            "running" | "inprogress" | "active" | "started" | "executing" => Self::Running,
            _ => self.clone(),
        }
    }
}

datto_common::open_enum! {
    /// How a component went.
    pub enum ComponentStatus {
        /// Well.
        Success = "Success",
        /// Badly.
        Failure = "Failure",
    }
}

/// A component to be run once on one device.
///
/// ```
/// use datto_rmm::QuickJob;
/// let job = QuickJob::new("Reboot now", "0e7f4b2a-component").variable("force", "1");
/// # let _ = job;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[must_use]
pub struct QuickJob {
    job_name: String,
    job_component: RequestedComponent,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestedComponent {
    component_uid: ComponentUid,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variables: Vec<RequestedVariable>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RequestedVariable {
    name: String,
    value: Sensitive<String>,
}

impl QuickJob {
    /// Runs this component under this name. A quick job has one component (observed).
    pub fn new(name: impl Into<String>, component: impl Into<ComponentUid>) -> Self {
        let job_component = RequestedComponent { component_uid: component.into(), variables: Vec::new() };
        Self { job_name: name.into(), job_component }
    }

    /// Gives the component a variable; the last value of a name counts. Every value travels as text (official).
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        let variables = &mut self.job_component.variables;
        variables.retain(|variable| variable.name != name);
        variables.push(RequestedVariable { name, value: Sensitive(value.into()) });
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.job_name
    }

    /// The component that it runs.
    pub fn component(&self) -> &ComponentUid {
        &self.job_component.component_uid
    }

    /// The names of the variables it gives.
    pub fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.job_component.variables.iter().map(|variable| variable.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_quick_job_has_the_nested_shape_and_hides_its_values() {
        let job =
            QuickJob::new("Reboot", "c-1").variable("force", "0").variable("token", "hunter2").variable("force", "1");
        assert_eq!(
            serde_json::to_value(&job).unwrap(),
            json!({"jobName": "Reboot", "jobComponent": {"componentUid": "c-1",
                "variables": [{"name": "token", "value": "hunter2"}, {"name": "force", "value": "1"}]}})
        );
        assert!(!format!("{job:?}").contains("hunter2"));
    }

    #[test]
    fn a_status_that_is_not_known_is_not_final() {
        assert!(JobDeploymentStatus::Failure.is_final());
        assert!(!JobDeploymentStatus::Pending.is_final());
        assert!(!JobDeploymentStatus::from("Paused").is_final());
    }

    #[test]
    fn another_spelling_of_a_status_is_understood_and_kept() {
        for (text, meant) in [
            ("success", JobDeploymentStatus::Success),
            ("SUCCESS", JobDeploymentStatus::Success),
            ("Completed", JobDeploymentStatus::Success),
            ("completed-with-warnings", JobDeploymentStatus::Warning),
            ("FAILED", JobDeploymentStatus::Failure),
            ("in_progress", JobDeploymentStatus::Running),
            ("Queued", JobDeploymentStatus::Pending),
        ] {
            let status = JobDeploymentStatus::from(text);
            assert_eq!((status.understood(), status.as_str()), (meant, text));
        }
        assert!(JobStatus::from("COMPLETED").is_over() && !JobStatus::from("Active").is_over());
    }
}
