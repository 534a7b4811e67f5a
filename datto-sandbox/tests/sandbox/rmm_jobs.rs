//! Quick jobs: the shape of the request, and how a job goes on by the clock.

use std::time::Duration;

use datto_sandbox::{Sandbox, SandboxBuilder};
use serde_json::{Value, json};

use crate::client::Rmm;

fn builder() -> SandboxBuilder {
    Sandbox::builder().devices(80).seed(2)
}

async fn device(rmm: &Rmm, online: bool) -> String {
    let page = rmm.read("/v2/account/devices").await;
    let found = page["devices"].as_array().unwrap().iter().find(|device| device["online"] == online);
    found.unwrap()["uid"].as_str().unwrap().to_owned()
}

async fn start(rmm: &Rmm, device: &str, component: &str) -> String {
    let body = json!({"jobName": "Test", "jobComponent": {"componentUid": component,
        "variables": [{"name": "force", "value": "1"}]}});
    let answer = rmm.send("PUT", &format!("/v2/device/{device}/quickjob"), Some(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!((&answer["job"]["name"], &answer["job"]["status"]), (&json!("Test"), &json!("active")));
    assert_eq!(answer["jobComponents"][0]["variables"], json!([{"name": "force", "value": "1"}]));
    answer["job"]["uid"].as_str().unwrap().to_owned()
}

/// The status of the results: `404`, or the word of the deployment.
async fn status(rmm: &Rmm, job: &str, device: &str) -> Value {
    let answer = rmm.get(&format!("/v2/job/{job}/results/{device}")).await;
    if answer.status == 200 { answer.json()["jobDeploymentStatus"].clone() } else { json!(answer.status) }
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_from_not_found_to_its_end() {
    let rmm = Rmm::start(builder().job_duration(Duration::from_secs(100))).await;
    let device = device(&rmm, true).await;
    let job = start(&rmm, &device, &rmm.sandbox.truth().rmm.working_component).await;
    let mut seen = Vec::new();
    for seconds in [0, 10, 20, 70] {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        seen.push(status(&rmm, &job, &device).await);
    }
    assert_eq!(seen, [json!(404), json!("Pending"), json!("Running"), json!("Success")]);
    assert_eq!(rmm.read(&format!("/v2/job/{job}")).await["status"], "completed");
    let results = rmm.read(&format!("/v2/job/{job}/results/{device}")).await;
    assert_eq!(results["componentResults"][0]["componentStatus"], "Success");
    let stdout = rmm.read(&format!("/v2/job/{job}/results/{device}/stdout")).await;
    assert!(stdout[0]["stdData"].as_str().unwrap().contains("force=1"));
    assert_eq!(rmm.read(&format!("/v2/job/{job}/results/{device}/stderr")).await, json!([]));
    assert_eq!(rmm.read(&format!("/v2/job/{job}/components")).await["jobComponents"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_component_that_fails_ends_in_failure_with_an_error_text() {
    let rmm = Rmm::start(builder()).await;
    let device = device(&rmm, true).await;
    let truth = rmm.sandbox.truth().rmm;
    rmm.sandbox.fail_component(&truth.working_component);
    for component in [&truth.failing_component, &truth.working_component] {
        let job = start(&rmm, &device, component).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(status(&rmm, &job, &device).await, "Failure");
        let stderr = rmm.read(&format!("/v2/job/{job}/results/{device}/stderr")).await;
        assert!(stderr[0]["stdData"].as_str().unwrap().contains("failed"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_offline_device_keeps_its_job_pending() {
    let rmm = Rmm::start(builder()).await;
    let device = device(&rmm, false).await;
    let job = start(&rmm, &device, &rmm.sandbox.truth().rmm.working_component).await;
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    assert_eq!(status(&rmm, &job, &device).await, "Pending");
    assert_eq!(rmm.read(&format!("/v2/job/{job}")).await["status"], "active");
}

#[tokio::test(start_paused = true)]
async fn wrong_requests_are_told_apart() {
    let rmm = Rmm::start(builder()).await;
    let device = device(&rmm, true).await;
    let component = rmm.sandbox.truth().rmm.working_component;
    let path = format!("/v2/device/{device}/quickjob");
    let flat =
        rmm.send("PUT", &path, Some(&json!({"jobName": "Flat", "componentUid": component, "variables": []}))).await;
    assert_eq!((flat.status, flat.json()), (400, json!({"errorMessage": "Failed to read request"})));
    let nameless = json!({"jobComponent": {"componentUid": component}});
    assert_eq!(rmm.send("PUT", &path, Some(&nameless)).await.status, 400);
    let unknown = json!({"jobName": "Unknown", "jobComponent": {"componentUid": "nope"}});
    assert_eq!(rmm.send("PUT", &path, Some(&unknown)).await.status, 404);
    let known = json!({"jobName": "Known", "jobComponent": {"componentUid": component}});
    assert_eq!(rmm.send("PUT", "/v2/device/nope/quickjob", Some(&known)).await.status, 404);
    assert_eq!(rmm.get("/v2/job/nope").await.status, 404);
}
