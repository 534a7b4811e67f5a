//! What the service says of itself.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::json;

use super::{Answer, Rmm};
use crate::calendar;
use crate::rmm::page::LIMIT;

pub(in crate::rmm) async fn status(State(rmm): Rmm) -> Answer {
    // ISO text here is a guess; the document says date-time.
    let started = calendar::iso(rmm.config.now_ms);
    Ok(Json(json!({"version": "15.1.0-235", "status": "OK", "started": started})).into_response())
}

pub(in crate::rmm) async fn request_rate(State(rmm): Rmm) -> Answer {
    let uid = rmm.account().uid.clone();
    let status = rmm.limits().status(&uid, rmm.config.clock.now());
    Ok(Json(status).into_response())
}

pub(in crate::rmm) async fn pagination() -> Answer {
    Ok(Json(json!({ "max": LIMIT })).into_response())
}
