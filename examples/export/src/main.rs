//! Records of the products as JSON lines, CSV or Parquet, on disk or in S3, one folder a day.
//!
//! ```text
//! cargo run -p datto-export -- --to out                                   # the accounts of the environment, else the sandbox
//! cargo run -p datto-export -- --to out --format csv --tables devices,alerts
//! cargo run -p datto-export -- --to s3://bucket/datto --work /var/tmp/datto # keys and endpoint from the usual AWS_ variables
//! ```
//!
//! A table is read to its end into a staged file before anything is published, so that a reader never finds half a table. Run it again after a crash, on the
//! same day, and it goes on where it stood. What could not be read is named in the table's own metadata and beside it, in `part-0.meta.json`.
//!
//! Exit code: 0 if all that was asked for is published and whole; 2 if something is missing; 1 if it could not begin.

mod publish;
mod read;
mod stage;
mod table;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use datto_bcdr::{BcdrClient, Timestamp};
use datto_examples::settings::Settings;
use datto_examples::{demo, program, say};
use datto_rmm::RmmClient;
use datto_sandbox::Sandbox;
use indicatif::{ProgressBar, ProgressStyle};

use publish::Target;
use read::Source;
use stage::{Run, Stage};
use table::{Format, TableName};

/// Records of the products as files that analysts read.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to: a folder, or s3://bucket/prefix.
    #[arg(long, value_name = "PLACE")]
    to: String,
    /// What the files are.
    #[arg(long, value_enum, default_value_t = Format::Parquet)]
    format: Format,
    /// Which tables; by default all of the products that are configured.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    tables: Vec<TableName>,
    /// Where what is not published yet is kept; by default a folder beside the files, or .datto-export where they go to S3.
    #[arg(long, value_name = "FOLDER")]
    work: Option<PathBuf>,
    /// How many days of the activity log.
    #[arg(long, default_value_t = 7, value_name = "DAYS")]
    activity_days: u64,
    /// How many calls of per-device tables are made at once.
    #[arg(long, default_value_t = 8, value_name = "CALLS")]
    at_once: usize,
    /// Use the sandbox even where there are credentials.
    #[arg(long)]
    sandbox: bool,
    /// How many devices the sandbox has.
    #[arg(long, default_value_t = 300)]
    devices: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (settings, sandbox) = demo::settings_or_sandbox(
        |settings| !arguments.sandbox && (settings.has_rmm() || settings.has_bcdr()),
        Sandbox::builder().devices(arguments.devices).seed(7),
        Some(demo::NO_ACCOUNT),
    )
    .await?;
    let target = Target::of(&arguments.to)?;
    let work = arguments.work.clone().unwrap_or_else(|| target.default_work());
    let run = Run::begin(&work, &Timestamp::now(), arguments.activity_days)?;
    let source = Source::new(rmm(&settings)?, bcdr(&settings)?, arguments.at_once);
    let mut whole = true;
    for table in tables(&arguments, &settings) {
        let bar = bar(table);
        let mut stage = Stage::open(&run, table)?;
        // What cannot be read to its end stays staged; the other tables do not wait for it.
        let read = if stage.is_read() { Ok(()) } else { source.read(table, &run, &mut stage, &bar).await };
        bar.finish_and_clear();
        if let Err(error) = read {
            whole = false;
            say!("{table}: not published, {} rows are kept: {error:#}", stage.rows());
            continue;
        }
        let facts = stage.facts(&run);
        if !stage.is_published() {
            let file = write::file(&stage, arguments.format, &facts)?;
            target.publish(table, &run.day, arguments.format, &file, &facts).await.context("publishing")?;
            stage.published()?;
        }
        whole &= facts.complete;
        say!("{table}: {} rows{}", facts.rows, if facts.complete { "" } else { ", not all that there is" });
        facts.missing.iter().take(3).for_each(|missing| say!("  missing: {missing}"));
        if facts.missing.len() > 3 {
            say!("  and {} more", facts.missing.len() - 3);
        }
    }
    drop(sandbox);
    if whole {
        run.end()?;
    }
    Ok(program::code(whole, 2))
}

/// Those that were asked for, devices first: tables of each device need them.
fn tables(arguments: &Arguments, settings: &Settings) -> Vec<TableName> {
    let is_there = |table: &TableName| if table.is_of_rmm() { settings.has_rmm() } else { settings.has_bcdr() };
    let asked: Vec<TableName> = match arguments.tables.as_slice() {
        [] => TableName::ALL.iter().copied().filter(is_there).collect(),
        asked => asked.to_vec(),
    };
    TableName::ALL
        .iter()
        .copied()
        .filter(|table| {
            asked.contains(table)
                || (*table == TableName::Devices && asked.iter().any(|table| table.is_of_each_device()))
        })
        .collect()
}

fn rmm(settings: &Settings) -> anyhow::Result<Option<RmmClient>> {
    settings.has_rmm().then(|| Ok(RmmClient::from_vars(|name| settings.get(name))?)).transpose()
}

fn bcdr(settings: &Settings) -> anyhow::Result<Option<BcdrClient>> {
    settings.has_bcdr().then(|| Ok(BcdrClient::from_vars(|name| settings.get(name))?)).transpose()
}

fn bar(table: TableName) -> ProgressBar {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:<16} {pos:>8} rows  {elapsed}  {msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(table.to_string());
    bar
}
