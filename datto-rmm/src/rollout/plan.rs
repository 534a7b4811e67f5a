//! What is to be run where, and how far each has come: all of it can be stored.

use std::collections::HashSet;
use std::time::Duration;

use datto_common::{Cause, Sensitive, Timestamp};
use serde::{Deserialize, Serialize};

use super::JobEnd;
use crate::{ComponentUid, DeviceUid, JobUid, QuickJob};

/// A component to be run once on each of many devices: [`JobsApi::plan`](crate::JobsApi::plan).
///
/// Serialise it to store it. The values of its variables, which may be credentials, are in it; `Debug` hides them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// What tells it from every other plan; part of each marker.
    pub id: String,
    /// When it was made. The activity log is read from a little before it.
    pub planned_at: Timestamp,
    /// The component.
    pub component: ComponentUid,
    pub(super) variables: Vec<(String, Sensitive<String>)>,
    /// For how many seconds after its start the end of a job is waited for.
    pub deadline_seconds: u64,
    /// How many jobs are sent at once.
    pub(super) concurrency: usize,
    /// After how many seconds a job that the activity log does not have counts as never started; never if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trust_log_after_seconds: Option<u64>,
    pub(super) tasks: Vec<Task>,
}

/// The job of one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Task {
    /// The device.
    pub device: DeviceUid,
    /// The name of its job, which no other job has.
    pub marker: String,
    /// Which try it is: one more after each release.
    #[serde(default)]
    pub attempt: u32,
    /// Since when it is in this state.
    pub at: Timestamp,
    /// How far it has come.
    #[serde(flatten)]
    pub state: TaskState,
}

/// Something that happened to a task: what a [`Journal`](super::Journal) stores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The device.
    pub device: DeviceUid,
    /// The try that it belongs to.
    #[serde(default)]
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// How far the task has come.
    #[serde(flatten)]
    pub state: TaskState,
}

/// How far the job of a device has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskState {
    /// It was never sent.
    Planned,
    /// It was about to be sent, and nobody has said what came of it.
    Sending,
    /// It was not started: the service refused it, or nothing was sent.
    Refused {
        /// Why.
        cause: Cause,
    },
    /// It may have been started: the answer was lost, and the activity log does not tell. It is not sent again.
    MayHaveHappened {
        /// What is known about it.
        cause: Cause,
    },
    /// The service has taken it.
    Started {
        /// The job.
        job_uid: JobUid,
    },
    /// It was started, and its end is not known: its deadline is over, or the service does not know the job any more.
    NotEnded {
        /// The job.
        job_uid: JobUid,
        /// How far it was last, or why that is not known.
        cause: Cause,
    },
    /// It has ended.
    Ended {
        /// The job.
        job_uid: JobUid,
        /// How.
        end: Box<JobEnd>,
    },
}

impl TaskState {
    /// The job, once it is known.
    pub fn job_uid(&self) -> Option<&JobUid> {
        match self {
            Self::Started { job_uid } | Self::NotEnded { job_uid, .. } | Self::Ended { job_uid, .. } => Some(job_uid),
            _ => None,
        }
    }

    /// Whether a job may run that is not known.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Sending | Self::MayHaveHappened { .. })
    }

    /// A task goes from lower to higher; the same step may come again.
    fn step(&self) -> u8 {
        match self {
            Self::Planned => 0,
            Self::Sending => 1,
            Self::Refused { .. } | Self::MayHaveHappened { .. } => 2,
            Self::Started { .. } => 3,
            Self::NotEnded { .. } => 4,
            Self::Ended { .. } => 5,
        }
    }
}

impl Plan {
    pub(super) fn new(
        (component, variables): (ComponentUid, Vec<(String, Sensitive<String>)>),
        name: &str,
        devices: impl IntoIterator<Item = DeviceUid>,
        (deadline, concurrency): (Duration, usize),
    ) -> Self {
        let (id, at) = (unique(), Timestamp::now());
        let mut seen = HashSet::new();
        let devices = devices.into_iter().filter(|device| seen.insert(device.clone()));
        let tasks = devices.enumerate().map(|(place, device)| {
            let marker = format!("{name} {id}-{place:x}");
            Task { device, marker, attempt: 0, at: at.clone(), state: TaskState::Planned }
        });
        Self {
            tasks: tasks.collect(),
            id,
            planned_at: at,
            component,
            variables,
            deadline_seconds: deadline.as_secs(),
            concurrency,
            trust_log_after_seconds: None,
        }
    }

    /// The tasks, in the order in which the devices were named.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// Whether there is nothing left to send or to wait for. What was refused, is in doubt or did not end in time is left to you.
    pub fn is_over(&self) -> bool {
        !self.tasks.iter().any(|task| matches!(task.state, TaskState::Planned | TaskState::Started { .. }))
    }

    /// Takes a job that may have been sent for never started if the activity log has not shown it this long after it was sent; it is then sent again. Without it, such a job stays in doubt.
    ///
    /// How far the log may lag behind is not documented, and that it names every job is a guess: with a component that may not run twice, leave this alone.
    #[must_use]
    pub fn trusting_log_after(mut self, lag: Duration) -> Self {
        self.trust_log_after_seconds = Some(lag.as_secs());
        self
    }

    /// Takes a stored entry into account. Entries may come again, and in any order.
    pub fn apply(&mut self, entry: &Entry) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.device == entry.device) else { return };
        if (entry.attempt, entry.state.step()) >= (task.attempt, task.state.step()) {
            (task.attempt, task.at, task.state) = (entry.attempt, entry.at.clone(), entry.state.clone());
        }
    }

    /// Allows a job to be sent (again) that was refused, or that is in doubt: you have looked, and it does not run. Store the entry.
    /// `None` if the device is not in the plan, or its job was started or not yet tried.
    pub fn release(&mut self, device: &DeviceUid) -> Option<Entry> {
        let task = self.tasks.iter().find(|task| task.device == *device)?;
        if !matches!(task.state, TaskState::Refused { .. }) && !task.state.is_in_doubt() {
            return None;
        }
        let entry = task.next_try(TaskState::Planned);
        self.apply(&entry);
        Some(entry)
    }

    pub(super) fn job(&self, task: &Task) -> QuickJob {
        let job = QuickJob::new(&task.marker, &self.component);
        self.variables.iter().fold(job, |job, (name, value)| job.variable(name, value.0.as_str()))
    }

    /// Whether the log would have shown a job that was sent then.
    pub(super) fn trusts_log(&self, task: &Task) -> bool {
        let age = task.at.age(&Timestamp::now());
        self.trust_log_after_seconds.zip(age).is_some_and(|(lag, age)| age >= Duration::from_secs(lag))
    }
}

impl Task {
    pub(super) fn entry(&self, state: TaskState) -> Entry {
        Entry { device: self.device.clone(), attempt: self.attempt, at: Timestamp::now(), state }
    }

    pub(super) fn next_try(&self, state: TaskState) -> Entry {
        Entry { attempt: self.attempt.saturating_add(1), ..self.entry(state) }
    }
}

/// A moment, and what the standard library draws to seed its maps: two plans share it with no chance that matters.
fn unique() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let moment = Timestamp::now().as_millis().unwrap_or_default();
    format!("{moment:x}-{:016x}", RandomState::new().hash_one(moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datto_common::ErrorKind;

    fn plan() -> Plan {
        let devices = ["d-1", "d-2", "d-1"].map(DeviceUid::from);
        let variables = vec![("token".to_owned(), "hunter2".into())];
        Plan::new(("c-1".into(), variables), "Reboot", devices, (Duration::from_secs(60), 8))
    }

    #[test]
    fn a_plan_has_one_marker_a_device_and_survives_json() {
        let plan = plan();
        assert_eq!(plan.tasks().len(), 2);
        assert_ne!(plan.tasks()[0].marker, plan.tasks()[1].marker);
        assert_ne!(plan.id, self::plan().id);
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
        assert!(!format!("{plan:?}").contains("hunter2"));
    }

    #[test]
    fn entries_come_in_any_order_and_again() {
        let mut plan = plan();
        let task = plan.tasks()[0].clone();
        let cause = Cause::new(ErrorKind::Timeout, "lost");
        let entries = [
            task.entry(TaskState::Sending),
            task.entry(TaskState::MayHaveHappened { cause }),
            task.entry(TaskState::Started { job_uid: "j-1".into() }),
        ];
        for entry in entries.iter().rev().chain(&entries) {
            let json = serde_json::to_string(entry).unwrap();
            plan.apply(&serde_json::from_str(&json).unwrap());
        }
        assert_eq!(plan.tasks()[0].state, TaskState::Started { job_uid: "j-1".into() });
        assert_eq!(plan.release(&"d-1".into()), None, "a job that was started");
    }

    #[test]
    fn a_release_begins_another_try() {
        let mut plan = plan();
        let device = DeviceUid::from("d-1");
        assert_eq!(plan.release(&device), None, "never tried");
        let doubt = plan.tasks()[0].entry(TaskState::Sending);
        plan.apply(&doubt);
        let entry = plan.release(&device).unwrap();
        assert_eq!((entry.attempt, &entry.state), (1, &TaskState::Planned));
        plan.apply(&doubt);
        assert_eq!(plan.tasks()[0].state, TaskState::Planned, "what belongs to the try before is over");
    }
}
