//! Tickets for what is wrong, in a small PSA of this example's own: each opened once and closed when it is over, whatever fails in between.
//!
//! ```text
//! cargo run --example tickets                  # the accounts of the environment, else the sandbox
//! cargo run --example tickets -- --file t.json # the same tickets the next time
//! ```
//!
//! Run it every few minutes. A reading that failed closes nothing.

mod psa;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use datto_bcdr::metrics::{BackupPolicy, backup_health};
use datto_bcdr::{BcdrClient, Desk, Incident, Measured};
use datto_examples::{demo, program, say};
use datto_rmm::RmmClient;
use datto_sandbox::Sandbox;

use psa::Psa;

/// Tickets for what is wrong.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where the tickets are kept.
    #[arg(long, default_value = "tickets.json", value_name = "FILE")]
    file: PathBuf,
    /// Use the sandbox even where there are credentials.
    #[arg(long)]
    sandbox: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (settings, _sandbox) = demo::settings_or_sandbox(
        |settings| !arguments.sandbox && (settings.has_rmm() || settings.has_bcdr()),
        Sandbox::builder().devices(120).seed(7).appliances(8),
        Some(demo::NO_ACCOUNT),
    )
    .await?;
    let (psa, mut desk) = (Psa::open(&arguments.file)?, Desk::default());
    // What the PSA has open is what the desk has opened: one place to keep it, so that the two cannot differ.
    psa.remind(&mut desk).await;
    let mut whole = true;
    if settings.has_rmm() {
        let alerts = RmmClient::from_vars(|name| settings.get(name))?.alerts().open().collect_measured().await;
        let incidents = alerts.map(|alerts| alerts.iter().map(Incident::from).collect());
        whole &= file(&mut desk, "alerts", &incidents, &psa).await;
    }
    if settings.has_bcdr() {
        let bcdr = BcdrClient::from_vars(|name| settings.get(name))?;
        let health = backup_health(&bcdr, &BackupPolicy::default()).await;
        match health.value() {
            Some(health) => {
                for (figure, incidents) in health.incidents() {
                    whole &= file(&mut desk, figure, &incidents, &psa).await;
                }
            }
            None => {
                whole = false;
                say!("backups: {health:?}");
            }
        }
    }
    say!("{} open", psa.count_open());
    Ok(program::code(whole, 2))
}

/// Opens and closes the tickets of one source; whether all was read and done.
async fn file(desk: &mut Desk, source: &str, incidents: &Measured<Vec<Incident>>, psa: &Psa) -> bool {
    let done = desk.reconcile(source, incidents, &psa.of(source)).await;
    if done.opened + done.updated + done.closed + done.failed.len() > 0 {
        say!("{source}: {} opened, {} changed, {} closed", done.opened, done.updated, done.closed);
    }
    done.failed.iter().for_each(|(key, error)| say!("  {key}: {error:#}"));
    if let (Measured::Unknown { cause }, true) = (incidents, done.kept > 0) {
        say!("{source}: {} tickets stay as they are: {cause}", done.kept);
    }
    done.failed.is_empty() && incidents.value().is_some()
}
