//! Copies and moves by way of this program: the service has neither (observed).

use std::sync::Arc;

use async_trait::async_trait;
use datto_common::{Error, ErrorKind, Result};

use super::Verified;
use super::attempts::Attempts;
use super::download::Download;
use super::source::{Content, Source};
use super::upload::{Conflict, Upload, Uploaded};
use crate::{FileId, FilesApi, FolderId};

/// A file that was moved.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Moved {
    /// What it is now: another id, and perhaps another name.
    pub copy: Uploaded,
    /// The id that it had.
    pub old_id: FileId,
}

/// A file of the service as the source of an upload: downloaded while it is uploaded, and verified on the way.
#[derive(Debug)]
struct Remote(Download);

#[async_trait]
impl Source for Remote {
    async fn open(&self) -> Result<(u64, Content)> {
        let incoming = self.0.open().await?;
        let size = incoming.size().ok_or_else(|| {
            incoming
                .error(ErrorKind::Unsupported, "the service does not say how large the file is")
                .with_hint("download it to a file, then upload that")
        })?;
        Ok((size, Box::pin(incoming)))
    }
}

impl FilesApi {
    /// Copies a file into a folder **by way of this program**: every byte is downloaded and uploaded, and the copy has an id
    /// of its own. The service has no copy of its own (observed). Its versions, lock and links stay behind.
    ///
    /// A name that is taken is made unique. A copy that breaks off in the download begins anew; memory stays the same
    /// whatever the size.
    ///
    /// # Errors
    /// As a download and an upload.
    ///
    /// # Cancel safety
    /// Dropping it may leave a whole copy, never half of one.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let copy = files.files().copy_via_client(1_000_000_003, 1_000_000_002).await?;
    /// println!("the copy is {}, verified by {:?}", copy.id, copy.verified);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn copy_via_client(&self, file: impl Into<FileId>, folder: impl Into<FolderId>) -> Result<Uploaded> {
        let (file, folder) = (file.into(), folder.into());
        let item = self.get(&file).await?;
        let name =
            item.name.clone().ok_or_else(|| Error::new(ErrorKind::Decode, "the service tells no name of the file"))?;
        let source = Arc::new(Remote(self.download(&file)));
        let mut attempts = Attempts::of(&self.core);
        loop {
            let upload = Upload::of(Arc::clone(&source) as _, Some(name.clone())).conflict(Conflict::MakeUnique);
            match self.upload(&folder, upload).await {
                Ok(copy) => return Ok(copy),
                // A second copy beside the first would be worse than none.
                Err(error) if error.may_have_happened() => return Err(error),
                // What the download broke off for is tried again; the upload's own failures were.
                Err(error) if error.operation() == Some(crate::operations::FILES_DOWNLOAD.name) => {
                    attempts.after(error).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves a file into a folder **by way of this program**: copies it, then deletes the source. The file has another id
    /// afterwards; its versions, lock and links are gone with the source, which can be brought back for 180 days (official).
    ///
    /// The source is deleted only if the MD5 of the stored copy is that of the source as it is then.
    ///
    /// # Errors
    /// As [`copy_via_client`](Self::copy_via_client) and a delete; `Integrity` if the copy cannot be verified or the source
    /// changed meanwhile. The source is still there after any error; if the copy is there as well, the error says so by
    /// [`may_have_happened`](Error::may_have_happened) and names it by [`marker`](Error::marker).
    ///
    /// # Cancel safety
    /// Dropping it may leave both files, never neither.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// let moved = files.files().move_via_client(1_000_000_003, 1_000_000_002).await?;
    /// println!("{} is now {}", moved.old_id, moved.copy.id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn move_via_client(&self, file: impl Into<FileId>, folder: impl Into<FolderId>) -> Result<Moved> {
        let file = file.into();
        let copy = self.copy_via_client(&file, folder).await?;
        let both = |error: Error| error.that_may_have_happened().with_marker(copy.id.as_str());
        if copy.verified != Verified::Md5 || copy.id.is_empty() || copy.id == file {
            let message = "the copy was made, but the service shows no MD5 of it; the source was kept";
            return Err(both(Error::new(ErrorKind::Integrity, message)));
        }
        let source = self.get(&file).metadata(crate::Metadata::REVIEW).await.map_err(both)?;
        if source.has_md5(&copy.md5) != Some(true) {
            let message = "the source is not what was copied any more; both were kept";
            return Err(both(Error::new(ErrorKind::Integrity, message)));
        }
        self.delete(&file).await.map_err(both)?;
        Ok(Moved { copy, old_id: file })
    }
}
