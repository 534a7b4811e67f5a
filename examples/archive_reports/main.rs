//! Files reports into Datto Workplace, each once: `Finance/Reports/2026/11/report.html`.
//!
//! ```text
//! cargo run --example archive_reports                                        # the storage bill of this month, in the sandbox
//! cargo run --example archive_reports -- --to Finance/Reports report.html    # these files
//! ```
//!
//! At DATTO_WORKPLACE_URL it writes to that team: name its host with `--on-a-real-account`. A report that is there already, byte for byte and
//! under whatever name, is not filed again; another one of its name is kept beside it. What was filed is compared by its MD5. An upload
//! whose end is not known is looked for before it counts as failed.
//!
//! Exit code: 0 if every report is in its place and compared, 2 if one is not, 1 if the program could not begin.

mod bill;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use datto_examples::settings::Settings;
use datto_examples::writes::permit_writes;
use datto_examples::{demo, program, say};
use datto_sandbox::Sandbox;
use datto_workplace::{FolderId, Item, Metadata, Timestamp, Upload, Verified, WorkplaceClient};
use md5::{Digest as _, Md5};

/// Files reports into Datto Workplace, each once.
#[derive(Debug, Parser)]
struct Arguments {
    /// The reports; if there are none, the storage bill of this month is made and filed.
    reports: Vec<PathBuf>,
    /// The folder of Workplace, from the project down; made below the project, with a folder for the year and one for the month.
    #[arg(long, value_name = "PATH", default_value = "Finance/Reports")]
    to: String,
    /// Let the writes go to this host, which is not this machine.
    #[arg(long, value_name = "HOST")]
    on_a_real_account: Option<String>,
}

/// A report: its name and its bytes.
struct Report {
    name: String,
    bytes: Vec<u8>,
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
    let host = files.endpoint().host();
    permit_writes(host, arguments.on_a_real_account.as_deref(), &format!("files reports at {host}"))?;
    let today = Timestamp::now().to_string();
    let (year, month) = (today.get(..4).unwrap_or_default(), today.get(5..7).unwrap_or_default());
    let mut whole = true;
    let reports = match arguments.reports.as_slice() {
        [] => {
            let (reports, known) = bill::reports(&files, today.get(..10).unwrap_or_default()).await?;
            whole &= known;
            reports
        }
        paths => read(paths)?,
    };
    let path = format!("{}/{year}/{month}", arguments.to.trim_matches('/'));
    let folder = files.paths().ensure(&path).await?;
    for report in &reports {
        match file(&files, &folder, report).await {
            Ok(how) => say!("{path}/{how}"),
            Err(error) => {
                whole = false;
                say!("not filed: {}: {error:#}", report.name);
            }
        }
    }
    drop(sandbox);
    Ok(program::code(whole, 2))
}

fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Report>> {
    let one = |path: &PathBuf| -> anyhow::Result<Report> {
        let name = path.file_name().and_then(|name| name.to_str()).context("its name is no UTF-8")?.to_owned();
        Ok(Report { name, bytes: std::fs::read(path)? })
    };
    paths.iter().map(|path| one(path).with_context(|| path.display().to_string())).collect()
}

/// Files a report unless it is there, and says how.
async fn file(files: &WorkplaceClient, folder: &FolderId, report: &Report) -> anyhow::Result<String> {
    let md5: String = Md5::digest(&report.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(there) = stored(files, folder, &md5).await? {
        return Ok(format!("{}: there already", there.name.unwrap_or_default()));
    }
    let upload = Upload::bytes(report.name.as_str(), report.bytes.clone()).content_type(content_type(&report.name));
    let uploaded = match files.files().upload(folder, upload).await {
        Ok(uploaded) => uploaded,
        // Sent, and the answer was lost: a second one is only worth it if the first is not there.
        Err(error) if error.may_have_happened() => {
            return match stored(files, folder, &md5).await? {
                Some(there) => Ok(format!("{}: filed, though the answer was lost", there.name.unwrap_or_default())),
                None => Err(error.into()),
            };
        }
        Err(error) => return Err(error.into()),
    };
    anyhow::ensure!(
        uploaded.verified == Verified::Md5,
        "it was stored as {:?}, but not compared by MD5",
        uploaded.name
    );
    Ok(format!("{}: {} bytes filed, MD5 compared", uploaded.name, uploaded.size))
}

/// What the folder has with these bytes.
async fn stored(files: &WorkplaceClient, folder: &FolderId, md5: &str) -> anyhow::Result<Option<Item>> {
    let children = files.folders().children(folder).metadata(Metadata::REVIEW).await?;
    Ok(children.into_iter().find(|item| !item.is_folder() && item.has_md5(md5) == Some(true)))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html",
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        Some("pdf") => "application/pdf",
        _ => "application/octet-stream",
    }
}
