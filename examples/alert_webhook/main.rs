//! Alerts as they happen: RMM posts them, and a poll finds what no webhook brought. Each is told once.
//!
//! ```text
//! DATTO_WEBHOOK_SECRET=... cargo run --example alert_webhook                 # the account of the environment, else the sandbox
//! DATTO_WEBHOOK_SECRET=... cargo run --example alert_webhook -- --print-text # what to paste into RMM
//! ```
//!
//! It keeps what it knows in a file, so that a restart tells nothing twice. Put it behind a proxy that speaks HTTPS.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use clap::Parser;
use datto_examples::{demo, program, say};
use datto_rmm::watch::{AlertEvent, AlertWatch, AlertWebhook, Delivered};
use datto_rmm::{RmmClient, Timestamp};
use datto_sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// Alerts as they happen, each once.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8400", value_name = "ADDRESS")]
    listen: String,
    /// How often it polls, in seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    every: u64,
    /// Where it keeps what it knows.
    #[arg(long, default_value = "alerts.json", value_name = "FILE")]
    state: PathBuf,
    /// Print the texts to paste into RMM, and end.
    #[arg(long)]
    print_text: bool,
    /// What each webhook has to bring.
    #[arg(long, env = "DATTO_WEBHOOK_SECRET", hide_env_values = true, value_name = "SECRET")]
    secret: String,
    /// Use the sandbox even where there are credentials.
    #[arg(long)]
    sandbox: bool,
}

/// What is known, and the file in which it is kept. One event at a time: what was told is stored before the next one.
#[derive(Debug)]
struct Desk {
    watch: AlertWatch,
    file: PathBuf,
}

impl Desk {
    fn open(file: &Path) -> anyhow::Result<Self> {
        let watch = match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| file.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => AlertWatch::default(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        Ok(Self { watch, file: file.to_path_buf() })
    }

    /// Tells the events and keeps that they were told. A real desk writes both into its database, in one transaction.
    fn told(&self, events: &[AlertEvent]) -> anyhow::Result<()> {
        for event in events {
            let priority = event.priority.as_ref().map_or("-", |priority| priority.as_str());
            let what = serde_json::to_value(event.what)?;
            say!("{} {} {priority}: {}", what.as_str().unwrap_or_default(), event.alert_uid, event.sentence);
        }
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(&self.watch)?)?;
        Ok(std::fs::rename(beside, &self.file)?)
    }
}

#[derive(Debug, Clone)]
struct Service {
    webhook: Arc<AlertWebhook>,
    desk: Arc<Mutex<Desk>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let webhook = AlertWebhook::new(arguments.secret.as_str());
    if arguments.print_text {
        for what in [Delivered::Triggered, Delivered::Resolved] {
            say!("Body of the webhook for {what} alerts, content type application/json:\n{}\n", webhook.text_for(what));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (settings, _sandbox) = demo::settings_or_sandbox(
        |settings| !arguments.sandbox && settings.has_rmm(),
        Sandbox::builder().devices(120).seed(7),
        Some(demo::NO_ACCOUNT),
    )
    .await?;
    let rmm = RmmClient::from_vars(|name| settings.get(name))?;
    let service = Service { webhook: Arc::new(webhook), desk: Arc::new(Mutex::new(Desk::open(&arguments.state)?)) };

    let listener =
        TcpListener::bind(&arguments.listen).await.with_context(|| format!("{} cannot be used", arguments.listen))?;
    say!("http://{}/alerts", listener.local_addr()?);
    let (polls, every) = (Arc::clone(&service.desk), Duration::from_secs(arguments.every.max(1)));
    tokio::spawn(async move {
        loop {
            if let Err(error) = poll(&rmm, &polls).await {
                say!("not polled: {error:#}");
            }
            tokio::time::sleep(every).await;
        }
    });
    let router = axum::Router::new()
        .route("/alerts", post(receive))
        .layer(DefaultBodyLimit::max(64 * 1024 + 1))
        .with_state(service);
    axum::serve(listener, router).await?;
    Ok(ExitCode::SUCCESS)
}

/// Reads first, and takes in what was read afterwards: a webhook that comes meanwhile waits for nothing.
async fn poll(rmm: &RmmClient, desk: &Mutex<Desk>) -> anyhow::Result<()> {
    let watch = desk.lock().await.watch.clone();
    let read = watch.look(rmm).await?;
    let mut desk = desk.lock().await;
    let events = desk.watch.apply(&read, &Timestamp::now());
    desk.told(&events)
}

async fn receive(State(service): State<Service>, body: Bytes) -> StatusCode {
    let delivery = match service.webhook.receive(&body) {
        Ok(delivery) => delivery,
        Err(rejected) => return StatusCode::from_u16(rejected.status()).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let mut desk = service.desk.lock().await;
    let event = desk.watch.hear(&delivery, &Timestamp::now());
    match desk.told(event.as_slice()) {
        Ok(()) => StatusCode::NO_CONTENT,
        // RMM may send it again; else the next poll finds it.
        Err(error) => {
            say!("not kept: {error:#}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
