//! The client against the sandbox, end to end.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![cfg(test)]

mod copies;
mod listings;
mod pace;
mod paths;
mod plain_files;
#[cfg(feature = "metrics")]
mod reviews;
mod transfers;
mod walks;

use std::time::Duration;

use datto_sandbox::{Sandbox, SandboxBuilder};
use datto_workplace::{RetryPolicy, WorkplaceClient};

/// Tests that move bytes use the real clock, without waits between attempts.
pub(crate) fn client(sandbox: &Sandbox) -> WorkplaceClient {
    let (id, secret) = sandbox.workplace_key();
    WorkplaceClient::builder()
        .endpoint(sandbox.workplace_url())
        .credentials(id, secret)
        .retry(RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO))
        .build()
        .unwrap()
}

pub(crate) async fn start(builder: SandboxBuilder) -> (Sandbox, WorkplaceClient) {
    let sandbox = builder.seed(7).start().await.unwrap();
    let client = client(&sandbox);
    (sandbox, client)
}

pub(crate) async fn sandbox() -> (Sandbox, WorkplaceClient) {
    start(Sandbox::builder()).await
}

/// Bytes that do not repeat soon.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(count)
    .collect()
}

/// The id of the first project.
pub(crate) fn project(sandbox: &Sandbox) -> i64 {
    sandbox.truth().workplace.projects[0].id
}

/// How often a call was made.
pub(crate) fn calls(sandbox: &Sandbox, method: &str, path: &str) -> usize {
    sandbox.journal().iter().filter(|entry| entry.method == method && entry.path.contains(path)).count()
}

/// Work that takes several calls can be spawned like any other.
#[test]
fn every_future_can_be_sent_to_another_thread() {
    fn sent<T: Send>(_: T) {}
    let files = WorkplaceClient::builder().endpoint("https://eu.workplace.datto.com/2").credentials("id", "secret");
    let files = files.build().unwrap();
    let (api, paths) = (files.files(), files.paths());
    sent(files.folders().create(1, "a"));
    sent(api.copy_via_client(1, 2));
    sent(api.move_via_client(1, 2));
    sent(api.upload(1, datto_workplace::Upload::file("a")).send());
    sent(api.download(1).to_file("a"));
    sent(api.download(1).bytes());
    sent(api.download(1).stream());
    sent(api.download(1).to_writer(&mut Vec::new()));
    sent(paths.resolve("a"));
    sent(paths.ensure("a"));
    sent(files.walk(1).collect_measured());
    sent(files.check_connection());
}
