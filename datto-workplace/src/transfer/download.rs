//! Downloads: to a file, a writer, a stream, or into memory.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use datto_common::internal::{Call, Core, Stall};
use datto_common::{ErrorKind, Result};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::attempts::Attempts;
use super::incoming::DownloadStream;
use super::temporary::Temporary;
use super::{Progress, Verified, Watch};
use crate::{FileId, Item, Metadata, envelope, operations};

/// The largest file that is read into memory.
const BYTES_CAP: u64 = 64 * 1024 * 1024;

/// A download, from [`FilesApi::download`](crate::FilesApi::download). Nothing is sent before one of its last methods.
///
/// The item is read first, for its size and MD5 to compare with, unless [`of`](Self::of) or [`md5`](Self::md5) gave them or
/// [`unchecked`](Self::unchecked) was called. There is no limit on the time of the whole, only on standing still. One that broke
/// off begins anew: that the service serves parts of a file was never seen.
#[derive(Debug, Clone)]
#[must_use = "a download does nothing until it is told where to"]
pub struct Download {
    core: Core,
    id: FileId,
    expected: Expected,
    ask: bool,
    watch: Watch,
}

/// What should come.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    pub(super) size: Option<u64>,
    pub(super) md5: Option<String>,
    pub(super) name: Option<String>,
    /// The service says that the bytes are not in its cloud.
    elsewhere: bool,
}

impl Expected {
    fn of(item: &Item) -> Self {
        Self { size: item.size, md5: item.md5.clone(), name: item.name.clone(), elsewhere: !item.is_downloadable() }
    }
}

/// What was downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// How many bytes it has.
    pub size: u64,
    /// Their MD5 in lower-case hexadecimal digits, computed here.
    pub md5: String,
    /// What was compared with what the service says.
    pub verified: Verified,
    /// The type of the content, as the service says.
    pub content_type: Option<String>,
    /// How often the call was sent.
    pub attempts: u32,
}

/// A file in memory. Derefs to its bytes, which `Debug` does not show.
#[derive(Clone)]
#[non_exhaustive]
pub struct FileBytes {
    /// The bytes.
    pub bytes: Bytes,
    /// What they are.
    pub downloaded: Downloaded,
}

impl Download {
    pub(crate) fn new(core: &Core, id: FileId) -> Self {
        Self { core: core.clone(), id, expected: Expected::default(), ask: true, watch: Watch::default() }
    }

    /// Compares with the size and MD5 of this item, as a listing showed it; the item is not read again.
    pub fn of(mut self, item: &Item) -> Self {
        self.ask = item.md5.is_none();
        self.expected = Expected::of(item);
        self
    }

    /// Compares with this MD5, in hexadecimal digits; the item is not read.
    pub fn md5(mut self, md5: impl Into<String>) -> Self {
        self.ask = false;
        self.expected.md5 = Some(md5.into());
        self
    }

    /// Does not read the item: only the length that the answer announces is compared.
    pub fn unchecked(mut self) -> Self {
        self.ask = false;
        self.expected = Expected::default();
        self
    }

    /// Tells how far it is, on the task that downloads: return quickly.
    pub fn progress(mut self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.watch.on_progress = Some(Arc::new(tell));
        self
    }

    /// Gives up when nothing came for this long; 120 s if not set.
    pub fn stall_timeout(mut self, after: Duration) -> Self {
        self.watch.stall = after;
        self
    }

    /// Downloads to a file. It is written beside its target under another name and renamed once it is whole and verified:
    /// whatever fails, a file that was there before stays as it was, and half a file never has this name. One that was there
    /// is replaced at the end and keeps its permissions; a new one has those of any new file of the user. Only plain files are
    /// replaced: no folder, link, device or pipe. A download that breaks off begins anew, as often as the client's retry policy
    /// says.
    ///
    /// # Errors
    /// `Integrity` if size or MD5 differ: it ends as soon as more comes than the file has; `Io` if the file cannot be written
    /// and `InvalidInput` if what is there is no plain file, before anything is sent; `NotFound`; `Timeout` when it stood still.
    ///
    /// # Cancel safety
    /// Dropping it removes the temporary file at once and leaves the target as it was.
    pub async fn to_file(self, path: impl AsRef<Path>) -> Result<Downloaded> {
        let target: PathBuf = path.as_ref().to_owned();
        let mut attempts = Attempts::of(&self.core);
        loop {
            // First, so that nothing is sent where nothing can be written.
            let file = Temporary::beside(&target).await?;
            let mut incoming = self.open().await?;
            match save(&mut incoming, file).await {
                Ok(()) => return Ok(finished(&incoming)),
                Err(error) => attempts.after(error).await?,
            }
        }
    }

    /// Downloads into a writer. Bytes are written before they are verified, and a download that breaks off does not begin anew:
    /// on an error, throw away what was written.
    ///
    /// # Errors
    /// As [`to_file`](Self::to_file).
    ///
    /// # Cancel safety
    /// Dropping it leaves the writer with part of the file.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<Downloaded> {
        let mut incoming = self.open().await?;
        while let Some(bytes) = incoming.next().await {
            let written = writer.write_all(&bytes?).await;
            written.map_err(|error| incoming.error(ErrorKind::Io, "the writer failed").with_source(error))?;
        }
        let flushed = writer.flush().await;
        flushed.map_err(|error| incoming.error(ErrorKind::Io, "the writer failed").with_source(error))?;
        Ok(finished(&incoming))
    }

    /// Downloads into memory: files of at most 64 MiB. A download that breaks off begins anew.
    ///
    /// # Errors
    /// `TooLarge` if the file is larger; else as [`to_file`](Self::to_file).
    ///
    /// # Cancel safety
    /// Dropping it leaves nothing behind.
    pub async fn bytes(self) -> Result<FileBytes> {
        let mut attempts = Attempts::of(&self.core);
        loop {
            let mut incoming = self.open().await?;
            match collect(&mut incoming).await {
                Ok(bytes) => return Ok(FileBytes { bytes, downloaded: finished(&incoming) }),
                Err(error) => attempts.after(error).await?,
            }
        }
    }

    /// Opens the download as a stream of bytes.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden` and whatever keeps it from beginning. What happens later comes out of the stream.
    ///
    /// # Cancel safety
    /// Dropping it, or the stream, ends the download.
    pub async fn stream(self) -> Result<DownloadStream> {
        self.open().await
    }

    pub(super) async fn open(&self) -> Result<DownloadStream> {
        let expected = if self.ask { self.asked().await? } else { self.expected.clone() };
        let mut call = Call::new(&operations::FILES_DOWNLOAD, &[self.id.as_str()]);
        call.set_accept("*/*");
        call.set_stall(Stall { after: self.watch.stall, moved: Arc::default() });
        match self.core.open(&call).await {
            Ok(opened) => Ok(DownloadStream::new(&self.core, opened, expected, self.watch.clone())),
            Err(error) if expected.elsewhere => Err(error.with_hint(
                "the service says that this file is not in its cloud: still on its way from a desktop, or archived",
            )),
            Err(error) => Err(error),
        }
    }

    /// Asks the service what should come. Where it cannot say, the download goes on and its answer tells what was verified.
    async fn asked(&self) -> Result<Expected> {
        let call = self.core.call(&operations::FILES_GET, [self.id.as_str()]).query("metadata", Metadata::REVIEW);
        let mut expected = match call.read(envelope::item).await {
            Ok(item) if item.is_folder() => {
                let message = "a folder has no bytes; `walk` its files";
                return Err(datto_common::Error::new(ErrorKind::InvalidInput, message));
            }
            Ok(item) => Expected::of(&item),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Api | ErrorKind::Decode) => {
                Expected::default()
            }
            Err(error) => return Err(error),
        };
        expected.size = expected.size.or(self.expected.size);
        Ok(expected)
    }
}

async fn save(incoming: &mut DownloadStream, mut file: Temporary) -> Result<()> {
    while let Some(bytes) = incoming.next().await {
        file.write(&bytes?).await?;
    }
    file.keep().await
}

async fn collect(incoming: &mut DownloadStream) -> Result<Bytes> {
    let too_large = |incoming: &DownloadStream| {
        incoming
            .error(ErrorKind::TooLarge, format!("the file is larger than {} MiB", BYTES_CAP / (1024 * 1024)))
            .with_hint("download it to a file, a writer or a stream")
    };
    let announced = incoming.size().unwrap_or(0);
    if announced > BYTES_CAP {
        return Err(too_large(incoming));
    }
    // What is announced is believed up to a point.
    let mut all = BytesMut::with_capacity(usize::try_from(announced.min(1024 * 1024)).unwrap_or(0));
    while let Some(bytes) = incoming.next().await {
        let bytes = bytes?;
        if (all.len() + bytes.len()) as u64 > BYTES_CAP {
            return Err(too_large(incoming));
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all.freeze())
}

fn finished(incoming: &DownloadStream) -> Downloaded {
    let total = incoming.total();
    Downloaded {
        size: total.size,
        md5: total.md5,
        verified: incoming.verified().unwrap_or(Verified::Nothing),
        content_type: incoming.content_type().map(str::to_owned),
        attempts: incoming.sent_attempts(),
    }
}

impl fmt::Debug for FileBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBytes").field("downloaded", &self.downloaded).finish_non_exhaustive()
    }
}

impl Deref for FileBytes {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

impl From<FileBytes> for Bytes {
    fn from(file: FileBytes) -> Self {
        file.bytes
    }
}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for FileBytes {
    fn eq(&self, other: &T) -> bool {
        self.bytes.as_ref() == other.as_ref()
    }
}
