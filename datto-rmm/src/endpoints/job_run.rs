//! Running a component and waiting for its end: on one device or on many.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use datto_common::{Error, ErrorKind, Measured, Missing, Result, Sensitive, Timestamp};
use futures_util::StreamExt as _;
use futures_util::stream;

use super::job_wait::ON_DEMAND;
use super::{ComponentsApi, DevicesApi, JobOutcome, JobsApi};
use crate::models::{ComponentVariable, SiteKind};
use crate::{Component, ComponentUid, DeviceUid, QuickJob};

/// What to run, with which variables, and how long to wait for it.
///
/// ```
/// use datto_rmm::Run;
/// let run = Run::named("Reboot").variable("force", "1").timeout(std::time::Duration::from_secs(300));
/// # let _ = run;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Run {
    which: Which,
    pub(crate) job_name: Option<String>,
    pub(crate) variables: Vec<(String, Sensitive<String>)>,
    pub(crate) timeout: Duration,
    pub(crate) concurrency: usize,
}

#[derive(Debug, Clone)]
enum Which {
    Uid(ComponentUid),
    Name(String),
}

impl Run {
    /// The component of this name. If several have it, nothing is run.
    pub fn named(name: impl Into<String>) -> Self {
        Self::of(Which::Name(name.into()))
    }

    /// The component of this uid.
    pub fn component(uid: impl Into<ComponentUid>) -> Self {
        Self::of(Which::Uid(uid.into()))
    }

    fn of(which: Which) -> Self {
        Self { which, job_name: None, variables: Vec::new(), timeout: Duration::from_secs(600), concurrency: 8 }
    }

    /// Gives the component a variable; the last value of a name counts.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), Sensitive(value.into())));
        self
    }

    /// What to call the job. By default the component's name and something unique, by which a job that may have been started is found
    /// again: let a name of your own be unique too.
    pub fn job_name(mut self, name: impl Into<String>) -> Self {
        self.job_name = Some(name.into());
        self
    }

    /// How long to wait for its end on a device. By default ten minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// On how many devices at once. By default 8.
    pub fn concurrency(mut self, devices: usize) -> Self {
        self.concurrency = devices.clamp(1, 64);
        self
    }

    fn job(&self, component: &Component) -> QuickJob {
        let name = self.job_name.clone().unwrap_or_else(|| unique_name(component));
        let job = QuickJob::new(name, &component.uid);
        self.variables.iter().fold(job, |job, (name, value)| job.variable(name, value.0.as_str()))
    }
}

/// How a run went on one device of many.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeviceRun {
    /// The device.
    pub device_uid: DeviceUid,
    /// How it ended there, or why that is not known.
    pub outcome: Result<JobOutcome>,
}

impl DeviceRun {
    /// The outcomes that are known, and for which devices they are missing.
    pub fn measured(runs: Vec<Self>) -> Measured<Vec<JobOutcome>> {
        let (mut outcomes, mut missing) = (Vec::new(), Vec::new());
        for Self { device_uid, outcome } in runs {
            match outcome {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => missing.push(Missing::new(format!("the run on device {device_uid}"), error)),
            }
        }
        Measured::from_parts(outcomes, missing)
    }
}

impl JobsApi {
    /// Runs a component on a device and waits for its end: finds the component, checks that it declares the variables, starts a quick job
    /// and waits. The job reaches the service at most once, whatever fails.
    ///
    /// `GET /v2/account/components`, `GET /v2/device/{deviceUid}`, `PUT /v2/device/{deviceUid}/quickjob`, then as [`wait`](Self::wait) · read and write, once, device-job-create · official
    ///
    /// # Errors
    /// `NotFound` and `InvalidInput`, before anything is started, if there is no such device or component, if several components have the name, if
    /// it does not declare a variable, or if the device belongs to the system site "OnDemand", whose devices take no jobs (official). Any error after that says by `may_have_happened` whether a job may have been started; its marker is
    /// then the name of the job, for [`reconcile`](Self::reconcile). `Timeout` if the job has not ended in time.
    ///
    /// # Cancel safety
    /// Dropped after the component was found, the job may have been started; nothing stops it.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::Run;
    /// let device = "00000000-0000-4000-8000-000000000001";
    /// let outcome = rmm.jobs().run(device, Run::named("Reboot").variable("force", "1")).await?;
    /// assert!(outcome.succeeded());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run(&self, device: impl Into<DeviceUid>, run: Run) -> Result<JobOutcome> {
        let component = self.find(&run).await?;
        self.start_and_wait(device.into(), &run, &component).await
    }

    /// Runs a component on many devices, each once, and waits for their ends; at most as many at once as the run says. One device that
    /// fails leaves the others be.
    ///
    /// As [`run`](Self::run), once for each device.
    ///
    /// # Errors
    /// Those of [`run`](Self::run) before anything is started. After that each device has its own.
    ///
    /// # Cancel safety
    /// As [`run`](Self::run): jobs that were started go on.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, uids: Vec<datto_rmm::DeviceUid>) -> datto_rmm::Result<()> {
    /// use datto_rmm::Run;
    /// for run in rmm.jobs().run_on(uids, Run::named("Clear print queue").concurrency(16)).await? {
    ///     match run.outcome {
    ///         Ok(outcome) => println!("{}: {}", run.device_uid, outcome.status),
    ///         Err(error) => println!("{}: {error}", run.device_uid),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_on<D: Into<DeviceUid>>(
        &self,
        devices: impl IntoIterator<Item = D>,
        run: Run,
    ) -> Result<Vec<DeviceRun>> {
        let component = self.find(&run).await?;
        let mut seen = HashSet::new();
        let devices: Vec<DeviceUid> =
            devices.into_iter().map(Into::into).filter(|uid| seen.insert(uid.clone())).collect();
        let (run, component) = (&run, &component);
        let all = devices.into_iter().enumerate().map(|(place, device_uid)| async move {
            let outcome = self.start_and_wait(device_uid.clone(), run, component).await;
            (place, DeviceRun { device_uid, outcome })
        });
        let mut runs: Vec<_> = stream::iter(all).buffer_unordered(run.concurrency).collect().await;
        runs.sort_by_key(|(place, _)| *place);
        Ok(runs.into_iter().map(|(_, run)| run).collect())
    }

    async fn start_and_wait(&self, device: DeviceUid, run: &Run, component: &Component) -> Result<JobOutcome> {
        self.refuse_on_demand(&device).await?;
        let job = run.job(component);
        let name = job.name().to_owned();
        let started = DevicesApi::new(&self.core).quick_job(&device, job).send().await?;
        let ended = if started.uid.is_empty() {
            Err(Error::new(ErrorKind::Decode, "the job was taken, and the answer does not say its uid"))
        } else {
            self.wait(&started.uid, &device).timeout(run.timeout).send().await
        };
        ended.map_err(|error| error.that_may_have_happened().with_marker(name))
    }

    /// A device of an on-demand site takes no jobs: said before anything is started, where the device can be read.
    pub(crate) async fn refuse_on_demand(&self, device: &DeviceUid) -> Result<()> {
        match DevicesApi::new(&self.core).get(device).send().await {
            Ok(found) if found.site_kind() == Some(SiteKind::OnDemand) => {
                let error = Error::new(ErrorKind::InvalidInput, format!("no job was started on device {device}"));
                Err(error.with_hint(ON_DEMAND))
            }
            Err(error) if error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// The component of a run, which declares all its variables.
    pub(crate) async fn find(&self, run: &Run) -> Result<Component> {
        let all = ComponentsApi::new(&self.core).list().collect().await?;
        let component = match &run.which {
            Which::Uid(uid) => all.into_iter().find(|component| component.uid == *uid),
            Which::Name(name) => by_name(all, name)?,
        };
        let component = component.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the account has no such component, or the user of the key may not run it")
        })?;
        check_variables(run, &component)?;
        Ok(component)
    }
}

/// By its exact name, else by the name in any case.
fn by_name(all: Vec<Component>, name: &str) -> Result<Option<Component>> {
    let called = |component: &Component| component.name.as_deref().map(str::trim) == Some(name.trim());
    let alike = |component: &Component| {
        component.name.as_deref().is_some_and(|other| other.trim().to_lowercase() == name.trim().to_lowercase())
    };
    let exact = all.iter().any(called);
    let mut found = all.into_iter().filter(|component| if exact { called(component) } else { alike(component) });
    let first = found.next();
    match found.count() {
        0 => Ok(first),
        more => {
            let message = format!("{} components have the name {name:?}", more + 1);
            Err(Error::new(ErrorKind::InvalidInput, message).with_hint("name the component by its uid"))
        }
    }
}

/// The service takes a variable that the component does not declare and drops it (guess); here it is an error, before anything is run.
fn check_variables(run: &Run, component: &Component) -> Result<()> {
    let Some(declared) = &component.variables else { return Ok(()) };
    let declares = |name: &str| declared.iter().any(|variable| variable.name.as_deref() == Some(name));
    match run.variables.iter().find(|(name, _)| !declares(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let names: Vec<&str> =
                declared.iter().filter_map(|variable: &ComponentVariable| variable.name.as_deref()).collect();
            let message = format!("the component declares no variable {name:?}; it has: {}", names.join(", "));
            Err(Error::new(ErrorKind::InvalidInput, message))
        }
    }
}

/// Unique in this account with near certainty: a moment, and a count within it.
fn unique_name(component: &Component) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let moment = Timestamp::now().as_millis().unwrap_or_default();
    let process = std::process::id();
    format!("{} {moment:x}-{process:x}-{count:x}", component.name.as_deref().unwrap_or("component"))
}
