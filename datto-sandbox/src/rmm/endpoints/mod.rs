//! The operations, one file per subject.

pub(super) mod account;
pub(super) mod activity;
pub(super) mod alerts;
pub(super) mod audit;
mod device_json;
pub(super) mod devices;
pub(super) mod filters;
pub(super) mod jobs;
pub(super) mod patches;
pub(super) mod sites;
pub(super) mod system;
pub(super) mod udf;
pub(super) mod variables;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::service::Service;

type Rmm = State<Arc<Service>>;
type Answer = Result<Response, Problem>;

/// The portal of this account, as links in answers name it.
const PORTAL: &str = "https://portal.rmm.test/csm";

/// 200 with an empty body, which is what most writes answer.
fn done() -> Answer {
    Ok(StatusCode::OK.into_response())
}
