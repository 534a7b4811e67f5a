//! Several processes of one account that know nothing of each other, against one sandbox, in real time: the windows of the
//! limits are six seconds long.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::unwrap_used)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use datto_rmm::RmmClient;
use datto_sandbox::Sandbox;

const URL: &str = "DATTO_RMM_URL";
const PROCESSES: usize = 3;
const CALLS: usize = 500;

/// This program again, as the process that makes the calls.
fn start(sandbox: &Sandbox) -> Child {
    let (key, secret) = sandbox.rmm_key();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_calls_of_one_process", "--ignored", "--test-threads=1"])
        .env(URL, sandbox.rmm_url())
        .env("DATTO_RMM_API_KEY", key)
        .env("DATTO_RMM_API_SECRET", secret)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "started as a process of its own by the other test"]
async fn the_calls_of_one_process() {
    let rmm = RmmClient::from_env().unwrap();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let rmm = rmm.clone();
            tokio::spawn(async move {
                for _ in 0..CALLS / 8 {
                    rmm.account().get().await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_draw_no_429_in_sum() {
    let sandbox = Sandbox::builder().devices(3).rate_window(Duration::from_secs(6)).start().await.unwrap();
    let began = Instant::now();
    let children: Vec<Child> = (0..PROCESSES).map(|_| start(&sandbox)).collect();
    for mut child in children {
        assert!(tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap().success());
    }
    let journal = sandbox.journal();
    let calls = journal.iter().filter(|entry| entry.path == "/api/v2/account").count();
    let refused = journal.iter().filter(|entry| entry.status == Some(429)).count();
    assert_eq!((calls, refused), (PROCESSES * (CALLS / 8) * 8, 0));
    assert_eq!(sandbox.logins(), PROCESSES as u64);
    // They were held back: without limits it takes a second or two. And not for long.
    let took = began.elapsed();
    assert!((Duration::from_secs(12)..Duration::from_secs(60)).contains(&took), "{took:?}");
}
