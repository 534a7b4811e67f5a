//! Jobs: what they are, how they went, what they wrote.

use datto_common::Request;

use crate::models::{JobComponent, JobStdData};
use crate::{DeviceUid, Job, JobResults, JobUid, operations};

datto_common::api! {
    /// Jobs, from [`RmmClient::jobs`](crate::RmmClient::jobs). A quick job is started with
    /// [`DevicesApi::quick_job`](crate::DevicesApi::quick_job).
    pub struct JobsApi;
}

datto_common::list_builder! {
    /// Lists the components of a job: [`JobsApi::components`].
    pub struct ListJobComponents -> JobComponent, by uid {}
}

impl JobsApi {
    /// Gets one job.
    ///
    /// `GET /v2/job/{jobUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such job.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let job = rmm.jobs().get("00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", job.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, uid: impl Into<JobUid>) -> Request<Job> {
        self.core.call(&operations::JOBS_GET, [uid.into().as_str()]).json()
    }

    /// Lists the components of a job, with the variables they were given.
    ///
    /// `GET /v2/job/{jobUid}/components` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `NotFound` if there is no such job.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let components = rmm.jobs().components("00000000-0000-4000-8000-000000000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn components(&self, uid: impl Into<JobUid>) -> ListJobComponents {
        self.core.call(&operations::JOBS_COMPONENTS, [uid.into().as_str()]).list()
    }

    /// Gets how a job stands on a device. [`wait`](Self::wait) asks until it has ended.
    ///
    /// `GET /v2/job/{jobUid}/results/{deviceUid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such job or device, and, for a while, until the device has reported (guess).
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, job: datto_rmm::StartedJob) -> datto_rmm::Result<()> {
    /// let results = rmm.jobs().results(&job.uid, "00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", results.job_deployment_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn results(&self, job: impl Into<JobUid>, device: impl Into<DeviceUid>) -> Request<JobResults> {
        self.core.call(&operations::JOBS_RESULTS, [job.into().as_str(), device.into().as_str()]).json()
    }

    /// Gets what a job wrote to its standard output on a device, by component.
    ///
    /// `GET /v2/job/{jobUid}/results/{deviceUid}/stdout` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such job or device, or the device has not reported yet.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, job: datto_rmm::StartedJob) -> datto_rmm::Result<()> {
    /// for part in rmm.jobs().stdout(&job.uid, "00000000-0000-4000-8000-000000000001").await? {
    ///     println!("{}", part.std_data.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stdout(&self, job: impl Into<JobUid>, device: impl Into<DeviceUid>) -> Request<Vec<JobStdData>> {
        self.core.call(&operations::JOBS_STDOUT, [job.into().as_str(), device.into().as_str()]).json()
    }

    /// Gets what a job wrote to its standard error on a device, by component.
    ///
    /// `GET /v2/job/{jobUid}/results/{deviceUid}/stderr` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such job or device, or the device has not reported yet.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient, job: datto_rmm::StartedJob) -> datto_rmm::Result<()> {
    /// let parts = rmm.jobs().stderr(&job.uid, "00000000-0000-4000-8000-000000000001").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stderr(&self, job: impl Into<JobUid>, device: impl Into<DeviceUid>) -> Request<Vec<JobStdData>> {
        self.core.call(&operations::JOBS_STDERR, [job.into().as_str(), device.into().as_str()]).json()
    }
}
