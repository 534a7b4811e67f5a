//! Starting what was never sent, after a look at what may have been.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datto_common::{Cause, ErrorKind, Result};
use futures_util::stream::{self, StreamExt as _};

use super::entries::Book;
use super::{Entries, Entry, Journal, Plan, Task, TaskState, log};
use crate::{DeviceUid, DevicesApi, JobUid, JobsApi, Run};

impl JobsApi {
    /// Plans a component for many devices, each once: finds the component, checks that it declares the variables, and makes a marker a device. Nothing is sent.
    /// Timeout and concurrency of the run are kept: how long to wait for each end, and how many jobs to send at once.
    ///
    /// `GET /v2/account/components` · read · official
    ///
    /// # Errors
    /// `NotFound` and `InvalidInput` if there is no such component, if several have the name, or if it does not declare a variable.
    ///
    /// # Cancel safety
    /// Only reads: it can be dropped at any time.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, uids: Vec<datto_rmm::DeviceUid>) -> Result<(), Box<dyn std::error::Error>> {
    /// use datto_rmm::Run;
    /// let plan = rmm.jobs().plan(uids, Run::named("Clear print queue")).await?;
    /// std::fs::write("plan.json", serde_json::to_vec(&plan)?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn plan<D: Into<DeviceUid>>(&self, devices: impl IntoIterator<Item = D>, run: Run) -> Result<Plan> {
        let component = self.find(&run).await?;
        let name = run.job_name.or(component.name).unwrap_or_else(|| "component".to_owned());
        // Long names of jobs may be cut, and the marker stands at the end.
        let name: String = name.trim().chars().take(60).collect();
        let devices = devices.into_iter().map(Into::into);
        Ok(Plan::new((component.uid, run.variables), &name, devices, (run.timeout, run.concurrency)))
    }

    /// Starts the jobs of a plan that were never sent, each at most once, and yields `Started`, `Refused` or `MayHaveHappened` for each as it comes. Before anything is sent, the
    /// activity log is searched for the markers of all tasks, so that what was started before a crash is found again. What may have been started and is not found is yielded as
    /// `MayHaveHappened`, and not sent. The plan keeps what was yielded.
    ///
    /// `GET /v2/activity-logs` once, then for each device `GET /v2/device/{deviceUid}`, `PUT /v2/device/{deviceUid}/quickjob` · read and write, once, device-job-create · official; that the log names jobs is a guess
    ///
    /// # Errors
    /// If the log cannot be read: then nothing is sent. `Io` if the journal fails: then nothing more is sent. An error of one device is the state of its entry.
    ///
    /// # Cancel safety
    /// It can be dropped at any time: a job that was being sent is `Sending` in the journal, and is looked for at the next start.
    ///
    /// See [`rollout`](crate::rollout) for an example.
    pub fn start<'a, J: Journal + ?Sized>(&self, plan: &'a mut Plan, journal: &'a J) -> Entries<'a> {
        let (jobs, was) = (self.clone(), plan.clone());
        let work = Work { jobs, book: Book::new(plan, journal), stopped: AtomicBool::new(false) };
        let entries = stream::once(async move {
            let found = log::find(&work.jobs, &was).await;
            (work, was, found)
        });
        Entries::new(entries.flat_map(|(work, was, found)| match found {
            Err(error) => stream::iter([Err(error)]).left_stream(),
            Ok(found) => work.all(was, found).right_stream(),
        }))
    }
}

struct Work<'a, J: ?Sized> {
    jobs: JobsApi,
    book: Book<'a, J>,
    /// The journal has failed: nothing more may be sent.
    stopped: AtomicBool,
}

impl<'a, J: Journal + ?Sized> Work<'a, J> {
    fn all(self, was: Plan, found: log::Found) -> impl stream::Stream<Item = Result<Entry>> + Send + 'a {
        let (concurrency, count) = (was.concurrency.max(1), was.tasks.len());
        let shared = Arc::new((self, was, found));
        stream::iter(0..count)
            .map(move |place| {
                let shared = Arc::clone(&shared);
                async move {
                    let (work, was, found) = &*shared;
                    let task = was.tasks.get(place)?;
                    Box::pin(work.one(was, task, found.get(&task.marker))).await
                }
            })
            .buffer_unordered(concurrency)
            .filter_map(std::future::ready)
    }

    async fn one(&self, plan: &Plan, task: &Task, found: Option<&Vec<Option<JobUid>>>) -> Option<Result<Entry>> {
        if task.state.job_uid().is_some() {
            return None;
        }
        let doubt = |message: String| TaskState::MayHaveHappened { cause: Cause::new(ErrorKind::NoData, message) };
        let entry = match (found.map(Vec::as_slice), &task.state) {
            (Some([Some(job_uid)]), _) => task.entry(TaskState::Started { job_uid: job_uid.clone() }),
            (Some([None]), _) => task.entry(doubt("the activity log has the job and not its uid".to_owned())),
            (Some(several), _) => {
                task.entry(doubt(format!("the activity log has {} jobs of this name", several.len())))
            }
            (None, TaskState::Refused { .. }) => return None,
            (None, TaskState::Planned) => return self.send(plan, task.clone()).await,
            (None, _) if plan.trusts_log(task) => {
                let task = Task { attempt: task.attempt.saturating_add(1), ..task.clone() };
                return self.send(plan, task).await;
            }
            (None, TaskState::MayHaveHappened { .. }) => {
                return Some(Ok(task.entry(task.state.clone())));
            }
            (None, _) => task
                .entry(doubt("the activity log does not have the job; it may lag behind, or leave it out".to_owned())),
        };
        Some(self.record(entry).await)
    }

    async fn record(&self, entry: Entry) -> Result<Entry> {
        let recorded = self.book.record(entry).await;
        if recorded.is_err() {
            self.stopped.store(true, Ordering::Release);
        }
        recorded
    }

    /// Sends the job of a task that was never sent.
    async fn send(&self, plan: &Plan, task: Task) -> Option<Result<Entry>> {
        let state = match self.jobs.refuse_on_demand(&task.device).await {
            Err(error) => TaskState::Refused { cause: error.into() },
            Ok(()) => {
                if self.stopped.load(Ordering::Acquire) {
                    return None;
                }
                if let Err(error) = self.record(task.entry(TaskState::Sending)).await {
                    return Some(Err(error));
                }
                self.sent(plan, &task).await
            }
        };
        Some(self.record(task.entry(state)).await)
    }

    async fn sent(&self, plan: &Plan, task: &Task) -> TaskState {
        match DevicesApi::new(&self.jobs.core).quick_job(&task.device, plan.job(task)).send().await {
            Ok(started) if started.uid.is_empty() => {
                let message = "the job was taken, and the answer does not say its uid";
                TaskState::MayHaveHappened { cause: Cause::new(ErrorKind::Decode, message) }
            }
            Ok(started) => TaskState::Started { job_uid: started.uid },
            Err(error) if error.may_have_happened() => TaskState::MayHaveHappened { cause: error.into() },
            Err(error) => TaskState::Refused { cause: error.into() },
        }
    }
}
