//! Uploads: what is stored, under which name, and whether it arrived.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use datto_common::internal::{Call, Polled, Stall};
use datto_common::{Cause, Error, ErrorKind, Result};
use futures_core::Stream;
use tokio::time::Instant;

use super::multipart::{Multipart, Outcome};
use super::source::{Given, InMemory, OnDisk, Source};
use super::stored::{candidates, compare, surely};
use super::tally::Total;
use super::{Progress, Verified, Watch, context};
use crate::endpoints::check_name;
use crate::{FileId, FilesApi, FolderId, Item, Metadata, envelope, operations};

/// How long to wait before each look at a stored file: changes show with some delay (observed: a second or two).
const LOOKS: &[Duration] = &[Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2)];

/// What is uploaded.
///
/// ```
/// use datto_workplace::{Conflict, Upload};
/// let invoice = Upload::file("out/invoice.pdf").name("INV-001.pdf").content_type("application/pdf");
/// let report = Upload::bytes("report.csv", "device,state\n").conflict(Conflict::Replace);
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is uploaded by `files().upload`"]
pub struct Upload {
    source: Arc<dyn Source>,
    name: Option<String>,
    content_type: String,
    conflict: Conflict,
}

/// What happens if the folder has a file of that name. It is always said: what the service does otherwise is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// The service stores under a changed name, `report (1).pdf` (observed); [`Uploaded::name`] has it.
    #[default]
    MakeUnique,
    /// The service stores under this name: a new version, or in place of the old one (guess; programs use it to replace).
    Replace,
}

impl Conflict {
    pub(super) fn make_unique(self) -> &'static str {
        match self {
            Self::MakeUnique => "true",
            Self::Replace => "false",
        }
    }
}

impl Upload {
    /// A file on disk, under its own name unless [`name`](Self::name) says otherwise.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        Self::of(Arc::new(OnDisk(path)), name)
    }

    /// Bytes in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::of(Arc::new(InMemory(bytes.into())), Some(name.into()))
    }

    /// A stream of exactly `length` bytes. It can be read once only, so that a refusal for going too fast fails the upload
    /// where a file or bytes would be sent again.
    pub fn stream<S, E>(name: impl Into<String>, length: u64, content: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::of(Arc::new(Given::new(length, content)), Some(name.into()))
    }

    pub(super) fn of(source: Arc<dyn Source>, name: Option<String>) -> Self {
        Self { source, name, content_type: "application/octet-stream".to_owned(), conflict: Conflict::default() }
    }

    /// The name that it shall have.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What happens if the folder has a file of that name.
    pub fn conflict(mut self, conflict: Conflict) -> Self {
        self.conflict = conflict;
        self
    }

    /// The type of its content; `application/octet-stream` if not set.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }

    fn checked_name(&self) -> Result<&str> {
        let no_name =
            || Error::new(ErrorKind::InvalidInput, "the upload has no name that is valid UTF-8; set one by `name`");
        let name = self.name.as_deref().ok_or_else(no_name)?;
        check_name(name)?;
        if self.content_type.is_empty() || !self.content_type.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Error::new(ErrorKind::InvalidInput, "the content type cannot stand in a header"));
        }
        Ok(name)
    }
}

/// What was stored.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its id; empty if neither the answer nor the listing told it surely: see [`unseen`](Self::unseen).
    pub id: FileId,
    /// The name under which it is stored, as the service shows it: [`Conflict::MakeUnique`] may have changed it, and a store may spell it
    /// otherwise. Empty if the service told it nowhere: see [`unseen`](Self::unseen).
    pub name: String,
    /// How many bytes were sent.
    pub size: u64,
    /// Their MD5 in lower-case hexadecimal digits, computed here.
    pub md5: String,
    /// What was compared with what the service shows of the stored file.
    pub verified: Verified,
    /// Why the stored file could not be looked at, if it could not.
    pub unseen: Option<Cause>,
}

/// An upload on its way, from [`FilesApi::upload`]. `.await` sends it.
///
/// It is sent once: again only if nothing was sent, after a refusal for going too fast, or after a refused login. If it
/// breaks off, [`Error::may_have_happened`] says whether to look for [`Error::marker`], the name, before repeating it.
///
/// Afterwards the stored file is looked at, to compare MD5 and size, unless [`unchecked`](Self::unchecked) was called. An
/// answer that does not tell the id is completed from the listing of the folder. There is no limit on the time of the
/// whole, only on standing still.
#[derive(Debug, Clone)]
#[must_use = "an upload does nothing until it is awaited or sent"]
pub struct Uploading {
    files: FilesApi,
    folder: FolderId,
    upload: Upload,
    check: bool,
    watch: Watch,
    polled: Polled<Uploaded>,
}

impl Uploading {
    pub(crate) fn new(files: &FilesApi, folder: FolderId, upload: Upload) -> Self {
        Self { files: files.clone(), folder, upload, check: true, watch: Watch::default(), polled: Polled::default() }
    }

    /// Does not look at the stored file if the answer tells its id and its name: one call less, nothing verified.
    pub fn unchecked(mut self) -> Self {
        self.check = false;
        self
    }

    /// Tells how far it is, on the task that uploads: return quickly.
    pub fn progress(mut self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.watch.on_progress = Some(Arc::new(tell));
        self
    }

    /// Gives up when nothing moved for this long, the wait for the answer included; 120 s if not set.
    pub fn stall_timeout(mut self, after: Duration) -> Self {
        self.watch.stall = after;
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// `Io` if the source cannot be read or changes meanwhile: then nothing was stored; `Integrity` if what is stored is not
    /// what was sent, or is not there although the service took it; `NotFound` and `Forbidden` for the folder; `Conflict` (guess) if the name is that of a folder.
    ///
    /// # Cancel safety
    /// Dropping it may leave the file stored, whole; never half of it under its name, as far as the service waits for the end
    /// of a form (guess).
    pub async fn send(mut self) -> Result<Uploaded> {
        match self.polled.begun()? {
            Some(pending) => pending.await,
            None => Box::pin(self.sent()).await,
        }
    }

    async fn sent(self) -> Result<Uploaded> {
        let started = Instant::now();
        let (answered, sent) = self.store().await?;
        let mut uploaded = Uploaded {
            id: answered.id.clone(),
            // Never the one that was asked for: the service may have stored it under another.
            name: answered.name.clone().unwrap_or_default(),
            size: sent.size,
            md5: sent.md5.clone(),
            verified: Verified::Nothing,
            unseen: None,
        };
        let looked = if uploaded.id.is_empty() {
            self.look_up(&answered, &sent, &mut uploaded).await
        } else if self.check || uploaded.name.is_empty() {
            self.look(&mut uploaded).await
        } else {
            Ok(())
        };
        looked.map_err(|error| {
            let context = context(&self.files.core, &operations::FILES_UPLOAD, 1, started);
            let asked_for = self.upload.name.as_deref().unwrap_or_default();
            let name = if uploaded.name.is_empty() { asked_for } else { uploaded.name.as_str() };
            error.with_context(context).that_may_have_happened().with_marker(name)
        })?;
        Ok(uploaded)
    }

    /// Sends the form.
    async fn store(&self) -> Result<(Item, Total)> {
        let name = self.upload.checked_name();
        if name.is_ok() {
            let nothing_sent = |error: Error| {
                error.with_context(context(&self.files.core, &operations::FILES_UPLOAD, 0, Instant::now()))
            };
            self.upload.source.check().await.map_err(nothing_sent)?;
        }
        let form = Arc::new(Multipart {
            source: Arc::clone(&self.upload.source),
            name: name.as_ref().map(|name| (*name).to_owned()).unwrap_or_default(),
            content_type: self.upload.content_type.clone(),
            conflict: self.upload.conflict,
            watch: self.watch.clone(),
            moved: Arc::default(),
            outcome: Arc::default(),
        });
        let mut call = Call::new(&operations::FILES_UPLOAD, &[self.folder.as_str()]);
        call.set_marker(form.name.as_str());
        call.set_stall(Stall { after: self.watch.stall, moved: Arc::clone(&form.moved) });
        match name {
            Ok(_) => call.set_stream(form.clone()),
            Err(wrong) => call.refuse(wrong),
        }
        let stored = self.files.core.read(&call, |answer| match form.outcome() {
            Outcome::Whole(sent) => Ok((envelope::told(answer)?, sent)),
            _ => Err(answer
                .error(ErrorKind::Integrity, "the service answered before it had the whole file")
                .with_marker(form.name.as_str())),
        });
        match (stored.await, form.outcome()) {
            (Ok((_, stored)), _) => Ok(stored),
            // The form was broken off before its end: nothing can have been stored, and the reason is our own.
            (Err(_), Outcome::Failed(why)) => Err(why),
            (Err(error), _) => {
                if error.is_not_found() {
                    // The folder may have been found by its path before it was deleted.
                    self.files.forget_paths();
                }
                Err(error)
            }
        }
    }

    /// Compares the stored file with what was sent.
    async fn look(&self, uploaded: &mut Uploaded) -> Result<()> {
        let mut wrong = None;
        for wait in LOOKS {
            tokio::time::sleep(*wait).await;
            let item = match self.files.get(&uploaded.id).metadata(Metadata::REVIEW).await {
                Ok(item) => item,
                Err(error) => {
                    uploaded.unseen = Some(error.into());
                    return Ok(());
                }
            };
            if let Some(name) = &item.name {
                uploaded.name.clone_from(name);
            }
            match compare(&item, uploaded.size, &uploaded.md5) {
                Ok(verified) => {
                    uploaded.verified = verified;
                    return Ok(());
                }
                Err(error) => wrong = Some(error),
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// Finds the stored file in the listing of its folder. A folder that does not show it is a failure, whatever the answer was.
    async fn look_up(&self, answered: &Item, sent: &Total, uploaded: &mut Uploaded) -> Result<()> {
        let requested = self.upload.name.as_deref().unwrap_or_default();
        for wait in LOOKS {
            tokio::time::sleep(*wait).await;
            let children = match self.files.children(&self.folder).await {
                Ok(children) => children,
                Err(error) => {
                    uploaded.unseen = Some(error.into());
                    return Ok(());
                }
            };
            let found = candidates(&children, requested, answered.name.as_deref(), sent, self.upload.conflict);
            if let Some(item) = surely(&found) {
                uploaded.id = item.id.clone();
                uploaded.name = item.named().to_owned();
                uploaded.verified = compare(item, sent.size, &sent.md5).unwrap_or(Verified::Nothing);
                return Ok(());
            }
            if !found.is_empty() {
                let message = "the answer told no id, and several files of the folder may be this one";
                uploaded.unseen = Some(Cause::new(ErrorKind::NotFound, message));
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::Integrity, "the service took the upload, but the folder does not show the file"))
    }
}

impl Future for Uploading {
    type Output = Result<Uploaded>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut polled = std::mem::take(&mut this.polled);
        let outcome = polled.poll(|| Box::pin(this.clone().send()), cx);
        this.polled = polled;
        outcome
    }
}

impl From<&Uploaded> for FileId {
    fn from(uploaded: &Uploaded) -> Self {
        uploaded.id.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for name in ["", "..", "a/b", "a\nb"] {
            assert!(Upload::bytes(name, "").checked_name().is_err(), "{name:?}");
        }
        assert!(Upload::bytes("a", "").content_type("a\r\nb").checked_name().is_err());
        assert!(Upload::file("/").checked_name().is_err());
    }

    /// A stream can be used once; a file and bytes as often as it takes.
    #[tokio::test]
    async fn a_stream_is_used_up() {
        let content = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"abc"))]);
        let upload = Upload::stream("a", 3, content);
        assert!(upload.source.open().await.is_ok());
        assert_eq!(upload.source.open().await.map(|_| ()).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
