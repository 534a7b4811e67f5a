//! Pauses that the service asks for, and the circuit that is open while it blocks the address.

use std::time::Duration;

use tokio::time::Instant;

/// How long calls fail at once after the service blocked the address.
pub(crate) const BLOCK: Duration = Duration::from_secs(300);
/// A pause is not believed to be longer than this: then one call finds out.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Two refusals that look like a block are one within this time.
const SUSPICION: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Gate {
    paused_until: Option<Instant>,
    blocked_until: Option<Instant>,
    /// When an answer last looked like a block, with no good one since.
    suspected: Option<Instant>,
}

impl Gate {
    /// How long it is until a pause is over.
    pub(super) fn paused(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|until| *until > now)
    }

    /// How long it is until a block is over.
    pub(super) fn blocked(&self, now: Instant) -> Option<Instant> {
        self.blocked_until.filter(|until| *until > now)
    }

    pub(super) fn is_closed(&self, now: Instant) -> bool {
        self.paused(now).or(self.blocked(now)).is_some()
    }

    pub(super) fn pause(&mut self, now: Instant, wait: Duration) {
        self.paused_until = self.paused_until.max(Some(now + wait.min(LONGEST_PAUSE)));
    }

    pub(super) fn block(&mut self, now: Instant) {
        self.blocked_until = Some(now + BLOCK);
        self.suspected = None;
    }

    /// Another process found a block that lasts so long.
    pub(super) fn block_for(&mut self, now: Instant, wait: Duration) {
        self.blocked_until = self.blocked_until.max(Some(now + wait.min(BLOCK)));
    }

    /// An answer looks like a block. The second in a row is one.
    pub(super) fn suspect(&mut self, now: Instant) -> bool {
        let before = self.suspected.replace(now);
        let again = before.is_some_and(|before| now.duration_since(before) < SUSPICION);
        if again {
            self.block(now);
        }
        again
    }

    /// An answer looks like a block, where a harmless call will tell.
    pub(super) fn doubt(&mut self, now: Instant) {
        self.suspected = Some(now);
    }

    /// A good answer came.
    pub(super) fn trust(&mut self) {
        self.suspected = None;
    }
}
