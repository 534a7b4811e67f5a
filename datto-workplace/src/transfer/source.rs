//! Where the bytes of an upload come from.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use datto_common::{Error, ErrorKind, Result};
use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::temporary::local;

/// A file is read in pieces of this size.
const PIECE: usize = 256 * 1024;

pub(super) type Content = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// Bytes of a known number. Opened once for each attempt.
#[async_trait]
pub(super) trait Source: fmt::Debug + Send + Sync {
    /// Whether it can be opened, as far as that shows without opening it: asked before anything is sent.
    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn open(&self) -> Result<(u64, Content)>;
}

/// Bytes in memory.
pub(super) struct InMemory(pub(super) Bytes);

impl fmt::Debug for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InMemory({} bytes)", self.0.len())
    }
}

#[async_trait]
impl Source for InMemory {
    async fn open(&self) -> Result<(u64, Content)> {
        let bytes = self.0.clone();
        Ok((bytes.len() as u64, Box::pin(stream::iter([Ok(bytes)]))))
    }
}

/// A file on disk.
#[derive(Debug)]
pub(super) struct OnDisk(pub(super) PathBuf);

#[async_trait]
impl Source for OnDisk {
    /// To open a pipe would wait for whoever writes to it, and a device may have no end.
    async fn check(&self) -> Result<()> {
        let about = tokio::fs::metadata(&self.0).await.map_err(|error| local(&self.0, error))?;
        if about.is_file() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput, format!("{} is no plain file", self.0.display()))
            .with_hint("nothing was sent; a pipe or device can be uploaded by `Upload::stream`, with its length"))
    }

    async fn open(&self) -> Result<(u64, Content)> {
        self.check().await?;
        let failed = |error| local(&self.0, error);
        let file = File::open(&self.0).await.map_err(failed)?;
        let about = file.metadata().await.map_err(failed)?;
        let path = self.0.clone();
        let pieces = stream::try_unfold(file, move |mut file| {
            let path = path.clone();
            async move {
                let mut piece = BytesMut::with_capacity(PIECE);
                let read = file.read_buf(&mut piece).await.map_err(|error| local(&path, error))?;
                Ok((read > 0).then(|| (piece.freeze(), file)))
            }
        });
        Ok((about.len(), Box::pin(pieces)))
    }
}

/// A stream of the caller's: it can be read once.
pub(super) struct Given {
    pub(super) length: u64,
    pub(super) content: Mutex<Option<Content>>,
}

impl Given {
    pub(super) fn new<S, E>(length: u64, content: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let failed = |error: E| Error::new(ErrorKind::Io, format!("the stream failed: {error}")).with_source(error);
        let content: Content = Box::pin(content.map(move |piece| piece.map_err(failed)));
        Self { length, content: Mutex::new(Some(content)) }
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("length", &self.length).finish_non_exhaustive()
    }
}

#[async_trait]
impl Source for Given {
    async fn open(&self) -> Result<(u64, Content)> {
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner).take();
        content.map(|content| (self.length, content)).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "the stream was used up by the first attempt, which the service refused",
            )
            .with_hint("upload from a file or from bytes, which can be sent again")
        })
    }
}
