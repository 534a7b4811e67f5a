//! Quick jobs: one component on one device, from Pending to its end by tokio's clock.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{Answer, Rmm};
use crate::rmm::args::Args;
use crate::rmm::args::Body;
use crate::rmm::fleet::{Account, Job};
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;
use crate::rmm::service::Service;

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// The device has not been heard of yet: its results are not found.
    Unheard,
    Pending,
    Running,
    Success,
    Failure,
}

impl Stage {
    /// After a tenth of its time a job is pending, after three tenths it runs. A device that is offline keeps it
    /// pending.
    fn of(job: &Job, account: &Account, rmm: &Service) -> Self {
        let passed = rmm.config.clock.now().duration_since(job.created);
        let duration = duration(job, account, rmm);
        let online = account.device(&job.device_uid).is_some_and(|device| device.online);
        if passed < duration / 10 {
            Self::Unheard
        } else if !online || passed < duration * 3 / 10 {
            Self::Pending
        } else if passed < duration {
            Self::Running
        } else if job.fails {
            Self::Failure
        } else {
            Self::Success
        }
    }

    fn is_over(self) -> bool {
        matches!(self, Self::Success | Self::Failure)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unheard | Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Success => "Success",
            Self::Failure => "Failure",
        }
    }
}

/// How long a job takes where it runs.
fn duration(job: &Job, account: &Account, rmm: &Service) -> Duration {
    let slow = account.slow_devices.get(&job.device_uid).copied().or(account.slow_everywhere);
    slow.unwrap_or_else(|| rmm.settings().job_duration)
}

/// A body that is not of the nested shape cannot be read. Variables that the component does not have are taken (guess).
pub(in crate::rmm) async fn create(State(rmm): Rmm, Path(uid): Path<String>, body: Body) -> Answer {
    let request = body.object("jobComponent")?.ok_or_else(Problem::unreadable)?;
    let (name, component_uid) = (body.required_text("jobName")?, request.required_text("componentUid")?);
    let mut variables = Vec::new();
    for variable in request.objects("variables")? {
        variables.push((variable.required_text("name")?, variable.text("value")?));
    }
    let now = rmm.now_ms();
    let mut account = rmm.account();
    account.device(&uid).ok_or(Problem::NOT_FOUND)?;
    let component = account.components.iter().find(|component| component.uid == component_uid);
    let component = component.cloned().ok_or(Problem::NOT_FOUND)?;
    let job = Job {
        id: account.fresh_id(),
        uid: account.random.guid(),
        name,
        created_ms: now,
        created: rmm.config.clock.now(),
        device_uid: uid.clone(),
        component_uid,
        component_name: component.name.to_owned(),
        variables,
        fails: component.fails,
    };
    let extra = vec![("job.uid", json!(job.uid)), ("job.name", json!(job.name)), ("job.date_created", json!(now))];
    account.note(now, ("DEVICE", "job", "create"), Some(&uid), None, extra);
    let answer = json!({"job": job_json(&account, &job, &rmm), "jobComponents": [component_json(&job)]});
    account.jobs.push(job);
    Ok(Json(answer).into_response())
}

fn job_json(account: &Account, job: &Job, rmm: &Service) -> Value {
    let stage = Stage::of(job, account, rmm);
    json!({
        "id": job.id,
        "uid": job.uid,
        "name": job.name,
        "dateCreated": rmm.unseen_date(job.created_ms),
        "status": if stage.is_over() { "completed" } else { "active" },
    })
}

fn component_json(job: &Job) -> Value {
    let variables: Vec<Value> =
        job.variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({"uid": job.component_uid, "name": job.component_name, "variables": variables})
}

fn find<'a>(account: &'a Account, uid: &str) -> Result<&'a Job, Problem> {
    account.jobs.iter().find(|job| job.uid == uid).ok_or(Problem::NOT_FOUND)
}

pub(in crate::rmm) async fn get(State(rmm): Rmm, Path(uid): Path<String>) -> Answer {
    let account = rmm.account();
    Ok(Json(job_json(&account, find(&account, &uid)?, &rmm)).into_response())
}

pub(in crate::rmm) async fn components(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    let pages = Pages::new(&rmm, format!("/v2/job/{uid}/components"), &args)?;
    let account = rmm.account();
    Ok(pages.answer("jobComponents", &[find(&account, &uid)?], |job| as_text(&component_json(job))))
}

/// The job on this device, and how far it has come there; not found while the device has not reported.
fn heard(rmm: &Service, job_uid: &str, device_uid: &str) -> Result<(Job, Stage), Problem> {
    let account = rmm.account();
    let job = find(&account, job_uid)?;
    let stage = Stage::of(job, &account, rmm);
    if job.device_uid != device_uid || stage == Stage::Unheard {
        return Err(Problem::NOT_FOUND);
    }
    Ok((job.clone(), stage))
}

pub(in crate::rmm) async fn results(State(rmm): Rmm, Path((job, device)): Path<(String, String)>) -> Answer {
    let (job, stage) = heard(&rmm, &job, &device)?;
    let duration = i64::try_from(duration(&job, &rmm.account(), &rmm).as_millis()).unwrap_or(0);
    let component = json!({
        "componentUid": job.component_uid,
        "componentName": job.component_name,
        "componentStatus": stage.name(),
        "numberOfWarnings": 0,
        "hasStdOut": true,
        "hasStdErr": stage == Stage::Failure,
    });
    Ok(Json(json!({
        "jobUid": job.uid,
        "deviceUid": job.device_uid,
        "ranOn": (stage != Stage::Pending).then(|| rmm.unseen_date(job.created_ms + duration * 3 / 10)),
        "jobDeploymentStatus": stage.name(),
        "componentResults": stage.is_over().then_some([component]),
    }))
    .into_response())
}

pub(in crate::rmm) async fn stdout(State(rmm): Rmm, Path((job, device)): Path<(String, String)>) -> Answer {
    let (job, stage) = heard(&rmm, &job, &device)?;
    let mut text = format!("{} began\r\n", job.component_name);
    for (name, value) in &job.variables {
        text.push_str(&format!("{name}={}\r\n", value.as_deref().unwrap_or_default()));
    }
    Ok(output(&job, stage.is_over().then_some(text)))
}

pub(in crate::rmm) async fn stderr(State(rmm): Rmm, Path((job, device)): Path<(String, String)>) -> Answer {
    let (job, stage) = heard(&rmm, &job, &device)?;
    Ok(output(&job, (stage == Stage::Failure).then(|| "the component has failed\r\n".to_owned())))
}

fn output(job: &Job, text: Option<String>) -> axum::response::Response {
    let rows: Vec<Value> = text
        .map(|text| json!({"componentUid": job.component_uid, "componentName": job.component_name, "stdData": text}))
        .into_iter()
        .collect();
    Json(rows).into_response()
}
