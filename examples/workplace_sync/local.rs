//! Files of this machine. Everything here runs on the blocking pool.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use md5::{Digest as _, Md5};

use crate::listing::{File, Listing};

/// A temporary file of a download that is older than this belongs to a run that was stopped.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// Lists a folder; one that is not there is empty.
pub(crate) async fn list(root: &Path) -> anyhow::Result<Listing> {
    let root = root.to_owned();
    Ok(tokio::task::spawn_blocking(move || {
        let mut listing = Listing::default();
        if root.exists() {
            read(&root, "", &mut listing);
        }
        listing
    })
    .await?)
}

fn read(folder: &Path, prefix: &str, listing: &mut Listing) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return listing.gaps.push(format!("{}: {error}", folder.display())),
    };
    for entry in entries {
        let outcome =
            entry.and_then(|entry| Ok((entry.file_name(), entry.path(), fs::symlink_metadata(entry.path())?)));
        let (name, place, about) = match outcome {
            Ok(found) => found,
            Err(error) => {
                listing.gaps.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        let shown = name.to_string_lossy();
        let path = if prefix.is_empty() { shown.to_string() } else { format!("{prefix}/{shown}") };
        if is_part(&shown) {
            remove_if_stale(&place, &about);
        } else if name.to_str().is_none() {
            listing.odd.insert(path, "its name is no UTF-8".to_owned());
        } else if about.is_dir() {
            listing.folders.insert(path.clone(), Default::default());
            read(&place, &path, listing);
        } else if about.is_file() {
            let time = about.modified().ok().and_then(millis);
            listing.files.insert(path, File { size: Some(about.len()), time, ..File::default() });
        } else {
            listing.odd.insert(path, "it is neither a file nor a folder".to_owned());
        }
    }
}

/// Whether it is a download that was not finished.
pub(crate) fn is_part(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".datto-part")
}

fn remove_if_stale(place: &Path, about: &fs::Metadata) {
    let age = about.modified().ok().and_then(|modified| modified.elapsed().ok());
    if age.is_some_and(|age| age > STALE) {
        let _ = fs::remove_file(place);
    }
}

fn millis(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// The MD5 of a file in lower-case hexadecimal digits.
pub(crate) async fn md5(path: PathBuf) -> anyhow::Result<String> {
    tokio::task::spawn_blocking(move || {
        let shown = path.display().to_string();
        let mut file = fs::File::open(&path).context(shown)?;
        let (mut md5, mut buffer) = (Md5::new(), vec![0; 256 * 1024]);
        loop {
            let read = file.read(&mut buffer)?;
            match buffer.get(..read) {
                Some(bytes) if !bytes.is_empty() => md5.update(bytes),
                _ => break,
            }
        }
        Ok(md5.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    })
    .await?
}

/// Gives a file the time that its original has: the next run then sees without reading it that it is the same.
pub(crate) async fn set_time(path: PathBuf, time: Option<i64>) -> anyhow::Result<()> {
    let Some(millis) = time.and_then(|time| u64::try_from(time).ok()) else { return Ok(()) };
    tokio::task::spawn_blocking(move || {
        let time =
            UNIX_EPOCH.checked_add(Duration::from_millis(millis)).context("its time is no time of this machine")?;
        fs::File::options().write(true).open(path)?.set_modified(time)?;
        Ok(())
    })
    .await?
}

/// Makes the folder of a path below the root. A link on the way would lead out of it.
pub(crate) async fn make_folder(root: PathBuf, path: String) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || {
        let mut place = root;
        fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            place.push(name);
            match fs::create_dir(&place) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    let about = fs::symlink_metadata(&place)?;
                    anyhow::ensure!(about.is_dir(), "{} is no folder", place.display());
                }
                made => made.with_context(|| place.display().to_string())?,
            }
        }
        Ok(())
    })
    .await?
}
