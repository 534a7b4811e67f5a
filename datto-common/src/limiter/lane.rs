//! One account at one product: what every call passes before it is sent.

mod asks;
mod enter;
mod together;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::budget::Budget;
use super::gate::Gate;
use super::info::RateInfo;
use super::lease::{Claiming, Found, Leases, Store};
use super::line::{self, Lines};
use super::pacer::Pacer;
use super::question::{self, Asked, Asking, FIRST_ASK, Pending, credit, credit_unanswered};
use super::rules::{AskUsage, Rules};
use super::shared::{Claim, News, Taken};
use super::together::{Known, ask_for_all};
use super::windows::Windows;
use crate::{Bucket, Error, ErrorKind, Result};

/// A pause or a budget that ends later than this is not waited for: calls fail at once.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(180);
/// The store is told of the budget no more often than this.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How long a good answer to the question stands for "no block".
const NO_BLOCK: Duration = Duration::from_secs(10);

/// One account at one product.
#[derive(Debug)]
pub(crate) struct Lane {
    usage: Option<AskUsage>,
    after_503: bool,
    shares: bool,
    /// A store counts for several processes.
    together: bool,
    state: Mutex<State>,
    /// Somebody who waits may have to wait no longer.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    lines: Lines,
    windows: Windows,
    budget: Budget,
    pacer: Pacer,
    gate: Gate,
    asking: Asking,
    /// When the service last answered the question, which it would not do to a blocked address.
    open: Option<Instant>,
    /// The places that a store handed out, where processes count together.
    leases: Option<Leases>,
    /// When the store was last told of the budget.
    told: Option<Instant>,
}

/// A place in the windows. Dropped before [`Permit::sent`], it is given back.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    lane: &'a Lane,
    bucket: Bucket,
    at: Instant,
    waited: Duration,
    /// The place is one that a store handed out.
    leased: bool,
    sent: bool,
}

impl Permit<'_> {
    /// How long the call waited for it.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// The call is sent now.
    pub(crate) fn sent(mut self) -> Instant {
        self.sent = true;
        self.at
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.sent {
            let mut state = self.lane.lock();
            state.windows.forget(self.bucket, self.at);
            if let Some(leases) = state.leases.as_mut().filter(|_| self.leased) {
                leases.give_back(self.bucket, self.at);
            }
            self.lane.wake(&mut state);
        }
    }
}

impl Lane {
    pub(super) fn new(rules: Rules, share: f64, store: Option<Store>) -> Self {
        let together = store.is_some();
        let state = State {
            lines: Lines::default(),
            budget: Budget::new(rules.budget),
            pacer: Pacer::new(rules.pace),
            gate: Gate::default(),
            asking: Asking::default(),
            open: None,
            leases: store.map(Leases::new),
            told: None,
            windows: Windows::new(rules.clone(), share),
        };
        Self {
            usage: rules.usage,
            after_503: rules.pace.is_some_and(|pace| pace.after_503),
            shares: share < 1.0,
            together,
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, state: &mut State) {
        if state.lines.wake(Instant::now()) {
            self.changed.notify_waiters();
        }
    }

    /// How the service can be asked what it has counted.
    pub(crate) fn asks(&self) -> Option<AskUsage> {
        self.usage
    }

    /// Whether a 503 means that everybody has to go slower.
    pub(crate) fn slows_after_503(&self) -> bool {
        self.after_503
    }

    /// Fails where calls fail at once, so that nothing is done for them, not even a login.
    pub(crate) fn admits(&self, now: Instant) -> Result<()> {
        let state = self.lock();
        match state.gate.blocked(now) {
            Some(until) => Err(blocked(until - now)),
            None => state.told(now).map(|_| ()),
        }
    }

    /// The service answered: reads its budget, and eases the pace if all is well.
    pub(crate) fn answered(&self, headers: &HeaderMap, well: bool) {
        let mut state = self.lock();
        state.budget.read(headers, well);
        if well {
            state.pacer.ease();
            if self.usage.is_none() {
                state.gate.trust();
            }
        }
    }

    /// The service refused a call of then for going too fast: nobody sends before the wait is over. Where the service does not
    /// say how long, it is what is left of the window. Gives the wait.
    pub(crate) fn refused(
        &self,
        bucket: Bucket,
        sent: Instant,
        asked: Option<Duration>,
        back_off: Duration,
    ) -> Duration {
        let now = Instant::now();
        let mut state = self.lock();
        // Without any back-off, as tests have it, there is none here either.
        let rest = asked.is_none().then(|| state.windows.rest(bucket, now)).flatten().filter(|_| !back_off.is_zero());
        let wait = asked.or(rest).unwrap_or(back_off).max(back_off);
        state.gate.pause(now, wait);
        state.pacer.refused(sent, now);
        state.budget.refused();
        if self.usage.is_some() {
            state.asking.saw_others(now);
        }
        wait
    }

    /// The service blocked the address: calls fail at once until that is over.
    pub(crate) fn block(&self) {
        let mut state = self.lock();
        state.gate.block(Instant::now());
        self.wake(&mut state);
    }

    pub(crate) fn info(&self) -> RateInfo {
        let now = Instant::now();
        let mut state = self.lock();
        let left = |until: Option<Instant>| until.map(|until| until - now);
        RateInfo {
            windows: state.windows.info(now),
            budget: state.budget.info(now),
            gap: state.pacer.gap(),
            paused_for: left(state.gate.paused(now)),
            blocked_for: left(state.gate.blocked(now)),
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().lines.len()
    }

    #[cfg(test)]
    pub(super) fn learn(&self, usage: super::Usage) {
        let mut state = self.lock();
        let now = Instant::now();
        if state.windows.correct(usage, now) {
            state.asking.saw_others(now);
        }
        state.windows.set_credits(now, credit);
    }
}

impl State {
    /// Until when the service told to wait, by its budget or a pause; an error where that is too long.
    fn told(&self, now: Instant) -> Result<Option<Instant>> {
        let told = self.budget.free_at(now).max(self.gate.paused(now));
        match told.map(|until| until - now).filter(|wait| *wait > LONGEST_WAIT) {
            Some(wait) => Err(no_time(wait).with_hint("the service says when there is room again")),
            None => Ok(told),
        }
    }

    fn give_credit_unanswered(&mut self, now: Instant) {
        let busy = self.asking.busy;
        self.windows.set_credits(now, |held, _, _| credit_unanswered(held, busy));
    }
}

fn blocked(left: Duration) -> Error {
    let until = crate::Timestamp::now().plus(left);
    Error::new(ErrorKind::Blocked, format!("the service blocked this address; calls fail at once until {until}"))
        .with_retry_after(Some(left))
        .with_hint("do not hammer: find what used up the limit, and wait")
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
