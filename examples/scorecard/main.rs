//! The six figures that a managed service provider looks at every morning.
//!
//! ```text
//! cargo run --example scorecard                 # the accounts of the environment, else the sandbox
//! cargo run --example scorecard -- --details    # and which objects each figure counts
//! cargo run --example scorecard -- --json       # for machines
//! ```
//!
//! Exit code: 0 if every figure is known (a product without credentials is no failure), 2 if one is unknown, rests on
//! nothing (all paused, a key that sees no device) or is only in part known, 1 if the program could not begin.

mod print;
mod rows;

use std::process::ExitCode;

use clap::Parser;
use datto_bcdr::metrics::BackupPolicy;
use datto_bcdr::{BcdrClient, BcdrClientBuilder};
use datto_examples::progress::Progress;
use datto_examples::settings::Settings;
use datto_examples::{demo, program, say};
use datto_rmm::{Cause, RmmClient, RmmClientBuilder};
use datto_sandbox::Sandbox;

use rows::{Answer, Scorecard};

/// The morning's figures: backups, patches, Windows versions, antivirus.
#[derive(Debug, Parser)]
struct Arguments {
    /// Show which objects each figure counts.
    #[arg(long)]
    details: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Use the sandbox even where there are credentials.
    #[arg(long)]
    sandbox: bool,
    /// How many devices the sandbox has.
    #[arg(long, default_value_t = 1_200)]
    devices: usize,
    /// From what the sandbox's fleet is made.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let line = format!(
        "Simulated data: no account is read. This is the built-in sandbox, {} devices from seed {}.",
        arguments.devices, arguments.seed
    );
    let (settings, sandbox) = demo::settings_or_sandbox(
        |settings| !arguments.sandbox && (settings.has_rmm() || settings.has_bcdr()),
        Sandbox::builder().devices(arguments.devices).seed(arguments.seed),
        (!arguments.json).then_some(&line),
    )
    .await?;
    let simulated = sandbox.is_some();
    let progress = Progress::new();
    let (fleet, backups) = tokio::join!(fleet(&settings, &progress), backups(&settings, &progress));
    drop(sandbox);
    let scorecard = Scorecard::new(simulated, &fleet, &backups);
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&scorecard)?);
    } else {
        datto_examples::output::write(format_args!(
            "{}",
            print::Text { scorecard: &scorecard, details: arguments.details }
        ));
    }
    Ok(program::code(scorecard.is_known(), 2))
}

async fn fleet(settings: &Settings, progress: &Progress) -> Answer<datto_rmm::metrics::FleetSummary> {
    if !settings.has_rmm() {
        return Answer::NotConfigured("set DATTO_RMM_URL, DATTO_RMM_API_KEY and DATTO_RMM_API_SECRET");
    }
    let line = progress.line("Datto RMM");
    let client = RmmClientBuilder::from_vars(|name| settings.get(name))
        .and_then(|builder| builder.observer(line.clone()).build());
    let answer = match client {
        Ok(client) => Answer::Measured(summary(&client).await),
        Err(error) => Answer::unknown(Cause::from(error)),
    };
    line.done();
    answer
}

async fn summary(rmm: &RmmClient) -> datto_rmm::Measured<datto_rmm::metrics::FleetSummary> {
    datto_rmm::metrics::fleet_summary(rmm).await
}

async fn backups(settings: &Settings, progress: &Progress) -> Answer<datto_bcdr::metrics::BackupHealth> {
    if !settings.has_bcdr() {
        return Answer::NotConfigured("set DATTO_BCDR_PUBLIC_KEY and DATTO_BCDR_SECRET_KEY");
    }
    let line = progress.line("Datto BCDR, SaaS");
    let client = BcdrClientBuilder::from_vars(|name| settings.get(name))
        .and_then(|builder| builder.observer(line.clone()).build());
    let answer = match client {
        Ok(client) => Answer::Measured(health(&client).await),
        Err(error) => Answer::unknown(Cause::from(error)),
    };
    line.done();
    answer
}

async fn health(bcdr: &BcdrClient) -> datto_bcdr::Measured<datto_bcdr::metrics::BackupHealth> {
    datto_bcdr::metrics::backup_health(bcdr, &BackupPolicy::default()).await
}
