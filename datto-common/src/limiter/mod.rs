//! Holds calls back before the service has to refuse them.
//!
//! What a product limits are parts: [`Windows`], a [`Budget`], a [`Pacer`], and the [`Gate`] of pauses and blocks. Each says when
//! a call may go. The [`Lane`] asks them all in one short look under a lock; who has to wait waits outside of it.

mod budget;
mod gate;
mod info;
mod lane;
mod lease;
mod line;
mod memory;
mod pacer;
mod question;
mod rules;
mod shared;
mod together;
mod window;
mod windows;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use gate::BLOCK;
pub use info::{BudgetInfo, RateInfo, WindowInfo};
pub(crate) use lane::{LONGEST_WAIT, Lane, Permit};
use lease::Store;
pub use memory::InMemoryLimits;
pub(crate) use question::{ASK_LIMIT, Asked};
pub use rules::{AskUsage, BudgetHeaders, Count, Pace, Rules, Usage};
pub use shared::{Claim, ClaimedWindow, CountedWindow, News, SharedLimits, Taken};

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
    /// Where processes count together, and the account's name there.
    store: Option<(Arc<dyn SharedLimits>, String)>,
    lanes: Arc<Mutex<HashMap<&'static str, Arc<Lane>>>>,
}

impl RateLimiter {
    /// All of what the service allows.
    pub fn new() -> Self {
        Self::share(1.0)
    }

    /// A fixed part of what the service allows, between 0.01 and 1: for programs that use one account and can agree on who
    /// takes how much. The parts of all together should be 1.
    pub fn share(part: f64) -> Self {
        let share = if part.is_finite() { part.clamp(0.01, 1.0) } else { 1.0 };
        Self { share, store: None, lanes: Arc::default() }
    }

    /// All of what the service allows, together with every process that names the account in the same store. The name is the
    /// program's own: give one name to all keys of one account, and other names to other accounts.
    ///
    /// Limits, pauses, budgets, gaps and blocks are those of all, and one process asks the service for all. Programs that the store
    /// does not know are seen by what the service counts, and a tenth is left to them. While the store does not answer, each process
    /// goes by its own count.
    ///
    /// ```
    /// use datto_common::{InMemoryLimits, RateLimiter};
    /// let limiter = RateLimiter::shared(InMemoryLimits::default(), "acme");
    /// ```
    pub fn shared(store: impl SharedLimits, account: impl Into<String>) -> Self {
        Self { store: Some((Arc::new(store), account.into())), ..Self::new() }
    }

    /// The lane of a product: made by the first client, shared by the next.
    pub(crate) fn lane(&self, product: &'static str, rules: impl FnOnce() -> Rules) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let store = || {
            let (limits, account) = self.store.as_ref()?;
            Some(Store { limits: Arc::clone(limits), account: format!("{account}/{product}") })
        };
        Arc::clone(lanes.entry(product).or_insert_with(|| Arc::new(Lane::new(rules(), self.share, store()))))
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

#[cfg(test)]
mod tests;
