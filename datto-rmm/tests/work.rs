//! Work in one call, against the sandbox: jobs and their ends, changes of sites, what may have happened.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use std::time::Duration;

use datto_rmm::models::SiteKind;
use datto_rmm::{
    DeviceRun, ErrorKind, JobDeploymentStatus, JobState, NewSite, NewVariable, QuickJob, Reconciled, RmmClient, Run,
    Timestamp, UdfUpdate, UdfV3Update, VariableUpdate,
};
use datto_sandbox::{Fault, Sandbox};

async fn sandbox() -> (Sandbox, RmmClient) {
    let sandbox = Sandbox::builder().devices(120).seed(7).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    (sandbox, rmm)
}

/// A computer of the fleet that is online, or one that is not.
fn computer(sandbox: &Sandbox, online: bool) -> String {
    let truth = sandbox.truth().rmm;
    let uids = if online { &truth.online_devices } else { &truth.offline_devices };
    uids.iter().find(|uid| truth.computers.contains(uid)).unwrap().clone()
}

fn jobs_started(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.path.ends_with("/quickjob")).count()
}

#[tokio::test(start_paused = true)]
async fn a_job_is_waited_for_from_its_first_silence_to_its_output() {
    let (sandbox, rmm) = sandbox().await;
    let (device, component) = (computer(&sandbox, true), sandbox.truth().rmm.working_component);
    let job =
        rmm.devices().quick_job(&device, QuickJob::new("Run it", &component).variable("force", "1")).await.unwrap();
    assert_eq!(job.name.as_deref(), Some("Run it"));
    assert_eq!(rmm.jobs().state(&job.uid, &device).await.unwrap(), JobState::NotReported { device_online: Some(true) });
    let outcome = rmm.jobs().wait(&job.uid, &device).timeout(Duration::from_secs(60)).await.unwrap();
    assert!(outcome.succeeded());
    assert!(outcome.stdout.known().unwrap().contains("force=1"), "{:?}", outcome.stdout);
    assert_eq!(outcome.stderr.known().map(String::as_str), Some(""));
    let state = rmm.jobs().state(&job.uid, &device).await.unwrap();
    assert_eq!(state, JobState::Ended(JobDeploymentStatus::Success));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_is_an_outcome() {
    let (sandbox, rmm) = sandbox().await;
    let (device, component) = (computer(&sandbox, true), sandbox.truth().rmm.failing_component);
    let outcome = rmm.jobs().run(&device, Run::component(component)).await.unwrap();
    assert_eq!(outcome.status, JobDeploymentStatus::Failure);
    assert!(!outcome.succeeded());
    assert!(outcome.stderr.known().unwrap().contains("failed"));
}

#[tokio::test(start_paused = true)]
async fn a_job_on_a_device_that_is_offline_times_out_and_says_so() {
    let (sandbox, rmm) = sandbox().await;
    let device = computer(&sandbox, false);
    let before = tokio::time::Instant::now();
    let run = Run::named("reboot NOW").timeout(Duration::from_secs(90));
    let error = rmm.jobs().run(&device, run).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("pending, and the device is offline"), "{error}");
    assert!(error.may_have_happened());
    assert!(error.marker().unwrap().starts_with("Reboot now "), "{error:?}");
    let took = before.elapsed().as_secs();
    assert!((90..110).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_nobody_knows_is_not_found_after_a_while() {
    let (sandbox, rmm) = sandbox().await;
    let error = rmm.jobs().wait("no-such-job", computer(&sandbox, true)).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("jobs.get")));
}

#[tokio::test(start_paused = true)]
async fn trouble_while_waiting_is_waited_out() {
    let (sandbox, rmm) = sandbox().await;
    let (device, component) = (computer(&sandbox, true), sandbox.truth().rmm.working_component);
    let job = rmm.devices().quick_job(&device, QuickJob::new("Run it", component)).await.unwrap();
    sandbox.inject(Fault::status(503).path_contains("/results/").times(10));
    let outcome = rmm.jobs().wait(&job.uid, &device).await.unwrap();
    assert!(outcome.succeeded());
    sandbox.inject(Fault::status(500).path_contains("/stdout").always());
    let outcome = rmm.jobs().wait(&job.uid, &device).await.unwrap();
    assert!(outcome.succeeded() && outcome.stdout.value().is_none() && outcome.stderr.is_known());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_run_that_the_component_does_not_declare() {
    let (sandbox, rmm) = sandbox().await;
    let device = computer(&sandbox, true);
    for (run, kind, words) in [
        (Run::named("Reboot now").variable("fource", "1"), ErrorKind::InvalidInput, "it has: force"),
        (Run::named("No such thing"), ErrorKind::NotFound, "no such component"),
        (Run::component("no-such-uid"), ErrorKind::NotFound, "no such component"),
    ] {
        let error = rmm.jobs().run(&device, run).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.message().contains(words), "{error}");
        assert!(!error.may_have_happened());
    }
    assert_eq!(jobs_started(&sandbox), 0);
}

#[tokio::test(start_paused = true)]
async fn a_device_of_the_on_demand_site_takes_no_jobs() {
    let sandbox = Sandbox::builder().devices(400).seed(7).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    let devices = rmm.sites().devices(sandbox.truth().rmm.on_demand_site).collect().await.unwrap();
    let device = devices.into_iter().find(|device| !device.is_deleted()).unwrap();
    let error = rmm.jobs().run(&device.uid, Run::named("Reboot now")).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_happened()), (ErrorKind::InvalidInput, false));
    assert!(error.to_string().contains("take no jobs"), "{error}");
    assert_eq!(jobs_started(&sandbox), 0);
    let error = rmm.jobs().wait("job", &device.uid).timeout(Duration::from_secs(5)).await.unwrap_err();
    assert!(error.hint().unwrap().contains("take no jobs"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_status_in_another_spelling_ends_the_wait() {
    let (sandbox, rmm) = sandbox().await;
    let (device, component) = (computer(&sandbox, true), sandbox.truth().rmm.working_component);
    let job = rmm.devices().quick_job(&device, QuickJob::new("Run it", component)).await.unwrap();
    rmm.jobs().wait(&job.uid, &device).await.unwrap();
    let results = format!("/results/{device}");
    let answer = |status: &str| {
        let body = format!(r#"{{"jobUid":"{}","jobDeploymentStatus":"{status}"}}"#, job.uid);
        Fault::body("application/json", body)
    };
    for (status, meant, succeeded) in [
        ("SUCCESS", JobDeploymentStatus::Success, true),
        ("Completed", JobDeploymentStatus::Success, true),
        ("failed", JobDeploymentStatus::Failure, false),
        // The job itself is over.
        ("Splendid", JobDeploymentStatus::from("Splendid"), false),
    ] {
        sandbox.inject(answer(status).path_contains(&results).times(1));
        let before = tokio::time::Instant::now();
        let outcome = rmm.jobs().wait(&job.uid, &device).await.unwrap();
        assert!(before.elapsed() < Duration::from_secs(5), "{status}");
        assert_eq!((outcome.status.clone(), outcome.succeeded()), (meant, succeeded));
        assert_eq!(outcome.results.job_deployment_status.unwrap().as_str(), status, "kept as it came");
        sandbox.clear_faults();
    }
    sandbox.inject(answer("Thinking").path_contains(&results).always());
    sandbox.inject(
        Fault::body("application/json", r#"{"status":"active"}"#).path_contains(format!("/job/{}", job.uid)).always(),
    );
    let error = rmm.jobs().wait(&job.uid, &device).timeout(Duration::from_secs(60)).await.unwrap_err();
    assert!(error.message().contains("\"Thinking\", which this version does not know"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_component_is_run_on_many_devices_and_each_answers_for_itself() {
    let (sandbox, rmm) = sandbox().await;
    let truth = sandbox.truth().rmm;
    let on_demand = rmm.sites().devices(&truth.on_demand_site).collect().await.unwrap();
    let takes_jobs = |uid: &&String| {
        truth.online_devices.contains(uid) && !on_demand.iter().any(|device| device.uid.as_str() == uid.as_str())
    };
    let mut devices: Vec<String> = truth.computers.iter().filter(takes_jobs).take(20).cloned().collect();
    devices.push("no-such-device".to_owned());
    devices.push(devices[0].clone());
    let runs = rmm
        .jobs()
        .run_on(&devices, Run::named("Collect inventory").variable("depth", "3").concurrency(4))
        .await
        .unwrap();
    let order: Vec<&str> = runs.iter().map(|run| run.device_uid.as_str()).collect();
    assert_eq!(order, devices[..21], "in the order they were named, each once");
    assert!(runs[..20].iter().all(|run| run.outcome.as_ref().unwrap().succeeded()));
    assert_eq!(runs[20].outcome.as_ref().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(jobs_started(&sandbox), 20, "a device that is not there is found out before");
    let measured = DeviceRun::measured(runs);
    assert_eq!(measured.value().map(Vec::len), Some(20));
    assert!(measured.missing()[0].what.contains("no-such-device"));
}

#[tokio::test(start_paused = true)]
async fn a_quick_job_is_sent_once_and_found_again_in_the_log() {
    let (sandbox, rmm) = sandbox().await;
    let (device, component) = (computer(&sandbox, true), sandbox.truth().rmm.working_component);
    for (fault, happened) in [
        (Fault::status(503).path_contains("/quickjob"), false),
        (Fault::reset().path_contains("/quickjob").after_handling(), true),
        (Fault::status(504).path_contains("/quickjob").after_handling(), true),
        (Fault::cut_body(10).path_contains("/quickjob").after_handling(), true),
    ] {
        sandbox.clear_journal();
        sandbox.inject(fault);
        let (since, name) = (Timestamp::now(), format!("job {happened} {}", unique_name()));
        let error = rmm.devices().quick_job(&device, QuickJob::new(&name, &component)).await.unwrap_err();
        assert_eq!(jobs_started(&sandbox), 1, "{error}");
        assert!(error.may_have_happened(), "{error}");
        assert_eq!(error.marker(), Some(name.as_str()));
        match rmm.jobs().reconcile(&device, error.marker().unwrap(), since).await.unwrap() {
            Reconciled::Started { job_uid, .. } => {
                assert!(happened);
                assert!(rmm.jobs().wait(job_uid.unwrap(), &device).await.unwrap().succeeded());
            }
            Reconciled::CannotTell { why } => {
                assert!(!happened && why.contains("lag"), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_jobs_of_one_name_cannot_be_told_apart() {
    let (sandbox, rmm) = sandbox().await;
    let (device, component) = (computer(&sandbox, true), sandbox.truth().rmm.working_component);
    let since = Timestamp::now();
    for _ in 0..2 {
        rmm.devices().quick_job(&device, QuickJob::new("twice", &component)).await.unwrap();
    }
    let found = rmm.jobs().reconcile(&device, "twice", since).await.unwrap();
    assert!(matches!(found, Reconciled::CannotTell { why } if why.contains("2 jobs")));
}

#[tokio::test(start_paused = true)]
async fn a_site_is_changed_without_being_wiped() {
    let (_sandbox, rmm) = sandbox().await;
    let new = NewSite::new("Fabrikam").description("Works").notes("one").splashtop_auto_install(true);
    let site = rmm.sites().create(new).await.unwrap();
    let changed = rmm.sites().change(&site.uid, |site| site.append_note("two")).await.unwrap();
    assert_eq!(changed.notes.as_deref(), Some("one\ntwo"));
    assert_eq!(changed.description.as_deref(), Some("Works"));
    assert_eq!(changed.splashtop_auto_install, Some(true));
    let wiped = rmm.sites().update(&site.uid, datto_rmm::SiteUpdate::new("Fabrikam")).await.unwrap();
    assert_eq!(wiped.description.as_deref().unwrap_or_default(), "");
    let kinds: Vec<SiteKind> = rmm.sites().list().collect().await.unwrap().iter().map(datto_rmm::Site::kind).collect();
    assert!(kinds.contains(&SiteKind::DeletedDevices) && kinds.contains(&SiteKind::Customer));
}

#[tokio::test(start_paused = true)]
async fn user_defined_fields_are_set_and_cleared_in_both_forms() {
    let (sandbox, rmm) = sandbox().await;
    let device = computer(&sandbox, true);
    let before = rmm.devices().get(&device).await.unwrap().udf.unwrap();
    rmm.devices().set_udfs(&device, UdfUpdate::new().set(290, "Lab").set(291, "x").clear(292)).await.unwrap();
    rmm.devices().set_udfs(&device, UdfUpdate::new().clear(291)).await.unwrap();
    rmm.devices_v3().set_udfs(&device, UdfV3Update::new().text(293, "Room")).await.unwrap();
    let after = rmm.devices().get(&device).await.unwrap();
    assert_eq!((after.udf(290), after.udf(291), after.udf(293)), (Some("Lab"), None, Some("Room")));
    let others = |udfs: &datto_rmm::Udfs| {
        udfs.iter().filter(|(n, _)| *n < 290).map(|(n, text)| (n, text.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(others(&after.udf.unwrap()), others(&before));
    rmm.devices_v3().set_udfs(&device, UdfV3Update::new().clear(293)).await.unwrap();
    assert_eq!(rmm.devices().get(&device).await.unwrap().udf(293), None);
}

#[tokio::test(start_paused = true)]
async fn a_variable_and_a_warranty_live_and_die() {
    let (sandbox, rmm) = sandbox().await;
    let device = computer(&sandbox, true);
    rmm.devices().set_warranty(&device, "2031-01-31").await.unwrap();
    assert_eq!(rmm.devices().get(&device).await.unwrap().warranty_date.as_deref(), Some("2031-01-31"));
    rmm.devices().clear_warranty(&device).await.unwrap();
    assert_eq!(rmm.devices().get(&device).await.unwrap().warranty_date, None);
    let error = rmm.devices().set_warranty(&device, "").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));

    rmm.variables().create(NewVariable::new("licence", "0000")).await.unwrap();
    let find = || async {
        rmm.variables().list().collect().await.unwrap().into_iter().find(|v| v.name.as_deref() == Some("licence"))
    };
    let variable = find().await.unwrap();
    rmm.variables().update(&variable.id, VariableUpdate::new("licence", "1111")).await.unwrap();
    assert_eq!(find().await.unwrap().value.unwrap().as_str(), "1111");
    sandbox.inject(Fault::reset().path_contains("/account/variable/").after_handling());
    rmm.variables().delete(&variable.id).await.unwrap();
    assert!(find().await.is_none(), "the 404 after a lost answer is a success");
}

#[tokio::test(start_paused = true)]
async fn the_activity_log_reports_an_error_inside_a_good_answer() {
    let sandbox = Sandbox::builder().devices(20).seed(7).activity_log_error(true).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    let error = rmm.activity_logs().list().collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.message().contains("search phase"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_activity_log_is_walked_whole_with_its_window_and_filters() {
    let (_sandbox, rmm) = sandbox().await;
    let day = Duration::from_secs(24 * 60 * 60);
    let all = rmm.activity_logs().list().last(day * 365).page_size(7).collect().await.unwrap();
    let once = rmm.activity_logs().list().last(day * 365).collect().await.unwrap();
    assert_eq!(all, once);
    let default = rmm.activity_logs().list().collect().await.unwrap();
    assert!(default.len() < all.len(), "without a window it is {} of {}", default.len(), all.len());
    let jobs = rmm.activity_logs().list().last(day * 365).categories(["job"]).page_size(3).collect().await.unwrap();
    assert!(
        !jobs.is_empty() && jobs.iter().all(|entry| entry.category.as_deref() == Some("job")),
        "filters stay on page 2"
    );
    assert!(all.iter().all(|entry| entry.parsed_details().is_some()));
}

fn unique_name() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed).to_string()
}
