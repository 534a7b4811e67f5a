//! Waiting for the end of a job on a device.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use datto_common::internal::Polled;
use datto_common::{Error, ErrorKind, Measured, Result};
use futures_util::future::join;
use tokio::time::{Instant, sleep};

use super::{JobsApi, SitesApi};
use crate::models::plain::plain;
use crate::models::{JobDeploymentStatus, JobStdData, SiteKind};
use crate::{DeviceUid, DevicesApi, JobResults, JobUid};

/// How long to wait if nobody says.
const TIMEOUT: Duration = Duration::from_secs(600);
/// The first pause between two looks; each is half as long again, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long a job that the service does not know may still be one that it does not know yet (guess).
pub(crate) const GRACE: Duration = Duration::from_secs(30);
/// Why a job on a device of an on-demand site never begins (official).
pub(super) const ON_DEMAND: &str = "the device belongs to an on-demand site, and such devices take no jobs";
/// What one look may take when the time is nearly up.
pub(crate) const LAST_LOOK: Duration = Duration::from_secs(10);

/// How a job ended on a device.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JobOutcome {
    /// The job.
    pub job_uid: JobUid,
    /// The device.
    pub device_uid: DeviceUid,
    /// How it ended; a failed job is an outcome, not an error. A word that this version does not know stands here if the job itself is over.
    pub status: JobDeploymentStatus,
    /// What it wrote to its standard output.
    pub stdout: Measured<String>,
    /// What it wrote to its standard error.
    pub stderr: Measured<String>,
    /// All that the service says about it.
    pub results: JobResults,
}

impl JobOutcome {
    /// Whether it went well, perhaps with warnings.
    pub fn succeeded(&self) -> bool {
        matches!(self.status.understood(), JobDeploymentStatus::Success | JobDeploymentStatus::Warning)
    }
}

/// How far a job has come on a device.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum JobState {
    /// The device has not reported it, or the service does not know the job.
    NotReported {
        /// Whether the device is online.
        device_online: Option<bool>,
    },
    /// It waits for the device.
    Pending {
        /// Whether the device is online.
        device_online: Option<bool>,
    },
    /// It runs, or is in a state that this version does not know.
    Running(Option<JobDeploymentStatus>),
    /// It has ended.
    Ended(JobDeploymentStatus),
}

impl JobState {
    /// How far it is, for a sentence that says that it has not ended.
    pub(crate) fn words(&self) -> String {
        let words = match self {
            Self::NotReported { device_online: Some(false) } => "the device has not reported it and is offline",
            Self::NotReported { .. } => "the device has not reported it",
            Self::Pending { device_online: Some(false) } => "it is pending, and the device is offline",
            Self::Pending { device_online: Some(true) } => "it is pending, although the device is online",
            Self::Pending { device_online: None } => "it is pending",
            Self::Running(Some(status)) if !status.understood().is_known() => {
                let status = plain(status.as_str());
                return format!("it is in the state {status:?}, which this version does not know");
            }
            Self::Running(_) => "it is running",
            Self::Ended(_) => "it has ended just now",
        };
        words.to_owned()
    }
}

/// Waits for the end of a job on a device: [`JobsApi::wait`].
#[derive(Debug, Clone)]
#[must_use = "nothing is asked until it is awaited or sent"]
pub struct WaitForJob {
    jobs: JobsApi,
    job: JobUid,
    device: DeviceUid,
    timeout: Duration,
    polled: Polled<JobOutcome>,
}

impl JobsApi {
    /// Waits until a job has ended on a device, then fetches what it wrote. By default for ten minutes. Failures that pass by themselves
    /// are waited out; so is a 404, until the device has reported.
    ///
    /// `GET /v2/job/{jobUid}/results/{deviceUid}`, again and again · read · official
    ///
    /// # Errors
    /// `Timeout` if it has not ended in time: the message says whether it is pending on a device that is offline, pending on
    /// one that is online, or running. The job goes on; wait again. On a device of an on-demand site none ever begins: the hint says so.
    /// `NotFound` if there is no such job.
    ///
    /// # Cancel safety
    /// Only reads: it can be dropped at any time.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, job: datto_rmm::StartedJob) -> datto_rmm::Result<()> {
    /// use std::time::Duration;
    /// let device = "00000000-0000-4000-8000-000000000001";
    /// let outcome = rmm.jobs().wait(&job.uid, device).timeout(Duration::from_secs(600)).await?;
    /// println!("{}: {}", outcome.status, outcome.stdout);
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(&self, job: impl Into<JobUid>, device: impl Into<DeviceUid>) -> WaitForJob {
        WaitForJob {
            jobs: self.clone(),
            job: job.into(),
            device: device.into(),
            timeout: TIMEOUT,
            polled: Polled::default(),
        }
    }

    /// Looks once how far a job has come on a device, and whether the device is online where that matters.
    ///
    /// `GET /v2/job/{jobUid}/results/{deviceUid}`, perhaps `GET /v2/device/{deviceUid}` · read · official
    ///
    /// # Errors
    /// Those of [`results`](Self::results), but for `NotFound`.
    ///
    /// # Cancel safety
    /// Only reads: it can be dropped at any time.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, job: datto_rmm::StartedJob) -> datto_rmm::Result<()> {
    /// use datto_rmm::JobState;
    /// let device = "00000000-0000-4000-8000-000000000001";
    /// if let JobState::Pending { device_online: Some(false) } = rmm.jobs().state(&job.uid, device).await? {
    ///     println!("it will run when the device is back");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn state(&self, job: impl Into<JobUid>, device: impl Into<DeviceUid>) -> Result<JobState> {
        let (job, device) = (job.into(), device.into());
        let status = match self.results(&job, &device).with_timeout(LAST_LOOK).send().await {
            Ok(results) => results.job_deployment_status,
            Err(error) if error.is_not_found() => {
                return Ok(JobState::NotReported { device_online: self.is_online(&device).await });
            }
            Err(error) => return Err(error),
        };
        Ok(match status {
            Some(status) if status.understood() == JobDeploymentStatus::Pending => {
                JobState::Pending { device_online: self.is_online(&device).await }
            }
            Some(status) if status.is_final() => JobState::Ended(status),
            other => JobState::Running(other),
        })
    }

    /// Whether the device belongs to an on-demand site, which takes no jobs; nothing if that cannot be told.
    pub(super) async fn takes_no_jobs(&self, device: &DeviceUid) -> Option<bool> {
        let device = DevicesApi::new(&self.core).get(device).with_timeout(LAST_LOOK).send().await.ok()?;
        if device.site_kind() == Some(SiteKind::OnDemand) {
            return Some(true);
        }
        let site = SitesApi::new(&self.core).get(&device.site_uid).with_timeout(LAST_LOOK).send().await.ok()?;
        site.on_demand
    }

    async fn is_online(&self, device: &DeviceUid) -> Option<bool> {
        let device = DevicesApi::new(&self.core).get(device).with_timeout(LAST_LOOK).send().await;
        device.ok()?.online
    }
}

impl WaitForJob {
    /// For how long, from now on.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Waits.
    ///
    /// # Errors
    /// As [`JobsApi::wait`] says.
    pub async fn send(mut self) -> Result<JobOutcome> {
        match self.polled.begun()? {
            Some(pending) => pending.await,
            None => Box::pin(self.sent()).await,
        }
    }

    async fn sent(self) -> Result<JobOutcome> {
        let started = Instant::now();
        let (mut pause, mut known, mut trouble) = (FIRST_PAUSE, false, None);
        loop {
            let left = self.timeout.saturating_sub(started.elapsed());
            match self.jobs.results(&self.job, &self.device).with_timeout(left.max(LAST_LOOK)).send().await {
                Ok(results) => match results.job_deployment_status.clone() {
                    Some(status) if status.is_final() || self.is_over(&status).await => {
                        return Ok(self.outcome(status.understood(), results).await);
                    }
                    _ => (known, trouble) = (true, None),
                },
                Err(error) if error.is_not_found() => {
                    if !known && started.elapsed() >= GRACE {
                        self.jobs.get(&self.job).send().await?;
                        known = true;
                    }
                }
                Err(error) if passes(error.kind()) => trouble = Some(error),
                Err(error) => return Err(error),
            }
            let left = self.timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(self.too_late(trouble).await);
            }
            sleep(pause.min(left)).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether the job itself is over, where its status on the device is a word that this version does not know.
    async fn is_over(&self, status: &JobDeploymentStatus) -> bool {
        if status.understood().is_known() {
            return false;
        }
        let job = self.jobs.get(&self.job).with_timeout(LAST_LOOK).send().await;
        job.is_ok_and(|job| job.status.is_some_and(|status| status.is_over()))
    }

    async fn outcome(self, status: JobDeploymentStatus, results: JobResults) -> JobOutcome {
        let Self { jobs, job, device, .. } = self;
        let (stdout, stderr) = join(jobs.stdout(&job, &device).send(), jobs.stderr(&job, &device).send()).await;
        let text = |parts: Result<Vec<JobStdData>>| Measured::from(parts).map(joined);
        JobOutcome { job_uid: job, device_uid: device, status, stdout: text(stdout), stderr: text(stderr), results }
    }

    async fn too_late(&self, trouble: Option<Error>) -> Error {
        let state = match (&trouble, self.jobs.state(&self.job, &self.device).await) {
            (Some(_), _) | (None, Err(_)) => "the service did not say how far it is".to_owned(),
            (None, Ok(state)) => state.words(),
        };
        let seconds = self.timeout.as_secs();
        let message = format!("job {} has not ended on device {} in {seconds} s: {state}", self.job, self.device);
        let hint = match self.jobs.takes_no_jobs(&self.device).await {
            Some(true) => ON_DEMAND,
            _ => "the job goes on; wait again, or look at its state",
        };
        let error = Error::new(ErrorKind::Timeout, message).with_hint(hint);
        match trouble {
            Some(trouble) => error.with_source(trouble),
            None => error,
        }
    }
}

impl Future for WaitForJob {
    type Output = Result<JobOutcome>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut polled = std::mem::take(&mut this.polled);
        let outcome = polled.poll(|| Box::pin(this.clone().send()), cx);
        this.polled = polled;
        outcome
    }
}

/// Whether a failed look says nothing about the next one.
pub(crate) fn passes(kind: ErrorKind) -> bool {
    use ErrorKind::{Connect, RateLimited, Server, Timeout, Transport};
    matches!(kind, Connect | RateLimited | Server | Timeout | Transport)
}

/// What the components wrote, one after another.
pub(crate) fn joined(parts: Vec<JobStdData>) -> String {
    parts.into_iter().filter_map(|part| part.std_data).collect()
}
