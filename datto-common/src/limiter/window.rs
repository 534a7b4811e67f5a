//! Sliding windows: what was sent, by us and by others of the same account.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// What was sent under one limit, oldest first, no older than the window.
#[derive(Debug, Default)]
pub(super) struct Log {
    sent: VecDeque<Instant>,
    /// The limit that the service told; before that, the one of the rules counts.
    pub(super) told: Option<u32>,
    /// How many calls of others the service counted, and when we learnt it.
    others: Option<(u32, Instant)>,
}

impl Log {
    fn trim(&mut self, now: Instant, window: Duration) {
        while self.sent.front().is_some_and(|sent| now.duration_since(*sent) >= window) {
            self.sent.pop_front();
        }
        if self.others.is_some_and(|(_, learnt)| now.duration_since(learnt) >= window) {
            self.others = None; // they have left the window, and we have not asked since
        }
    }

    /// When there is a place for another call, given how many fit in a window; `None` if there is one now.
    pub(super) fn free_at(&mut self, now: Instant, window: Duration, limit: usize) -> Option<Instant> {
        self.trim(now, window);
        // One place is always ours, else a busy account would never let us in.
        let ours = limit.saturating_sub(self.others()).max(1);
        let over = self.sent.len().checked_sub(ours)?;
        self.sent.get(over).map(|sent| *sent + window)
    }

    pub(super) fn add(&mut self, at: Instant) {
        self.sent.push_back(at);
    }

    pub(super) fn forget(&mut self, at: Instant) {
        if let Some(place) = self.sent.iter().rposition(|entry| *entry == at) {
            self.sent.remove(place);
        }
    }

    /// How many of ours are in the window.
    pub(super) fn own(&mut self, now: Instant, window: Duration) -> usize {
        self.trim(now, window);
        self.sent.len()
    }

    /// How many of others are in the window, as far as we know.
    pub(super) fn others(&self) -> usize {
        self.others.map_or(0, |(count, _)| count as usize)
    }

    /// The service counted so many calls of the account; what is not ours is others'. Gives how far that is from what we thought.
    pub(super) fn correct(&mut self, now: Instant, window: Duration, limit: u32, counted: u32) -> usize {
        let own = u32::try_from(self.own(now, window)).unwrap_or(u32::MAX);
        let before = self.others();
        let others = counted.saturating_sub(own);
        self.told = Some(limit).filter(|limit| *limit > 0);
        self.others = Some((others, now));
        before.abs_diff(others as usize)
    }
}
