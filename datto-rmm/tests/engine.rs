//! The promises of the engine as properties: over many schedules of faults, with paused time, against the sandbox.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::HashSet;
use std::time::Duration;

use datto_rmm::{ErrorKind, Method, RateLimiter, RmmClient};
use datto_sandbox::{Fault, Sandbox};
use proptest::prelude::*;
use tokio::time::Instant;

/// Without certificates, whose reading takes longer than a case.
fn client(sandbox: &Sandbox) -> RmmClient {
    let (key, secret) = sandbox.rmm_key();
    let builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret);
    builder.configure_http(|http| http.tls_certs_only([])).build().unwrap()
}

/// Runs a case on a runtime of its own whose time is paused.
fn paused<T>(case: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(case)
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Status(u16),
    Busy(u8),
    Reset,
    Cut(u8),
    Stall,
    Slow(u8),
    Drip,
    Html,
}

/// One fault: what, whether the request was carried out before it, and how many requests it lets pass first.
#[derive(Debug, Clone, Copy)]
struct Planned {
    wrong: Wrong,
    carried_out: bool,
    skip: u8,
}

impl Planned {
    fn fault(self) -> Fault {
        let fault = match self.wrong {
            Wrong::Status(code) => Fault::status(code),
            Wrong::Busy(seconds) => Fault::status(429).header("Retry-After", seconds.to_string()),
            Wrong::Reset => Fault::reset(),
            Wrong::Cut(bytes) => Fault::cut_body(bytes.into()),
            Wrong::Stall => Fault::stall(),
            Wrong::Slow(seconds) => Fault::delay(Duration::from_secs(seconds.into())),
            Wrong::Drip => Fault::drip(Duration::from_millis(200)),
            Wrong::Html => Fault::html(),
        };
        let fault = fault.after(self.skip.into());
        // A refusal for going too fast comes before the work.
        if self.carried_out && !matches!(self.wrong, Wrong::Busy(_)) { fault.after_handling() } else { fault }
    }
}

fn planned() -> impl Strategy<Value = Planned> {
    let wrong = prop_oneof![
        proptest::sample::select(vec![500, 502, 503, 504]).prop_map(Wrong::Status),
        (0_u8..90).prop_map(Wrong::Busy),
        Just(Wrong::Reset),
        any::<u8>().prop_map(Wrong::Cut),
        Just(Wrong::Stall),
        any::<u8>().prop_map(Wrong::Slow),
        Just(Wrong::Drip),
        Just(Wrong::Html),
    ];
    (wrong, any::<bool>(), 0_u8..6).prop_map(|(wrong, carried_out, skip)| Planned { wrong, carried_out, skip })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_write_that_must_not_be_repeated_arrives_at_most_once(plan in prop::collection::vec(planned(), 0..6)) {
        paused(async {
            let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
            let rmm = client(&sandbox);
            plan.iter().for_each(|planned| sandbox.inject(planned.fault().path_contains("/v2/site").method("PUT")));
            let body = serde_json::json!({"name": "Acorn Dental"});
            let outcome = rmm.raw(Method::PUT, ["v2", "site"]).json(&body).await;
            let carried_out = sandbox.journal().iter().filter(|entry| entry.method == "PUT" && entry.executed).count();
            prop_assert!(carried_out <= 1, "carried out {carried_out} times: {outcome:?}");
            match outcome {
                Ok(_) => prop_assert_eq!(carried_out, 1),
                Err(error) => prop_assert!(error.may_have_happened() || carried_out == 0, "{error:?}"),
            }
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_is_the_fleet_or_ends_in_an_error(
        plan in prop::collection::vec(planned(), 0..8),
        size in 1_u32..20,
        concurrency in 1_usize..9,
        devices in 0_usize..80,
    ) {
        paused(async {
            let sandbox = Sandbox::builder().devices(devices).start().await.unwrap();
            let rmm = client(&sandbox);
            let list = || rmm.devices().list().page_size(size).concurrency(concurrency);
            let calm: Vec<_> = list().collect().await.unwrap().into_iter().map(|device| device.uid).collect();
            prop_assert_eq!(calm.len(), sandbox.truth().rmm.total_devices);
            plan.iter().for_each(|planned| sandbox.inject(planned.fault().path_contains("/account/devices")));
            let (mut uids, mut pager) = (Vec::new(), list().pager());
            let mut failures = 0;
            // Resumed where it failed, however often, the walk comes to the whole fleet in order.
            loop {
                match pager.next().await {
                    Some(Ok(device)) => uids.push(device.uid),
                    Some(Err(_)) => {
                        failures += 1;
                        prop_assert!(failures < 20);
                        prop_assert_eq!(&uids[..], &calm[..uids.len()]);
                        prop_assert!(pager.next().await.is_none(), "the stream ends after a page that could not be had");
                        let place = pager.continuation().unwrap();
                        pager = list().resume(place).pager();
                    }
                    None => break,
                }
            }
            prop_assert_eq!(uids, calm);
            Ok(())
        })?;
    }

    #[test]
    fn callers_that_go_away_hold_nobody_up(lives in prop::collection::vec(0_u64..400, 1..25), plan in prop::collection::vec(planned(), 0..4)) {
        paused(async {
            let sandbox = Sandbox::builder().devices(3).latency(Duration::from_millis(50)).start().await.unwrap();
            let rmm = client(&sandbox);
            plan.iter().for_each(|planned| sandbox.inject(planned.fault()));
            let calls: Vec<_> = lives
                .iter()
                .map(|life| {
                    let call = rmm.account().get().send();
                    let life = Duration::from_millis(*life);
                    tokio::spawn(async move { tokio::time::timeout(life, call).await.is_ok() })
                })
                .collect();
            for call in calls {
                call.await.unwrap();
            }
            sandbox.clear_faults();
            let last = tokio::time::timeout(Duration::from_secs(400), rmm.account().get().send()).await;
            prop_assert!(last.is_ok(), "the last caller was held up");
            let last = last.unwrap();
            // A login that was answered with HTML or the like may be refused for a while; it is never silence.
            prop_assert!(last.is_ok() || last.unwrap_err().kind() != ErrorKind::Internal);
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_calls_draw_no_429_and_waste_no_time() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let rmm = client(&sandbox);
    let start = Instant::now();
    let mut callers = Vec::new();
    for _ in 0..20 {
        let rmm = rmm.clone();
        callers.push(tokio::spawn(async move {
            for _ in 0..500 {
                rmm.account().get().await.unwrap();
            }
        }));
    }
    for caller in callers {
        caller.await.unwrap();
    }
    let journal = sandbox.journal();
    assert!(journal.iter().all(|entry| entry.status != Some(429)));
    let least = Duration::from_secs(60 * ((10_000 - 1) / 540));
    assert!(start.elapsed() <= least.mul_f64(1.05), "{:?}, at least {least:?}", start.elapsed());
    assert!(start.elapsed() >= least);
}

#[tokio::test(start_paused = true)]
async fn another_program_of_the_account_is_made_room_for() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let rmm = client(&sandbox);
    for minute in 0..5 {
        sandbox.spend_reads(300);
        for _ in 0..240 {
            rmm.account().get().await.unwrap();
        }
        let refused = sandbox.journal().iter().filter(|entry| entry.status == Some(429)).count();
        assert_eq!(refused, 0, "minute {minute}");
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let reads = rmm.rate_info().windows.into_iter().find(|window| window.name == "read").unwrap();
    assert_eq!((reads.limit, reads.held_to), (Some(600), Some(540)));
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_limiter_share_the_account() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let limiter = RateLimiter::share(0.5);
    let (key, secret) = sandbox.rmm_key();
    let one = RmmClient::builder()
        .url(sandbox.rmm_url())
        .api_key(&*key, &*secret)
        .rate_limiter(limiter.clone())
        .build()
        .unwrap();
    let two =
        RmmClient::builder().url(sandbox.rmm_url()).api_key(&*key, &*secret).rate_limiter(limiter).build().unwrap();
    let start = Instant::now();
    for _ in 0..130 {
        one.account().get().await.unwrap();
        two.account().get().await.unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(60), "half of 540 is free");
    for _ in 0..10 {
        one.account().get().await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_secs(60), "and no more");
}

#[tokio::test(start_paused = true)]
async fn a_block_opens_a_circuit_of_five_minutes() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let rmm = client(&sandbox);
    rmm.account().get().await.unwrap();
    sandbox.inject(Fault::ip_block().path_contains("/v2/account"));
    sandbox.inject(Fault::ip_block().path_contains("/v2/system/request_rate"));
    assert_eq!(rmm.account().get().await.unwrap_err().kind(), ErrorKind::Blocked);
    let before = sandbox.journal().len();
    let error = rmm.account().get().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Blocked, 0));
    assert!(error.message().contains("until 20") && error.retry_after().unwrap() <= Duration::from_secs(300));
    assert_eq!(sandbox.journal().len(), before, "nothing is sent while it is open");
    tokio::time::sleep(Duration::from_secs(301)).await;
    rmm.account().get().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_403_for_one_odd_value_stops_nobody_else() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let rmm = client(&sandbox);
    sandbox.inject(Fault::ip_block().path_contains("/account/devices").always());
    let (mut good, mut odd) = (0, 0);
    for _ in 0..100 {
        good += usize::from(rmm.account().get().await.is_ok());
        let error = rmm.devices().list().hostname("<script>").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("this call alone")), "{error}");
        odd += 1;
    }
    assert_eq!((good, odd), (100, 100));
    let asked = sandbox.journal().iter().filter(|entry| entry.path.contains("request_rate")).count();
    assert!(asked <= 20, "{asked} questions");
}

#[tokio::test(start_paused = true)]
async fn pages_in_parallel_come_in_order_and_each_once() {
    let sandbox = Sandbox::builder().devices(3_000).start().await.unwrap();
    let rmm = client(&sandbox);
    let one = rmm.devices().list().collect().await.unwrap();
    let many = rmm.devices().list().concurrency(8).collect().await.unwrap();
    assert!(one == many);
    assert_eq!(many.iter().map(|device| &device.uid).collect::<HashSet<_>>().len(), many.len());
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_always_refused_do_not_hammer_the_login() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let rmm = client(&sandbox);
    sandbox.inject(Fault::status(401).path_contains("/v2/account").always());
    for _ in 0..300 {
        let error = rmm.account().get().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(error.hint().is_some_and(|hint| hint.contains("regenerated")), "{error}");
    }
    assert!(sandbox.logins() <= 5, "{} logins", sandbox.logins());
    sandbox.clear_faults();
    rmm.account().get().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_block_that_the_login_meets_opens_the_circuit() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let rmm = client(&sandbox);
    sandbox.inject(Fault::ip_block().path_contains("/oauth/token"));
    assert_eq!(rmm.account().get().await.unwrap_err().kind(), ErrorKind::Blocked);
    let before = sandbox.journal().len();
    assert_eq!(rmm.system().status().await.unwrap_err().kind(), ErrorKind::Blocked, "calls without a login too");
    assert_eq!(sandbox.journal().len(), before, "nothing is sent while it is open");
    tokio::time::sleep(Duration::from_secs(301)).await;
    rmm.account().get().await.unwrap();
}
