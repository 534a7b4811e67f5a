//! The bytes of files: planted ones in memory, uploaded ones on disk.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use md5::{Digest, Md5};
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};

use crate::random::Random;

/// A download is read from disk in pieces of this size.
const PIECE: usize = 64 * 1_024;

/// The bytes of one version of a file. It never changes, so that a download that is under way outlives a replacement.
#[derive(Debug)]
pub(crate) struct Content {
    bytes: Stored,
    size: u64,
    /// Told once it is asked for: to hash what nobody looks at would be most of the start.
    md5: OnceLock<String>,
}

#[derive(Debug)]
enum Stored {
    Memory(Bytes),
    /// Drawn whenever they are asked for.
    Drawn(Random),
    /// Deleted with the last content that refers to it.
    Disk(TempPath),
}

impl Content {
    /// Keeps a file of these bytes, which are few.
    pub(crate) fn planted(bytes: Vec<u8>) -> Self {
        Self { size: bytes.len() as u64, md5: OnceLock::new(), bytes: Stored::Memory(bytes.into()) }
    }

    /// Keeps a file of so many bytes without a meaning.
    pub(crate) fn drawn(size: u64, random: &mut Random) -> Self {
        Self { size, md5: OnceLock::new(), bytes: Stored::Drawn(random.fork()) }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn md5(&self) -> &str {
        self.md5.get_or_init(|| match &self.bytes {
            Stored::Memory(bytes) => hex(Md5::digest(bytes)),
            Stored::Drawn(random) => hex(Md5::digest(draw(random, self.size))),
            // Hashed as it came in.
            Stored::Disk(_) => String::new(),
        })
    }
}

/// An upload that is coming in: each piece goes to disk, so that its size does not matter to memory.
#[derive(Debug)]
pub(crate) struct Incoming {
    file: File,
    path: TempPath,
    size: u64,
    md5: Md5,
}

impl Incoming {
    pub(crate) async fn create(folder: &Path) -> io::Result<Self> {
        let (file, path) = tempfile::NamedTempFile::new_in(folder)?.into_parts();
        Ok(Self { file: File::from_std(file), path, size: 0, md5: Md5::new() })
    }

    pub(crate) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece).await?;
        self.md5.update(piece);
        self.size += piece.len() as u64;
        Ok(())
    }

    pub(crate) async fn finish(mut self) -> io::Result<Content> {
        self.file.flush().await?;
        Ok(Content { bytes: Stored::Disk(self.path), size: self.size, md5: hex(self.md5.finalize()).into() })
    }
}

/// The body of a download; `sized` lets the answer say its length.
pub(crate) async fn body(content: Arc<Content>, sized: bool) -> io::Result<Body> {
    let bytes = match &content.bytes {
        Stored::Memory(bytes) => Some(bytes.clone()),
        Stored::Drawn(random) => Some(draw(random, content.size)),
        Stored::Disk(_) => None,
    };
    let reader = match (bytes, &content.bytes) {
        (Some(bytes), _) if sized => return Ok(Body::from(bytes)),
        (_, Stored::Disk(path)) => Reader::Disk(File::open(path).await?),
        (bytes, _) => Reader::Memory(bytes.unwrap_or_default()),
    };
    let left = content.size;
    Ok(Body::new(Download { _content: content, reader, left, sized }))
}

/// Reads a file piece by piece as the other side takes it.
#[derive(Debug)]
struct Download {
    /// Keeps the file on disk.
    _content: Arc<Content>,
    reader: Reader,
    left: u64,
    sized: bool,
}

#[derive(Debug)]
enum Reader {
    Memory(Bytes),
    Disk(File),
}

impl hyper::body::Body for Download {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let piece = match &mut self.reader {
            Reader::Memory(bytes) => bytes.split_to(PIECE.min(bytes.len())),
            Reader::Disk(file) => {
                let mut buffer = vec![0; PIECE];
                let mut read = ReadBuf::new(&mut buffer);
                match Pin::new(file).poll_read(context, &mut read) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Ok(())) => Bytes::copy_from_slice(read.filled()),
                }
            }
        };
        if piece.is_empty() {
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        self.left = self.left.saturating_sub(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.sized { SizeHint::with_exact(self.left) } else { SizeHint::default() }
    }
}

/// Bytes without a meaning, the same each time.
fn draw(random: &Random, size: u64) -> Bytes {
    let mut random = random.clone();
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < size {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    bytes.into()
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[tokio::test]
    async fn a_file_is_on_disk_as_long_as_somebody_needs_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut broken_off = Incoming::create(folder.path()).await.unwrap();
        broken_off.write(b"half a fi").await.unwrap();
        assert_eq!(files(folder.path()), 1);
        drop(broken_off);
        assert_eq!(files(folder.path()), 0);

        let mut incoming = Incoming::create(folder.path()).await.unwrap();
        for piece in [b"a", b"b", b"c"] {
            incoming.write(piece).await.unwrap();
        }
        let content = Arc::new(incoming.finish().await.unwrap());
        assert_eq!((content.size(), content.md5()), (3, "900150983cd24fb0d6963f7d28e17f72"));
        let download = body(Arc::clone(&content), true).await.unwrap();
        // Replaced or deleted in the meantime.
        drop(content);
        assert_eq!(axum::body::to_bytes(download, 10).await.unwrap(), "abc");
        assert_eq!(files(folder.path()), 0);
    }
}
