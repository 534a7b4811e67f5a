//! The limiter with paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use tokio::time::Instant;

use super::gate::{BLOCK, LONGEST_PAUSE};
use super::*;
use crate::{Bucket, ErrorKind};

mod parked;
mod questions;
mod shares;
mod stores;

fn lane(reads: u32) -> Lane {
    Lane::new(Rules { reads: Some(reads), writes: Some(10), each_write: |_| Some(4), ..Rules::NONE }, 1.0, None)
}

fn nobody() -> BoxFuture<'static, Asked> {
    std::future::ready(Asked::Refused).boxed()
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
    lane.refused(Bucket::Read, start, Some(Duration::from_secs(7)), Duration::ZERO);
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
    lane.refused(Bucket::Read, start, Some(Duration::from_secs(86_400)), Duration::ZERO);
    let error = lane.enter(Bucket::Read, None, |_| (), nobody).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(LONGEST_PAUSE)));
    assert_eq!(start.elapsed(), Duration::ZERO);
    tokio::time::advance(LONGEST_PAUSE).await;
    enter(&lane, Bucket::Read).await;
}

const PACE: Pace = Pace {
    first: Duration::from_millis(400),
    longest: Duration::from_secs(8),
    easing: Duration::from_millis(100),
    after_503: false,
};

#[tokio::test(start_paused = true)]
async fn the_pace_grows_at_a_refusal_and_eases_with_success() {
    let lane = Lane::new(Rules { pace: Some(PACE), ..Rules::NONE }, 1.0, None);
    for _ in 0..2 {
        lane.refused(Bucket::Read, Instant::now(), None, Duration::ZERO);
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    enter(&lane, Bucket::Read).await;
    let start = Instant::now();
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_millis(600));
    (0..6).for_each(|_| lane.answered(&HeaderMap::new(), true));
    assert_eq!(lane.info().gap, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_refusals_grows_the_gap_once() {
    for burst in [1, 5, 10] {
        let lane = Lane::new(Rules { pace: Some(PACE), ..Rules::NONE }, 1.0, None);
        let sent = Instant::now();
        for _ in 0..burst {
            tokio::time::advance(Duration::from_millis(1)).await;
            lane.refused(Bucket::Read, sent, None, Duration::ZERO);
        }
        assert_eq!(lane.info().gap, PACE.first, "{burst} at once");
        let start = Instant::now();
        for _ in 0..300 {
            enter(&lane, Bucket::Read).await;
            lane.answered(&HeaderMap::new(), true);
        }
        assert!(start.elapsed() < Duration::from_secs(16), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_without_a_wait_waits_the_rest_of_the_window() {
    let (lane, start) = (lane(100), Instant::now());
    enter(&lane, Bucket::Read).await;
    tokio::time::advance(Duration::from_secs(20)).await;
    let wait = lane.refused(Bucket::Read, Instant::now(), None, Duration::from_millis(1));
    assert_eq!(wait, Duration::from_secs(40));
    enter(&lane, Bucket::Read).await;
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    let wait = lane.refused(Bucket::Read, Instant::now(), Some(Duration::ZERO), Duration::from_millis(300));
    assert_eq!(wait, Duration::from_millis(300), "a wait of nothing is no wait");
}

#[tokio::test(start_paused = true)]
async fn one_write_at_its_own_limit_holds_up_no_other() {
    let (lane, start) = (Arc::new(lane(100)), Instant::now());
    for _ in 0..4 {
        enter(&lane, Bucket::Write("a")).await;
    }
    let waiting = Arc::clone(&lane);
    let waiting = tokio::spawn(async move { enter(&waiting, Bucket::Write("a")).await });
    tokio::task::yield_now().await;
    enter(&lane, Bucket::Write("b")).await;
    enter(&lane, Bucket::Write("")).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    waiting.await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_caller_behind_others_learns_its_whole_wait() {
    let (lane, start) = (Arc::new(lane(2)), Instant::now());
    for _ in 0..2 {
        enter(&lane, Bucket::Read).await;
    }
    for _ in 0..3 {
        let lane = Arc::clone(&lane);
        tokio::spawn(async move { enter(&lane, Bucket::Read).await });
    }
    tokio::task::yield_now().await;
    // Two go after a minute, the third and this one after two.
    let deadline = Some(start + Duration::from_secs(70));
    let error = lane.enter(Bucket::Read, deadline, |_| (), nobody).await.unwrap_err();
    let wait = error.retry_after().unwrap();
    assert!(wait > Duration::from_secs(118) && wait <= Duration::from_secs(120), "{wait:?}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let mut told = Vec::new();
    lane.enter(Bucket::Read, None, |wait| told.push(wait), nobody).await.unwrap().sent();
    assert_eq!(start.elapsed(), Duration::from_secs(120));
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_of_the_past_is_bounded() {
    let lane = Lane::new(Rules::NONE, 1.0, None);
    for _ in 0..20_000 {
        enter(&lane, Bucket::Read).await;
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    let shown = format!("{:?}", lane.info().windows);
    assert_eq!(lane.info().windows[0].ours, 599, "{shown}");
    let names = (0..10_000).map(|name| (name.to_string(), Count { limit: 100, used: 0 })).collect();
    lane.learn(Usage { each_write: names, ..Usage::default() });
    assert!(lane.info().windows.len() < 300);
}

fn asking(reads: Count, writes: Option<Count>) -> Lane {
    asking_with(reads, writes, 1.0)
}

fn asking_with(reads: Count, writes: Option<Count>, share: f64) -> Lane {
    static ASK: crate::Operation = crate::Operation::read("usage", "/usage");
    let usage = AskUsage { operation: &ASK, read: |_| None };
    let lane = Lane::new(
        Rules { ratio: 0.9, reads: Some(600), writes: Some(600), usage: Some(usage), ..Rules::NONE },
        share,
        None,
    );
    lane.learn(Usage { reads, writes, ..Usage::default() });
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
    assert_eq!(one.info().windows[0].held_to, Some(50));
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
