//! Calls each of the 65 operations of Datto RMM once and says how it went.
//!
//! ```text
//! cargo run --example rmm_tour                  # the reads, at DATTO_RMM_URL, else in the sandbox
//! cargo run --example rmm_tour -- --writes      # the writes too; refuses any host but this machine
//! ```
//!
//! Ids come from what the lists return; where a list is empty or gives none, a placeholder stands in, and the service will
//! most likely answer that there is no such thing. The writes are as gentle as they can be: what is set is what was there, what is made is named
//! after the tour, and the keys are reset last.
//!
//! Exit code: 0 if everything that was asked for was called and read, 2 if a call failed, 1 if the program could not begin.

mod reads;
mod writes;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use datto_examples::settings::Settings;
use datto_examples::tour::Tour;
use datto_examples::writes::{is_loopback, permit_writes};
use datto_examples::{demo, program};
use datto_rmm::{QuickJob, RmmClient, operations};
use datto_sandbox::Sandbox;

/// Calls each operation of Datto RMM once.
#[derive(Debug, Parser)]
struct Arguments {
    /// Call also what writes and what resets.
    #[arg(long)]
    writes: bool,
    /// Let the writes go to this host, which is not this machine. The API keys in use end with the tour.
    #[arg(long, value_name = "HOST")]
    on_a_real_account: Option<String>,
    /// The component that the tour runs on a host that is not this machine; without it none is run there.
    #[arg(long, value_name = "UID")]
    component: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let simulated = Sandbox::builder().devices(120).seed(7);
    let (settings, sandbox) = demo::settings_or_sandbox(Settings::has_rmm, simulated, Some(demo::NO_ACCOUNT)).await?;
    let rmm = RmmClient::from_vars(|name| settings.get(name))?;
    let host = rmm.base_url().host_str().unwrap_or_default();
    if arguments.writes {
        let consequence = format!("changes the account at {host} and ends its API keys");
        permit_writes(host, arguments.on_a_real_account.as_deref(), &consequence)?;
    }
    if let Some(sandbox) = &sandbox {
        leave_a_job(&rmm, sandbox).await?;
    }
    let mut tour = Tour::new(operations::ALL, arguments.writes).path_width(52);
    let found = reads::visit(&rmm, &mut tour).await;
    let component = if is_loopback(host) { found.component.clone() } else { arguments.component.map(Into::into) };
    writes::visit(&rmm, &mut tour, &found, component).await;
    drop(sandbox);
    Ok(program::code(tour.close(), 2))
}

/// A sandbox that was just made has run no job that could be asked about.
async fn leave_a_job(rmm: &RmmClient, sandbox: &Sandbox) -> anyhow::Result<()> {
    let truth = sandbox.truth().rmm;
    let device =
        truth.online_devices.iter().find(|uid| truth.computers.contains(uid)).context("no computer is online")?;
    let job = rmm.devices().quick_job(device, QuickJob::new("Before the tour", truth.working_component)).await?;
    rmm.jobs().wait(&job.uid, device).await?;
    Ok(())
}
