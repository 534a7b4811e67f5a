//! The pace: all clones of a client share it.

use std::time::Duration;

use datto_sandbox::{Fault, Sandbox};
use tokio::time::Instant;

use crate::{project, start};

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_every_clone_and_the_pace_eases_off() {
    let (sandbox, files) = start(Sandbox::builder()).await;
    sandbox.inject(Fault::status(429).header("X-Rate-Limit-Retry-After-Seconds", "7"));
    let begun = Instant::now();
    files.projects().list().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(7));
    let clone = files.clone();
    let mut gaps = Vec::new();
    for _ in 0..40 {
        let before = Instant::now();
        clone.projects().list().await.unwrap();
        gaps.push(before.elapsed());
    }
    assert!(gaps[0] > Duration::from_millis(300), "{:?}", gaps[0]);
    assert!(gaps.last().unwrap() < &Duration::from_millis(50), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_walk_through_a_tight_limit_meets_everything() {
    let (sandbox, files) = start(Sandbox::builder().workplace_rate(10, Duration::from_secs(10))).await;
    let entries = files.walk(project(&sandbox)).concurrency(4).collect().await.unwrap();
    let planted = &sandbox.truth().workplace.projects[0];
    assert_eq!(entries.len(), planted.files + planted.folders);
}

#[tokio::test(start_paused = true)]
async fn a_503_slows_everybody_down_and_success_eases_it() {
    let (sandbox, files) = start(Sandbox::builder()).await;
    files.projects().list().await.unwrap();
    assert_eq!(files.rate_info().gap, Duration::ZERO);
    sandbox.inject(Fault::status(503).path_contains("/file/projects"));
    files.projects().list().await.unwrap();
    let slowed = files.clone().rate_info().gap;
    assert!(slowed > Duration::from_millis(300), "{slowed:?}");
    for _ in 0..40 {
        files.projects().list().await.unwrap();
    }
    assert_eq!(files.rate_info().gap, Duration::ZERO);
}

/// An integration is deleted and made anew: both halves of its pair change.
#[tokio::test]
async fn a_new_pair_is_taken_while_the_program_runs() {
    let sandbox = datto_sandbox::Sandbox::builder().seed(7).start().await.unwrap();
    let files = datto_workplace::WorkplaceClient::builder()
        .endpoint(sandbox.workplace_url())
        .credentials("deleted-id", "deleted-secret")
        .build()
        .unwrap();
    let clone = files.clone();
    let error = files.projects().list().await.unwrap_err();
    assert_eq!(error.kind(), datto_workplace::ErrorKind::Unauthenticated);
    let hint = error.hint().unwrap();
    assert!(hint.contains("disabled or deleted") && hint.contains("new id"), "{hint}");
    let (id, secret) = sandbox.workplace_key();
    files.set_credentials(id, secret).unwrap();
    assert!(clone.projects().list().await.is_ok(), "clones too");
    assert!(files.set_credentials(" ", "secret").is_err() && files.projects().list().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_walk_with_a_download_in_its_body_goes_on_after_a_503() {
    let (sandbox, files) = start(Sandbox::builder()).await;
    let planted = &sandbox.truth().workplace.projects[0];
    for fault in [Fault::status(503), Fault::status(429).header("X-Rate-Limit-Retry-After-Seconds", "20")] {
        files.projects().list().await.unwrap();
        sandbox.inject(fault.after(3));
        let work = async {
            let (mut walk, mut seen) = (files.walk(project(&sandbox)).concurrency(4), 0);
            while let Some(entry) = walk.next().await {
                let entry = entry.unwrap();
                if !entry.item.is_folder() {
                    // Some are not in the cloud.
                    let outcome = files.files().download(entry.item.id.clone()).bytes().await;
                    assert!(outcome.as_ref().err().is_none_or(|error| error.is_not_found()), "{outcome:?}");
                }
                seen += 1;
            }
            seen
        };
        let seen = tokio::time::timeout(Duration::from_secs(600), work).await.expect("the walk stands still");
        assert_eq!(seen, planted.files + planted.folders);
    }
}
