//! When the service is asked what it has counted for the account, and what follows from the answer.
//!
//! Others of the account are seen by that alone, so it has to be asked before they and we could have used up a limit together:
//! each answer gives a credit of calls that may go until the next. Of what is left of a limit, the credit is our usual part,
//! quartered. So any number of programs that do the same close in on the limit together, and none of them beyond it.
//!
//! One question is under way at a time, shared by all who wait for it. It is there to spare calls a refusal, so it never costs
//! more than that: who has waited long enough for it goes by our own count.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::rules::Usage;
use super::window::Held;

/// It is not asked before one part in so many of a limit is used: a few calls harm nobody.
pub(super) const FIRST_ASK: usize = 100;
/// The largest credit is one part in so many of a limit, since one that was given long ago may be used up at once: while others
/// use the account, and while they do not.
const LARGEST_BUSY: usize = 15;
const LARGEST_CALM: usize = 8;
/// A share is exclusive, so of it the credit is one part in so many.
const LARGEST_SHARE: usize = 4;
/// The credit where no answer came and others use the account.
const UNANSWERED_BUSY: usize = 60;
/// It is also asked so many times in a window: while others use the account, and while they do not or there is no place.
const TIMES_BUSY: u32 = 12;
const TIMES_CALM: u32 = 4;
/// It is asked no more often than so many times in a window while others use the account: calls without credit wait.
pub(super) const TIMES_MOST: u32 = 20;
/// A service that would not say is not asked for this long.
const REFUSED: Duration = Duration::from_secs(300);
/// How long a call waits for the answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How long the question may take.
pub(crate) const ASK_LIMIT: Duration = Duration::from_secs(10);
/// An answer that comes later tells what was: nobody drove the question meanwhile.
pub(super) const STALE: Duration = Duration::from_secs(12);

/// How the question ended.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    Told(Usage),
    /// It came no further than the login.
    NotSent,
    /// No answer, or one that may be another next time.
    Unanswered,
    /// The service does not say: no such path, not for this key, or without the figures.
    Refused,
    /// The service says that calls go too fast.
    TooFast(Option<Duration>),
    /// An answer that looks like a block of the address.
    Blocked,
}

impl Asked {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Told(_) => "told",
            Self::NotSent => "not sent",
            Self::Unanswered => "unanswered",
            Self::Refused => "refused",
            Self::TooFast(_) => "too fast",
            Self::Blocked => "blocked",
        }
    }
}

/// A question under way.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) number: u64,
    pub(super) asked: Instant,
    pub(super) answer: Shared<BoxFuture<'static, Asked>>,
    /// Calls were given a credit since the answer takes too long.
    pub(super) gave_up: bool,
}

impl Pending {
    fn new(number: u64, asked: Instant, ask: BoxFuture<'static, Asked>) -> Self {
        Self { number, asked, answer: ask.shared(), gave_up: false }
    }

    pub(super) fn is_stale(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.asked) >= STALE
    }
}

/// What is known of the asking.
#[derive(Debug, Default)]
pub(super) struct Asking {
    pub(super) pending: Option<Pending>,
    number: u64,
    /// When the last question ended.
    ended: Option<Instant>,
    /// When others were last seen or found absent.
    known: Option<Instant>,
    /// Others use the account.
    pub(super) busy: bool,
    not_before: Option<Instant>,
}

impl Asking {
    /// When to ask again, whatever the credit is.
    pub(super) fn due(&self, finds_place: bool, shares: bool, window: Duration) -> Option<Instant> {
        let times = if self.busy && finds_place && !shares { TIMES_BUSY } else { TIMES_CALM };
        self.ended.map(|ended| ended + window / times)
    }

    /// Until when it is not asked.
    pub(super) fn rests(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|until| *until > now)
    }

    pub(super) fn begin(&mut self, now: Instant, ask: BoxFuture<'static, Asked>) -> Pending {
        self.number += 1;
        self.pending.insert(Pending::new(self.number, now, ask)).clone()
    }

    pub(super) fn told(&mut self, now: Instant, busy: bool, window: Duration) {
        (self.ended, self.known, self.busy) = (Some(now), Some(now), busy);
        self.not_before = busy.then(|| now + window / TIMES_MOST);
    }

    pub(super) fn unanswered(&mut self, now: Instant, window: Duration) {
        self.ended = Some(now);
        self.not_before = Some(now + window / TIMES_MOST);
        // What was known holds as long as their calls are in the window.
        self.busy &= self.known.is_some_and(|known| now.saturating_duration_since(known) < window);
    }

    pub(super) fn refused(&mut self, now: Instant) {
        (self.ended, self.busy) = (Some(now), false);
        self.not_before = Some(now + REFUSED);
    }

    /// The service refused a call though our own count left room: there are others.
    pub(super) fn saw_others(&mut self, now: Instant) {
        (self.known, self.busy) = (Some(now), true);
    }
}

/// How many calls may go until the service is asked again, when others leave us so many.
pub(super) fn credit(held: Held, own: usize, leaves: usize) -> usize {
    let others = held.account.saturating_sub(leaves);
    if others == 0 {
        return (held.account / LARGEST_CALM).max(1);
    }
    if held.ours < held.account {
        return (held.ours / LARGEST_SHARE).max(1);
    }
    let left = leaves.saturating_sub(own);
    let part = left * own.max(1) / (own + others) / 4;
    part.clamp(1, (held.account / LARGEST_BUSY).max(1))
}

/// The same where no answer came.
pub(super) fn credit_unanswered(held: Held, busy: bool) -> usize {
    (held.ours / if busy { UNANSWERED_BUSY } else { LARGEST_CALM }).max(1)
}
