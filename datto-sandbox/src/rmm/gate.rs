//! What every call passes: the token, the limits, and the writing of refusals.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use super::limits::{Call, Verdict, write_operation};
use super::problem::Problem;
use super::service::Service;
use crate::choice::Challenge;
use crate::state::Replayed;

/// The challenge to a call without a valid token (RFC 6750).
const BEARER: &str = "Bearer realm=\"sandbox\", error=\"invalid_token\"";

/// By how much an answer is held up above nine tenths of a limit.
const SLOW: Duration = Duration::from_secs(1);

/// Lets a call through, or not.
pub(super) async fn gate(State(rmm): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = match admit(&rmm, &request, &path) {
        Ok(wait) => {
            if !wait.is_zero() {
                sleep(wait).await;
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    match response.extensions().get::<Problem>() {
        Some(problem) => {
            let mut answer = problem.answer(path.strip_prefix("/api").unwrap_or(&path), rmm.now_ms());
            if matches!(problem, Problem::Token) && rmm.settings().challenge == Challenge::Realm {
                answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(BEARER));
            }
            answer
        }
        None => response,
    }
}

fn admit(rmm: &Service, request: &Request, path: &str) -> Result<Duration, Problem> {
    let guarded = path.starts_with("/api/v") && request.extensions().get::<Replayed>().is_none();
    // The one operation that needs no token; without an account there is nothing to count it against.
    if !guarded || path == "/api/v2/system/status" {
        return Ok(Duration::ZERO);
    }
    let now = rmm.config.clock.now();
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|header| header.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if !token.is_some_and(|(_, token)| rmm.tokens().admits(token, now)) {
        return Err(Problem::Token);
    }
    let options = rmm.settings();
    if options.old_build && is_recent(path) {
        return Err(Problem::NoResource);
    }
    let call = if request.method() == Method::GET {
        Call::Read
    } else {
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        Call::Write(write_operation(request.method(), route))
    };
    match rmm.limits().count(call, now, options.rate_limits) {
        Verdict::Pass => Ok(Duration::ZERO),
        Verdict::Slow => Ok(SLOW),
        Verdict::Refuse(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Err(Problem::Rate(options.retry_after_header.then_some(seconds)))
        }
    }
}

/// Whether an operation came with build 235.
fn is_recent(path: &str) -> bool {
    path.starts_with("/api/v3/") || path.ends_with("/patches")
}
