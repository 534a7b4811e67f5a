//! What a store hands out and keeps: by Redis as by the store in memory.

use std::time::Duration;

use datto_common::{Claim, ClaimedWindow, CountedWindow, InMemoryLimits, News, SharedLimits, Taken};
use datto_redis::RedisStore;

use crate::server::Server;

const MINUTE: Duration = Duration::from_secs(60);

fn claim(windows: &[(&str, u32)], most: u32) -> Claim {
    let windows = windows.iter().map(|(name, limit)| ClaimedWindow::new(*name, *limit, 5)).collect();
    let mut claim = Claim::new("acme/RMM", windows, MINUTE);
    claim.most = most;
    claim
}

/// Whole seconds, so that what takes a moment compares.
fn shape(taken: &Taken) -> String {
    let seconds = |time: &Duration| time.as_secs_f64().round();
    format!(
        "places {:?} wait {:?} counted {:?} ask {} questions {} paused {:?} blocked {:?}",
        taken.places.iter().map(seconds).collect::<Vec<_>>(),
        taken.wait.as_ref().map(seconds),
        taken.counted,
        taken.ask,
        taken.questions,
        taken.paused.as_ref().map(seconds),
        taken.blocked.as_ref().map(seconds),
    )
}

/// What a store answers to a history of claims and news.
async fn history(store: &dyn SharedLimits) -> Vec<String> {
    let mut seen = Vec::new();
    let reads = |most: u32| claim(&[("read", 10)], most);
    let writes = |most: u32| claim(&[("write", 8), ("site-create", 3)], most);
    for step in [reads(4), reads(0), reads(4), reads(9), reads(1), writes(2), writes(2), writes(0)] {
        seen.push(shape(&store.take(&step).await.unwrap()));
    }
    // Others use a part, and the service is asked for the rest.
    let mut asking = claim(&[("read", 600)], 4);
    asking.account = "asks/RMM".to_owned();
    asking.ask_every = Some(Duration::from_secs(3));
    for _ in 0..3 {
        seen.push(shape(&store.take(&asking).await.unwrap()));
    }
    let window = CountedWindow::new("read", 12, Some(2), 100);
    let news = News::Counted { windows: vec![window], good_for: Duration::from_secs(15) };
    store.tell("asks/RMM", &news).await.unwrap();
    for _ in 0..3 {
        seen.push(shape(&store.take(&asking).await.unwrap()));
    }
    // Credit runs out.
    let window = CountedWindow::new("read", 600, None, 3);
    store.tell("asks/RMM", &News::Counted { windows: vec![window], good_for: Duration::from_secs(15) }).await.unwrap();
    for _ in 0..2 {
        seen.push(shape(&store.take(&asking).await.unwrap()));
    }
    // A gap keeps places apart, and each place eases it.
    let mut paced = Claim::new("paced", Vec::new(), MINUTE);
    paced.most = 3;
    paced.easing = Duration::from_millis(500);
    store.tell("paced", &News::Pause { wait: Duration::ZERO, gap: Duration::from_secs(1) }).await.unwrap();
    seen.push(shape(&store.take(&paced).await.unwrap()));
    // A budget that is spent.
    let budget = News::Budget { remaining: 25.5, resets_in: Duration::from_secs(100), cost: 10.0 };
    store.tell("budget", &budget).await.unwrap();
    let mut spends = Claim::new("budget", Vec::new(), MINUTE);
    spends.most = 9;
    for _ in 0..2 {
        seen.push(shape(&store.take(&spends).await.unwrap()));
    }
    // A pause and a block stop all.
    store.tell("stops", &News::Pause { wait: Duration::from_secs(30), gap: Duration::ZERO }).await.unwrap();
    seen.push(shape(&store.take(&Claim::new("stops", Vec::new(), MINUTE)).await.unwrap()));
    store.tell("stops", &News::Pause { wait: Duration::from_secs(10), gap: Duration::ZERO }).await.unwrap();
    store.tell("stops", &News::Block(Duration::from_secs(300))).await.unwrap();
    seen.push(shape(&store.take(&Claim::new("stops", Vec::new(), MINUTE)).await.unwrap()));
    seen
}

#[tokio::test]
async fn redis_counts_as_the_store_in_memory_does() {
    let Some(server) = Server::start() else { return };
    let (real, model) = (history(&server.store()).await, history(&InMemoryLimits::default()).await);
    for (step, (real, model)) in real.iter().zip(&model).enumerate() {
        assert_eq!(real, model, "step {step}");
    }
    assert!(real.iter().any(|seen| seen.contains("ask true")), "{real:#?}");
    assert!(real.iter().any(|seen| seen.contains("paused Some(30.0) blocked Some(300.0)")), "{real:#?}");
}

#[tokio::test]
async fn places_leave_a_window_with_its_length() {
    let Some(server) = Server::start() else { return };
    let store = server.store();
    let mut claim = claim(&[("read", 3)], 5);
    claim.length = Duration::from_millis(1_000);
    let taken = store.take(&claim).await.unwrap();
    let later = taken.places.iter().filter(|place| **place > Duration::from_millis(900)).count();
    assert!(taken.places.len() >= 3 && later == taken.places.len() - 3, "{taken:?}");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    claim.most = 0;
    assert_eq!(store.take(&claim).await.unwrap().counted, [0]);
}

#[tokio::test]
async fn a_store_that_is_gone_is_an_error_within_half_a_second_and_comes_back() {
    let Some(mut server) = Server::start() else { return };
    let store = server.store();
    store.take(&claim(&[("read", 10)], 1)).await.unwrap();
    server.kill();
    let start = std::time::Instant::now();
    store.take(&claim(&[("read", 10)], 1)).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let nowhere = RedisStore::new("redis://127.0.0.1:1/").unwrap();
    nowhere.take(&claim(&[("read", 10)], 1)).await.unwrap_err();
    let error = RedisStore::new("http://127.0.0.1/?password=hunter2").unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
}
