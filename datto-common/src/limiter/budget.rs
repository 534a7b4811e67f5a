//! A budget that the service counts down in headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use tokio::time::Instant;

use super::info::BudgetInfo;
use super::rules::BudgetHeaders;
use super::shared::News;

/// The budget is one by the hour (observed): a reset beyond that is none.
const LONGEST: f64 = 3_600.0;

/// What the last answers said is left.
#[derive(Debug, Default)]
pub(super) struct Budget {
    names: Option<BudgetHeaders>,
    remaining: Option<f64>,
    resets: Option<Instant>,
    /// What the dearest recent call cost.
    cost: f64,
    /// The service answered well where its headers left nothing, right after a reset: they mean something else.
    doubted: bool,
}

impl Budget {
    pub(super) fn new(names: Option<BudgetHeaders>) -> Self {
        Self { names, ..Self::default() }
    }

    fn is_spent(&self) -> bool {
        self.remaining.is_some_and(|remaining| remaining < self.cost.max(1.0))
    }

    /// Reads what an answer says, which was a good one or not.
    pub(super) fn read(&mut self, headers: &HeaderMap, well: bool) {
        let Some(names) = self.names else { return };
        let now = Instant::now();
        let is_over = self.is_spent() && self.resets.is_some_and(|resets| resets <= now);
        let number = |name: &str| {
            headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)
        };
        if let Some(cost) = number(names.cost) {
            self.cost = cost.max(self.cost * 0.9); // an expensive call stays in mind for a while
        }
        if let Some(remaining) = number(names.remaining) {
            self.remaining = Some(remaining);
            self.resets =
                number(names.resets).and_then(|resets| until(resets, SystemTime::now())).map(|wait| now + wait);
            self.doubted |= well && is_over && self.is_spent();
        }
    }

    /// The service refused a call for going too fast: its headers are worth believing again.
    pub(super) fn refused(&mut self) {
        self.doubted = false;
    }

    /// When there is something left for another call; `None` if there is now, or if we cannot know: then the service decides.
    pub(super) fn free_at(&self, now: Instant) -> Option<Instant> {
        let resets = self.resets.filter(|resets| *resets > now)?;
        (self.is_spent() && !self.doubted).then_some(resets)
    }

    /// A call is on its way: it will cost about this much.
    pub(super) fn spend(&mut self) {
        self.remaining = self.remaining.map(|remaining| (remaining - self.cost).max(0.0));
    }

    /// What other processes should know of it.
    pub(super) fn news(&self, now: Instant) -> Option<News> {
        let resets_in = self.resets?.checked_duration_since(now)?;
        let (remaining, cost) = (self.remaining.filter(|_| !self.doubted)?, self.cost);
        Some(News::Budget { remaining, resets_in, cost })
    }

    pub(super) fn info(&self, now: Instant) -> Option<BudgetInfo> {
        let resets_in = self.resets.filter(|resets| *resets > now).map(|resets| resets - now);
        self.remaining.map(|remaining| BudgetInfo { remaining, resets_in, cost: self.cost })
    }
}

/// The form of the reset is not known (guess): a small number is taken for seconds from now, a large one for an epoch.
fn until(resets: f64, now: SystemTime) -> Option<Duration> {
    const EPOCHS: f64 = 1e8;
    let wait = match resets {
        seconds if seconds < EPOCHS => seconds,
        epoch => {
            let epoch = if epoch > 1e11 { epoch / 1_000.0 } else { epoch };
            epoch - now.duration_since(UNIX_EPOCH).ok()?.as_secs_f64()
        }
    };
    Some(wait).filter(|wait| (0.0..=LONGEST).contains(wait)).and_then(|wait| Duration::try_from_secs_f64(wait).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: BudgetHeaders = BudgetHeaders { remaining: "remaining", resets: "resets", cost: "cost" };

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_waits_for_its_reset() {
        let (mut budget, now) = (Budget::new(Some(NAMES)), Instant::now());
        budget.read(&headers(&[("remaining", "25"), ("resets", "100"), ("cost", "10")]), true);
        assert_eq!(budget.free_at(now), None);
        budget.spend();
        budget.spend();
        assert_eq!(budget.free_at(now), Some(now + Duration::from_secs(100)));
        assert_eq!(budget.free_at(now + Duration::from_secs(100)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_known_holds_nobody() {
        let (mut budget, now) = (Budget::new(Some(NAMES)), Instant::now());
        for pairs in [
            &[][..],
            &[("remaining", "0")],
            &[("remaining", "x"), ("resets", "60")],
            &[("remaining", "0"), ("resets", "soon")],
        ] {
            budget.read(&headers(pairs), true);
            assert_eq!(budget.free_at(now), None, "{pairs:?}");
        }
    }

    #[test]
    fn the_reset_is_read_as_seconds_or_as_an_epoch() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (resets, wait) in [
            (90.0, Some(90)),
            (1_700_000_090.0, Some(90)),
            (1_700_000_090_000.0, Some(90)),
            (1_600_000_000.0, None),
            (1_800_000_000.0, None),
            (3_600.0, Some(3_600)),
            (3_601.0, None),
            (60_000.0, None),
            (1_700_072_000.0, None),
            (f64::MAX, None),
        ] {
            assert_eq!(until(resets, now), wait.map(Duration::from_secs), "{resets}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn headers_that_leave_nothing_right_after_a_reset_mean_something_else() {
        let (mut budget, now) = (Budget::new(Some(NAMES)), Instant::now());
        let used = |used: &str| headers(&[("remaining", used), ("resets", "600"), ("cost", "10")]);
        budget.read(&used("5"), true);
        assert_eq!(budget.free_at(now), Some(now + Duration::from_secs(600)));
        let later = now + Duration::from_secs(600);
        tokio::time::advance(Duration::from_secs(600)).await;
        budget.read(&used("5"), true);
        assert_eq!(budget.free_at(later), None, "one call found out");
        budget.refused();
        assert_eq!(budget.free_at(later), Some(later + Duration::from_secs(600)));
    }
}
