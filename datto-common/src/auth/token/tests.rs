//! The token cache with a scripted login and paused time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// What the next logins do; each takes a second. The last step is repeated.
#[derive(Debug)]
struct Script {
    steps: Mutex<VecDeque<Result<Token>>>,
    logins: Arc<AtomicUsize>,
}

#[async_trait]
impl TokenSource for Script {
    async fn login(&self) -> Result<Token> {
        self.logins.fetch_add(1, Ordering::SeqCst);
        let outcome = {
            let mut steps = self.steps.lock().unwrap();
            if steps.len() > 1 { steps.pop_front().unwrap() } else { steps[0].clone() }
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        outcome
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![Secret::new("the-password")]
    }
}

/// A cache, and how often it has logged in.
fn cache(steps: impl IntoIterator<Item = Result<Token>>) -> (Arc<TokenCache>, Arc<AtomicUsize>) {
    let logins = Arc::new(AtomicUsize::new(0));
    let steps = Mutex::new(steps.into_iter().collect());
    (Arc::new(TokenCache::new(Script { steps, logins: Arc::clone(&logins) })), logins)
}

fn token(value: &str, seconds: u64) -> Result<Token> {
    Ok(Token { value: Secret::new(value), lifetime: Some(Duration::from_secs(seconds)) })
}

fn failure(kind: ErrorKind) -> Result<Token> {
    Err(Error::new(kind, "no"))
}

/// What fifty callers at once get.
async fn fifty(cache: &Arc<TokenCache>) -> Vec<Result<Authorization>> {
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let cache = Arc::clone(cache);
            tokio::spawn(async move { cache.authorize().await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.unwrap());
    }
    outcomes
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn shown(authorization: &Authorization) -> &str {
    authorization.secret().expose()
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_share_one_login_and_its_token() {
    let (cache, logins) = cache([token("one", 3_600)]);
    for outcome in fifty(&cache).await {
        assert_eq!(shown(&outcome.unwrap()), "one");
    }
    assert_eq!(logins.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_share_one_failure_of_any_kind() {
    for kind in [ErrorKind::Login, ErrorKind::Connect, ErrorKind::Server, ErrorKind::Decode, ErrorKind::RateLimited] {
        let (cache, logins) = cache([failure(kind)]);
        for outcome in fifty(&cache).await {
            assert_eq!(outcome.unwrap_err().kind(), kind);
        }
        assert_eq!(logins.load(Ordering::SeqCst), 1, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_caller_went_away_is_finished_by_the_next() {
    let (cache, logins) = cache([token("one", 3_600)]);
    assert!(tokio::time::timeout(Duration::from_millis(500), cache.authorize()).await.is_err());
    assert_eq!(shown(&cache.authorize().await.unwrap()), "one");
    assert_eq!(logins.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_nobody_drove_for_ten_minutes_is_begun_anew() {
    let (cache, logins) = cache([token("stale", 3_600), token("fresh", 3_600)]);
    assert!(tokio::time::timeout(Duration::from_millis(500), cache.authorize()).await.is_err());
    seconds(600).await;
    assert_eq!(shown(&cache.authorize().await.unwrap()), "fresh");
    assert_eq!(logins.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn fifty_late_refusals_of_one_token_cost_one_login() {
    let (cache, logins) = cache([token("one", 3_600), token("two", 3_600)]);
    let first = cache.authorize().await.unwrap();
    let calls: Vec<_> = (0..50)
        .map(|number| {
            let (cache, generation) = (Arc::clone(&cache), first.number());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(97 * number)).await;
                assert!(cache.refused(generation));
                cache.authorize().await.unwrap()
            })
        })
        .collect();
    for call in calls {
        assert_eq!(shown(&call.await.unwrap()), "two");
    }
    assert_eq!(logins.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_refused_again_and_again_do_not_hammer_the_login() {
    let (cache, logins) = cache([token("useless", 3_600)]);
    let start = Instant::now();
    let mut replays = 0;
    while start.elapsed() < Duration::from_secs(3_600) {
        let authorization = cache.authorize().await.unwrap();
        replays += usize::from(cache.refused(authorization.number()));
        seconds(1).await;
    }
    let logins = logins.load(Ordering::SeqCst);
    assert!(logins <= 13, "{logins} logins in an hour");
    assert!((6..=13).contains(&replays), "{replays}: it never gives up either");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_served_long_is_replaced_at_once() {
    let (cache, logins) = cache([token("one", 360_000)]);
    for day in 0..10 {
        let authorization = cache.authorize().await.unwrap();
        seconds(86_400).await;
        assert!(cache.refused(authorization.number()), "day {day}");
    }
    assert_eq!(logins.load(Ordering::SeqCst), 10);
}

#[tokio::test(start_paused = true)]
async fn the_token_is_renewed_before_its_end_while_it_still_serves() {
    let (cache, logins) = cache([token("one", 1_000), token("two", 1_000)]);
    cache.authorize().await.unwrap();
    seconds(898).await; // 899 s of age: a tenth of its life is left in a second
    assert_eq!(shown(&cache.authorize().await.unwrap()), "one");
    assert_eq!(logins.load(Ordering::SeqCst), 1);
    seconds(1).await;
    let start = Instant::now();
    for outcome in fifty(&cache).await {
        assert_eq!(shown(&outcome.unwrap()), "one", "nobody waits for what is not needed yet");
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    cache.upkeep().unwrap().await; // as a call on its way drives it
    assert_eq!(shown(&cache.authorize().await.unwrap()), "two");
    assert_eq!(logins.load(Ordering::SeqCst), 2);
    assert!(cache.upkeep().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_put_off_and_the_valid_token_serves_to_its_end() {
    for kind in [ErrorKind::Login, ErrorKind::Connect] {
        let (cache, logins) = cache([token("one", 1_000), failure(kind)]);
        cache.authorize().await.unwrap();
        seconds(900).await;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(90) {
            assert_eq!(shown(&cache.authorize().await.unwrap()), "one");
            if let Some(upkeep) = cache.upkeep() {
                upkeep.await;
            }
            seconds(1).await;
        }
        assert!(logins.load(Ordering::SeqCst) >= 2, "{kind}: {logins:?}");
        assert!(logins.load(Ordering::SeqCst) <= 4, "{kind}: {logins:?}");
        seconds(60).await;
        assert_eq!(cache.authorize().await.unwrap_err().kind(), kind, "beyond its end it serves nobody");
    }
}

#[tokio::test(start_paused = true)]
async fn the_life_of_a_token_is_counted_from_before_its_login() {
    let (cache, _) = cache([token("one", 20), failure(ErrorKind::Connect)]);
    cache.authorize().await.unwrap(); // took a second
    seconds(17).await;
    assert_eq!(shown(&cache.authorize().await.unwrap()), "one");
    cache.upkeep().unwrap().await; // the renewal failed, and took another
    seconds(1).await;
    cache.authorize().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_life_or_with_an_absurd_one_serves_on() {
    for lifetime in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
        let (cache, logins) = cache([Ok(Token { value: Secret::new("one"), lifetime })]);
        for _ in 0..3 {
            cache.authorize().await.unwrap();
            seconds(100_000).await;
        }
        assert_eq!(logins.load(Ordering::SeqCst), 1, "{lifetime:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_is_answered_from_memory_for_longer_each_time() {
    let (cache, logins) = cache([failure(ErrorKind::Login)]);
    let (start, mut times, mut seen) = (Instant::now(), Vec::new(), 0);
    while times.len() < 8 {
        let error = cache.authorize().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login);
        let now = logins.load(Ordering::SeqCst);
        if now > seen {
            (seen, _) = (now, times.push(start.elapsed().as_secs()));
        } else {
            assert!(error.retry_after().unwrap() <= REFUSAL_LONGEST);
        }
        seconds(1).await;
    }
    let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps, [31, 61, 121, 241, 481, 601, 601]);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_told_to_wait_waits_that_long_within_reason() {
    for (asked, waits) in [(7, 7), (86_400, 600)] {
        let error = Error::new(ErrorKind::RateLimited, "no").with_retry_after(Some(Duration::from_secs(asked)));
        let (cache, logins) = cache([Err(error), token("one", 1_000)]);
        cache.authorize().await.unwrap_err();
        seconds(waits - 1).await;
        let error = cache.authorize().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
        seconds(1).await;
        cache.authorize().await.unwrap();
        assert_eq!(logins.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_failed_on_the_way_is_tried_again_soon_by_one_caller() {
    let (cache, logins) = cache([failure(ErrorKind::Connect), failure(ErrorKind::Server), token("one", 1_000)]);
    for wait in [250, 500] {
        for outcome in fifty(&cache).await {
            outcome.unwrap_err();
        }
        let error = cache.authorize().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_millis(wait)));
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    cache.authorize().await.unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 3);
}

/// A hundred callers a second who each try four times, as calls do, while the login fails: it is knocked at when it said, by one.
#[tokio::test(start_paused = true)]
async fn many_callers_do_not_hammer_a_login_that_fails() {
    for (asked, most) in [(None, 8), (Some(Duration::from_secs(2)), 6)] {
        let error = Error::new(ErrorKind::Server, "no").with_retry_after(asked);
        let (cache, logins) = cache([Err(error)]);
        let calls: Vec<_> = (0..500)
            .map(|number| {
                let cache = Arc::clone(&cache);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(10 * number)).await;
                    for _ in 0..4 {
                        let Err(error) = cache.authorize().await else { return };
                        tokio::time::sleep(error.retry_after().unwrap_or_default()).await;
                    }
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert!(logins.load(Ordering::SeqCst) <= most, "{logins:?} logins");
    }
}

/// A source that panics the first time.
#[derive(Debug, Default)]
struct Panics(AtomicUsize);

#[async_trait]
impl TokenSource for Panics {
    async fn login(&self) -> Result<Token> {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "as a bug of the user's");
        token("one", 1_000)
    }

    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_panics_is_a_failure_like_others() {
    let cache = TokenCache::new(Panics::default());
    assert_eq!(cache.authorize().await.unwrap_err().kind(), ErrorKind::Transport);
    tokio::time::sleep(FAILURE_FIRST).await;
    assert_eq!(shown(&cache.authorize().await.unwrap()), "one");
}

/// A login that waits for what only its runtime drives.
#[derive(Debug, Default)]
struct Sleeps(AtomicUsize);

#[async_trait]
impl TokenSource for Sleeps {
    async fn login(&self) -> Result<Token> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        token("one", 1_000)
    }

    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}

#[test]
fn a_login_whose_runtime_ended_is_begun_anew() {
    let cache = Arc::new(TokenCache::new(Sleeps::default()));
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let first = runtime();
    assert!(first.block_on(async { tokio::time::timeout(Duration::from_secs(1), cache.authorize()).await }).is_err());
    drop(first);
    runtime().block_on(async {
        let mut tries = 0;
        while cache.authorize().await.is_err() {
            tries += 1;
            assert!(tries < 3);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

#[tokio::test(start_paused = true)]
async fn a_token_that_no_header_can_hold_is_an_error_that_is_remembered() {
    let (cache, logins) = cache([token("a\u{7f}b", 1_000)]);
    for outcome in fifty(&cache).await {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Config);
    }
    cache.authorize().await.unwrap_err();
    assert_eq!(logins.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn neither_token_nor_password_is_shown() {
    let (cache, _) = cache([token("the-token", 1_000)]);
    let authorization = cache.authorize().await.unwrap();
    let shown = format!("{cache:?} {authorization:?} {:?} {:?}", token("the-token", 1), cache.secrets());
    assert!(!shown.contains("the-token") && !shown.contains("the-password"), "{shown}");
    assert_eq!(cache.secrets(), [Secret::new("the-password"), Secret::new("the-token")]);
}
