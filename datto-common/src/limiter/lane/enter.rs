//! How a call waits for its place: one short look at everything, and a turn in the line where that is not enough.

use super::*;

/// A caller's turn in the line, where it has to wait. Dropped, it leaves the line.
pub(super) struct Turn<'a> {
    pub(super) lane: &'a Lane,
    pub(super) bucket: Bucket,
    pub(super) number: Option<u64>,
    /// From when on it does not wait for an answer to the question, but goes by our own count.
    pub(super) impatient: Option<Instant>,
    /// It has waited once for those ahead that nobody may be polling.
    pub(super) polite: bool,
    /// It has waited for an answer. So one call goes after each, whatever the answer is.
    pub(super) asked: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let mut state = self.lane.lock();
            state.lines.leave(self.bucket, number);
            self.lane.wake(&mut state);
        }
    }
}

/// What a caller does next.
pub(super) enum Step<'a> {
    /// It goes; a question that takes long is driven a little in passing.
    Go(Permit<'a>, Option<Pending>),
    /// It waits until then, as far as is known, and looks again before that if there is reason to.
    Wait { look: Instant, until: Instant },
    /// It waits for the answer, no longer than this.
    Await(Pending, Instant),
    /// It waits for places of the store.
    Claim(Claiming),
}

/// Whether a call needs an answer of the service before it goes.
pub(super) enum Need {
    Nothing(Option<Pending>),
    Answer(Pending, Instant),
    /// It has no credit, and it is too early to ask for more.
    Later(Instant),
}

impl Lane {
    /// Waits for a place. `waits` hears of each wait; a wait beyond `deadline` fails at once. Where it is time to, the service
    /// is asked by `ask` what it has counted. Nothing is held while waiting: a future that is not polled delays itself alone.
    pub(crate) async fn enter(
        &self,
        bucket: Bucket,
        deadline: Option<Instant>,
        waits: impl FnMut(Duration),
        ask: impl Fn() -> BoxFuture<'static, Asked>,
    ) -> Result<Permit<'_>> {
        let half = |deadline: Instant| {
            let now = Instant::now();
            now + deadline.saturating_duration_since(now) / 2
        };
        let impatient = deadline.map(half);
        let mut turn = Turn { lane: self, bucket, number: None, impatient, polite: false, asked: false };
        // Before the look, so that no change is missed.
        let changed = self.changed.notified();
        match self.step(&mut turn, deadline, &ask, Instant::now())? {
            Step::Go(permit, late) => {
                self.pass(late);
                Ok(permit)
            }
            // Most calls do not wait, and are spared the room for it.
            step => Box::pin(self.stand_in_line(turn, step, changed, deadline, waits, ask)).await,
        }
    }

    /// Drives a question that takes long a little, in passing.
    pub(super) fn pass(&self, late: Option<Pending>) {
        if let Some(late) = late
            && let Some(answer) = late.answer.clone().now_or_never()
        {
            self.conclude(&late, answer);
        }
    }

    pub(super) async fn stand_in_line<'a>(
        &'a self,
        mut turn: Turn<'a>,
        mut step: Step<'a>,
        mut changed: Notified<'a>,
        deadline: Option<Instant>,
        mut waits: impl FnMut(Duration),
        ask: impl Fn() -> BoxFuture<'static, Asked>,
    ) -> Result<Permit<'a>> {
        let (bucket, begun) = (turn.bucket, Instant::now());
        let mut told: Option<Instant> = None;
        loop {
            let now = Instant::now();
            match step {
                Step::Go(mut permit, late) => {
                    self.pass(late);
                    permit.waited = permit.at.saturating_duration_since(begun);
                    return Ok(permit);
                }
                Step::Wait { look, until } => {
                    if told.is_none_or(|told| until > told + Duration::from_millis(1)) {
                        waits(until - now);
                        told = Some(until);
                    }
                    // Who waits drives what all wait for.
                    let pending = self.lock().asking.pending.clone().filter(|_| self.together);
                    let question = async {
                        match &pending {
                            Some(pending) => self.conclude(pending, pending.answer.clone().await),
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        () = tokio::time::sleep_until(look) => {}
                        () = changed => {}
                        () = question => {}
                    }
                }
                Step::Await(pending, until) => {
                    turn.asked = true;
                    let until = deadline.map_or(until, |deadline| deadline.min(until));
                    tokio::select! {
                        answer = pending.answer.clone() => self.conclude(&pending, answer),
                        () = tokio::time::sleep_until(until) => {}
                        () = changed => {}
                    }
                    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                        return Err(no_time_to_ask());
                    }
                }
                // A store has half a second: that fits every call.
                Step::Claim(claiming) => {
                    let taken = claiming.answer.clone().await;
                    turn.asked = self.claimed(bucket, &claiming, taken, &ask);
                }
            }
            changed = self.changed.notified();
            step = self.step(&mut turn, deadline, &ask, Instant::now())?;
        }
    }

    /// One short look at everything, never across an await.
    pub(super) fn step(
        &self,
        turn: &mut Turn<'_>,
        deadline: Option<Instant>,
        ask: &impl Fn() -> BoxFuture<'static, Asked>,
        now: Instant,
    ) -> Result<Step<'_>> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let bucket = turn.bucket;
        if let Some(until) = state.gate.blocked(now) {
            return Err(blocked(until - now));
        }
        if state.lines.sweep(now) {
            self.wake(state);
        }
        let ahead = state.lines.ahead(bucket, turn.number);
        let told = state.told(now)?;
        if state.leases.as_ref().is_some_and(|leases| !leases.is_alone(now)) {
            return self.step_together(state, turn, ahead, told, deadline, now);
        }
        let free_at = |state: &mut State, ahead: usize| {
            told.max(state.pacer.free_at(now, ahead)).max(state.windows.free_at(bucket, now, ahead))
        };
        let free = free_at(state, ahead);
        let wait = match (self.need(state, turn, ahead, free, ask, now), free) {
            (Need::Answer(pending, until), _) => {
                let look = until.min(now + line::HEARTBEAT);
                turn.number = Some(state.lines.wait(bucket, turn.number, look));
                return Ok(Step::Await(pending, look));
            }
            (Need::Later(at), free) => free.map_or(at, |until| at.max(until)),
            (Need::Nothing(_), Some(until)) => self.sooner(state, until, now),
            (Need::Nothing(late), None) => {
                return Ok(Step::Go(self.take(state, turn, false, now), late));
            }
        };
        if let Some(deadline) = deadline.filter(|deadline| wait > *deadline) {
            let soon = now + line::HEARTBEAT + line::PATIENCE;
            let fits_alone = ahead > 0 && free_at(state, 0).is_none_or(|free| free <= deadline);
            if !fits_alone || turn.polite || soon > deadline {
                return Err(no_time(wait - now));
            }
            // Those ahead may be futures that nobody polls: soon it is known.
            turn.polite = true;
            return Ok(self.wait(state, turn, soon, now));
        }
        Ok(self.wait(state, turn, wait, now))
    }

    pub(super) fn take(&self, state: &mut State, turn: &mut Turn<'_>, leased: bool, now: Instant) -> Permit<'_> {
        state.pacer.take(now);
        state.budget.spend();
        state.windows.take(turn.bucket, now);
        if let Some(number) = turn.number.take() {
            state.lines.leave(turn.bucket, number);
        }
        Permit { lane: self, bucket: turn.bucket, at: now, waited: Duration::ZERO, leased, sent: false }
    }

    /// Waits, and shows at every heartbeat that somebody polls it.
    pub(super) fn wait(&self, state: &mut State, turn: &mut Turn<'_>, until: Instant, now: Instant) -> Step<'_> {
        let look = until.min(now + line::HEARTBEAT);
        turn.number = Some(state.lines.wait(turn.bucket, turn.number, look));
        Step::Wait { look, until }
    }
}
