//! What the engine costs: a call, a page, a fleet and the memory of a long walk, each beside the same with reqwest alone.
//!
//! `cargo bench -p datto-rmm --bench engine`, on a machine that does nothing else; `-- --test` runs each once.
// A program of measurements: it may print, and it fails as tests do.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, clippy::unwrap_used)]

mod server;

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use datto_common::reqwest;
use datto_rmm::{Account, Device, RmmClient};
use divan::Bencher;
use futures_util::StreamExt as _;
use serde::Deserialize;
use server::Server;
use tokio::runtime::Runtime;

static QUICK: LazyLock<Server> = LazyLock::new(|| Server::start(Duration::ZERO, 10_000, 300));
/// As far as a service in the same building.
static NEAR: LazyLock<Server> = LazyLock::new(|| Server::start(Duration::from_millis(1), 1_000, 30));
static SLOW: LazyLock<Server> = LazyLock::new(|| Server::start(Duration::from_millis(150), 10_000, 30));
static LONG: LazyLock<Server> = LazyLock::new(|| Server::start(Duration::ZERO, 100_000, 30));

/// Set for the process that measures its memory.
const MEMORY: &str = "DATTO_BENCH_MEMORY";

fn main() {
    if let Ok(concurrency) = std::env::var(MEMORY) {
        if concurrency == "clients" {
            return memory_of_clients();
        }
        return memory(concurrency.parse().unwrap());
    }
    divan::main();
    if std::env::args().skip(1).all(|argument| argument == "--bench") {
        for concurrency in ["1", "8", "clients"] {
            // Of its own, since what the other benchmarks freed would hide the growth.
            let program = std::env::current_exe().unwrap();
            std::process::Command::new(program).env(MEMORY, concurrency).status().unwrap();
        }
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn client(server: &Server) -> RmmClient {
    RmmClient::builder().url(&server.origin).api_key("bench-key", "bench-secret").build().unwrap()
}

/// Reqwest as a careful hand would set it up.
fn bare() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap()
}

async fn get<T: serde::de::DeserializeOwned>(http: &reqwest::Client, url: String) -> T {
    let request = http.get(url).header("accept", "application/json").bearer_auth("bench-token");
    let response = request.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

mod call {
    use super::*;

    fn server(distance: &str) -> &'static Server {
        if distance == "millisecond" { &NEAR } else { &QUICK }
    }

    #[divan::bench(sample_count = 300, sample_size = 20, args = ["loopback", "millisecond"])]
    fn bare_reqwest(bencher: Bencher<'_, '_>, distance: &str) {
        let (runtime, http) = (runtime(), bare());
        let url = format!("{}/api/v2/account", server(distance).origin);
        bencher.bench_local(|| runtime.block_on(get::<Account>(&http, url.clone())));
    }

    #[divan::bench(sample_count = 300, sample_size = 20, args = ["loopback", "millisecond"])]
    fn this_client(bencher: Bencher<'_, '_>, distance: &str) {
        let runtime = runtime();
        let rmm = client(server(distance));
        for _ in 0..50 {
            runtime.block_on(rmm.account().get().send()).unwrap();
        }
        bencher.bench_local(|| runtime.block_on(rmm.account().get().send()).unwrap());
    }
}

mod accounts {
    use super::*;

    /// A vendor's program: a client for each of 500 accounts, on one HTTP client.
    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn five_hundred_on_one_http_client(bencher: Bencher<'_, '_>) {
        let http = bare();
        bencher.bench_local(|| clients(500, &http));
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn fifty_with_one_each(bencher: Bencher<'_, '_>) {
        bencher.bench_local(|| (0..50).map(|_| client(&QUICK)).collect::<Vec<_>>());
    }
}

fn clients(count: usize, http: &reqwest::Client) -> Vec<RmmClient> {
    let build = |number: usize| {
        let builder = RmmClient::builder().url("https://merlot-api.centrastage.net");
        builder.api_key(format!("key-{number}"), "bench-secret").http_client(http.clone()).build().unwrap()
    };
    (0..count).map(build).collect()
}

/// A device as a program writes it down that needs no more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)] // decoded, never looked at
struct Minimal {
    id: Option<i64>,
    uid: Option<String>,
    site_id: Option<i64>,
    site_uid: Option<String>,
    site_name: Option<String>,
    hostname: Option<String>,
    int_ip_address: Option<String>,
    ext_ip_address: Option<String>,
    operating_system: Option<String>,
    last_logged_in_user: Option<String>,
    domain: Option<String>,
    description: Option<String>,
    online: Option<bool>,
    last_seen: Option<i64>,
    udf: Option<HashMap<String, Option<String>>>,
}

#[derive(Debug, Deserialize)]
struct MinimalPage {
    devices: Vec<Minimal>,
}

mod page {
    use super::*;

    #[divan::bench(sample_count = 100)]
    fn minimal_struct(bencher: Bencher<'_, '_>) {
        let body = QUICK.page(0);
        bencher.bench_local(|| serde_json::from_slice::<MinimalPage>(&body).unwrap().devices.len());
    }

    #[divan::bench(sample_count = 100)]
    fn our_model(bencher: Bencher<'_, '_>) {
        #[derive(Deserialize)]
        struct Page {
            devices: Vec<Device>,
        }
        let body = QUICK.page(0);
        bencher.bench_local(|| serde_json::from_slice::<Page>(&body).unwrap().devices.len());
    }

    #[divan::bench(sample_count = 100)]
    fn minimal_struct_over_bare_reqwest(bencher: Bencher<'_, '_>) {
        let (runtime, http) = (runtime(), bare());
        let url = format!("{}/api/v2/account/devices?page=0&max=250", QUICK.origin);
        bencher.bench_local(|| runtime.block_on(get::<MinimalPage>(&http, url.clone())).devices.len());
    }

    #[divan::bench(sample_count = 100)]
    fn this_client(bencher: Bencher<'_, '_>) {
        let (runtime, rmm) = (runtime(), client(&QUICK));
        bencher.bench_local(|| runtime.block_on(rmm.devices().list().send()).unwrap().items.len());
    }
}

mod fleet {
    use super::*;

    #[derive(Deserialize)]
    struct Page {
        devices: Vec<Device>,
    }

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn bare_reqwest_eight_at_once(bencher: Bencher<'_, '_>) {
        let (runtime, http) = (runtime(), bare());
        let page =
            |number: usize| get::<Page>(&http, format!("{}/api/v2/account/devices?max=250&page={number}", SLOW.origin));
        bencher.bench_local(|| {
            runtime.block_on(async {
                let mut devices = page(0).await.devices;
                let mut rest = futures_util::stream::iter(1..40).map(page).buffered(8);
                while let Some(page) = rest.next().await {
                    devices.extend(page.devices);
                }
                assert_eq!(devices.len(), 10_000);
            });
        });
    }

    #[divan::bench(sample_count = 5, sample_size = 1, args = [8, 1])]
    fn this_client(bencher: Bencher<'_, '_>, concurrency: usize) {
        let (runtime, rmm) = (runtime(), client(&SLOW));
        runtime.block_on(rmm.account().get().send()).unwrap(); // logs in
        bencher.bench_local(|| {
            let devices = runtime.block_on(rmm.devices().list().concurrency(concurrency).collect()).unwrap();
            assert_eq!(devices.len(), 10_000);
        });
    }
}

mod figures {
    use super::*;
    use datto_rmm::metrics::{FleetPolicy, summarise};
    use datto_rmm::{Measured, Timestamp};

    #[derive(Deserialize)]
    struct Page {
        devices: Vec<Device>,
    }

    /// Takes the fleet that was read, and holds no second one.
    #[divan::bench(sample_count = 3, sample_size = 1)]
    fn a_hundred_thousand_devices(bencher: Bencher<'_, '_>) {
        let (policy, now) = (FleetPolicy::default(), Timestamp::now());
        let fleet = || -> Vec<Device> {
            let pages = (0..400).map(|number| serde_json::from_slice::<Page>(&LONG.page(number)).unwrap().devices);
            pages.flatten().collect()
        };
        bencher.with_inputs(fleet).bench_local_values(|devices| {
            let summary =
                summarise(Measured::Known(vec![]), Measured::Known(devices), Measured::Known(vec![]), &policy, &now);
            assert_eq!(summary.value().unwrap().devices, Measured::Known(100_000));
            summary
        });
    }
}

/// The memory of this process in KiB; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// What 500 clients on one HTTP client hold.
fn memory_of_clients() {
    let (http, before) = (bare(), resident());
    let clients = clients(500, &http);
    println!("{} clients on one HTTP client: {} KiB", clients.len(), resident().saturating_sub(before));
}

/// Streams a fleet of 100,000 and tells how much the process grew meanwhile, the server of the test included.
fn memory(concurrency: usize) {
    let (runtime, rmm) = (runtime(), client(&LONG));
    runtime.block_on(async {
        rmm.account().get().await.unwrap(); // the server, the connection, the login
        let (before, start, mut most, mut count) = (resident(), Instant::now(), 0, 0_usize);
        let mut devices = rmm.devices().list().concurrency(concurrency).pager();
        while let Some(device) = devices.next().await {
            device.unwrap();
            count += 1;
            if count.is_multiple_of(100) {
                most = most.max(resident());
            }
        }
        assert_eq!(count, 100_000);
        let grown = most.saturating_sub(before) / 1024;
        println!(
            "streaming 100,000 devices, concurrency {concurrency}: grew by {grown} MiB in {:.1?}",
            start.elapsed()
        );
    });
}
