//! A file that is not there under its name before it is whole.

use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use datto_common::{Error, ErrorKind, Result};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

/// What such files end in, so that a person knows what one is that a killed process left behind.
const ENDING: &str = ".datto-part";

/// A file beside its target, under another name. Dropped before [`keep`](Self::keep), it is removed.
#[derive(Debug)]
pub(super) struct Temporary {
    file: File,
    path: Removed,
}

/// Removes a file when it is dropped.
#[derive(Debug)]
struct Removed(Option<PathBuf>);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // Not on the blocking pool: a runtime that is shutting down would not run it, and unlinking does not wait for data.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Temporary {
    /// In the folder of the target, since a file cannot be renamed across file systems.
    pub(super) async fn beside(target: &Path) -> Result<Self> {
        let name = target
            .file_name()
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{} has no file name", target.display())))?;
        let path = target.with_file_name(part_name(name));
        // Before the file is made, so that a cancelled call leaves none behind.
        let removed = Removed(Some(path.clone()));
        let file = OpenOptions::new().write(true).create_new(true).open(&path).await;
        Ok(Self { file: file.map_err(|error| local(target, error))?, path: removed })
    }

    pub(super) async fn write(&mut self, bytes: &[u8], target: &Path) -> Result<()> {
        self.file.write_all(bytes).await.map_err(|error| local(target, error))
    }

    /// Gives the whole file its name. It is on the disk before, so that not even a power cut leaves half a file under it.
    pub(super) async fn keep(mut self, target: &Path) -> Result<()> {
        let Some(path) = self.path.0.clone() else {
            return Err(Error::new(ErrorKind::Internal, "the temporary file has no path"));
        };
        let kept = async {
            self.file.flush().await?;
            self.file.sync_all().await?;
            fs::rename(&path, target).await
        };
        kept.await.map_err(|error| local(target, error))?;
        self.path.0 = None;
        Ok(())
    }
}

/// `.report.pdf.1f0c….datto-part`
fn part_name(name: &std::ffi::OsStr) -> OsString {
    // Names may be 255 bytes long at the most: a long one is left out.
    let shown = if name.len() <= 200 { name } else { std::ffi::OsStr::new("file") };
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    let mut part = OsString::from(".");
    part.push(shown);
    part.push(format!(".{random:016x}{ENDING}"));
    part
}

/// A failure of this machine's own.
pub(super) fn local(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).with_source(error)
}
