//! A ready-made observer that counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::{ErrorKind, Event, Observer};

/// Counts calls, attempts, retries, waits and failures, for a metrics page. Clones count together: give one to the builder
/// and keep the other.
///
/// ```
/// # fn run(builder: impl FnOnce(datto_common::Counters)) {
/// let counters = datto_common::Counters::new();
/// builder(counters.clone()); // client.observer(counters.clone())
/// let counts = counters.snapshot();
/// println!("{} calls, {} of them failed", counts.calls, counts.failed());
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Counters(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    calls: AtomicU64,
    attempts: AtomicU64,
    retries: AtomicU64,
    limited: AtomicU64,
    limited_ms: AtomicU64,
    logins: AtomicU64,
    unread_members: AtomicU64,
    failures: Mutex<BTreeMap<ErrorKind, u64>>,
}

/// What [`Counters`] have counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallCounts {
    /// Calls that are over. Each page of a list is one.
    pub calls: u64,
    /// Requests that were sent, without logins.
    pub attempts: u64,
    /// How often a call was sent again after a failure.
    pub retries: u64,
    /// How often the client's own limiter held a call back.
    pub limited: u64,
    /// For how long in all, in milliseconds.
    pub limited_ms: u64,
    /// Logins, with those that failed.
    pub logins: u64,
    /// Members of records that could not be read; see [`Extra::unread`](crate::Extra::unread).
    pub unread_members: u64,
    /// Calls that failed, by kind; a good answer that cannot be read is among them, as `Decode`.
    pub failures: BTreeMap<ErrorKind, u64>,
}

impl Counters {
    /// All zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted so far.
    pub fn snapshot(&self) -> CallCounts {
        let counts = &self.0;
        CallCounts {
            calls: counts.calls.load(Relaxed),
            attempts: counts.attempts.load(Relaxed),
            retries: counts.retries.load(Relaxed),
            limited: counts.limited.load(Relaxed),
            limited_ms: counts.limited_ms.load(Relaxed),
            logins: counts.logins.load(Relaxed),
            unread_members: counts.unread_members.load(Relaxed),
            failures: counts.failures.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

impl CallCounts {
    /// How many calls failed, of any kind.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }
}

impl Observer for Counters {
    fn on_event(&self, event: &Event<'_>) {
        let counts = &self.0;
        match event {
            Event::Limited { wait, .. } => {
                counts.limited.fetch_add(1, Relaxed);
                counts.limited_ms.fetch_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), Relaxed);
            }
            Event::Attempt { .. } => {
                counts.attempts.fetch_add(1, Relaxed);
            }
            Event::Retrying { .. } => {
                counts.retries.fetch_add(1, Relaxed);
            }
            Event::Login { .. } => {
                counts.logins.fetch_add(1, Relaxed);
            }
            Event::Unread { members, .. } => {
                counts.unread_members.fetch_add(u64::try_from(members.len()).unwrap_or(u64::MAX), Relaxed);
            }
            Event::Finished { error, .. } => {
                counts.calls.fetch_add(1, Relaxed);
                if let Some(kind) = error {
                    *counts.failures.lock().unwrap_or_else(PoisonError::into_inner).entry(*kind).or_default() += 1;
                }
            }
        }
    }
}
