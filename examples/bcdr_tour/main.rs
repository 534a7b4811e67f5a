//! Calls each operation of the partner API once and says how it went.
//!
//! ```text
//! cargo run --example bcdr_tour                 # the reads, at the account of the environment, else in the sandbox
//! cargo run --example bcdr_tour -- --writes     # the two writes too; refuses any host but this machine
//! ```
//!
//! Ids come from what the lists return; where a list is empty, a placeholder stands in, and the service will most likely answer that there is no
//! such thing. A seat that is active is set active, which changes nothing; the limits on the bandwidth of an agent are lifted, since nothing
//! tells what they were. SaaS calls take up to a minute each.
//!
//! Exit code: 0 if everything that was asked for was called and read, 2 if a call failed, 1 if the program could not begin.

mod reads;
mod writes;

use std::process::ExitCode;

use clap::Parser;
use datto_bcdr::{BcdrClient, operations};
use datto_examples::settings::Settings;
use datto_examples::tour::Tour;
use datto_examples::writes::permit_writes;
use datto_examples::{demo, program};
use datto_sandbox::Sandbox;

/// Calls each operation of the partner API once.
#[derive(Debug, Parser)]
struct Arguments {
    /// Call also the two that write.
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
    let simulated = Sandbox::builder().seed(7).appliances(12).saas_customers(3).detailed_backup_stats(true);
    let (settings, sandbox) = demo::settings_or_sandbox(Settings::has_bcdr, simulated, Some(demo::NO_ACCOUNT)).await?;
    let bcdr = BcdrClient::from_vars(|name| settings.get(name))?;
    if arguments.writes {
        let host = bcdr.base_url().host_str().unwrap_or_default();
        let consequence = format!("lifts the limits on the bandwidth of an agent at {host}");
        permit_writes(host, arguments.on_a_real_account.as_deref(), &consequence)?;
    }
    let mut tour = Tour::new(operations::ALL, arguments.writes);
    let found = reads::visit(&bcdr, &mut tour).await;
    writes::visit(&bcdr, &mut tour, &found).await;
    drop(sandbox);
    Ok(program::code(tour.close(), 2))
}
