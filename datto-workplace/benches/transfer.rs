//! A round trip of 1 GiB through the sandbox: how fast it is, that the bytes are the same, and that memory stays small.
//!
//! `cargo bench -p datto-workplace`. Without `--bench`, as `cargo test` runs it, the file has 8 MiB.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use datto_sandbox::Sandbox;
use datto_workplace::{Upload, Verified, WorkplaceClient};

/// How much more memory the whole process may need, client and sandbox together.
const MEMORY: u64 = 64 * 1024 * 1024;
const MIB: usize = 1024 * 1024;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mib = if std::env::args().any(|argument| argument == "--bench") { 1_024 } else { 8 };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(round_trip(mib))
}

async fn round_trip(mib: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (source, back) = (folder.path().join("source.bin"), folder.path().join("back.bin"));
    fill(&source, mib)?;
    let sandbox = Sandbox::builder().devices(1).start().await?;
    let (id, secret) = sandbox.workplace_key();
    let files = WorkplaceClient::builder().endpoint(sandbox.workplace_url()).credentials(id, secret).build()?;
    let project = files.paths().resolve("Finance").await?;

    let before = peak_memory()?;
    let begun = Instant::now();
    let uploaded = files.files().upload(&project, Upload::file(&source)).await?;
    report("upload", mib, begun.elapsed())?;
    let begun = Instant::now();
    let downloaded = files.files().download(&uploaded).to_file(&back).await?;
    report("download", mib, begun.elapsed())?;
    let grown = peak_memory()?.zip(before).map(|(after, before)| after.saturating_sub(before));

    check(uploaded.verified == Verified::Md5 && downloaded.verified == Verified::Md5, "verified by MD5")?;
    check(uploaded.md5 == downloaded.md5 && same(&source, &back)?, "the same bytes")?;
    if let Some(grown) = grown {
        writeln!(std::io::stdout(), "memory grew by {:.1} MiB", grown as f64 / MIB as f64)?;
        check(grown < MEMORY, "memory stays under 64 MiB")?;
    }
    Ok(())
}

/// Bytes that do not repeat.
fn fill(path: &Path, mib: usize) -> Result<(), Failure> {
    let mut file = File::create(path)?;
    let mut state = 1_u64;
    for _ in 0..mib {
        let block: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .take(MIB / 8)
        .flatten()
        .collect();
        file.write_all(&block)?;
    }
    Ok(())
}

fn same(one: &Path, other: &Path) -> Result<bool, Failure> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; MIB], vec![0; MIB]);
    loop {
        let read = one.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        let (Some(left), Some(right)) = (left.get(..read), right.get_mut(..read)) else { return Ok(false) };
        other.read_exact(right)?;
        if left != right {
            return Ok(false);
        }
    }
}

/// The most memory that the process had so far; Linux alone tells it without a library.
fn peak_memory() -> Result<Option<u64>, Failure> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return Ok(None) };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    Ok(kib.map(|kib| kib * 1024))
}

fn report(what: &str, mib: usize, took: Duration) -> Result<(), Failure> {
    let rate = mib as f64 / took.as_secs_f64();
    Ok(writeln!(std::io::stdout(), "{what} of {mib} MiB: {:.2} s, {rate:.0} MiB/s", took.as_secs_f64())?)
}

fn check(holds: bool, what: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
