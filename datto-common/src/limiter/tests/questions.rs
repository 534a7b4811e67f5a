//! The question what the service has counted: what it may cost.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// An account that others use too, and a service that answers the question so.
struct Service {
    lane: Lane,
    questions: Arc<AtomicUsize>,
    takes: Duration,
    answer: Asked,
}

fn told(used: u32) -> Asked {
    let writes = Some(Count { limit: 600, used: 0 });
    Asked::Told(Usage { reads: Count { limit: 600, used }, writes, ..Usage::default() })
}

impl Service {
    fn new(takes: u64, answer: Asked) -> Self {
        let lane = asking(Count { limit: 600, used: 300 }, Some(Count { limit: 600, used: 0 }));
        Self { lane, questions: Arc::default(), takes: Duration::from_millis(takes), answer }
    }

    fn ask(&self) -> BoxFuture<'static, Asked> {
        let (questions, takes, answer) = (Arc::clone(&self.questions), self.takes, self.answer.clone());
        async move {
            questions.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(takes).await;
            answer
        }
        .boxed()
    }

    fn asked(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
    }

    /// One call that may take so long. Whether it went.
    async fn call(&self, limit: Option<u64>) -> bool {
        let deadline = limit.map(|limit| Instant::now() + Duration::from_secs(limit));
        match self.lane.enter(Bucket::Read, deadline, |_| (), || self.ask()).await {
            Ok(permit) => {
                permit.sent();
                true
            }
            Err(_) => false,
        }
    }

    async fn calls(&self, count: usize, limit: Option<u64>) -> usize {
        let calls = (0..count).map(|_| self.call(limit));
        futures_util::future::join_all(calls).await.into_iter().filter(|went| *went).count()
    }
}

#[tokio::test(start_paused = true)]
async fn slow_answers_do_not_stop_calls() {
    for takes in [500, 4_000, 5_500, 6_000, 9_500] {
        let service = Service::new(takes, told(300));
        let start = Instant::now();
        for _ in 0..200 {
            assert!(service.call(None).await);
        }
        assert!(start.elapsed() <= Duration::from_secs(240), "{takes} ms: {:?}", start.elapsed());
        let minutes = start.elapsed().as_secs_f64() / 60.0;
        assert!((service.asked() as f64) <= 21.0 * minutes + 2.0, "{takes} ms: {} questions", service.asked());
    }
}

#[tokio::test(start_paused = true)]
async fn calls_with_little_time_share_one_question_and_go_without_it() {
    for (takes, limit) in [(3_000, 2), (3_000, 5), (60_000, 2), (60_000, 5)] {
        let service = Service::new(takes, told(300));
        let went = service.calls(60, Some(limit)).await;
        assert!(
            went >= 59 && service.asked() == 1,
            "{takes} ms, {limit} s: {went} of 60, {} questions",
            service.asked()
        );
        let calm = Service {
            lane: asking(Count { limit: 600, used: 0 }, Some(Count { limit: 600, used: 0 })),
            ..Service::new(takes, told(0))
        };
        let went = calm.calls(100, Some(limit)).await;
        assert!(went == 100 && calm.asked() <= 1, "{takes} ms, {limit} s: {went} of 100, {} questions", calm.asked());
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_refusal_for_good_puts_the_asking_off() {
    for (answer, most) in [(Asked::Unanswered, 25), (Asked::Refused, 1)] {
        let service = Service::new(20, answer);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            service.call(None).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!((1..=most).contains(&service.asked()), "{} questions", service.asked());
        assert!(most == 1 || service.asked() > 5, "it is asked again soon: {}", service.asked());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_during_a_pause_or_a_block() {
    let service = Service::new(20, told(300));
    service.lane.refused(Bucket::Read, Instant::now(), Some(Duration::from_secs(60)), Duration::ZERO);
    let start = Instant::now();
    assert_eq!(service.calls(30, Some(50)).await, 0);
    assert_eq!((service.asked(), start.elapsed()), (0, Duration::ZERO));
    let calls = service.calls(30, None);
    let pause = async {
        tokio::time::sleep(Duration::from_millis(59_900)).await;
        assert_eq!(service.asked(), 0);
    };
    assert_eq!(tokio::join!(calls, pause).0, 30);
    service.lane.block();
    assert!(!service.call(None).await);
    assert!(service.asked() >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_question_pauses_all_and_is_asked_again() {
    let service = Service::new(20, Asked::TooFast(Some(Duration::from_secs(7))));
    let start = Instant::now();
    assert_eq!(service.calls(30, None).await, 30);
    assert!(start.elapsed() >= Duration::from_secs(7), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_question_that_was_not_sent_gives_its_place_back() {
    for (answer, taken) in [(Asked::NotSent, 0), (Asked::Unanswered, 1)] {
        let service = Service::new(20, answer);
        let mut calls = 0;
        while service.asked() < 1 {
            calls += u32::from(service.call(None).await);
        }
        assert_eq!(service.lane.info().windows[0].ours, calls + taken);
    }
}

#[tokio::test(start_paused = true)]
async fn what_looks_like_a_block_is_one_when_a_harmless_call_is_refused_too() {
    for (answer, blocked) in
        [(Asked::Blocked, Some(true)), (told(1), Some(false)), (Asked::Unanswered, None), (Asked::Refused, None)]
    {
        let service = Service::new(20, answer);
        assert_eq!(service.lane.is_blocked(|| service.ask()).await, blocked);
        assert_eq!(service.lane.info().blocked_for.is_some(), blocked == Some(true));
        assert_eq!(service.lane.is_blocked(|| service.ask()).await, blocked);
        assert_eq!(service.asked(), if blocked.is_some() { 1 } else { 2 }, "an answer stands for a while");
    }
    let plain = lane(100);
    assert_eq!(plain.is_blocked(nobody).await, None, "without a question, the second in a row is one");
    assert_eq!(plain.is_blocked(nobody).await, Some(true));
}
