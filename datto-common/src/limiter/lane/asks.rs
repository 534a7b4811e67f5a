//! Whether a call needs an answer of the service first, and what follows from one.

use super::enter::{Need, Turn};
use super::*;

impl Lane {
    /// Whether the call needs an answer first; if it is time to ask, the question is begun and counted. A call that finds no
    /// place needs no credit.
    pub(super) fn need(
        &self,
        state: &mut State,
        turn: &Turn<'_>,
        ahead: usize,
        free: Option<Instant>,
        ask: &impl Fn() -> BoxFuture<'static, Asked>,
        now: Instant,
    ) -> Need {
        if self.usage.is_none() || state.gate.is_closed(now) {
            return Need::Nothing(None);
        }
        if state.asking.pending.as_ref().is_some_and(|pending| pending.is_stale(now)) {
            self.end(state, Asked::Unanswered, now);
        }
        let bucket = turn.bucket;
        let is_spent = |state: &mut State| free.is_none() && state.windows.is_spent(bucket, now, ahead, FIRST_ASK);
        let spent = is_spent(state);
        let impatient = turn.impatient.is_some_and(|at| now >= at);
        // Half of the time of a call is enough to wait for an answer.
        let no_later = |at: Instant| turn.impatient.filter(|half| *half > now).map_or(at, |half| half.min(at));
        if let Some(pending) = &mut state.asking.pending {
            let late = now >= pending.asked + question::PATIENCE;
            let gives_up = late && !pending.gave_up;
            pending.gave_up |= late;
            let pending = pending.clone();
            if gives_up {
                state.give_credit_unanswered(now);
            }
            return match spent && (!gives_up || is_spent(state)) {
                false => Need::Nothing(late.then_some(pending)),
                true if !late && !impatient => {
                    Need::Answer(pending.clone(), no_later(pending.asked + question::PATIENCE))
                }
                true if impatient || !state.asking.busy => Need::Nothing(Some(pending)),
                true => Need::Answer(pending.clone(), no_later(pending.asked + question::STALE)),
            };
        }
        let due = state.asking.due(free.is_none(), self.shares, state.windows.length).is_some_and(|due| now >= due);
        // Who has a share knows when its own places come back.
        let due = due && (free.is_none() || !self.shares);
        if !spent && (!due || turn.asked) {
            return Need::Nothing(None);
        }
        if let Some(rests) = state.asking.rests(now) {
            return if spent && state.asking.busy && !impatient {
                Need::Later(no_later(rests))
            } else {
                Need::Nothing(None)
            };
        }
        let pending = state.asking.begin(now, ask());
        state.windows.take(Bucket::Read, now); // the question is a read itself
        Need::Answer(pending, no_later(now + question::PATIENCE))
    }

    /// While others use the account their calls leave the window earlier than we know: a wait ends when it is time to ask.
    pub(super) fn sooner(&self, state: &State, until: Instant, now: Instant) -> Instant {
        let due = state.asking.due(false, self.shares, state.windows.length);
        due.filter(|due| state.asking.busy && *due > now).map_or(until, |due| due.min(until))
    }

    /// The first of those who waited takes the answer; the others find it taken.
    pub(super) fn conclude(&self, pending: &Pending, answer: Asked) {
        let mut state = self.lock();
        if state.asking.pending.as_ref().is_some_and(|current| current.number == pending.number) {
            self.end(&mut state, answer, Instant::now());
        }
    }

    /// The question is over.
    pub(super) fn end(&self, state: &mut State, answer: Asked, now: Instant) {
        let Some(pending) = state.asking.pending.take() else { return };
        if matches!(answer, Asked::NotSent) {
            state.windows.forget(Bucket::Read, pending.asked);
        }
        let window = state.windows.length;
        let answer = if pending.is_stale(now) { Asked::Unanswered } else { answer };
        tracing::debug!(answer = answer.name(), "asked what the service has counted");
        match answer {
            Asked::Told(usage) => {
                let busy = state.windows.correct(usage, now);
                state.asking.told(now, busy, state.windows.length);
                state.windows.set_credits(now, credit);
                state.gate.trust();
                state.open = Some(now);
            }
            Asked::Refused => state.asking.refused(now),
            Asked::NotSent | Asked::Unanswered | Asked::TooFast(_) | Asked::Blocked => {
                match answer {
                    Asked::TooFast(wait) => {
                        let wait = wait.or_else(|| state.windows.rest(Bucket::Read, now)).unwrap_or(window);
                        state.gate.pause(now, wait);
                        state.asking.saw_others(now);
                    }
                    Asked::Blocked => {
                        state.gate.suspect(now);
                    }
                    _ => {}
                }
                state.asking.unanswered(now, window);
                state.give_credit_unanswered(now);
            }
        }
        self.wake(state);
    }

    /// An answer looks like a block of the address, or like the refusal of one odd value by something on the way. Asks for what
    /// is harmless: if that is refused too, it is a block. `None` if that is not known.
    pub(crate) async fn is_blocked(&self, ask: impl Fn() -> BoxFuture<'static, Asked>) -> Option<bool> {
        let pending = {
            let now = Instant::now();
            let mut state = self.lock();
            if state.gate.blocked(now).is_some() {
                return Some(true);
            }
            if self.usage.is_none() {
                let again = state.gate.suspect(now);
                self.wake(&mut state);
                return again.then_some(true);
            }
            if state.open.is_some_and(|open| now.saturating_duration_since(open) < NO_BLOCK) {
                return Some(false);
            }
            state.gate.doubt(now);
            match &state.asking.pending {
                Some(pending) => pending.clone(),
                None => {
                    let pending = state.asking.begin(now, ask());
                    state.windows.take(Bucket::Read, now);
                    pending
                }
            }
        };
        let answer = pending.answer.clone().await;
        let told = matches!(answer, Asked::Told(_));
        self.conclude(&pending, answer);
        match self.lock().gate.blocked(Instant::now()) {
            Some(_) => Some(true),
            None => told.then_some(false),
        }
    }
}
