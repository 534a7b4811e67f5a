//! Calls each operation of Datto Workplace once and says how it went.
//!
//! ```text
//! cargo run --example workplace_tour                # the reads, at DATTO_WORKPLACE_URL, else in the sandbox
//! cargo run --example workplace_tour -- --writes    # the writes too; refuses any host but this machine
//! ```
//!
//! The writes happen in a folder of the tour's own, in the first project, which it deletes in the end. Locking is known from a comment in a program
//! alone: nobody was seen to call it.
//!
//! Exit code: 0 if everything that was asked for was called and read, 2 if a call failed, 1 if the program could not begin.

mod reads;
mod writes;

use std::process::ExitCode;

use clap::Parser;
use datto_examples::settings::Settings;
use datto_examples::tour::Tour;
use datto_examples::writes::permit_writes;
use datto_examples::{demo, program};
use datto_sandbox::Sandbox;
use datto_workplace::{WorkplaceClient, operations};

/// Calls each operation of Datto Workplace once.
#[derive(Debug, Parser)]
struct Arguments {
    /// Call also what writes.
    #[arg(long)]
    writes: bool,
    /// Let the writes go to this host, which is not this machine.
    #[arg(long, value_name = "HOST")]
    on_a_real_account: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let simulated = Sandbox::builder().seed(7);
    let (settings, sandbox) =
        demo::settings_or_sandbox(Settings::has_workplace, simulated, Some(demo::NO_ACCOUNT)).await?;
    let files = WorkplaceClient::from_vars(|name| settings.get(name))?;
    if arguments.writes {
        let host = files.endpoint().host();
        let consequence = format!("makes and deletes a folder at {host}");
        permit_writes(host, arguments.on_a_real_account.as_deref(), &consequence)?;
    }
    let mut tour = Tour::new(operations::ALL, arguments.writes);
    let found = reads::visit(&files, &mut tour).await;
    writes::visit(&files, &mut tour, &found).await;
    drop(sandbox);
    Ok(program::code(tour.close(), 2))
}
