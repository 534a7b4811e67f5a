//! Holds calls back before the service has to refuse them.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::{Bucket, Error, ErrorKind, Result};

/// How long calls fail at once after the service blocked the address.
const BLOCK: Duration = Duration::from_secs(300);

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

/// What a service allows.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Rules {
    /// The length of the sliding window.
    pub window: Duration,
    /// The part of each limit at which the service begins to slow down.
    pub ratio: f64,
    /// Reads in a window.
    pub reads: Option<u32>,
    /// Writes in a window.
    pub writes: Option<u32>,
    /// Writes of one name in a window.
    pub each_write: fn(&str) -> Option<u32>,
    /// Calls are kept this far apart at first; more after a refusal, less while all is well.
    pub pace: Option<Pace>,
}

/// A pacer: the gap between calls grows at a refusal and shrinks with each success.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The gap after the first refusal.
    pub first: Duration,
    /// The longest gap.
    pub longest: Duration,
    /// How much a success takes off it.
    pub easing: Duration,
}

impl Rules {
    /// No limit known.
    #[doc(hidden)]
    pub const NONE: Self = Self {
        window: Duration::from_secs(60),
        ratio: 1.0,
        reads: None,
        writes: None,
        each_write: |_| None,
        pace: None,
    };
}

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
    logs: HashMap<&'static str, Log>,
    paused_until: Option<Instant>,
    blocked_until: Option<Instant>,
    gap: Duration,
    last: Option<Instant>,
}

/// When calls were sent, oldest first, no older than the window.
#[derive(Debug, Default)]
struct Log(VecDeque<Instant>);

impl Log {
    /// When there is a place, given that `limit` fit in a window.
    fn free_at(&mut self, now: Instant, window: Duration, limit: usize) -> Option<Instant> {
        while self.0.front().is_some_and(|sent| now.duration_since(*sent) >= window) {
            self.0.pop_front();
        }
        let over = self.0.len().checked_sub(limit.max(1))?;
        self.0.get(over).map(|sent| *sent + window)
    }

    fn forget(&mut self, sent: Instant) {
        if let Some(place) = self.0.iter().rposition(|entry| *entry == sent) {
            self.0.remove(place);
        }
    }
}

/// The names of the two logs that every call of their kind counts in; a write counts in one of its own name as well.
const READS: &str = "read";
const WRITES: &str = "write";

/// A place in the windows. Dropped before [`Permit::sent`], it is given back.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    lane: &'a Lane,
    at: Instant,
    logs: [Option<&'static str>; 2],
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
        Self {
            rules,
            share,
            reads: tokio::sync::Mutex::default(),
            writes: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. `waits` hears of each wait; a wait beyond `deadline` fails at once.
    pub(crate) async fn enter(
        &self,
        bucket: Bucket,
        deadline: Option<Instant>,
        mut waits: impl FnMut(Duration),
    ) -> Result<Permit<'_>> {
        let queue = if bucket == Bucket::Read { &self.reads } else { &self.writes };
        let _turn = match deadline {
            None => queue.lock().await,
            Some(deadline) => {
                tokio::time::timeout_at(deadline, queue.lock()).await.map_err(|_| no_time(Duration::ZERO))?
            }
        };
        let logs = match bucket {
            Bucket::Read => [Some(READS), None],
            Bucket::Write(_) => [Some(WRITES), bucket.write_name()],
        };
        loop {
            let now = Instant::now();
            let Some(until) = self.free_at(&logs, now)? else {
                return Ok(self.take(logs, now));
            };
            let wait = until - now;
            if deadline.is_some_and(|deadline| until > deadline) {
                return Err(no_time(wait));
            }
            waits(wait);
            tokio::time::sleep_until(until).await;
        }
    }

    /// The next instant at which a place may be free; `None` if one is free now.
    fn free_at(&self, logs: &[Option<&'static str>; 2], now: Instant) -> Result<Option<Instant>> {
        let mut state = self.lock();
        if let Some(until) = state.blocked_until.filter(|until| *until > now) {
            return Err(blocked(until - now));
        }
        let paused = state.paused_until.filter(|until| *until > now);
        let paced = state.last.map(|last| last + state.gap).filter(|next| *next > now);
        let mut until = paused.max(paced);
        for name in logs.iter().flatten() {
            if let Some(limit) = self.limit(name) {
                until = until.max(state.logs.entry(name).or_default().free_at(now, self.rules.window, limit));
            }
        }
        Ok(until)
    }

    fn limit(&self, log: &str) -> Option<usize> {
        let limit = match log {
            READS => self.rules.reads,
            WRITES => self.rules.writes,
            name => (self.rules.each_write)(name),
        }?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a positive number below the limit
        let held = (f64::from(limit) * self.rules.ratio * self.share).floor() as usize;
        Some(held.max(1))
    }

    fn take(&self, logs: [Option<&'static str>; 2], now: Instant) -> Permit<'_> {
        let mut state = self.lock();
        state.last = Some(now);
        for name in logs.into_iter().flatten() {
            state.logs.entry(name).or_default().0.push_back(now);
        }
        Permit { lane: self, at: now, logs, sent: false }
    }

    /// The service answered: all is well.
    pub(crate) fn succeeded(&self, _headers: &HeaderMap) {
        if let Some(pace) = self.rules.pace {
            let mut state = self.lock();
            state.gap = state.gap.saturating_sub(pace.easing);
        }
    }

    /// The service refused for going too fast: nobody sends before the wait is over.
    pub(crate) fn pause(&self, wait: Duration) {
        let mut state = self.lock();
        let until = Instant::now() + wait;
        state.paused_until = state.paused_until.max(Some(until));
        if let Some(pace) = self.rules.pace {
            state.gap = state.gap.mul_f64(1.5).clamp(pace.first, pace.longest);
        }
    }

    /// The service blocked the address: calls fail at once until that is over.
    pub(crate) fn block(&self) {
        self.lock().blocked_until = Some(Instant::now() + BLOCK);
    }
}

fn no_time(wait: Duration) -> Error {
    Error::new(
        ErrorKind::RateLimited,
        format!(
            "the limit on requests is used up; the wait of {:.1} s does not fit the time of the call",
            wait.as_secs_f64()
        ),
    )
    .with_retry_after(Some(wait))
}

fn blocked(left: Duration) -> Error {
    Error::new(
        ErrorKind::Blocked,
        format!("the service blocked this address; calls fail at once for another {} s", left.as_secs()),
    )
    .with_retry_after(Some(left))
    .with_hint("do not hammer: the block lasts longer the more requests come; find what used up the limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(reads: u32) -> Lane {
        Lane::new(Rules { reads: Some(reads), writes: Some(10), each_write: |_| Some(4), ..Rules::NONE }, 1.0)
    }

    async fn enter(lane: &Lane, bucket: Bucket) {
        lane.enter(bucket, None, |_| ()).await.unwrap().sent();
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_ever_holds_more_than_the_limit() {
        let (lane, mut sent) = (lane(7), Vec::new());
        for number in 0..40_u64 {
            tokio::time::sleep(Duration::from_millis(number * 137 % 9_000)).await;
            enter(&lane, Bucket::Read).await;
            sent.push(Instant::now());
        }
        for (place, at) in sent.iter().enumerate() {
            let within = sent.iter().skip(place).take_while(|other| **other - *at < Duration::from_secs(60)).count();
            assert!(within <= 7, "{within} in a window");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn reads_writes_and_each_write_count_apart() {
        let (lane, start) = (lane(2), Instant::now());
        for name in ["a", "a", "a", "a", "b", "b"] {
            enter(&lane, Bucket::Write(name)).await;
        }
        enter(&lane, Bucket::Read).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        enter(&lane, Bucket::Write("a")).await;
        assert_eq!(start.elapsed(), Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_is_not_used_is_given_back() {
        let (lane, start) = (lane(1), Instant::now());
        drop(lane.enter(Bucket::Read, None, |_| ()).await.unwrap());
        enter(&lane, Bucket::Read).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_does_not_fit_fails_at_once() {
        let (lane, start) = (lane(1), Instant::now());
        enter(&lane, Bucket::Read).await;
        let error = lane.enter(Bucket::Read, Some(start + Duration::from_secs(5)), |_| ()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(60))));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_and_a_block_fails_everybody() {
        let (lane, start) = (lane(100), Instant::now());
        lane.pause(Duration::from_secs(7));
        enter(&lane, Bucket::Read).await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
        lane.block();
        assert_eq!(lane.enter(Bucket::Write("a"), None, |_| ()).await.unwrap_err().kind(), ErrorKind::Blocked);
        tokio::time::advance(BLOCK).await;
        enter(&lane, Bucket::Write("a")).await;
    }

    #[test]
    fn clients_of_one_limiter_share_a_lane() {
        let limiter = RateLimiter::share(0.5);
        let one = limiter.lane("x", || Rules { reads: Some(100), ..Rules::NONE });
        let two = limiter.clone().lane("x", || Rules::NONE);
        assert!(Arc::ptr_eq(&one, &two));
        assert_eq!(one.limit(READS), Some(50));
    }
}
