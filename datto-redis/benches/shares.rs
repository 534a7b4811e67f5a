//! What several processes of one account get of its limit together, with a store and without, and what a place costs.
//!
//! `cargo bench -p datto-redis`, on a machine that does nothing else; it takes six minutes, and needs `redis-server` or
//! `valkey-server`. The account is a sandbox whose windows are twelve seconds long instead of sixty, so a "minute" below is five windows;
//! each process is a client with a limiter, a login and connections of its own, and four callers that never rest.
// A program of measurements: it may print, and it fails as tests do.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/store/server.rs"]
mod server;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use datto_common::{Claim, ClaimedWindow, RateLimiter, SharedLimits};
use datto_redis::RedisStore;
use datto_rmm::RmmClient;
use datto_sandbox::Sandbox;
use server::Server;

const WINDOW: Duration = Duration::from_secs(12);
/// Of which the first window is not counted: it is filled at once.
const WINDOWS: u32 = 4;
/// What an account is held to in a window.
const HELD: f64 = 540.0;

fn main() {
    // `cargo test` runs benchmarks once, to see that they build.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let Some(mut server) = Server::start() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        place(&server.store()).await;
        println!("\n| processes | store | of the limit | questions a window | fullest window of 600 | 429 | errors | logins |");
        println!("|---|---|---|---|---|---|---|---|");
        for count in [2, 5, 10, 20] {
            for store in [None, Some(server.store())] {
                share(count, store, "").await;
            }
        }
        let store = server.store();
        let killed = async {
            tokio::time::sleep(WINDOW * WINDOWS / 2).await;
            server.kill();
        };
        tokio::join!(share(5, Some(store), ", killed in the middle"), killed);
    });
}

/// What a place costs, one at a time and ten at once.
async fn place(store: &RedisStore) {
    for (name, most) in [("one place", 1_u32), ("ten places", 10)] {
        let mut claim = Claim::new(name, vec![ClaimedWindow::new("read", u32::MAX, u32::MAX)], Duration::from_secs(60));
        claim.most = most;
        let mut times = Vec::new();
        for _ in 0..5_000 {
            let start = Instant::now();
            assert_eq!(store.take(&claim).await.unwrap().places.len(), most as usize);
            times.push(start.elapsed());
        }
        times.sort_unstable();
        println!("{name}: median {:.0?}, p99 {:.0?}", times[times.len() / 2], times[times.len() * 99 / 100]);
    }
}

async fn share(count: usize, store: Option<RedisStore>, remark: &str) {
    let sandbox = Sandbox::builder().devices(3).rate_window(WINDOW).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let account = format!("bench-{count}{remark}");
    let start = Instant::now();
    let until = start + WINDOW * WINDOWS;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..count {
        let mut builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(&*key, &*secret);
        if let Some(store) = &store {
            let logins = store.logins(&account);
            let limiter = RateLimiter::shared(store.clone(), &account);
            builder = builder.rate_limiter(limiter).login_through(move |login| logins.share(login));
        }
        let rmm = builder.build().unwrap();
        for _ in 0..4 {
            let rmm = rmm.clone();
            callers.spawn(async move {
                let mut errors = 0_usize;
                while Instant::now() < until {
                    let left = until.saturating_duration_since(Instant::now());
                    if let Ok(Err(_)) = tokio::time::timeout(left, rmm.account().get().send()).await {
                        errors += 1;
                    }
                }
                errors
            });
        }
    }
    let errors: usize = callers.join_all().await.into_iter().sum();
    let journal = sandbox.journal();
    let sent = |path: &str| journal.iter().filter(|entry| entry.path.ends_with(path)).collect::<Vec<_>>();
    let good: Vec<Duration> = journal
        .iter()
        .filter(|entry| entry.path.contains("/api/v2/") && entry.status == Some(200))
        .map(|entry| entry.elapsed)
        .collect();
    let calls = sent("/v2/account").iter().filter(|entry| entry.status == Some(200) && entry.elapsed >= WINDOW).count();
    let part = calls as f64 / (HELD * f64::from(WINDOWS - 1));
    let questions = sent("/request_rate").len() as f64 / f64::from(WINDOWS);
    let refused = journal.iter().filter(|entry| entry.status == Some(429)).count();
    let store = if store.is_some() { "yes" } else { "no" };
    println!(
        "| {count} | {store}{remark} | {:.0} % | {questions:.0} | {} | {refused} | {errors} | {} |",
        part * 100.0,
        fullest(&good),
        sandbox.logins()
    );
}

/// How many of these fall into one window at the most.
fn fullest(times: &[Duration]) -> usize {
    let (mut window, mut most) = (VecDeque::new(), 0);
    for time in times {
        window.push_back(*time);
        while window.front().is_some_and(|first| *time - *first >= WINDOW) {
            window.pop_front();
        }
        most = most.max(window.len());
    }
    most
}
