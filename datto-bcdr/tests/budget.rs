//! The budget of the partner API is followed before it runs out.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::time::Duration;

use datto_bcdr::{BcdrClient, ErrorKind};
use datto_sandbox::Sandbox;

#[tokio::test(start_paused = true)]
async fn a_spent_budget_stops_calls_before_the_service_has_to() {
    let sandbox = Sandbox::builder().devices(30).bcdr_budget(20).start().await.unwrap();
    let (public, secret) = sandbox.bcdr_key();
    let bcdr = BcdrClient::builder().url(sandbox.bcdr_url()).api_key(public, secret).build().unwrap();
    let mut made = 0;
    let error = loop {
        match bcdr.devices().list().send().await {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
        assert!(made < 100);
    };
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0), "nothing is sent without a budget");
    let wait = error.retry_after().unwrap();
    assert!(wait > Duration::from_secs(180) && wait <= Duration::from_secs(3_600), "{wait:?}");
    assert!(made >= 15, "the budget is used: {made}");
    assert!(sandbox.journal().iter().all(|entry| entry.status != Some(429)));
    let budget = bcdr.rate_info().budget.unwrap();
    assert!(budget.remaining < budget.cost.max(1.0) && budget.resets_in.is_some());
    tokio::time::sleep(wait + Duration::from_secs(1)).await;
    bcdr.devices().list().send().await.unwrap();
}
