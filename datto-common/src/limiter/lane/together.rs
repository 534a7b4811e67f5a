//! The same where a store counts for several processes: places are claimed from it, and what one process learns is told to it.

use super::enter::{Step, Turn};
use super::*;

impl Lane {
    /// The same where a store counts for several processes.
    pub(super) fn step_together(
        &self,
        state: &mut State,
        turn: &mut Turn<'_>,
        ahead: usize,
        told: Option<Instant>,
        deadline: Option<Instant>,
        now: Instant,
    ) -> Result<Step<'_>> {
        let bucket = turn.bucket;
        if state.asking.pending.as_ref().is_some_and(|pending| pending.is_stale(now)) {
            self.end(state, Asked::Unanswered, now);
        }
        // Who was told to ask waits for the answer a moment; the others go on.
        if let Some(pending) = state
            .asking
            .pending
            .clone()
            .filter(|pending| std::mem::take(&mut turn.asked) && now < pending.asked + question::PATIENCE)
        {
            turn.number = Some(state.lines.wait(bucket, turn.number, now + line::HEARTBEAT));
            let until = pending.asked + question::PATIENCE;
            return Ok(Step::Await(pending, until));
        }
        let (length, easing) = (state.windows.length, state.pacer.easing());
        let ask_every = self.usage.map(|_| length / question::TIMES_MOST);
        let Some(leases) = &mut state.leases else { return Ok(self.wait(state, turn, now, now)) };
        let (look, until) = match (leases.find(bucket, ahead, now), told) {
            (_, Some(until)) => (until, until),
            (Found::Place(at), None) if at <= now => {
                leases.take(bucket);
                return Ok(Step::Go(self.take(state, turn, true, now), None));
            }
            (Found::Place(at), None) => (at, at),
            (Found::Later { look, until }, None) => (look, until),
            (Found::Claiming(claiming), None) => {
                turn.number = Some(state.lines.wait(bucket, turn.number, now + line::HEARTBEAT));
                return Ok(Step::Claim(claiming));
            }
            (Found::Claim(most), None) => {
                let windows = state.windows.claimed(bucket, FIRST_ASK);
                let claim = Claim { ask_every, easing, ..leases.store.claim(windows, length, most) };
                let claiming = leases.begin(bucket, claim, now);
                turn.number = Some(state.lines.wait(bucket, turn.number, now + line::HEARTBEAT));
                return claiming.map(Step::Claim).ok_or_else(|| Error::new(ErrorKind::Internal, "no claim"));
            }
        };
        if deadline.is_some_and(|deadline| until > deadline) {
            return Err(no_time(until - now));
        }
        match self.wait(state, turn, look, now) {
            Step::Wait { look, .. } => Ok(Step::Wait { look, until }),
            other => Ok(other),
        }
    }

    /// The first of those who waited takes what the store gave. Whether this process is to ask the service.
    pub(super) fn claimed(
        &self,
        bucket: Bucket,
        claiming: &Claiming,
        taken: Option<Taken>,
        ask: &impl Fn() -> BoxFuture<'static, Asked>,
    ) -> bool {
        let now = Instant::now();
        let mut guard = self.lock();
        let state = &mut *guard;
        let Some(leases) = &mut state.leases else { return false };
        let taken = leases.end(bucket, claiming.number, taken, now);
        let store = leases.store.clone();
        self.wake(state);
        let Some(taken) = taken else { return false };
        if let Some(wait) = taken.paused {
            state.gate.pause(now, wait);
        }
        if let Some(wait) = taken.blocked {
            state.gate.block_for(now, wait);
        }
        if !taken.ask || state.asking.pending.is_some() {
            return false;
        }
        let (windows, length, ratio) = (state.windows.held(), state.windows.length, state.windows.ratio());
        state.asking.begin(now, ask_for_all(ask(), store, Known { windows, length, ratio }));
        state.windows.take(Bucket::Read, now);
        true
    }

    /// Tells the other processes, where a store counts for several.
    pub(crate) async fn tell(&self, news: News) {
        let now = Instant::now();
        let store =
            self.lock().leases.as_ref().filter(|leases| !leases.is_alone(now)).map(|leases| leases.store.clone());
        if let Some(store) = store
            && !store.tell(&news).await
            && let Some(leases) = &mut self.lock().leases
        {
            leases.go_alone(Instant::now());
        }
    }

    /// What the other processes should know after a refusal.
    pub(crate) fn pause_news(&self, wait: Duration) -> News {
        News::Pause { wait, gap: self.lock().pacer.gap() }
    }

    /// What the other processes should know of the budget, once in a while.
    pub(crate) fn budget_news(&self) -> Option<News> {
        if !self.together {
            return None;
        }
        let now = Instant::now();
        let mut state = self.lock();
        let news = state.budget.news(now)?;
        let due = state.told.is_none_or(|told| now.saturating_duration_since(told) >= TELL_EVERY);
        if due {
            state.told = Some(now);
        }
        due.then_some(news)
    }
}
