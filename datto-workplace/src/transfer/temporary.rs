//! A file that is not there under its name before it is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datto_common::{Error, ErrorKind, Result};
use tokio::io::AsyncWriteExt as _;

/// What such files end in, so that a person knows what one is that a killed process left behind.
const ENDING: &str = ".datto-part";

/// A file beside its target, under another name. Dropped before [`keep`](Self::keep) is done, it is removed, and the target stays as it was.
#[derive(Debug)]
pub(super) struct Temporary {
    file: tokio::fs::File,
    target: PathBuf,
    place: GivenUp,
}

/// Where the file lies, and how far it is. Whoever makes, names or removes it looks at this under one lock: work that still waits for a
/// thread when its call is dropped does nothing any more.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    NotYet,
    /// With the permissions that a new file of the user has.
    There(Permissions),
    Over,
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only its owner can read it until it is whole.
    fn make(&self, target: &Path) -> io::Result<File> {
        let mut state = self.state();
        if matches!(*state, State::Over) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if fs::symlink_metadata(target).is_ok() {
            // What it replaces may be for few eyes, from the first moment on.
            private(&mut options);
        }
        let file = options.open(&self.path)?;
        *state = State::There(file.metadata()?.permissions());
        if let Some(private) = owner_alone() {
            // Some file systems have no permissions of their own, and refuse.
            let _ = file.set_permissions(private);
        }
        Ok(file)
    }

    /// It is on the disk before it gets its name, so that not even a power cut leaves half a file under it.
    fn name(&self, file: &File, target: &Path) -> Result<()> {
        file.sync_all().map_err(|error| local(target, error))?;
        let mut state = self.state();
        let State::There(of_a_new_file) = &*state else {
            return Err(local(target, io::ErrorKind::Interrupted.into()));
        };
        let permissions = replaced(target)?.unwrap_or_else(|| of_a_new_file.clone());
        let _ = file.set_permissions(permissions); // as above; where it has them, a file of our own takes them
        fs::rename(&self.path, target).map_err(|error| local(target, error))?;
        *state = State::Over;
        Ok(())
    }
}

/// Gives the file up when it is dropped.
#[derive(Debug)]
struct GivenUp(Arc<Place>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        // Not on the blocking pool: it may be busy, and a runtime that is shutting down would not run it.
        if let State::There(_) = std::mem::replace(&mut *self.0.state(), State::Over) {
            let _ = fs::remove_file(&self.0.path);
        }
    }
}

impl Temporary {
    /// In the folder of the target, since a file cannot be renamed across file systems.
    pub(super) async fn beside(target: &Path) -> Result<Self> {
        let name = target
            .file_name()
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{} has no file name", target.display())))?;
        let place = Place { path: target.with_file_name(part_name(name)), state: Mutex::new(State::NotYet) };
        let place = GivenUp(Arc::new(place));
        let (making, target) = (Arc::clone(&place.0), target.to_owned());
        let file = blocking({
            let target = target.clone();
            move || {
                replaced(&target)?;
                making.make(&target).map_err(|error| local(&target, error))
            }
        });
        Ok(Self { file: tokio::fs::File::from_std(file.await?), target, place })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).await.map_err(|error| local(&self.target, error))
    }

    /// Gives the whole file its name, and the permissions of what it replaces.
    pub(super) async fn keep(mut self) -> Result<()> {
        self.file.flush().await.map_err(|error| local(&self.target, error))?;
        let file = self.file.into_std().await;
        let (place, target) = (Arc::clone(&self.place.0), self.target);
        blocking(move || place.name(&file, &target)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let failed = |error| Error::new(ErrorKind::Io, "the runtime is shutting down").with_source(error);
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

/// The permissions of the plain file that is there under this name, if one is. Anything else is not replaced: a device or a pipe would be
/// gone, and a link would stand for another file than it does.
fn replaced(target: &Path) -> Result<Option<Permissions>> {
    let about = match fs::symlink_metadata(target) {
        Ok(about) if about.is_file() => return Ok(Some(without_special_bits(about.permissions()))),
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(local(target, error)),
    };
    let what = match about.file_type() {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_symlink() => "a symbolic link",
        _ => "a device, pipe or socket",
    };
    let message = format!("{} is {what}, which a download does not replace", target.display());
    Err(Error::new(ErrorKind::InvalidInput, message).with_hint("give the path of a plain file, or of none"))
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(unix)]
fn owner_alone() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(0o600))
}

/// What came from elsewhere gets no rights of its file's owner.
#[cfg(unix)]
fn without_special_bits(permissions: Permissions) -> Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    Permissions::from_mode(permissions.mode() & 0o777)
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn owner_alone() -> Option<Permissions> {
    None
}

#[cfg(not(unix))]
fn without_special_bits(permissions: Permissions) -> Permissions {
    permissions
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
pub(super) fn local(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    /// One thread for blocking work, which is busy: what waits for it is given up before it begins.
    #[test]
    fn work_that_waits_for_a_thread_does_nothing_once_its_call_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        fs::write(&target, "old").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let (free, busy) = std::sync::mpsc::channel::<()>();
        runtime.block_on(async {
            let occupied = tokio::task::spawn_blocking(move || busy.recv());
            let mut making = Box::pin(Temporary::beside(&target));
            assert!(futures_util::future::poll_immediate(&mut making).await.is_none());
            drop(making);
            free.send(()).unwrap();
            occupied.await.unwrap().unwrap();
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            assert_eq!(names(folder.path()), 1);

            let (free, busy) = std::sync::mpsc::channel::<()>();
            let mut whole = Temporary::beside(&target).await.unwrap();
            whole.write(b"new").await.unwrap();
            whole.file.flush().await.unwrap();
            assert_eq!(names(folder.path()), 2);
            let occupied = tokio::task::spawn_blocking(move || busy.recv());
            let mut keeping = Box::pin(whole.keep());
            assert!(futures_util::future::poll_immediate(&mut keeping).await.is_none());
            drop(keeping);
            assert_eq!(names(folder.path()), 1, "removed at once, though the pool is busy");
            free.send(()).unwrap();
            occupied.await.unwrap().unwrap();
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            assert_eq!((names(folder.path()), fs::read_to_string(&target).unwrap().as_str()), (1, "old"));
        });
    }
}
