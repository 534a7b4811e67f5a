//! When the service is asked what it has counted for the account, and what follows from the answer.
//!
//! Others of the account are seen by that alone, so it has to be asked before they and we could have used up a limit together:
//! each answer gives a credit of calls that may go until the next. Of what is left of a limit, the credit is our usual part,
//! quartered. So any number of programs that do the same close in on the limit together, and none of them beyond it.

use std::time::Duration;

use tokio::time::Instant;

use super::window::Held;
use super::{Lane, Logs, READS, State, Usage, WRITES};

/// It is not asked before one part in so many of a limit is used: a few calls harm nobody.
const FIRST_ASK: usize = 100;
/// The largest credit is one part in so many of a limit, since one that was given long ago may be used up at once: while others
/// use the account, and while they do not.
const LARGEST_BUSY: usize = 15;
const LARGEST_CALM: usize = 8;
/// It is also asked so many times in a window: while others use the account, and while they do not or there is no place.
const TIMES_BUSY: u32 = 12;
const TIMES_CALM: u32 = 4;
/// It is asked no more often than so many times in a window while others use the account: calls without credit wait.
const TIMES_MOST: u32 = 20;
/// A service that would not say is not asked for this long.
const REFUSED: Duration = Duration::from_secs(300);
/// A window longer than this is not believed.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// What is known of the asking.
#[derive(Debug, Default)]
pub(super) struct Asking {
    last: Option<Instant>,
    /// Others use the account.
    busy: bool,
    refused_until: Option<Instant>,
}

/// Whether a call asks before it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    No,
    Now,
    /// Not before then, and the call has no credit until it does.
    At(Instant),
}

impl Asking {
    /// When to ask again, whatever the credit is.
    fn due(&self, finds_place: bool, window: Duration) -> Option<Instant> {
        let times = if self.busy && finds_place { TIMES_BUSY } else { TIMES_CALM };
        self.last.map(|last| last + window / times)
    }
}

impl Lane {
    /// Whether to ask now; if so, the asking is claimed and counted. A call that finds no place needs no credit.
    pub(super) fn turn_to_ask(&self, logs: &Logs, finds_place: bool, now: Instant) -> Turn {
        let mut state = self.lock();
        let before = |until: Option<Instant>| until.is_some_and(|until| now < until);
        if self.rules.usage.is_none() || before(state.blocked_until) || before(state.asking.refused_until) {
            return Turn::No;
        }
        let due = state.asking.due(finds_place, state.window).is_some_and(|due| now >= due);
        let matters = due || (finds_place && self.is_spent(&mut state, logs, now));
        if !matters {
            return Turn::No;
        }
        let rest = state.window / TIMES_MOST;
        if let Some(free) = state.asking.last.map(|last| last + rest).filter(|free| state.asking.busy && now < *free) {
            return Turn::At(free);
        }
        state.asking.last = Some(now);
        state.log(READS).add(now); // the question is a read itself
        Turn::Now
    }

    /// Whether one of these logs has no credit left.
    fn is_spent(&self, state: &mut State, logs: &Logs, now: Instant) -> bool {
        let window = state.window;
        logs.iter().flatten().any(|name| {
            let first = self.held_to(state, name).map_or(usize::MAX, |held| (held.account / FIRST_ASK).max(1));
            let log = state.log(name);
            log.credit.map_or_else(|| log.own(now, window) >= first, |credit| credit == 0)
        })
    }

    /// While others use the account their calls leave the window earlier than we know: a wait ends when it is time to ask.
    pub(super) fn sooner(&self, until: Instant, now: Instant) -> Instant {
        let state = self.lock();
        let due = state.asking.due(false, state.window).filter(|due| state.asking.busy && *due > now);
        due.map_or(until, |due| due.min(until))
    }

    /// Takes what the service has counted.
    pub(super) fn correct(&self, usage: Option<Usage>) {
        let now = Instant::now();
        let mut state = self.lock();
        let Some(usage) = usage else {
            state.asking.refused_until = Some(now + REFUSED);
            return;
        };
        state.window = usage.window.filter(|window| *window <= LONGEST_WINDOW).unwrap_or(self.rules.window);
        state.ratio = usage.ratio.filter(|ratio| (0.05..=1.0).contains(ratio)).unwrap_or(self.rules.ratio);
        state.one_window = usage.writes.is_none();
        let window = state.window;
        state.log(READS).correct(now, window, usage.reads);
        if let Some(writes) = usage.writes {
            state.log(WRITES).correct(now, window, writes);
        }
        for (name, count) in usage.each_write {
            state.log(&name).correct(now, window, count);
        }
        let busy = [READS, WRITES].iter().any(|name| {
            let held = self.held_to(&state, name);
            held.is_some_and(|held| state.log(name).leaves(held) < held.account)
        });
        state.asking.busy = busy;
        let names: Vec<String> = state.logs.keys().cloned().collect();
        for name in names {
            let Some(held) = self.held_to(&state, &name) else { continue };
            let log = state.log(&name);
            log.credit = Some(credit(held, log.own(now, window), log.leaves(held)));
        }
    }
}

/// How many calls may go until the service is asked again, when others leave us so many.
fn credit(held: Held, own: usize, leaves: usize) -> usize {
    let others = held.account.saturating_sub(leaves);
    if others == 0 {
        return (held.account / LARGEST_CALM).max(1);
    }
    let left = leaves.saturating_sub(own).min(held.ours.saturating_sub(own));
    let part = left * own.max(1) / (own + others) / 4;
    part.clamp(1, (held.account / LARGEST_BUSY).max(1))
}
