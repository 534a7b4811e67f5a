//! One account at one product: what every call passes before it is sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::budget::Budget;
use super::gate::Gate;
use super::info::RateInfo;
use super::lease::{Claiming, Found, Leases, Store};
use super::line::{self, Lines};
use super::pacer::Pacer;
use super::question::{self, Asked, Asking, FIRST_ASK, Pending, credit, credit_unanswered};
use super::rules::{AskUsage, Rules};
use super::shared::{Claim, News, Taken};
use super::together::{Known, ask_for_all};
use super::windows::Windows;
use crate::{Bucket, Error, ErrorKind, Result};

/// A pause or a budget that ends later than this is not waited for: calls fail at once.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(180);
/// The store is told of the budget no more often than this.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How long a good answer to the question stands for "no block".
const NO_BLOCK: Duration = Duration::from_secs(10);

/// One account at one product.
#[derive(Debug)]
pub(crate) struct Lane {
    usage: Option<AskUsage>,
    after_503: bool,
    shares: bool,
    /// A store counts for several processes.
    together: bool,
    state: Mutex<State>,
    /// Somebody who waits may have to wait no longer.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    lines: Lines,
    windows: Windows,
    budget: Budget,
    pacer: Pacer,
    gate: Gate,
    asking: Asking,
    /// When the service last answered the question, which it would not do to a blocked address.
    open: Option<Instant>,
    /// The places that a store handed out, where processes count together.
    leases: Option<Leases>,
    /// When the store was last told of the budget.
    told: Option<Instant>,
}

/// A place in the windows. Dropped before [`Permit::sent`], it is given back.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    lane: &'a Lane,
    bucket: Bucket,
    at: Instant,
    waited: Duration,
    /// The place is one that a store handed out.
    leased: bool,
    sent: bool,
}

impl Permit<'_> {
    /// How long the call waited for it.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// The call is sent now.
    pub(crate) fn sent(mut self) -> Instant {
        self.sent = true;
        self.at
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.sent {
            let mut state = self.lane.lock();
            state.windows.forget(self.bucket, self.at);
            if let Some(leases) = state.leases.as_mut().filter(|_| self.leased) {
                leases.give_back(self.bucket, self.at);
            }
            self.lane.wake(&mut state);
        }
    }
}

/// A caller's turn in the line, where it has to wait. Dropped, it leaves the line.
struct Turn<'a> {
    lane: &'a Lane,
    bucket: Bucket,
    number: Option<u64>,
    /// From when on it does not wait for an answer to the question, but goes by our own count.
    impatient: Option<Instant>,
    /// It has waited once for those ahead that nobody may be polling.
    polite: bool,
    /// It has waited for an answer. So one call goes after each, whatever the answer is.
    asked: bool,
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
enum Step<'a> {
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
enum Need {
    Nothing(Option<Pending>),
    Answer(Pending, Instant),
    /// It has no credit, and it is too early to ask for more.
    Later(Instant),
}

impl Lane {
    pub(super) fn new(rules: Rules, share: f64, store: Option<Store>) -> Self {
        let together = store.is_some();
        let state = State {
            lines: Lines::default(),
            budget: Budget::new(rules.budget),
            pacer: Pacer::new(rules.pace),
            gate: Gate::default(),
            asking: Asking::default(),
            open: None,
            leases: store.map(Leases::new),
            told: None,
            windows: Windows::new(rules.clone(), share),
        };
        Self {
            usage: rules.usage,
            after_503: rules.pace.is_some_and(|pace| pace.after_503),
            shares: share < 1.0,
            together,
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, state: &mut State) {
        if state.lines.wake(Instant::now()) {
            self.changed.notify_waiters();
        }
    }

    /// How the service can be asked what it has counted.
    pub(crate) fn asks(&self) -> Option<AskUsage> {
        self.usage
    }

    /// Whether a 503 means that everybody has to go slower.
    pub(crate) fn slows_after_503(&self) -> bool {
        self.after_503
    }

    /// Fails where calls fail at once, so that nothing is done for them, not even a login.
    pub(crate) fn admits(&self, now: Instant) -> Result<()> {
        let state = self.lock();
        match state.gate.blocked(now) {
            Some(until) => Err(blocked(until - now)),
            None => state.told(now).map(|_| ()),
        }
    }

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
    fn pass(&self, late: Option<Pending>) {
        if let Some(late) = late
            && let Some(answer) = late.answer.clone().now_or_never()
        {
            self.conclude(&late, answer);
        }
    }

    async fn stand_in_line<'a>(
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
    fn step(
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

    fn take(&self, state: &mut State, turn: &mut Turn<'_>, leased: bool, now: Instant) -> Permit<'_> {
        state.pacer.take(now);
        state.budget.spend();
        state.windows.take(turn.bucket, now);
        if let Some(number) = turn.number.take() {
            state.lines.leave(turn.bucket, number);
        }
        Permit { lane: self, bucket: turn.bucket, at: now, waited: Duration::ZERO, leased, sent: false }
    }

    /// The same where a store counts for several processes.
    fn step_together(
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
    fn claimed(
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

    /// Waits, and shows at every heartbeat that somebody polls it.
    fn wait(&self, state: &mut State, turn: &mut Turn<'_>, until: Instant, now: Instant) -> Step<'_> {
        let look = until.min(now + line::HEARTBEAT);
        turn.number = Some(state.lines.wait(turn.bucket, turn.number, look));
        Step::Wait { look, until }
    }

    /// Whether the call needs an answer first; if it is time to ask, the question is begun and counted. A call that finds no
    /// place needs no credit.
    fn need(
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
    fn sooner(&self, state: &State, until: Instant, now: Instant) -> Instant {
        let due = state.asking.due(false, self.shares, state.windows.length);
        due.filter(|due| state.asking.busy && *due > now).map_or(until, |due| due.min(until))
    }

    /// The first of those who waited takes the answer; the others find it taken.
    fn conclude(&self, pending: &Pending, answer: Asked) {
        let mut state = self.lock();
        if state.asking.pending.as_ref().is_some_and(|current| current.number == pending.number) {
            self.end(&mut state, answer, Instant::now());
        }
    }

    /// The question is over.
    fn end(&self, state: &mut State, answer: Asked, now: Instant) {
        let Some(pending) = state.asking.pending.take() else { return };
        if !pending.was_sent() {
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
            Asked::Unanswered | Asked::TooFast(_) | Asked::Blocked => {
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

    /// The service answered: reads its budget, and eases the pace if all is well.
    pub(crate) fn answered(&self, headers: &HeaderMap, well: bool) {
        let mut state = self.lock();
        state.budget.read(headers, well);
        if well {
            state.pacer.ease();
            if self.usage.is_none() {
                state.gate.trust();
            }
        }
    }

    /// The service refused a call of then for going too fast: nobody sends before the wait is over. Where the service does not
    /// say how long, it is what is left of the window. Gives the wait.
    pub(crate) fn refused(
        &self,
        bucket: Bucket,
        sent: Instant,
        asked: Option<Duration>,
        back_off: Duration,
    ) -> Duration {
        let now = Instant::now();
        let mut state = self.lock();
        // Without any back-off, as tests have it, there is none here either.
        let rest = asked.is_none().then(|| state.windows.rest(bucket, now)).flatten().filter(|_| !back_off.is_zero());
        let wait = asked.or(rest).unwrap_or(back_off).max(back_off);
        state.gate.pause(now, wait);
        state.pacer.refused(sent, now);
        state.budget.refused();
        if self.usage.is_some() {
            state.asking.saw_others(now);
        }
        wait
    }

    /// The service blocked the address: calls fail at once until that is over.
    pub(crate) fn block(&self) {
        let mut state = self.lock();
        state.gate.block(Instant::now());
        self.wake(&mut state);
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

    pub(crate) fn info(&self) -> RateInfo {
        let now = Instant::now();
        let mut state = self.lock();
        let left = |until: Option<Instant>| until.map(|until| until - now);
        RateInfo {
            windows: state.windows.info(now),
            budget: state.budget.info(now),
            gap: state.pacer.gap(),
            paused_for: left(state.gate.paused(now)),
            blocked_for: left(state.gate.blocked(now)),
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().lines.len()
    }

    #[cfg(test)]
    pub(super) fn learn(&self, usage: super::Usage) {
        let mut state = self.lock();
        let now = Instant::now();
        if state.windows.correct(usage, now) {
            state.asking.saw_others(now);
        }
        state.windows.set_credits(now, credit);
    }
}

impl State {
    /// Until when the service told to wait, by its budget or a pause; an error where that is too long.
    fn told(&self, now: Instant) -> Result<Option<Instant>> {
        let told = self.budget.free_at(now).max(self.gate.paused(now));
        match told.map(|until| until - now).filter(|wait| *wait > LONGEST_WAIT) {
            Some(wait) => Err(no_time(wait).with_hint("the service says when there is room again")),
            None => Ok(told),
        }
    }

    fn give_credit_unanswered(&mut self, now: Instant) {
        let busy = self.asking.busy;
        self.windows.set_credits(now, |held, _, _| credit_unanswered(held, busy));
    }
}

fn no_time(wait: Duration) -> Error {
    let message = format!(
        "the limit on requests is used up; the wait of {:.1} s does not fit the time of the call",
        wait.as_secs_f64()
    );
    Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait))
}

fn no_time_to_ask() -> Error {
    Error::new(ErrorKind::Timeout, "the time of the call ended while the service was asked what is used of the limits")
}

fn blocked(left: Duration) -> Error {
    let until = crate::Timestamp::now().plus(left);
    Error::new(ErrorKind::Blocked, format!("the service blocked this address; calls fail at once until {until}"))
        .with_retry_after(Some(left))
        .with_hint("do not hammer: find what used up the limit, and wait")
}
