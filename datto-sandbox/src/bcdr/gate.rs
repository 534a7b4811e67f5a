//! What every call passes: the key pair, its scope, the budget, and the headers of each answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, sleep};

use super::Service;
use super::answer::{Refusal, lock};
use crate::basic;
use crate::choice::{BudgetFormat, KeyScope};
use crate::state::Replayed;

/// The budget of an account that no test has limited: more than any test uses.
const AMPLE: u64 = 1_000_000;
const BUDGET_WINDOW: Duration = Duration::from_secs(3_600);

/// What is left of the hourly budget. The hour begins with the first call.
#[derive(Debug, Default)]
pub(crate) struct Budget {
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
    used: u64,
    remaining: u64,
    resets: Duration,
    cost: u64,
}

impl Budget {
    /// Takes the cost of a call, or fails where too little is left.
    fn spend(&self, cost: u64, limit: u64, now: Instant) -> Result<(), ()> {
        let mut book = lock(&self.book);
        book.begin_hour(now);
        if book.used.saturating_add(cost) > limit {
            return Err(());
        }
        book.used += cost;
        Ok(())
    }

    fn balance(&self, cost: u64, limit: u64, now: Instant) -> Balance {
        let mut book = lock(&self.book);
        let since = book.begin_hour(now);
        let resets = BUDGET_WINDOW.saturating_sub(now.duration_since(since));
        Balance { used: book.used, remaining: limit.saturating_sub(book.used), resets, cost }
    }

    fn next_request(&self) -> u64 {
        let mut book = lock(&self.book);
        book.requests += 1;
        book.requests
    }
}

impl Book {
    fn begin_hour(&mut self, now: Instant) -> Instant {
        match self.since {
            Some(since) if now.duration_since(since) < BUDGET_WINDOW => since,
            _ => {
                self.used = 0;
                *self.since.insert(now)
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
pub(crate) async fn guard(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    if request.extensions().get::<Replayed>().is_some() {
        return next.run(request).await;
    }
    let saas = request.uri().path().starts_with("/v1/saas/");
    let settings = service.settings();
    let scope = settings.bcdr_key_scope;
    if !basic::carries(&settings.bcdr_key_pair, request.headers()) || (saas && scope == KeyScope::Vendor) {
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "exception.unauthorizedhttpexception", "Invalid API key");
        return basic::challenge(settings.challenge, refusal);
    }
    if scope == KeyScope::Missing {
        return Refusal::new(StatusCode::FORBIDDEN, "exception.accessdeniedhttpexception", "Access denied")
            .into_response();
    }
    let cost = cost(saas);
    let (limit, now) = (settings.bcdr_budget.unwrap_or(AMPLE), service.clock.now());
    if service.budget.spend(cost, limit, now).is_err() {
        let wait = service.budget.balance(cost, limit, now).resets;
        let refusal =
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "exception.toomanyrequestshttpexception", "API limit exceeded");
        return ([(RETRY_AFTER, seconds(wait))], refusal).into_response();
    }
    if saas && !settings.saas_latency.is_zero() {
        sleep(settings.saas_latency).await;
    }
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Cost(cost));
    response
}

/// Puts the headers of the budget on every answer, refusals and unknown routes included.
pub(crate) async fn label(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let cost = response.extensions().get::<Cost>().map_or(0, |Cost(cost)| *cost);
    let settings = service.settings();
    let limit = settings.bcdr_budget.unwrap_or(AMPLE);
    let Balance { used, remaining, resets, cost } = service.budget.balance(cost, limit, service.clock.now());
    let id = format!("sandbox-{:08x}", service.budget.next_request());
    let now = service.clock.now_ms().div_euclid(1_000).unsigned_abs();
    let (remaining, resets) = match settings.bcdr_budget_format {
        BudgetFormat::Seconds => (remaining, seconds(resets)),
        BudgetFormat::Milliseconds => (remaining, resets.as_millis().to_string()),
        BudgetFormat::Epoch => (remaining, now.saturating_add(resets.as_secs()).to_string()),
        BudgetFormat::Used => (used, seconds(resets)),
    };
    for (name, value) in [
        ("x-api-limit-remaining", remaining.to_string()),
        // Until the budget is whole again: the format is a guess.
        ("x-api-limit-resets", resets),
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
