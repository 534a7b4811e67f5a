//! How the backups stand, client by client and machine by machine.
//!
//! ```text
//! cargo run --example backup_report                  # the account of the environment, else the sandbox; what needs a look
//! cargo run --example backup_report -- --all         # fine machines too
//! cargo run --example backup_report -- --json        # for machines
//! cargo run --example backup_report -- --weekend     # appliances rest from Friday 18:00 to Monday 9:00
//! ```
//!
//! Exit code, for cron: 0 if all is known and no backup, offsite copy or SaaS application has failed or is missing; 3 if one has; 2 if none is
//! known to have failed, but not everything could be read, or there is nothing to judge (all paused, a key that sees nothing); 1 if the program
//! could not begin.

mod print;
mod report;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use datto_bcdr::metrics::{BackupPolicy, Snapshot, Weekend};
use datto_bcdr::{BcdrClientBuilder, Timestamp};
use datto_examples::progress::Progress;
use datto_examples::{demo, program, say};
use datto_sandbox::Sandbox;

use report::{Outcome, Report};

/// How the backups stand, client by client and machine by machine.
#[derive(Debug, Parser)]
struct Arguments {
    /// Show also the machines of which all is well.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Use the sandbox even where there are credentials.
    #[arg(long)]
    sandbox: bool,
    /// How old a good backup may be, in hours.
    #[arg(long, default_value_t = 48, value_name = "HOURS")]
    max_age: u64,
    /// Hours from Friday 18:00 to Monday 9:00 do not age a backup.
    #[arg(long)]
    weekend: bool,
    /// Minutes by which the appliances' clocks are ahead of UTC, for `--weekend`.
    #[arg(long, default_value_t = 0, value_name = "MINUTES", allow_negative_numbers = true)]
    utc_offset: i16,
}

impl Arguments {
    fn policy(&self) -> BackupPolicy {
        let weekend = self.weekend.then(|| Weekend::default().utc_offset_minutes(self.utc_offset));
        BackupPolicy::default().backup_max_age(Duration::from_secs(self.max_age.saturating_mul(3_600))).weekend(weekend)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (settings, sandbox) = demo::settings_or_sandbox(
        |settings| !arguments.sandbox && settings.has_bcdr(),
        Sandbox::builder().seed(7).appliances(12).saas_customers(4),
        (!arguments.json).then_some(demo::NO_ACCOUNT),
    )
    .await?;
    let simulated = sandbox.is_some();
    let progress = Progress::new();
    let line = progress.line("Datto BCDR, SaaS");
    let bcdr = BcdrClientBuilder::from_vars(|name| settings.get(name))?.observer(line.clone()).build()?;
    let snapshot = Snapshot::read(&bcdr).await;
    line.done();
    drop(sandbox);
    let report = Report::new(simulated, &snapshot, &arguments.policy(), Timestamp::now());
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        datto_examples::output::write(format_args!("{}", print::Text { report: &report, all: arguments.all }));
    }
    Ok(match report.outcome() {
        Outcome::Fine => ExitCode::SUCCESS,
        Outcome::NotAllKnown => ExitCode::from(2),
        Outcome::Failures => ExitCode::from(3),
    })
}
