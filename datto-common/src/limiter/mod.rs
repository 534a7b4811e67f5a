//! Holds calls back before the service has to refuse them.

mod ask;
mod budget;
mod info;
mod rules;
mod window;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::{Bucket, Error, ErrorKind, Result};

use ask::{Asking, Turn};
use budget::Budget;
pub use info::{BudgetInfo, RateInfo, WindowInfo};
pub use rules::{AskUsage, BudgetHeaders, Count, Pace, Rules, Usage};
use window::{Held, Log};

/// How long calls fail at once after the service blocked the address.
const BLOCK: Duration = Duration::from_secs(300);
/// A pause or a budget that ends later than this is not waited for: calls fail at once.
const LONGEST_WAIT: Duration = Duration::from_secs(180);
/// A pause is not believed to be longer than this: then one call finds out.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The limits of one account, shared by all clients that are given it. Clones share; so do the clones of a client.
///
/// ```
/// use datto_common::RateLimiter;
/// // Two programs use the account: each keeps to half of what it allows.
/// let limiter = RateLimiter::share(0.5);
/// ```
#[derive(Clone)]
pub struct RateLimiter {
    share: f64,
    lanes: Arc<Mutex<HashMap<&'static str, Arc<Lane>>>>,
}

impl RateLimiter {
    /// All of what the service allows.
    pub fn new() -> Self {
        Self::share(1.0)
    }

    /// A fixed part of what the service allows, between 0.01 and 1.
    pub fn share(part: f64) -> Self {
        Self { share: if part.is_finite() { part.clamp(0.01, 1.0) } else { 1.0 }, lanes: Arc::default() }
    }

    /// The lane of a product: made by the first client, shared by the next.
    pub(crate) fn lane(&self, product: &'static str, rules: impl FnOnce() -> Rules) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(product).or_insert_with(|| Arc::new(Lane::new(rules(), self.share))))
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("share", &self.share).finish_non_exhaustive()
    }
}

/// The names of the two logs that every call of their kind counts in; a write counts in one of its own name as well.
const READS: &str = "read";
const WRITES: &str = "write";

/// One account at one product.
#[derive(Debug)]
pub(crate) struct Lane {
    rules: Rules,
    share: f64,
    /// Held while waiting for a place, so that callers are served in order; reads and writes queue apart.
    reads: tokio::sync::Mutex<()>,
    writes: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    logs: BTreeMap<String, Log>,
    /// Stands in for a log that was not found; there is none such.
    no_log: Log,
    window: Duration,
    ratio: f64,
    /// An older account: writes count with the reads.
    one_window: bool,
    asking: Asking,
    paused_until: Option<Instant>,
    blocked_until: Option<Instant>,
    gap: Duration,
    last: Option<Instant>,
    budget: Budget,
}

impl State {
    /// Looks it up by name; only a new one takes memory, since every call comes this way several times.
    fn log(&mut self, name: &str) -> &mut Log {
        if !self.logs.contains_key(name) {
            self.logs.insert(name.to_owned(), Log::default());
        }
        self.logs.get_mut(name).unwrap_or(&mut self.no_log)
    }
}

/// The logs that a call counts in.
type Logs = [Option<&'static str>; 3];

/// A place in the windows. Dropped before [`Permit::sent`], it is given back.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    lane: &'a Lane,
    at: Instant,
    logs: Logs,
    sent: bool,
}

impl Permit<'_> {
    pub(crate) fn sent(mut self) {
        self.sent = true;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.sent {
            let mut state = self.lane.lock();
            for name in self.logs.into_iter().flatten() {
                if let Some(log) = state.logs.get_mut(name) {
                    log.forget(self.at);
                }
            }
        }
    }
}

impl Lane {
    pub(crate) fn new(rules: Rules, share: f64) -> Self {
        let state = State { window: rules.window, ratio: rules.ratio, ..State::default() };
        Self {
            rules,
            share,
            reads: tokio::sync::Mutex::default(),
            writes: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the service can be asked what it has counted.
    pub(crate) fn asks(&self) -> Option<AskUsage> {
        self.rules.usage
    }

    /// Waits for a place. `waits` hears of each wait; a wait beyond `deadline` fails at once. Where it is time to, the service
    /// is asked by `ask` what it has counted, while the others of the queue wait.
    pub(crate) async fn enter<F>(
        &self,
        bucket: Bucket,
        deadline: Option<Instant>,
        mut waits: impl FnMut(Duration),
        ask: impl Fn() -> F,
    ) -> Result<Permit<'_>>
    where
        F: Future<Output = Option<Usage>>,
    {
        let queue = if bucket == Bucket::Read { &self.reads } else { &self.writes };
        let _turn = match deadline {
            None => queue.lock().await,
            Some(deadline) => {
                tokio::time::timeout_at(deadline, queue.lock()).await.map_err(|_| no_time(Duration::ZERO))?
            }
        };
        loop {
            let (logs, now) = (self.logs(bucket), Instant::now());
            let free_at = self.free_at(&logs, now)?;
            let until = match (self.turn_to_ask(&logs, free_at.is_none(), now), free_at) {
                (Turn::Now, _) => {
                    let answer = match deadline {
                        None => ask().await,
                        Some(deadline) => {
                            tokio::time::timeout_at(deadline, ask()).await.map_err(|_| no_time_to_ask())?
                        }
                    };
                    self.correct(answer);
                    continue; // it may have taken a while
                }
                (Turn::At(at), free_at) => free_at.map_or(at, |until| at.max(until)),
                (Turn::No, Some(until)) => self.sooner(until, now),
                (Turn::No, None) => return Ok(self.take(logs, now)),
            };
            let wait = until - now;
            if deadline.is_some_and(|deadline| until > deadline) {
                return Err(no_time(wait));
            }
            waits(wait);
            tokio::time::sleep_until(until).await;
        }
    }

    fn logs(&self, bucket: Bucket) -> Logs {
        match bucket {
            Bucket::Read => [Some(READS), None, None],
            Bucket::Write(_) => [self.lock().one_window.then_some(READS), Some(WRITES), bucket.write_name()],
        }
    }

    /// The next instant at which a place may be free; `None` if one is free now.
    fn free_at(&self, logs: &Logs, now: Instant) -> Result<Option<Instant>> {
        let mut state = self.lock();
        if let Some(until) = state.blocked_until.filter(|until| *until > now) {
            return Err(blocked(until - now));
        }
        let told = state.budget.free_at(now).max(state.paused_until.filter(|until| *until > now));
        if let Some(wait) = told.map(|until| until - now).filter(|wait| *wait > LONGEST_WAIT) {
            return Err(no_time(wait).with_hint("the service says when there is room again"));
        }
        let paced = state.last.map(|last| last + state.gap).filter(|next| *next > now);
        let mut until = told.max(paced);
        let window = state.window;
        for name in logs.iter().flatten() {
            if let Some(held) = self.held_to(&state, name) {
                until = until.max(state.log(name).free_at(now, window, held));
            }
        }
        Ok(until)
    }

    /// The limit of a log: what the service told, else what the rules say.
    fn limit(&self, state: &State, log: &str) -> Option<u32> {
        let told = state.logs.get(log).and_then(|log| log.told);
        told.or_else(|| match log {
            READS => self.rules.reads,
            WRITES => self.rules.writes,
            name => (self.rules.each_write)(name),
        })
    }

    /// How many calls the account is held to, below where the service begins to slow down, and our part of them.
    fn held_to(&self, state: &State, log: &str) -> Option<Held> {
        let limit = self.limit(state, log)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a positive number below the limit
        let part = |part: f64| ((f64::from(limit) * state.ratio * part).floor() as usize).max(1);
        Some(Held { account: part(1.0), ours: part(self.share) })
    }

    fn take(&self, logs: Logs, now: Instant) -> Permit<'_> {
        let mut state = self.lock();
        state.last = Some(now);
        state.budget.spend();
        for name in logs.into_iter().flatten() {
            state.log(name).add(now);
        }
        Permit { lane: self, at: now, logs, sent: false }
    }

    /// The service answered: reads its budget, and eases the pace if all is well.
    pub(crate) fn answered(&self, headers: &HeaderMap, well: bool) {
        let mut state = self.lock();
        if let Some(names) = self.rules.budget {
            state.budget.read(headers, names, Instant::now());
        }
        if let Some(pace) = self.rules.pace.filter(|_| well) {
            state.gap = state.gap.saturating_sub(pace.easing);
        }
    }

    /// The service refused for going too fast: nobody sends before the wait is over.
    pub(crate) fn pause(&self, wait: Duration) {
        let mut state = self.lock();
        let until = Instant::now() + wait.min(LONGEST_PAUSE);
        state.paused_until = state.paused_until.max(Some(until));
        if let Some(pace) = self.rules.pace {
            state.gap = state.gap.mul_f64(1.5).clamp(pace.first, pace.longest);
        }
    }

    /// The service blocked the address: calls fail at once until that is over.
    pub(crate) fn block(&self) {
        self.lock().blocked_until = Some(Instant::now() + BLOCK);
    }

    pub(crate) fn info(&self) -> RateInfo {
        let now = Instant::now();
        let mut state = self.lock();
        let window = state.window;
        let mut names: Vec<String> = state.logs.keys().cloned().collect();
        names.sort_by_key(|name| (name != READS, name != WRITES));
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let windows = names.into_iter().map(|name| WindowInfo {
            limit: self.limit(&state, &name),
            held_to: self.held_to(&state, &name).map(|held| count(held.ours)),
            ours: count(state.log(&name).own(now, window)),
            others: count(state.log(&name).others()),
            name,
        });
        let left = |until: Option<Instant>| until.filter(|until| *until > now).map(|until| until - now);
        RateInfo {
            windows: windows.collect(),
            budget: state.budget.remaining.map(|remaining| BudgetInfo {
                remaining,
                resets_in: left(state.budget.resets),
                cost: state.budget.cost,
            }),
            gap: state.gap,
            paused_for: left(state.paused_until),
            blocked_for: left(state.blocked_until),
        }
    }
}

fn no_time(wait: Duration) -> Error {
    let message = format!(
        "the limit on requests is used up; the wait of {:.1} s does not fit the time of the call",
        wait.as_secs_f64()
    );
    Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait))
}

fn no_time_to_ask() -> Error {
    Error::new(ErrorKind::Timeout, "the time of the call ended while the service was asked what is used of the limits")
}

fn blocked(left: Duration) -> Error {
    let until = crate::Timestamp::now().plus(left);
    Error::new(ErrorKind::Blocked, format!("the service blocked this address; calls fail at once until {until}"))
        .with_retry_after(Some(left))
        .with_hint("do not hammer: find what used up the limit, and wait")
}

#[cfg(test)]
mod tests;
