//! Mirrors a folder of Datto Workplace to a folder of this machine, or the other way round.
//!
//! ```text
//! cargo run --example workplace_sync -- pull Finance ./finance            # at DATTO_WORKPLACE_URL, else in the sandbox
//! cargo run --example workplace_sync -- push ./finance Finance/Backup     # writes there; refuses any host but this machine
//! ```
//!
//! Only what changed is moved: another size, or another MD5; where the service tells none, another time. A run that was stopped is finished by the next
//! one. A name that the target spells otherwise (another Unicode form, another case, `_` for what Windows forbids) is the same file, and is not moved
//! again. What cannot be read, made or moved is told and left out; the rest goes on. Without `--delete` nothing is deleted. With it, what the source does not have is deleted from the target at the end, unless a guard says no: when
//! the source could not be listed completely or is empty, when more than `--max-delete` percent of the target's files would go, or when a
//! file could not be moved.
//!
//! Exit code: 0 if the target mirrors the source, 2 if something is left to do, 1 if the program could not begin.
#![allow(clippy::print_stderr)] // what went wrong goes there

mod listing;
mod local;
mod mirror;
mod pairs;
mod plan;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use datto_examples::settings::Settings;
use datto_examples::writes::permit_writes;
use datto_examples::{demo, program};
use datto_sandbox::Sandbox;
use datto_workplace::WorkplaceClient;

/// Mirrors a folder of Datto Workplace, one way.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    way: Way,
}

#[derive(Debug, Subcommand)]
enum Way {
    /// From Workplace to this machine.
    Pull {
        /// The folder of Workplace, from the project down: Finance/2026.
        remote: String,
        /// The folder of this machine; made if it is not there.
        local: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// From this machine to Workplace.
    Push {
        /// The folder of this machine.
        local: PathBuf,
        /// The folder of Workplace, from the project down; made below the project if it is not there.
        remote: String,
        #[command(flatten)]
        options: Options,
        /// Let the writes go to this host, which is not this machine.
        #[arg(long, value_name = "HOST")]
        on_a_real_account: Option<String>,
    },
}

/// What both ways have in common.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Delete from the target what the source does not have.
    #[arg(long)]
    delete: bool,
    /// Delete nothing if more than this many percent of the target's files would go.
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u8).range(..=100))]
    max_delete: u8,
    /// Move files whose name differs from that of another in its spelling alone (case, Unicode form, characters that Windows forbids), though
    /// the target may take the two for one.
    #[arg(long)]
    alike_names: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// How many files are moved at once.
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let line = "Simulated data: no account is used. This is the built-in sandbox, which ends with the program.";
    let simulated = Sandbox::builder().seed(7);
    let (settings, sandbox) = demo::settings_or_sandbox(Settings::has_workplace, simulated, Some(line)).await?;
    let files = WorkplaceClient::from_vars(|name| settings.get(name))?;
    let whole = match arguments.way {
        Way::Pull { remote, local, options } => mirror::pull(&files, &remote, &local, options).await?,
        Way::Push { local, remote, options, on_a_real_account } => {
            let host = files.endpoint().host();
            permit_writes(host, on_a_real_account.as_deref(), &format!("changes the files at {host}"))?;
            if !local.is_dir() {
                bail!("{} is no folder", local.display());
            }
            mirror::push(&files, &local, &remote, options).await?
        }
    };
    drop(sandbox);
    Ok(program::code(whole, 2))
}
