//! What every call passes: the pair, and the rate.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::Service;
use super::answer::Refusal;
use super::lock;
use crate::basic;
use crate::state::Replayed;

/// Counts the calls of a window; all callers share it, as they share the account (observed).
#[derive(Debug, Default)]
pub(crate) struct Rate {
    window: Mutex<(Option<Instant>, u32)>,
}

impl Rate {
    /// Counts a call, or says how long to wait.
    fn take(&self, limit: Option<(u32, Duration)>) -> Result<(), Duration> {
        let Some((calls, length)) = limit else { return Ok(()) };
        let mut window = lock(&self.window);
        let (since, used) = &mut *window;
        let begun = match *since {
            Some(begun) if begun.elapsed() < length => begun,
            _ => {
                *used = 0;
                *since.insert(Instant::now())
            }
        };
        if *used >= calls {
            return Err(length.saturating_sub(begun.elapsed()));
        }
        *used += 1;
        Ok(())
    }
}

/// Lets those with the right pair pass, as often as the rate allows.
pub(crate) async fn guard(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let settings = service.settings();
    if request.extensions().get::<Replayed>().is_some() {
        return next.run(request).await;
    }
    if !basic::carries(&settings.workplace_key_pair, request.headers()) {
        drain(request.into_body()).await;
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized");
        return basic::challenge(settings.challenge, refusal);
    }
    if let Err(wait) = service.rate.take(settings.workplace_rate) {
        drain(request.into_body()).await;
        let seconds = wait.as_millis().div_ceil(1_000).max(1).to_string();
        let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
        return ([("X-Rate-Limit-Retry-After-Seconds", seconds)], refusal).into_response();
    }
    next.run(request).await
}

/// Reads what nobody wants: a sender of much would otherwise see a broken connection instead of the answer.
async fn drain(mut body: Body) {
    let mut next = async || {
        std::future::poll_fn(|context| hyper::body::Body::poll_frame(std::pin::Pin::new(&mut body), context)).await
    };
    while let Some(Ok(_)) = next().await {}
}
