//! A budget that the service counts down in headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use tokio::time::Instant;

use super::rules::BudgetHeaders;

/// What the last answers said is left.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Budget {
    pub(super) remaining: Option<f64>,
    pub(super) resets: Option<Instant>,
    /// What the dearest recent call cost.
    pub(super) cost: f64,
}

impl Budget {
    pub(super) fn read(&mut self, headers: &HeaderMap, names: BudgetHeaders, now: Instant) {
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
        }
    }

    /// When there is something left for another call; `None` if there is now, or if we cannot know: then the service decides.
    pub(super) fn free_at(&self, now: Instant) -> Option<Instant> {
        let resets = self.resets.filter(|resets| *resets > now)?;
        (self.remaining? < self.cost.max(1.0)).then_some(resets)
    }

    /// A call is on its way: it will cost about this much.
    pub(super) fn spend(&mut self) {
        self.remaining = self.remaining.map(|remaining| (remaining - self.cost).max(0.0));
    }
}

/// The form of the reset is not known (guess): a small number is taken for seconds from now, a large one for an epoch.
fn until(resets: f64, now: SystemTime) -> Option<Duration> {
    const DAY: f64 = 86_400.0;
    if resets <= DAY {
        return Duration::try_from_secs_f64(resets).ok();
    }
    let epoch = if resets > 1e11 { resets / 1_000.0 } else { resets };
    let wait = epoch - now.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    Duration::try_from_secs_f64(wait).ok().filter(|wait| wait.as_secs_f64() <= DAY)
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
        let (mut budget, now) = (Budget::default(), Instant::now());
        budget.read(&headers(&[("remaining", "25"), ("resets", "100"), ("cost", "10")]), NAMES, now);
        assert_eq!(budget.free_at(now), None);
        budget.spend();
        budget.spend();
        assert_eq!(budget.free_at(now), Some(now + Duration::from_secs(100)));
        assert_eq!(budget.free_at(now + Duration::from_secs(100)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_known_holds_nobody() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        for pairs in [
            &[][..],
            &[("remaining", "0")],
            &[("remaining", "x"), ("resets", "60")],
            &[("remaining", "0"), ("resets", "soon")],
        ] {
            budget.read(&headers(pairs), NAMES, now);
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
        ] {
            assert_eq!(until(resets, now), wait.map(Duration::from_secs), "{resets}");
        }
    }
}
