//! What a store may do to calls, and what goes through it.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::*;
use crate::{Error, Result, async_trait};

/// A store that can be slow or gone.
#[derive(Debug, Default)]
struct Moody {
    inner: InMemoryLimits,
    /// In milliseconds; `u32::MAX` is gone.
    takes: AtomicU32,
    claims: AtomicUsize,
    places: AtomicUsize,
}

impl Moody {
    async fn mood(&self) -> Result<()> {
        match self.takes.load(Ordering::Relaxed) {
            u32::MAX => Err(Error::new(ErrorKind::Connect, "gone")),
            takes => {
                tokio::time::sleep(Duration::from_millis(takes.into())).await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl SharedLimits for Moody {
    async fn take(&self, claim: &Claim) -> Result<Taken> {
        self.claims.fetch_add(1, Ordering::Relaxed);
        self.mood().await?;
        let taken = self.inner.take(claim).await?;
        self.places.fetch_add(taken.places.len(), Ordering::Relaxed);
        Ok(taken)
    }

    async fn tell(&self, account: &str, news: &News) -> Result<()> {
        self.mood().await?;
        self.inner.tell(account, news).await
    }
}

fn lane_of(store: &Arc<Moody>, rules: Rules) -> Lane {
    Lane::new(rules, 1.0, Some(Store { limits: Arc::<Moody>::clone(store), account: "acme".to_owned() }))
}

fn reads(limit: u32) -> Rules {
    Rules { reads: Some(limit), writes: Some(10), each_write: |_| Some(4), ..Rules::NONE }
}

#[tokio::test(start_paused = true)]
async fn processes_keep_to_one_limit_together() {
    let store = Arc::new(Moody::default());
    let (one, two, start) = (lane_of(&store, reads(10)), lane_of(&store, reads(10)), Instant::now());
    for _ in 0..5 {
        enter(&one, Bucket::Read).await;
        enter(&two, Bucket::Read).await;
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    enter(&two, Bucket::Read).await;
    assert!(start.elapsed() >= Duration::from_secs(60), "{:?}", start.elapsed());
    for name in ["a", "a", "a", "a", "b"] {
        enter(&one, Bucket::Write(name)).await;
    }
    let start = Instant::now();
    enter(&two, Bucket::Write("b")).await;
    assert!(start.elapsed() < Duration::from_secs(1));
    enter(&two, Bucket::Write("a")).await;
    assert!(start.elapsed() >= Duration::from_secs(59), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_process_takes_one_place_and_a_busy_one_ten() {
    let store = Arc::new(Moody::default());
    let quiet = lane_of(&store, reads(600));
    for _ in 0..20 {
        enter(&quiet, Bucket::Read).await;
        tokio::time::advance(Duration::from_secs(3)).await;
    }
    assert_eq!(store.places.load(Ordering::Relaxed), 20);
    let store = Arc::new(Moody::default());
    let busy = lane_of(&store, reads(600));
    for _ in 0..500 {
        enter(&busy, Bucket::Read).await;
    }
    let claims = store.claims.load(Ordering::Relaxed);
    assert!(claims < 60, "{claims} claims");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_slow_or_gone_costs_half_a_second_once() {
    for takes in [u32::MAX, 2_000, 3_600_000] {
        let store = Arc::new(Moody::default());
        let lane = lane_of(&store, reads(600));
        enter(&lane, Bucket::Read).await;
        store.takes.store(takes, Ordering::Relaxed);
        tokio::time::advance(Duration::from_secs(2)).await;
        let start = Instant::now();
        for _ in 0..100 {
            enter(&lane, Bucket::Read).await;
        }
        assert!(start.elapsed() <= Duration::from_millis(501), "{takes}: {:?}", start.elapsed());
        let claims = store.claims.load(Ordering::Relaxed);
        store.takes.store(0, Ordering::Relaxed);
        tokio::time::advance(Duration::from_secs(5)).await;
        enter(&lane, Bucket::Read).await;
        assert!(store.claims.load(Ordering::Relaxed) > claims, "it is asked again after a while");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_blocks_gaps_and_budgets_are_those_of_all() {
    let store = Arc::new(Moody::default());
    let paced = || Rules { pace: Some(PACE), budget: Some(NAMES), ..Rules::NONE };
    let (one, two) = (lane_of(&store, paced()), lane_of(&store, paced()));
    enter(&two, Bucket::Read).await;
    let start = Instant::now();
    let wait = one.refused(Bucket::Read, start, Some(Duration::from_secs(7)), Duration::ZERO);
    one.tell(one.pause_news(wait)).await;
    enter(&two, Bucket::Read).await;
    assert_eq!(start.elapsed().as_secs(), 7);
    enter(&two, Bucket::Read).await;
    assert!(start.elapsed() >= Duration::from_millis(7_300), "kept apart: {:?}", start.elapsed());

    let headers = [("remaining", "5"), ("resets", "100"), ("cost", "10")];
    let headers: HeaderMap = headers
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
        .into_iter()
        .collect();
    one.answered(&headers, true);
    one.tell(one.budget_news().unwrap()).await;
    assert_eq!(one.budget_news(), None, "once in a while");
    tokio::time::advance(Duration::from_secs(2)).await;
    let start = Instant::now();
    enter(&two, Bucket::Read).await;
    assert!((97..=100).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());

    one.tell(News::Block(BLOCK)).await;
    tokio::time::advance(Duration::from_secs(4)).await;
    assert_eq!(two.enter(Bucket::Read, None, |_| (), nobody).await.unwrap_err().kind(), ErrorKind::Blocked);
}

const NAMES: BudgetHeaders = BudgetHeaders { remaining: "remaining", resets: "resets", cost: "cost" };

#[tokio::test(start_paused = true)]
async fn a_place_that_a_cancelled_call_leaves_is_the_next_ones() {
    let store = Arc::new(Moody::default());
    let lane = lane_of(&store, reads(1));
    drop(lane.enter(Bucket::Read, None, |_| (), nobody).await.unwrap());
    let start = Instant::now();
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    let error = lane.enter(Bucket::Read, Some(start + Duration::from_secs(5)), |_| (), nobody).await.unwrap_err();
    assert!(error.retry_after().unwrap() > Duration::from_secs(50), "{error}");
}

#[tokio::test(start_paused = true)]
async fn futures_that_nobody_polls_hold_no_other_with_a_store_either() {
    let store = Arc::new(Moody::default());
    store.takes.store(20, Ordering::Relaxed);
    let lane = lane_of(&store, reads(600));
    let mut left = Vec::new();
    for _ in 0..50 {
        let mut call = Box::pin(lane.enter(Bucket::Read, None, |_| (), nobody));
        assert!(futures_util::poll!(&mut call).is_pending());
        left.push(call);
    }
    let start = Instant::now();
    for _ in 0..20 {
        enter(&lane, Bucket::Read).await;
    }
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    for call in left {
        call.await.unwrap().sent();
    }
}
