//! What the sandbox costs: its start, and a page of devices.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs)] // A benchmark fails as a test does.

use datto_sandbox::{Sandbox, SandboxBuilder};
use divan::Bencher;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

/// From the builder to the first answer.
#[divan::bench(args = [100, 10_000, 100_000], sample_count = 5, sample_size = 1)]
fn start(bencher: Bencher<'_, '_>, devices: usize) {
    let runtime = runtime();
    bencher.bench_local(|| {
        runtime.block_on(async {
            let sandbox = builder(devices).start().await.unwrap();
            let mut client = Client::new(&sandbox).await;
            client.get("/api/v2/account/devices?max=250").await;
            sandbox
        })
    });
}

/// Pages of 250 devices, from several connections at once.
#[divan::bench(args = [1, 8], sample_count = 10, sample_size = 1)]
fn pages_400(bencher: Bencher<'_, '_>, connections: usize) {
    let runtime = runtime();
    let sandbox = runtime.block_on(builder(10_000).start()).unwrap();
    bencher.counter(divan::counter::ItemsCount::new(400_usize)).bench_local(|| {
        runtime.block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..connections {
                let sandbox = sandbox.clone();
                tasks.spawn(async move {
                    let mut client = Client::new(&sandbox).await;
                    for page in 0..400 / connections {
                        client.get(&format!("/api/v2/account/devices?max=250&page={}", page % 40)).await;
                    }
                });
            }
            tasks.join_all().await;
        });
    });
}

fn builder(devices: usize) -> SandboxBuilder {
    Sandbox::builder().devices(devices).rate_limits(false)
}

/// A connection that is kept, and a token.
struct Client {
    stream: TcpStream,
    token: String,
    buffer: Vec<u8>,
}

impl Client {
    async fn new(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.rmm_url().strip_prefix("http://").unwrap()).await.unwrap();
        let mut client = Self { stream, token: String::new(), buffer: Vec::new() };
        let (key, secret) = sandbox.rmm_key();
        let form = format!("grant_type=password&username={key}&password={secret}");
        let head = format!(
            "POST /auth/oauth/token HTTP/1.1\r\nhost: a\r\nauthorization: Basic cHVibGljLWNsaWVudDpwdWJsaWM=\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        client.exchange(&head).await;
        let text = String::from_utf8_lossy(&client.buffer).into_owned();
        client.token = text.split("\"access_token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        client
    }

    async fn get(&mut self, path: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n", self.token);
        self.exchange(&head).await;
        assert!(self.buffer.starts_with(b"HTTP/1.1 200"));
    }

    /// Sends a request and reads the whole of its answer.
    async fn exchange(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        let mut length = None;
        while length.is_none_or(|length| self.buffer.len() < length) {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0);
            if length.is_none()
                && let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
                let body: usize =
                    head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
                length = Some(end + 4 + body);
            }
        }
    }
}
