//! One sliding window: what was sent under one limit, by us and by others of the same account.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::rules::Count;

/// So small a part of a limit is no use by others, and so large a part of it is left free where there is.
const NOISE: usize = 50;
const ON_THEIR_WAY: usize = 20;

/// How many calls in a window the account is held to, and how many of them may be ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) account: usize,
    pub(super) ours: usize,
}

/// What was sent under one limit, oldest first, no older than the window.
#[derive(Debug, Default)]
pub(super) struct Log {
    sent: VecDeque<Instant>,
    /// The limit that the service told; before that, the one of the rules counts.
    pub(super) told: Option<u32>,
    /// How many calls of others the service counted, and when we learnt it.
    others: Option<(u32, Instant)>,
    /// How many more calls of ours may go before the service is asked again; `None` before it was.
    pub(super) credit: Option<usize>,
}

impl Log {
    fn trim(&mut self, now: Instant, window: Duration) {
        while self.sent.front().is_some_and(|sent| now.saturating_duration_since(*sent) >= window) {
            self.sent.pop_front();
        }
        if self.others.is_some_and(|(_, learnt)| now.saturating_duration_since(learnt) >= window) {
            self.others = None; // they have left the window, and we have not asked since
        }
    }

    /// When there is a place for a call that so many go before, given how many a window may hold; `None` if there is one now.
    pub(super) fn free_at(&mut self, now: Instant, window: Duration, held: Held, ahead: usize) -> Option<Instant> {
        self.trim(now, window);
        // One place is always ours, else a busy account would never let us in.
        let ours = self.leaves(held).min(held.ours).max(1);
        // Those ahead fill a window after the other; of the last one, this many have to leave.
        let (rounds, rest) = (ahead / ours, ahead % ours);
        let leaving = (self.sent.len() + rest).checked_sub(ours).and_then(|over| self.sent.get(over));
        let free = leaving.map_or(now, |sent| *sent + window);
        let wait = window.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX));
        Some(free.checked_add(wait).unwrap_or(free)).filter(|free| *free > now)
    }

    pub(super) fn add(&mut self, at: Instant, window: Duration) {
        self.trim(at, window);
        self.sent.push_back(at);
        self.credit = self.credit.map(|credit| credit.saturating_sub(1));
    }

    pub(super) fn forget(&mut self, at: Instant) {
        if let Some(place) = self.sent.iter().rposition(|entry| *entry == at) {
            self.sent.remove(place);
            self.credit = self.credit.map(|credit| credit.saturating_add(1));
        }
    }

    /// How many of ours are in the window.
    pub(super) fn own(&mut self, now: Instant, window: Duration) -> usize {
        self.trim(now, window);
        self.sent.len()
    }

    /// When the oldest of ours was sent.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.sent.front().copied()
    }

    /// How many of others are in the window, as far as we know.
    pub(super) fn others(&self) -> usize {
        self.others.map_or(0, |(count, _)| count as usize)
    }

    /// How many places others leave us. A few calls of others may be ours, counted a moment later; where there are more, a part
    /// is left free for those that are on their way, unless each has a share of its own.
    pub(super) fn leaves(&self, held: Held) -> usize {
        let others = self.others();
        if others <= held.account / NOISE {
            return held.account;
        }
        let free = if held.ours < held.account { 0 } else { held.account / ON_THEIR_WAY };
        held.account.saturating_sub(others + free)
    }

    /// The service counted so many calls of the account; what is not ours is others'.
    pub(super) fn correct(&mut self, now: Instant, window: Duration, count: Count) {
        let own = u32::try_from(self.own(now, window)).unwrap_or(u32::MAX);
        self.told = Some(count.limit).filter(|limit| *limit > 0);
        self.others = Some((count.used.saturating_sub(own), now));
    }
}
