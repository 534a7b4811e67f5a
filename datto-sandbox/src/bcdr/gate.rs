//! What every call passes: the key pair, its scope, the budget, and the headers of each answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, sleep};

use super::World;
use super::answer::{Refusal, lock};
use super::options::KeyScope;
use crate::basic;

/// The budget of an account that no test has limited: more than any test uses.
const AMPLE: u64 = 1_000_000;
const BUDGET_WINDOW: Duration = Duration::from_secs(3_600);

/// What is left of the hourly budget. The hour begins with the first call.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    used: u64,
    since: Option<Instant>,
    requests: u64,
}

/// What an answer says about the budget.
#[derive(Debug, Clone, Copy)]
struct Balance {
    remaining: u64,
    resets: Duration,
    cost: u64,
}

impl Budget {
    pub(crate) fn new(limit: Option<u64>) -> Self {
        Self { limit: limit.unwrap_or(AMPLE), book: Mutex::default() }
    }

    /// Takes the cost of a call, or fails where too little is left.
    fn spend(&self, cost: u64) -> Result<(), ()> {
        let mut book = lock(&self.book);
        book.begin_hour();
        if book.used.saturating_add(cost) > self.limit {
            return Err(());
        }
        book.used += cost;
        Ok(())
    }

    fn balance(&self, cost: u64) -> Balance {
        let mut book = lock(&self.book);
        let since = book.begin_hour();
        Balance { remaining: self.limit - book.used, resets: BUDGET_WINDOW.saturating_sub(since.elapsed()), cost }
    }

    fn next_request(&self) -> u64 {
        let mut book = lock(&self.book);
        book.requests += 1;
        book.requests
    }
}

impl Book {
    fn begin_hour(&mut self) -> Instant {
        match self.since {
            Some(since) if since.elapsed() < BUDGET_WINDOW => since,
            _ => {
                self.used = 0;
                *self.since.insert(Instant::now())
            }
        }
    }
}

/// What a call cost, handed from the guard to the headers.
#[derive(Debug, Clone, Copy)]
struct Cost(u64);

/// Guards a route that exists: pair, scope, budget, and the time that SaaS calls take.
///
/// The service looks at credentials only after it has found the route (observed), so this is no part of the outer layer.
pub(crate) async fn guard(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let saas = request.uri().path().starts_with("/v1/saas/");
    if !basic::carries(&world.key, request.headers()) || (saas && world.options.key_scope == KeyScope::Vendor) {
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "exception.unauthorizedhttpexception", "Invalid API key");
        return ([(WWW_AUTHENTICATE, basic::CHALLENGE)], refusal).into_response();
    }
    if world.options.key_scope == KeyScope::Missing {
        return Refusal::new(StatusCode::FORBIDDEN, "exception.accessdeniedhttpexception", "Access denied")
            .into_response();
    }
    let cost = cost(saas);
    if world.budget.spend(cost).is_err() {
        let wait = world.budget.balance(cost).resets;
        let refusal =
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "exception.toomanyrequestshttpexception", "API limit exceeded");
        return ([(RETRY_AFTER, seconds(wait))], refusal).into_response();
    }
    if saas && !world.options.saas_latency.is_zero() {
        sleep(world.options.saas_latency).await;
    }
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Cost(cost));
    response
}

/// Puts the headers of the budget on every answer, refusals and unknown routes included.
pub(crate) async fn label(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let cost = response.extensions().get::<Cost>().map_or(0, |Cost(cost)| *cost);
    let Balance { remaining, resets, cost } = world.budget.balance(cost);
    let id = format!("sandbox-{:08x}", world.budget.next_request());
    for (name, value) in [
        ("x-api-limit-remaining", remaining.to_string()),
        // Seconds until the budget is whole again: the format is a guess.
        ("x-api-limit-resets", seconds(resets)),
        ("x-api-limit-cost", cost.to_string()),
        ("x-request-id", id),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Calls are weighted (observed); that those of SaaS weigh five is a guess.
fn cost(saas: bool) -> u64 {
    if saas { 5 } else { 1 }
}

/// Rounded up, so that a caller who waits that long is not too early.
fn seconds(duration: Duration) -> String {
    duration.as_millis().div_ceil(1_000).to_string()
}
