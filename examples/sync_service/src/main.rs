//! Copies devices, sites, alerts, appliances, machines and SaaS customers of several accounts into SQLite, files tickets for alerts, and runs a component on machines once.
//!
//! ```text
//! cargo run -p datto-sync-service -- --database copy.db                           # two accounts of the built-in sandbox
//! cargo run -p datto-sync-service -- --database copy.db --accounts accounts.json  # yours
//! ```
//!
//! `accounts.json` is a list of objects with `name`, `rmm_url`, `rmm_key`, `rmm_secret`, `bcdr_public_key`, `bcdr_secret_key` and, for a stand-in, `bcdr_url`. It may be
//! killed at any time: what was committed stays, a reading goes on where it stood, no record is deleted by a reading that was not whole, no ticket is filed twice, and no machine gets
//! two jobs.

mod account;
mod database;
mod jobs;
mod meters;
mod tickets;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use datto_examples::{demo, program, say};
use datto_sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use account::{Account, Settings};
use database::Database;
use meters::Meters;

/// Copies several accounts into SQLite.
#[derive(Debug, Parser)]
struct Arguments {
    /// The database; it is made if it is not there.
    #[arg(long, default_value = "copy.db", value_name = "FILE")]
    database: PathBuf,
    /// The accounts, as JSON; without it two of the built-in sandbox.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Runs this component once on up to ten computers of each account.
    #[arg(long, value_name = "NAME")]
    component: Option<String>,
    /// Seconds between two rounds.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    every: u64,
    /// One round of each account, then the end.
    #[arg(long)]
    once: bool,
    /// Where /metrics and /health are served.
    #[arg(long, default_value = "127.0.0.1:9409", value_name = "ADDRESS")]
    listen: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (accounts, _sandboxes) = accounts(&arguments).await?;
    let database = Database::open(&arguments.database).await?;
    let meters = Arc::new(Meters::default());
    if !arguments.once {
        serve(&arguments.listen, Arc::clone(&meters)).await?;
    }
    let mut tasks = JoinSet::new();
    for settings in accounts {
        let account = Account::new(settings, database.clone(), Arc::clone(&meters))?;
        let (component, once, every) =
            (arguments.component.clone(), arguments.once, Duration::from_secs(arguments.every));
        // One account that fails stops no other.
        tasks.spawn(async move {
            loop {
                let whole = account.round(component.as_deref()).await;
                if once {
                    return whole;
                }
                tokio::time::sleep(every).await;
            }
        });
    }
    let mut whole = true;
    while let Some(outcome) = tasks.join_next().await {
        whole &= outcome?;
    }
    Ok(program::code(whole, 2))
}

async fn accounts(arguments: &Arguments) -> anyhow::Result<(Vec<Settings>, Vec<Sandbox>)> {
    if let Some(file) = &arguments.accounts {
        let text = std::fs::read(file).with_context(|| file.display().to_string())?;
        return Ok((serde_json::from_slice(&text).with_context(|| file.display().to_string())?, Vec::new()));
    }
    say!("{}\n", demo::NO_ACCOUNT);
    let (mut settings, mut sandboxes) = (Vec::new(), Vec::new());
    for (name, seed) in [("north", 7), ("south", 8)] {
        let sandbox = Sandbox::builder().devices(300).seed(seed).start().await?;
        settings.push(Settings::of(name, &demo::settings(&sandbox)));
        sandboxes.push(sandbox);
    }
    Ok((settings, sandboxes))
}

async fn serve(listen: &str, meters: Arc<Meters>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} cannot be used"))?;
    say!("http://{}/metrics", listener.local_addr()?);
    let metrics = move || {
        let text = meters.text();
        async move { ([("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")], text) }
    };
    let router = axum::Router::new()
        .route("/metrics", axum::routing::get(metrics))
        .route("/health", axum::routing::get(async || "alive"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}
