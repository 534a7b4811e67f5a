//! A pacer: keeps calls apart, more after a refusal, less while all is well.

use std::time::Duration;

use tokio::time::Instant;

use super::rules::Pace;

#[derive(Debug, Default)]
pub(super) struct Pacer {
    pace: Option<Pace>,
    gap: Duration,
    last: Option<Instant>,
    /// When the gap grew last.
    grown: Option<Instant>,
}

impl Pacer {
    pub(super) fn new(pace: Option<Pace>) -> Self {
        Self { pace, ..Self::default() }
    }

    pub(super) fn gap(&self) -> Duration {
        self.gap
    }

    /// How much each place takes off the gap, where a store keeps it.
    pub(super) fn easing(&self) -> Duration {
        self.pace.map_or(Duration::ZERO, |pace| pace.easing)
    }

    /// When a call may go that so many go before; `None` if now.
    pub(super) fn free_at(&self, now: Instant, ahead: usize) -> Option<Instant> {
        if self.gap.is_zero() {
            return None;
        }
        let next = self.last.map_or(now, |last| (last + self.gap).max(now));
        let turns = u32::try_from(ahead).unwrap_or(u32::MAX);
        let at = next.checked_add(self.gap.saturating_mul(turns)).unwrap_or(next);
        (at > now).then_some(at)
    }

    pub(super) fn take(&mut self, now: Instant) {
        if self.pace.is_some() {
            self.last = Some(now);
        }
    }

    /// A call that was sent then was refused for going too fast. What was on its way when the gap grew says nothing new.
    pub(super) fn refused(&mut self, sent: Instant, now: Instant) {
        let Some(pace) = self.pace.filter(|_| self.grown.is_none_or(|grown| sent > grown)) else { return };
        self.gap = self.gap.mul_f64(1.5).clamp(pace.first, pace.longest);
        self.grown = Some(now);
    }

    /// A call was answered well.
    pub(super) fn ease(&mut self) {
        if let Some(pace) = self.pace {
            self.gap = self.gap.saturating_sub(pace.easing);
        }
    }
}
