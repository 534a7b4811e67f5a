//! Waiting for the ends of all jobs of a plan, with one schedule for all.

use std::collections::BTreeMap;
use std::time::Duration;

use datto_common::{Cause, Error, ErrorKind, Measured, Result, Timestamp};
use futures_util::future::{BoxFuture, Either, join, select};
use futures_util::stream::{self, FuturesUnordered, StreamExt as _};
use tokio::time::{Instant, sleep_until};

use super::entries::Book;
use super::{Entries, Entry, JobEnd, Journal, Plan, Task, TaskState, Untrusted};
use crate::endpoints::job_wait::{GRACE, LAST_LOOK, joined, passes};
use crate::{JobDeploymentStatus, JobResults, JobStdData, JobUid, JobsApi};

/// The first pause between two looks at a job; each is half as long again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause while it runs.
const RUNNING: Duration = Duration::from_secs(15);
/// The longest pause while the device has not taken it up.
const PENDING: Duration = Duration::from_secs(300);
/// The time between two looks at whatever jobs: half of what the service allows (official: 600 reads a minute).
const PACE: Duration = Duration::from_millis(200);
/// Longer deadlines are as long as this: a year.
const FOR_EVER: Duration = Duration::from_secs(365 * 86_400);
/// How many looks are under way at once: one that hangs delays itself alone.
const LOOKS: usize = 8;

impl JobsApi {
    /// Waits for the ends of the jobs of a plan that were started, and yields each as it is known, with what the component wrote: `Ended`; `NotEnded` where the deadline of the device is over, or
    /// the service does not know the job. All are looked at in turn, at most five looks a second: a device that is offline costs a look now and then and holds up nobody.
    /// Those that did not end in time before are looked at once more. The plan keeps what was yielded.
    ///
    /// `GET /v2/job/{jobUid}/results/{deviceUid}` again and again, then its stdout and stderr · read · official
    ///
    /// # Errors
    /// `Io` if the journal fails; then it ends. An error of one device is the state of its entry; those that pass by themselves are waited out.
    ///
    /// # Cancel safety
    /// Only reads: it can be dropped at any time.
    ///
    /// See [`rollout`](crate::rollout) for an example.
    pub fn wait_all<'a, J: Journal + ?Sized>(&self, plan: &'a mut Plan, journal: &'a J) -> Entries<'a> {
        let watch = Watch::new(self.clone(), plan);
        let state = Some((watch, Book::new(plan, journal)));
        Entries::new(stream::unfold(state, |state| async move {
            let (mut watch, book) = state?;
            let entry = watch.next().await?;
            let recorded = book.record(entry).await;
            let state = recorded.is_ok().then_some((watch, book));
            Some((recorded, state))
        }))
    }
}

/// The jobs that have not ended, by when to look at them next.
struct Watch {
    jobs: JobsApi,
    queue: BTreeMap<(Instant, usize), Watched>,
    looks: FuturesUnordered<BoxFuture<'static, (usize, Watched, Look)>>,
    next_look: Instant,
}

/// A job that is waited for.
struct Watched {
    task: Task,
    job: JobUid,
    deadline: Instant,
    pause: Duration,
    /// The service has said that it knows the job.
    known: bool,
}

/// What a look at a job has shown.
enum Look {
    Ended(Box<JobEnd>),
    /// It will never be known.
    Lost(Cause),
    Running,
    /// The device has not taken it up.
    Pending,
    /// The look failed, and the next may not.
    Failed,
}

impl Watch {
    fn new(jobs: JobsApi, plan: &Plan) -> Self {
        let (now, wall) = (Instant::now(), Timestamp::now());
        let started = plan.tasks.iter().enumerate().filter_map(|(place, task)| {
            let (job, deadline) = match &task.state {
                TaskState::Started { job_uid } => {
                    let gone = task.at.age(&wall).unwrap_or_default();
                    let left = Duration::from_secs(plan.deadline_seconds).saturating_sub(gone).min(FOR_EVER);
                    (job_uid.clone(), now + left)
                }
                TaskState::NotEnded { job_uid, .. } => (job_uid.clone(), now),
                _ => return None,
            };
            Some(((now, place), Watched { task: task.clone(), job, deadline, pause: FIRST_PAUSE, known: false }))
        });
        Self { jobs, queue: started.collect(), looks: FuturesUnordered::new(), next_look: now }
    }

    /// The next job that is over, one way or the other.
    async fn next(&mut self) -> Option<Entry> {
        loop {
            let due = self.queue.first_key_value().map(|((due, _), _)| (*due).max(self.next_look));
            let look_now = self.looks.len() < LOOKS && due.is_some_and(|due| due <= Instant::now());
            if look_now && let Some(((_, place), watched)) = self.queue.pop_first() {
                self.next_look = Instant::now() + PACE;
                let jobs = self.jobs.clone();
                self.looks.push(Box::pin(async move {
                    let look = watched.look(&jobs).await;
                    (place, watched, look)
                }));
                continue;
            }
            let looked = match due.filter(|_| self.looks.len() < LOOKS) {
                Some(due) if self.looks.is_empty() => {
                    sleep_until(due).await;
                    continue;
                }
                Some(due) => match select(self.looks.next(), Box::pin(sleep_until(due))).await {
                    Either::Left((looked, _)) => looked,
                    Either::Right(_) => continue,
                },
                None => self.looks.next().await,
            };
            let (place, watched, look) = looked?;
            if let Some(entry) = self.after(place, watched, look).await {
                return Some(entry);
            }
        }
    }

    /// Puts a job back until the next look, unless it is over.
    async fn after(&mut self, place: usize, mut watched: Watched, look: Look) -> Option<Entry> {
        let longest = match look {
            Look::Ended(end) => return Some(watched.over(|job_uid| TaskState::Ended { job_uid, end })),
            Look::Lost(cause) => return Some(watched.over(|job_uid| TaskState::NotEnded { job_uid, cause })),
            Look::Running => {
                watched.known = true;
                watched.pause = watched.pause.min(RUNNING);
                RUNNING
            }
            Look::Pending | Look::Failed => PENDING,
        };
        let now = Instant::now();
        if watched.deadline <= now {
            let cause = watched.too_late(&self.jobs).await;
            return Some(watched.over(|job_uid| TaskState::NotEnded { job_uid, cause }));
        }
        self.queue.insert(((now + watched.pause).min(watched.deadline), place), watched.slower(longest));
        None
    }
}

impl Watched {
    async fn look(&self, jobs: &JobsApi) -> Look {
        let results = match jobs.results(&self.job, &self.task.device).with_timeout(LAST_LOOK).send().await {
            Ok(results) => results,
            Err(error) if error.is_not_found() => return self.not_found(jobs).await,
            Err(error) if passes(error.kind()) => return Look::Failed,
            Err(error) => return Look::Lost(error.into()),
        };
        match results.job_deployment_status.as_ref().map(JobDeploymentStatus::understood) {
            Some(status) if status.is_final() => Look::Ended(self.end(jobs, status, results).await),
            Some(JobDeploymentStatus::Pending) => Look::Pending,
            Some(status) if !status.is_known() && self.is_over(jobs).await => {
                Look::Ended(self.end(jobs, status, results).await)
            }
            _ => Look::Running,
        }
    }

    /// The device has not reported it, or there is no such job.
    async fn not_found(&self, jobs: &JobsApi) -> Look {
        let young = self.task.at.age(&Timestamp::now()).is_some_and(|age| age < GRACE);
        if self.known || young {
            return Look::Pending;
        }
        match jobs.get(&self.job).with_timeout(LAST_LOOK).send().await {
            Err(error) if error.is_not_found() => Look::Lost(error.into()),
            _ => Look::Pending,
        }
    }

    /// Whether the job itself is over, where its status on the device is a word that this version does not know.
    async fn is_over(&self, jobs: &JobsApi) -> bool {
        let job = jobs.get(&self.job).with_timeout(LAST_LOOK).send().await;
        job.is_ok_and(|job| job.status.is_some_and(|status| status.is_over()))
    }

    async fn end(&self, jobs: &JobsApi, status: JobDeploymentStatus, results: JobResults) -> Box<JobEnd> {
        let device = &self.task.device;
        let (stdout, stderr) = join(jobs.stdout(&self.job, device).send(), jobs.stderr(&self.job, device).send()).await;
        let text = |parts: Result<Vec<JobStdData>>| Measured::from(parts).map(|parts| Untrusted::new(joined(parts)));
        let components = results.component_results.unwrap_or_default();
        Box::new(JobEnd { status, ran_on: results.ran_on, components, stdout: text(stdout), stderr: text(stderr) })
    }

    async fn too_late(&self, jobs: &JobsApi) -> Cause {
        match jobs.state(&self.job, &self.task.device).await {
            Ok(state) => Cause::new(ErrorKind::Timeout, format!("it has not ended in time: {}", state.words())),
            Err(error) => unsaid(&error),
        }
    }

    fn over(self, state: impl FnOnce(JobUid) -> TaskState) -> Entry {
        self.task.entry(state(self.job))
    }

    fn slower(mut self, longest: Duration) -> Self {
        self.pause = (self.pause * 3 / 2).min(longest);
        self
    }
}

fn unsaid(error: &Error) -> Cause {
    let mut cause = Cause::from(error);
    cause.message = format!("it has not ended in time, and the service did not say how far it is: {}", cause.message);
    cause
}
