//! Values that calls return, made by hand, for unit tests of code that takes them; see [`datto_common::testing`].
//!
//! ```
//! use datto_rmm::{JobDeploymentStatus, testing};
//!
//! let outcome = testing::job_outcome("job-1", "device-1", JobDeploymentStatus::Success, "42 files");
//! assert!(outcome.succeeded());
//! assert_eq!(outcome.stdout.known().map(String::as_str), Some("42 files"));
//! ```

use datto_common::Measured;
pub use datto_common::testing::*;

use crate::{DeviceUid, JobDeploymentStatus, JobOutcome, JobResults, JobUid, StartedJob};

/// A quick job that the service has taken. Its other fields can be set afterwards.
pub fn started_job(uid: impl Into<JobUid>) -> StartedJob {
    StartedJob { uid: uid.into(), ..StartedJob::default() }
}

/// How a job ended on a device, with this output and nothing on its standard error. Its other fields can be set afterwards.
pub fn job_outcome(
    job: impl Into<JobUid>,
    device: impl Into<DeviceUid>,
    status: JobDeploymentStatus,
    stdout: impl Into<String>,
) -> JobOutcome {
    let (job_uid, device_uid) = (job.into(), device.into());
    let results = JobResults {
        job_uid: job_uid.clone(),
        device_uid: device_uid.clone(),
        job_deployment_status: Some(status.clone()),
        ..JobResults::default()
    };
    let (stdout, stderr) = (Measured::Known(stdout.into()), Measured::Known(String::new()));
    JobOutcome { job_uid, device_uid, status, stdout, stderr, results }
}
