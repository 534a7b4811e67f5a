use datto_rmm::JobDeploymentStatus;
use datto_rmm::models::JobStatus;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(JOBS_GET, "/v2/job/j-1", |rmm| {
            let job = rmm.jobs().get("j-1").await?;
            assert_eq!(job.status, Some(JobStatus::Active));
            assert_eq!(job.date_created.unwrap().to_string(), "2026-08-25T07:38:15Z");
        }),
        case!(JOBS_COMPONENTS, "/v2/job/j-1/components", |rmm| {
            let page = rmm.jobs().components("j-1").send().await?;
            let variables = page.items[0].variables.as_ref().unwrap();
            assert_eq!(variables[0].value.as_ref().unwrap().as_str(), "0");
        }),
        case!(JOBS_RESULTS, "/v2/job/j-1/results/d-1", |rmm| {
            let results = rmm.jobs().results("j-1", "d-1").await?;
            assert_eq!(results.job_deployment_status, Some(JobDeploymentStatus::Expired));
            assert_eq!(results.component_results.unwrap()[0].has_std_out, Some(true));
        }),
        case!(JOBS_STDOUT, "/v2/job/j-1/results/d-1/stdout", |rmm| {
            let parts = rmm.jobs().stdout("j-1", "d-1").await?;
            assert_eq!(parts[0].std_data.as_deref(), Some("Contoso began\r\n"));
        }),
        case!(JOBS_STDERR, "/v2/job/j-1/results/d-1/stderr", |rmm| {
            assert_eq!(rmm.jobs().stderr("j-1", "d-1").await?.len(), 1);
        }),
    ]
}
