//! A store for the processes of one process: for tests, and to show what a store has to do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::shared::{Claim, News, SharedLimits, Taken};
use crate::Result;

/// How long a process has to ask the service, before another is told to.
const ASKING: Duration = Duration::from_secs(12);
/// How soon a process comes again that has no place since another one asks the service.
const SOON: Duration = Duration::from_millis(100);

/// Counts for all that share this value: several clients of one process, or what a test takes for several processes.
///
/// ```
/// use std::sync::Arc;
/// use datto_common::{InMemoryLimits, RateLimiter};
/// let store = Arc::new(InMemoryLimits::default());
/// let (one, two) = (RateLimiter::shared(Arc::clone(&store), "acme"), RateLimiter::shared(store, "acme"));
/// # drop((one, two));
/// ```
#[derive(Debug, Default)]
pub struct InMemoryLimits {
    accounts: Mutex<BTreeMap<String, Account>>,
}

#[derive(Debug, Default)]
struct Account {
    windows: BTreeMap<String, Window>,
    paused: Option<Instant>,
    blocked: Option<Instant>,
    gap: Duration,
    /// The last place that was handed out.
    last: Option<Instant>,
    budget: Option<(f64, Instant, f64)>,
    /// When processes were told to ask, and when an answer came last.
    asked: VecDeque<Instant>,
    answered: Option<Instant>,
    good_for: Duration,
}

#[derive(Debug, Default)]
struct Window {
    /// Places in order of time, some of them still to come.
    places: VecDeque<Instant>,
    limit: Option<u32>,
    others: Option<(u32, Instant)>,
    credit: Option<u32>,
}

#[async_trait]
impl SharedLimits for InMemoryLimits {
    async fn take(&self, claim: &Claim) -> Result<Taken> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(accounts.entry(claim.account.clone()).or_default().take(claim, Instant::now()))
    }

    async fn tell(&self, account: &str, news: &News) -> Result<()> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.entry(account.to_owned()).or_default().tell(news, Instant::now());
        Ok(())
    }
}

impl Account {
    fn take(&mut self, claim: &Claim, now: Instant) -> Taken {
        let left = |until: Option<Instant>| until.filter(|until| *until > now).map(|until| until - now);
        let mut taken = Taken { paused: left(self.paused), blocked: left(self.blocked), ..Taken::default() };
        for window in &claim.windows {
            self.windows.entry(window.name.clone()).or_default().trim(now, claim.length);
        }
        while self.asked.front().is_some_and(|asked| now.saturating_duration_since(*asked) >= claim.length) {
            self.asked.pop_front();
        }
        if taken.paused.or(taken.blocked).is_none() && claim.most > 0 {
            taken.ask = self.has_to_ask(claim, now);
            while taken.places.len() < claim.most as usize {
                let within = if taken.places.is_empty() { claim.patience } else { claim.together };
                match self.next(claim, now) {
                    Ok(at) if at - now <= within => {
                        self.place(claim, at);
                        taken.places.push(at - now);
                    }
                    Ok(at) if taken.places.is_empty() => {
                        taken.wait = Some(at - now);
                        break;
                    }
                    Err(wait) if taken.places.is_empty() => {
                        taken.wait = Some(wait);
                        break;
                    }
                    _ => break,
                }
            }
        }
        taken.questions = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
        let count = |name: &str| self.windows.get(name).map_or(0, |window| window.places.len());
        taken.counted =
            claim.windows.iter().map(|window| u32::try_from(count(&window.name)).unwrap_or(u32::MAX)).collect();
        taken
    }

    /// Half of the credit of a window is used, or the answer is old, and nobody asks or has just asked.
    fn has_to_ask(&mut self, claim: &Claim, now: Instant) -> bool {
        let Some(every) = claim.ask_every else { return false };
        let old = self.answered.is_some_and(|answered| now - answered >= self.good_for);
        let low = claim.windows.iter().any(|window| {
            let Some(counted) = self.windows.get(&window.name) else { return false };
            match counted.credit {
                None => counted.places.len() >= window.unasked as usize,
                Some(credit) => credit <= window.limit / 30,
            }
        });
        let last = self.asked.back().copied();
        let since = last.map_or(Duration::MAX, |asked| now - asked);
        let asking = last > self.answered && since < ASKING;
        let has_to = (old || low) && !asking && since >= every;
        if has_to {
            self.asked.push_back(now);
        }
        has_to
    }

    /// The next place, or how soon to come again where there is no credit for one.
    fn next(&self, claim: &Claim, now: Instant) -> std::result::Result<Instant, Duration> {
        let mut at = now.max(self.last.map_or(now, |last| last + self.gap));
        if let Some((remaining, resets, cost)) = self.budget
            && remaining < cost.max(1.0)
        {
            at = at.max(resets);
        }
        for claimed in &claim.windows {
            let Some(window) = self.windows.get(&claimed.name) else { continue };
            if claim.ask_every.is_some() {
                let credit = window.credit.map_or(window.places.len() < claimed.unasked as usize, |credit| credit > 0);
                if !credit {
                    return Err(SOON);
                }
            }
            let leaves =
                window.limit.unwrap_or(claimed.limit).saturating_sub(window.others.map_or(0, |(count, _)| count));
            let leaving =
                window.places.len().checked_sub(leaves.max(1) as usize).and_then(|over| window.places.get(over));
            at = at.max(leaving.map_or(now, |place| *place + claim.length));
        }
        Ok(at)
    }

    fn place(&mut self, claim: &Claim, at: Instant) {
        self.last = Some(at);
        self.gap = self.gap.saturating_sub(claim.easing);
        if let Some((remaining, _, cost)) = &mut self.budget {
            *remaining = (*remaining - *cost).max(0.0);
        }
        for claimed in &claim.windows {
            if let Some(window) = self.windows.get_mut(&claimed.name) {
                let place = window.places.partition_point(|other| *other <= at);
                window.places.insert(place, at);
                window.credit = window.credit.map(|credit| credit.saturating_sub(1));
            }
        }
    }

    fn tell(&mut self, news: &News, now: Instant) {
        match news {
            News::Pause { wait, gap } => {
                self.paused = self.paused.max(Some(now + *wait));
                self.gap = self.gap.max(*gap);
            }
            News::Block(wait) => self.blocked = self.blocked.max(Some(now + *wait)),
            News::Budget { remaining, resets_in, cost } => self.budget = Some((*remaining, now + *resets_in, *cost)),
            News::Counted { windows, good_for } => {
                (self.answered, self.good_for) = (Some(now), *good_for);
                for told in windows {
                    let window = self.windows.entry(told.name.clone()).or_default();
                    window.limit = Some(told.limit);
                    window.credit = Some(told.credit);
                    if let Some(others) = told.others {
                        window.others = Some((others, now));
                    }
                }
            }
        }
    }
}

impl Window {
    fn trim(&mut self, now: Instant, length: Duration) {
        while self.places.front().is_some_and(|place| now.saturating_duration_since(*place) >= length) {
            self.places.pop_front();
        }
        if self.others.is_some_and(|(_, learnt)| now.saturating_duration_since(learnt) >= length) {
            self.others = None;
        }
    }
}
