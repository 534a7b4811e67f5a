//! The clock of the services: tokio's, which can be moved forward and can run faster than it does.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// One clock for all accounts.
#[derive(Debug)]
pub(crate) struct Clock {
    start_ms: i64,
    started: Instant,
    /// How many milliseconds pass in the data while one passes.
    speed: u32,
    /// Milliseconds by which it was moved forward.
    forward: AtomicU64,
    /// Where the data's time stands still while what was done before is done once more; negative if it does not.
    held: AtomicI64,
}

impl Clock {
    pub(crate) fn new(start_ms: i64, speed: u32) -> Self {
        Self {
            start_ms,
            started: Instant::now(),
            speed: speed.max(1),
            forward: AtomicU64::new(0),
            held: AtomicI64::new(-1),
        }
    }

    /// The moment of the start, in epoch milliseconds.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// Tokio's time since the start.
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// The moment by which the data are dated, in epoch milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.start_ms.saturating_add(self.passed_ms())
    }

    /// Milliseconds of the data's time since the start.
    pub(crate) fn passed_ms(&self) -> i64 {
        let held = self.held.load(Ordering::Relaxed);
        if held >= 0 {
            return held;
        }
        let since = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let forward = i64::try_from(self.forward.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        since.saturating_mul(i64::from(self.speed)).saturating_add(forward)
    }

    /// The moment by which tokens and jobs end and windows slide: tokio's, moved forward.
    pub(crate) fn now(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.forward.load(Ordering::Relaxed))
    }

    /// Lets the data's time stand still at so many milliseconds since the start.
    pub(crate) fn hold(&self, passed_ms: i64) {
        self.held.store(passed_ms.max(0), Ordering::Relaxed);
    }

    /// Lets the data's time go on from so many milliseconds since the start.
    pub(crate) fn release(&self, passed_ms: i64) {
        self.held.store(-1, Ordering::Relaxed);
        let missing = passed_ms.saturating_sub(self.passed_ms()).max(0).unsigned_abs();
        self.forward(Duration::from_millis(missing));
    }

    /// Moves it forward, at most by a hundred years.
    pub(crate) fn forward(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX).min(3_155_760_000_000);
        self.forward.fetch_add(by, Ordering::Relaxed);
    }
}
