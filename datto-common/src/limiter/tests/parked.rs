//! Futures that are polled once and left, or go away: they delay themselves alone, and leave everything as it was.

use std::task::{Context, Poll, Waker};

use super::*;

/// Polls a future once, as a `select!` does with the branch that loses.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

type Waiting<'a> = BoxFuture<'a, crate::Result<lane::Permit<'a>>>;

fn parked<'a>(lane: &'a Lane, ask: impl Fn() -> BoxFuture<'static, Asked> + Send + Sync + 'a) -> Waiting<'a> {
    let mut waiting: Waiting<'a> = Box::pin(async move { lane.enter(Bucket::Read, None, |_| (), ask).await });
    assert!(poll(&mut waiting).is_pending());
    waiting
}

#[tokio::test(start_paused = true)]
async fn callers_pass_futures_that_nobody_polls() {
    for left in [1, 7, 600] {
        let (lane, start) = (lane(7), Instant::now());
        for _ in 0..7 {
            enter(&lane, Bucket::Read).await;
        }
        let left: Vec<_> = (0..left).map(|_| parked(&lane, nobody)).collect();
        for _ in 0..7 {
            enter(&lane, Bucket::Read).await;
        }
        assert!(start.elapsed() <= Duration::from_secs(63), "{}: {:?}", left.len(), start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_future_that_was_left_finds_its_turn_again() {
    let lane = lane(1);
    enter(&lane, Bucket::Read).await;
    let early = parked(&lane, nobody);
    enter(&lane, Bucket::Read).await; // passes
    let lane = &lane;
    let order = Mutex::new(Vec::new());
    let late = async {
        enter(lane, Bucket::Read).await;
        order.lock().unwrap().push("late");
    };
    let early = async {
        early.await.unwrap().sent();
        order.lock().unwrap().push("early");
    };
    tokio::join!(late, early);
    assert_eq!(*order.lock().unwrap(), ["early", "late"]);
}

#[tokio::test(start_paused = true)]
async fn a_future_that_was_left_does_not_halve_the_pace() {
    let lane = Lane::new(Rules { pace: Some(PACE), ..Rules::NONE }, 1.0, None);
    lane.refused(Bucket::Read, Instant::now(), None, Duration::ZERO);
    enter(&lane, Bucket::Read).await;
    let _left: Vec<_> = (0..10).map(|_| parked(&lane, nobody)).collect();
    let start = Instant::now();
    for _ in 0..100 {
        enter(&lane, Bucket::Read).await;
    }
    let (took, alone) = (start.elapsed(), PACE.first * 100);
    assert!(took < alone + Duration::from_secs(5), "{took:?}, alone {alone:?}");
}

#[tokio::test(start_paused = true)]
async fn a_short_call_behind_futures_that_nobody_polls_is_not_refused() {
    let (lane, start) = (lane(2), Instant::now());
    enter(&lane, Bucket::Read).await;
    enter(&lane, Bucket::Read).await;
    let _left: Vec<_> = (0..2).map(|_| parked(&lane, nobody)).collect();
    tokio::time::advance(Duration::from_secs(58)).await;
    let deadline = Some(Instant::now() + Duration::from_secs(5));
    lane.enter(Bucket::Read, deadline, |_| (), nobody).await.unwrap().sent();
    assert!(start.elapsed() < Duration::from_secs(62), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_drives_holds_nobody() {
    let lane = asking(Count { limit: 600, used: 300 }, Some(Count { limit: 600, used: 0 }));
    // All the credit is used; the next asks, and is left.
    let hangs = || std::future::pending().boxed();
    let _left = loop {
        let mut call: Waiting<'_> = Box::pin(lane.enter(Bucket::Read, None, |_| (), hangs));
        match poll(&mut call) {
            Poll::Ready(permit) => drop(permit.unwrap().sent()),
            Poll::Pending => break call,
        }
    };
    let start = Instant::now();
    for _ in 0..9 {
        lane.enter(Bucket::Read, None, |_| (), hangs).await.unwrap().sent();
    }
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn places_that_come_back_are_taken_at_once() {
    let (lane, start) = (lane(540), Instant::now());
    let mut held = Vec::new();
    for _ in 0..540 {
        held.push(lane.enter(Bucket::Read, None, |_| (), nobody).await.unwrap());
    }
    let waiting = async {
        for _ in 0..5 {
            enter(&lane, Bucket::Read).await;
        }
    };
    let returning = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        held.clear();
    };
    tokio::join!(waiting, returning);
    assert_eq!(start.elapsed(), Duration::from_secs(30));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    /// A hundred callers a case: each is polled for a while, left for a while, and then dropped or finished.
    #[test]
    fn ten_thousand_callers_that_go_away_leave_everything_as_it_was(
        callers in proptest::collection::vec((0_u8..3, 0_u64..3_000, 0_u64..90_000), 100),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let outcome = runtime.block_on(async {
            let lane = Arc::new(asking(Count { limit: 100, used: 40 }, Some(Count { limit: 100, used: 0 })));
            let sent = Arc::new(Mutex::new(Vec::new()));
            let mut tasks = Vec::new();
            for (number, (kind, polled, left)) in callers.into_iter().enumerate() {
                let (lane, sent) = (Arc::clone(&lane), Arc::clone(&sent));
                let bucket = [Bucket::Read, Bucket::Write("a"), Bucket::Write("b")][number % 3];
                tasks.push(tokio::spawn(async move {
                    let question = move || async move {
                        tokio::time::sleep(Duration::from_millis(polled)).await;
                        match number % 4 {
                            0 => Asked::Unanswered,
                            1 => std::future::pending().await,
                            _ => {
                                let count = Count { limit: 100, used: 50 };
                                Asked::Told(Usage { reads: count, writes: Some(count), ..Usage::default() })
                            }
                        }
                    }.boxed();
                    let call = lane.enter(bucket, None, |_| (), question);
                    tokio::pin!(call);
                    let done = tokio::time::timeout(Duration::from_millis(polled), &mut call).await;
                    let permit = match (done, kind) {
                        (Ok(permit), 0) => permit.ok(),
                        (Ok(permit), _) => { drop(permit); None }
                        (Err(_), 0) => None,
                        (Err(_), _) => {
                            tokio::time::sleep(Duration::from_millis(left)).await;
                            if kind == 1 { None } else { call.await.ok() }
                        }
                    };
                    if let Some(permit) = permit {
                        sent.lock().unwrap().push((bucket, permit.sent()));
                    }
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
            let now = Instant::now();
            let info = lane.info();
            let counted = |name: &str| info.windows.iter().find(|window| window.name == name).map_or(0, |window| window.ours);
            let within = |name: &str| {
                let sent = sent.lock().unwrap();
                let is = |bucket: Bucket| match name { "read" => bucket == Bucket::Read, "write" => bucket != Bucket::Read, name => bucket.write_name() == Some(name) };
                u32::try_from(sent.iter().filter(|(bucket, at)| is(*bucket) && now - *at < Duration::from_secs(60)).count()).unwrap()
            };
            proptest::prop_assert_eq!(lane.waiting(), 0);
            for name in ["write", "a", "b"] {
                proptest::prop_assert_eq!(counted(name), within(name), "{}", name);
            }
            // Questions are reads too: at most twenty a window beyond the calls.
            proptest::prop_assert!((within("read")..=within("read") + 20).contains(&counted("read")));
            Ok(())
        });
        outcome?;
    }
}
