//! The limiter with paused time.

use super::*;

fn lane(reads: u32) -> Lane {
    Lane::new(Rules { reads: Some(reads), writes: Some(10), each_write: |_| Some(4), ..Rules::NONE }, 1.0)
}

async fn nobody() -> Option<Usage> {
    None
}

async fn enter(lane: &Lane, bucket: Bucket) {
    lane.enter(bucket, None, |_| (), nobody).await.unwrap().sent();
}

#[tokio::test(start_paused = true)]
async fn no_window_ever_holds_more_than_the_limit() {
    let (lane, mut sent) = (lane(7), Vec::new());
    for number in 0..40_u64 {
        tokio::time::sleep(Duration::from_millis(number * 137 % 9_000)).await;
        enter(&lane, Bucket::Read).await;
        sent.push(Instant::now());
    }
    for (place, at) in sent.iter().enumerate() {
        let within = sent.iter().skip(place).take_while(|other| **other - *at < Duration::from_secs(60)).count();
        assert!(within <= 7, "{within} in a window");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_writes_and_each_write_count_apart() {
    let (lane, start) = (lane(2), Instant::now());
    for name in ["a", "a", "a", "a", "b", "b"] {
        enter(&lane, Bucket::Write(name)).await;
    }
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    enter(&lane, Bucket::Write("a")).await;
    assert_eq!(start.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_not_used_is_given_back() {
    let (lane, start) = (lane(1), Instant::now());
    drop(lane.enter(Bucket::Read, None, |_| (), nobody).await.unwrap());
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn callers_are_served_in_order_and_one_that_leaves_holds_nobody_up() {
    let lane = Arc::new(lane(1));
    enter(&lane, Bucket::Read).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for number in 0..5 {
        let (lane, order) = (Arc::clone(&lane), Arc::clone(&order));
        waiting.push(tokio::spawn(async move {
            enter(&lane, Bucket::Read).await;
            order.lock().unwrap().push(number);
        }));
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    waiting.remove(1).abort();
    waiting.remove(0).abort(); // the one at the head of the queue
    for task in waiting {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [2, 3, 4]);
    assert_eq!(start.elapsed(), Duration::from_secs(180));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_fails_at_once() {
    let (lane, start) = (lane(1), Instant::now());
    enter(&lane, Bucket::Read).await;
    let error = lane.enter(Bucket::Read, Some(start + Duration::from_secs(5)), |_| (), nobody).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(60))));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_everybody_and_a_block_fails_everybody() {
    let (lane, start) = (lane(100), Instant::now());
    lane.pause(Duration::from_secs(7));
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_secs(7));
    lane.block();
    assert_eq!(lane.enter(Bucket::Write("a"), None, |_| (), nobody).await.unwrap_err().kind(), ErrorKind::Blocked);
    assert_eq!(lane.info().blocked_for, Some(BLOCK));
    tokio::time::advance(BLOCK).await;
    enter(&lane, Bucket::Write("a")).await;
}

#[tokio::test(start_paused = true)]
async fn an_absurd_pause_fails_everybody_at_once_and_is_not_believed_for_long() {
    let (lane, start) = (lane(100), Instant::now());
    lane.pause(Duration::from_secs(86_400));
    let error = lane.enter(Bucket::Read, None, |_| (), nobody).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(LONGEST_PAUSE)));
    assert_eq!(start.elapsed(), Duration::ZERO);
    tokio::time::advance(LONGEST_PAUSE).await;
    enter(&lane, Bucket::Read).await;
}

#[tokio::test(start_paused = true)]
async fn the_pace_grows_at_a_refusal_and_eases_with_success() {
    let pace = Pace {
        first: Duration::from_millis(400),
        longest: Duration::from_secs(8),
        easing: Duration::from_millis(100),
        after_503: false,
    };
    let lane = Lane::new(Rules { pace: Some(pace), ..Rules::NONE }, 1.0);
    lane.pause(Duration::ZERO);
    lane.pause(Duration::ZERO);
    enter(&lane, Bucket::Read).await;
    let start = Instant::now();
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_millis(600));
    (0..6).for_each(|_| lane.answered(&HeaderMap::new(), true));
    assert_eq!(lane.info().gap, Duration::ZERO);
}

fn asking(reads: Count, writes: Option<Count>) -> Lane {
    asking_with(reads, writes, 1.0)
}

fn asking_with(reads: Count, writes: Option<Count>, share: f64) -> Lane {
    static ASK: crate::Operation = crate::Operation::read("usage", "/usage");
    let usage = AskUsage { operation: &ASK, read: |_| None };
    let lane =
        Lane::new(Rules { ratio: 0.9, reads: Some(600), writes: Some(600), usage: Some(usage), ..Rules::NONE }, share);
    lane.correct(Some(Usage { reads, writes, ..Usage::default() }));
    lane
}

#[tokio::test(start_paused = true)]
async fn what_others_use_is_not_ours() {
    let (lane, start) = (asking(Count { limit: 100, used: 60 }, Some(Count { limit: 100, used: 0 })), Instant::now());
    // Of the thirty that are left, one is the question, and a twentieth of all is left free for calls on their way.
    for _ in 0..25 {
        enter(&lane, Bucket::Read).await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    let info = lane.info();
    assert_eq!((info.windows[0].limit, info.windows[0].held_to), (Some(100), Some(90)));
}

#[tokio::test(start_paused = true)]
async fn an_older_account_counts_writes_with_the_reads() {
    let (lane, start) = (asking(Count { limit: 10, used: 0 }, None), Instant::now());
    for _ in 0..9 {
        enter(&lane, Bucket::Write("a")).await;
    }
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_secs(60));
}

#[test]
fn clients_of_one_limiter_share_a_lane() {
    let limiter = RateLimiter::share(0.5);
    let one = limiter.lane("x", || Rules { reads: Some(100), ..Rules::NONE });
    let two = limiter.clone().lane("x", || Rules::NONE);
    assert!(Arc::ptr_eq(&one, &two));
    assert_eq!(one.held_to(&one.lock(), READS), Some(Held { account: 100, ours: 50 }));
}

#[tokio::test(start_paused = true)]
async fn programs_with_a_share_each_do_not_take_it_from_one_another() {
    let busy = Count { limit: 100, used: 45 };
    let lane = asking_with(busy, Some(busy), 0.5);
    for _ in 0..44 {
        enter(&lane, Bucket::Read).await;
    }
    assert_eq!(lane.info().windows[0].ours, 45, "half of ninety, with the question");
    let start = Instant::now();
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_secs(60));
}

/// What a service counts for an account in sliding windows, and the most it ever counted.
#[derive(Debug, Default)]
struct Service {
    calls: std::collections::VecDeque<Instant>,
    most: usize,
    questions: usize,
}

impl Service {
    fn count(&mut self) -> usize {
        let now = Instant::now();
        while self.calls.front().is_some_and(|call| now - *call >= Duration::from_secs(60)) {
            self.calls.pop_front();
        }
        self.calls.push_back(now);
        self.most = self.most.max(self.calls.len());
        self.calls.len()
    }
}

/// Programs of one account that know nothing of each other: how many callers each has, when it begins, how long an answer takes.
async fn programs(programs: &[(usize, u64, u64)]) -> Service {
    static ASK: crate::Operation = crate::Operation::read("usage", "/usage");
    let service = Arc::new(Mutex::new(Service::default()));
    let mut callers = Vec::new();
    for (count, begins, latency) in programs.iter().copied() {
        let usage = AskUsage { operation: &ASK, read: |_| None };
        let rules = Rules { ratio: 0.9, reads: Some(600), writes: Some(600), usage: Some(usage), ..Rules::NONE };
        let lane = Arc::new(Lane::new(rules, 1.0));
        for _ in 0..count {
            let (lane, service) = (Arc::clone(&lane), Arc::clone(&service));
            callers.push(tokio::spawn(async move {
                let latency = Duration::from_millis(latency);
                tokio::time::sleep(Duration::from_millis(begins)).await;
                let ask = || async {
                    tokio::time::sleep(latency / 2).await;
                    let used = {
                        let mut service = service.lock().unwrap();
                        service.questions += 1;
                        u32::try_from(service.count()).unwrap()
                    };
                    tokio::time::sleep(latency / 2).await;
                    let reads = Count { limit: 600, used };
                    Some(Usage { reads, writes: Some(Count { limit: 600, used: 0 }), ..Usage::default() })
                };
                for _ in 0..2_000 / count {
                    lane.enter(Bucket::Read, None, |_| (), ask).await.unwrap().sent();
                    tokio::time::sleep(latency / 2).await;
                    service.lock().unwrap().count();
                    tokio::time::sleep(latency / 2).await;
                }
            }));
        }
    }
    for caller in callers {
        caller.await.unwrap();
    }
    Arc::into_inner(service).unwrap().into_inner().unwrap()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn programs_that_know_nothing_of_each_other_keep_to_the_limit(
        each in proptest::collection::vec((1_usize..12, 0_u64..90_000, 5_u64..400), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let service = runtime.block_on(programs(&each));
        proptest::prop_assert!(service.most <= 600, "{} in a window, with {} questions", service.most, service.questions);
    }
}
