//! One limit for many processes: the counting is a store's, what follows from it stays here.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::Result;

/// Counts the calls of an account for all processes that name it. Implement it to bring a store of your own; `datto-redis` has one.
///
/// A store knows nothing of the service: it hands out places in sliding windows, and passes on what one process learnt. Its own clock
/// counts, so only durations go in and out. [`InMemoryLimits`](crate::InMemoryLimits) shows in few lines what it has to do.
///
/// A store that fails, or takes longer than half a second, costs that once: then each process goes by its own count for five seconds.
#[async_trait]
pub trait SharedLimits: fmt::Debug + Send + Sync + 'static {
    /// Hands out places, as many as there are and were asked for.
    ///
    /// # Errors
    /// Any: the process goes by its own count for a while.
    async fn take(&self, claim: &Claim) -> Result<Taken>;

    /// Keeps what the service said, for all processes.
    ///
    /// # Errors
    /// Any: the process goes by its own count for a while.
    async fn tell(&self, account: &str, news: &News) -> Result<()>;
}

#[async_trait]
impl<S: SharedLimits + ?Sized> SharedLimits for Arc<S> {
    async fn take(&self, claim: &Claim) -> Result<Taken> {
        (**self).take(claim).await
    }

    async fn tell(&self, account: &str, news: &News) -> Result<()> {
        (**self).tell(account, news).await
    }
}

/// What a process asks a store for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Claim {
    /// The name of the account and the product: what is counted apart.
    pub account: String,
    /// The windows that a place has to be free in.
    pub windows: Vec<ClaimedWindow>,
    /// How long each window is.
    pub length: Duration,
    /// How many places at the most; 0 only asks how much is counted.
    pub most: u32,
    /// The first place is for now or later; further ones no later than this.
    pub together: Duration,
    /// A first place that is later than this is not handed out: the wait is told instead.
    pub patience: Duration,
    /// The service can say what it has counted: one process at a time is to ask, no sooner than this after the last. `None` where it
    /// cannot.
    pub ask_every: Option<Duration>,
    /// How much each place takes off the gap between calls.
    pub easing: Duration,
}

impl Claim {
    /// A claim for one place, now or within three seconds, where the service does not tell what it has counted.
    pub fn new(account: impl Into<String>, windows: Vec<ClaimedWindow>, length: Duration) -> Self {
        Self {
            account: account.into(),
            windows,
            length,
            most: 1,
            together: Duration::from_secs(1),
            patience: Duration::from_secs(3),
            ask_every: None,
            easing: Duration::ZERO,
        }
    }
}

impl ClaimedWindow {
    /// A window that may hold so many calls, of which so many may go before the service is asked.
    pub fn new(name: impl Into<String>, limit: u32, unasked: u32) -> Self {
        Self { name: name.into(), limit, unasked }
    }
}

impl CountedWindow {
    /// A window that may hold so many calls, as the service told, with a credit of so many.
    pub fn new(name: impl Into<String>, limit: u32, others: Option<u32>, credit: u32) -> Self {
        Self { name: name.into(), limit, others, credit }
    }
}

/// One window of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimedWindow {
    /// Its name: `read`, `write`, or that of a write operation.
    pub name: String,
    /// How many calls it may hold, as far as this process knows.
    pub limit: u32,
    /// How many calls may go before the service has to be asked for the first time.
    pub unasked: u32,
}

/// What a store answers.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Taken {
    /// How long it is until each place.
    pub places: Vec<Duration>,
    /// How long it is until there may be a place, where there is none.
    pub wait: Option<Duration>,
    /// How many places are counted in each window of the claim, these included.
    pub counted: Vec<u32>,
    /// How often a process was told to ask within a window, this time included: the service counts these as reads.
    pub questions: u32,
    /// This process is to ask the service what it has counted.
    pub ask: bool,
    /// How long all calls wait.
    pub paused: Option<Duration>,
    /// How long all calls fail.
    pub blocked: Option<Duration>,
}

/// What one process learnt from the service.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// All calls wait, and are kept apart afterwards.
    Pause {
        /// How long they wait.
        wait: Duration,
        /// How far apart they are kept.
        gap: Duration,
    },
    /// The address is blocked: all calls fail.
    Block(Duration),
    /// What the service has counted.
    Counted {
        /// Each window that it told about.
        windows: Vec<CountedWindow>,
        /// How long the answer is worth going by.
        good_for: Duration,
    },
    /// What is left of a budget.
    Budget {
        /// How much, in the service's units.
        remaining: f64,
        /// How long until it is filled again.
        resets_in: Duration,
        /// What a call costs.
        cost: f64,
    },
}

/// One window that the service told about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountedWindow {
    /// Its name.
    pub name: String,
    /// How many calls it may hold for all processes.
    pub limit: u32,
    /// How many places of it are not ours: used by programs that the store does not know, or left to them. `None` leaves it as it was.
    pub others: Option<u32>,
    /// How many places may be handed out until the service is asked again.
    pub credit: u32,
}
