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
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program that prints is the point

mod reads;
mod tour;
mod writes;

use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Parser;
use datto_examples::demo;
use datto_examples::settings::Settings;
use datto_rmm::{QuickJob, RmmClient};
use datto_sandbox::Sandbox;

use tour::Tour;

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
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match run(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything went well.
async fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let mut settings = Settings::load()?;
    let mut sandbox = None;
    if !settings.has_rmm() {
        let started = Sandbox::builder().devices(120).seed(7).start().await?;
        println!("Simulated data: no account is read. This is the built-in sandbox.\n");
        settings = demo::settings(&started);
        sandbox = Some(started);
    }
    let rmm = RmmClient::from_vars(|name| settings.get(name))?;
    if arguments.writes {
        permit_writes(&rmm, arguments.on_a_real_account.as_deref())?;
    }
    if let Some(sandbox) = &sandbox {
        leave_a_job(&rmm, sandbox).await?;
    }
    let mut tour = Tour::new(arguments.writes);
    let found = reads::visit(&rmm, &mut tour).await;
    let component = if is_loopback(&rmm) { found.component.clone() } else { arguments.component.map(Into::into) };
    writes::visit(&rmm, &mut tour, &found, component).await;
    drop(sandbox);
    Ok(tour.close())
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

/// Writes go to this machine, or to the host that the user names.
fn permit_writes(rmm: &RmmClient, named: Option<&str>) -> anyhow::Result<()> {
    let host = rmm.base_url().host_str().unwrap_or_default();
    if is_loopback(rmm) || named == Some(host) {
        return Ok(());
    }
    bail!(
        "--writes changes the account at {host} and ends its API keys; if you mean it, add --on-a-real-account {host}"
    )
}

fn is_loopback(rmm: &RmmClient) -> bool {
    let host = rmm.base_url().host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
