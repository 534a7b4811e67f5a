//! Futures that are polled for a while and left, with all that a call may wait for: no other call stands still.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::time::Duration;

use datto_rmm::RmmClient;
use datto_sandbox::{Fault, Sandbox};
use futures_util::StreamExt as _;
use futures_util::stream;
use proptest::prelude::*;
use tokio::time::{Instant, timeout};

/// Without certificates, whose reading takes longer than a test.
fn client(sandbox: &Sandbox) -> RmmClient {
    let (key, secret) = sandbox.rmm_key();
    let builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret);
    builder.configure_http(|http| http.tls_certs_only([])).build().unwrap()
}

async fn sandbox() -> Sandbox {
    Sandbox::builder().devices(100).latency(Duration::from_millis(20)).start().await.unwrap()
}

/// What may be under way while a future is left: nothing, a pause, others on the account, a slow or hanging question, a slow login.
const TROUBLES: [&str; 7] =
    ["none", "pause", "others", "slow question", "hanging question", "slow login", "full window"];

async fn trouble(sandbox: &Sandbox, rmm: &RmmClient, name: &str) {
    let question = |fault: Fault| fault.path_contains("request_rate").always();
    match name {
        "pause" => {
            sandbox.inject(Fault::status(429).header("Retry-After", "20").path_contains("/v2/account"));
            tokio::spawn(rmm.account().get().send());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        "others" => sandbox.spend_reads(400),
        "slow question" => {
            sandbox.spend_reads(300);
            sandbox.inject(question(Fault::delay(Duration::from_secs(6))));
        }
        "hanging question" => {
            sandbox.spend_reads(300);
            sandbox.inject(question(Fault::stall()));
        }
        "slow login" => sandbox.inject(Fault::delay(Duration::from_secs(12)).path_contains("/oauth/token")),
        "full window" => sandbox.spend_reads(560),
        _ => {}
    }
}

/// Long, but not for ever: several windows of the limit.
const LONG: Duration = Duration::from_secs(400);

#[tokio::test(start_paused = true)]
async fn a_stream_of_calls_goes_on_with_a_call_in_the_body_of_its_loop() {
    for name in TROUBLES {
        let sandbox = sandbox().await;
        let rmm = client(&sandbox);
        trouble(&sandbox, &rmm, name).await;
        let work = async {
            let devices = rmm.devices().list().collect().await.unwrap();
            let calls = devices.iter().map(|device| rmm.devices().get(&device.uid).send());
            let mut calls = stream::iter(calls).buffer_unordered(8);
            let mut seen = 0;
            while let Some(device) = calls.next().await {
                rmm.devices().alerts_open(&device.unwrap().uid).collect().await.unwrap();
                seen += 1;
            }
            seen
        };
        assert_eq!(
            timeout(LONG, work).await.unwrap_or_else(|_| panic!("stands still: {name}")),
            100 - deleted(&sandbox)
        );
    }
}

/// The devices of the site "Deleted Devices" are in no list.
fn deleted(sandbox: &Sandbox) -> usize {
    100 - sandbox.truth().rmm.total_devices
}

#[tokio::test(start_paused = true)]
async fn a_call_beside_a_heartbeat_that_calls_too_goes_on() {
    for name in TROUBLES {
        let sandbox = sandbox().await;
        let rmm = client(&sandbox);
        trouble(&sandbox, &rmm, name).await;
        let work = async {
            let mut beats = tokio::time::interval(Duration::from_millis(300));
            for _ in 0..20 {
                let call = rmm.account().get().send();
                tokio::pin!(call);
                loop {
                    tokio::select! {
                        biased;
                        _ = beats.tick() => { rmm.system().pagination().await.unwrap(); }
                        account = &mut call => break drop(account.unwrap()),
                    };
                }
            }
        };
        assert!(timeout(LONG, work).await.is_ok(), "stands still: {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_given_up_and_asked_for_again_loses_nothing_and_stops_nobody() {
    for name in TROUBLES {
        let sandbox = sandbox().await;
        let rmm = client(&sandbox);
        trouble(&sandbox, &rmm, name).await;
        for concurrency in [1, 4] {
            let mut pager = rmm.devices().list().page_size(10).concurrency(concurrency).pager();
            let work = async {
                let mut uids = Vec::new();
                loop {
                    match timeout(Duration::from_millis(7), pager.next()).await {
                        Ok(Some(device)) => uids.push(device.unwrap().uid),
                        Ok(None) => break uids,
                        // Left for as long as another call takes.
                        Err(_) => drop(tokio::spawn(rmm.account().get().send()).await.unwrap().unwrap()),
                    }
                }
            };
            let mut uids =
                timeout(LONG, work).await.unwrap_or_else(|_| panic!("stands still: {name}, {concurrency} at once"));
            uids.sort_unstable();
            uids.dedup();
            assert_eq!(uids.len(), sandbox.truth().rmm.total_devices, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn six_hundred_futures_polled_once_and_left_hold_nobody() {
    for name in TROUBLES {
        let sandbox = sandbox().await;
        let rmm = client(&sandbox);
        trouble(&sandbox, &rmm, name).await;
        let mut left = Vec::new();
        for _ in 0..600 {
            let mut call = Box::pin(rmm.account().get().send());
            assert!(futures_util::poll!(&mut call).is_pending());
            left.push(call);
        }
        let start = Instant::now();
        let work = async {
            for _ in 0..30 {
                rmm.account().get().await.unwrap();
            }
        };
        assert!(timeout(Duration::from_secs(100), work).await.is_ok(), "stands still: {name}");
        assert!(start.elapsed() < Duration::from_secs(75), "{name}: {:?}", start.elapsed());
        // Whoever comes back finds his turn: one that was sent may have run out of its time meanwhile.
        let mut came = 0;
        for call in left.into_iter().take(20) {
            came += usize::from(call.await.is_ok());
        }
        assert!(came > 0 || start.elapsed() > Duration::from_secs(60), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    /// Five hundred calls a case are cancelled at random points, some of them after they were left for a while.
    #[test]
    fn ten_thousand_cancelled_calls_leave_everything_as_it_was(
        calls in prop::collection::vec((0_u64..500, 0_u64..3_000, any::<bool>()), 500),
        trouble_name in proptest::sample::select(TROUBLES.to_vec()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let sandbox = sandbox().await;
            let rmm = client(&sandbox);
            trouble(&sandbox, &rmm, trouble_name).await;
            let tasks: Vec<_> = calls
                .into_iter()
                .map(|(polled, left, write)| {
                    let rmm = rmm.clone();
                    tokio::spawn(async move {
                        let call = async {
                            match write {
                                false => rmm.account().get().await.map(drop),
                                true => rmm.alerts().resolve("no-such-alert").await.map(drop),
                            }
                        };
                        let mut call = Box::pin(call);
                        let _ = timeout(Duration::from_millis(polled), &mut call).await;
                        tokio::time::sleep(Duration::from_millis(left)).await;
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            sandbox.clear_faults();
            // The windows hold what was sent, and nothing that was not.
            let sent = |method: &str| sandbox.journal().iter().filter(|entry| entry.method == method && entry.path.contains("/v2/")).count();
            let info = rmm.rate_info();
            let ours = |name: &str| info.windows.iter().find(|window| window.name == name).map_or(0, |window| window.ours as usize);
            prop_assert!(ours("read") <= sent("GET"), "{} of {}", ours("read"), sent("GET"));
            prop_assert!(ours("write") <= sent("POST"), "{} of {}", ours("write"), sent("POST"));
            let start = Instant::now();
            let last = timeout(LONG, rmm.account().get().send()).await;
            prop_assert!(last.is_ok_and(|last| last.is_ok()), "{trouble_name}: the last call was held up");
            prop_assert!(start.elapsed() < Duration::from_secs(61), "{trouble_name}: {:?}", start.elapsed());
            prop_assert!(sandbox.logins() <= 2, "{} logins", sandbox.logins());
            Ok(())
        })?;
    }
}
