//! The bytes of files: planted ones are drawn, uploaded ones on disk.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use md5::{Digest, Md5};

use super::spool::{BLOCK, Spool, Spooled};
use crate::random::Random;

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
    Disk(Spooled),
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
    disk: Spooled,
    /// What does not fill a block yet.
    rest: Vec<u8>,
    size: u64,
    md5: Md5,
}

impl Incoming {
    pub(crate) fn new(spool: &Arc<Spool>) -> Self {
        Self { disk: Spooled::new(Arc::clone(spool)), rest: Vec::new(), size: 0, md5: Md5::new() }
    }

    pub(crate) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.md5.update(piece);
        self.size += piece.len() as u64;
        self.rest.extend_from_slice(piece);
        while self.rest.len() >= BLOCK {
            let rest = self.rest.split_off(BLOCK);
            self.disk.append(std::mem::replace(&mut self.rest, rest)).await?;
        }
        Ok(())
    }

    pub(crate) async fn finish(mut self) -> io::Result<Content> {
        if !self.rest.is_empty() {
            self.disk.append(self.rest).await?;
        }
        let md5 = hex(self.md5.finalize()).into();
        Ok(Content { bytes: Stored::Disk(self.disk), size: self.size, md5 })
    }
}

/// The body of a download; `sized` lets the answer say its length.
pub(crate) fn body(content: Arc<Content>, sized: bool) -> Body {
    let bytes = match &content.bytes {
        Stored::Memory(bytes) => Some(bytes.clone()),
        Stored::Drawn(random) => Some(draw(random, content.size)),
        Stored::Disk(_) => None,
    };
    match bytes {
        Some(bytes) if sized => Body::from(bytes),
        bytes => Body::new(Download { left: content.size, content, bytes, number: 0, reading: None, sized }),
    }
}

type Reading = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;

/// Reads a file piece by piece as the other side takes it.
struct Download {
    content: Arc<Content>,
    /// What is not on disk.
    bytes: Option<Bytes>,
    left: u64,
    /// The next block.
    number: usize,
    reading: Option<Reading>,
    sized: bool,
}

impl Download {
    /// The next piece of what is on disk.
    fn poll_disk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let Stored::Disk(disk) = &self.content.bytes else { return Poll::Ready(Ok(Bytes::new())) };
        let size = usize::try_from(self.left).unwrap_or(BLOCK).min(BLOCK);
        let reading = self.reading.get_or_insert_with(|| Box::pin(disk.read(self.number, size)));
        let piece = ready!(reading.as_mut().poll(context));
        self.reading = None;
        self.number += 1;
        Poll::Ready(piece)
    }
}

impl hyper::body::Body for Download {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let piece = match &mut self.bytes {
            Some(bytes) => bytes.split_to(BLOCK.min(bytes.len())),
            None => match ready!(self.poll_disk(context)) {
                Ok(piece) => piece,
                Err(error) => return Poll::Ready(Some(Err(error))),
            },
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

    #[tokio::test]
    async fn a_file_is_on_disk_as_long_as_somebody_needs_it() {
        let spool = Arc::new(Spool::default());
        let mut broken_off = Incoming::new(&spool);
        broken_off.write(&[1; BLOCK + 1]).await.unwrap();
        assert_eq!(spool.used(), 1);
        drop(broken_off);
        assert_eq!(spool.used(), 0);

        let mut incoming = Incoming::new(&spool);
        for piece in [b"a", b"b", b"c"] {
            incoming.write(piece).await.unwrap();
        }
        let content = Arc::new(incoming.finish().await.unwrap());
        assert_eq!((content.size(), content.md5()), (3, "900150983cd24fb0d6963f7d28e17f72"));
        let download = body(Arc::clone(&content), true);
        // Replaced or deleted in the meantime.
        drop(content);
        assert_eq!(axum::body::to_bytes(download, 10).await.unwrap(), "abc");
        assert_eq!(spool.used(), 0);
    }

    #[tokio::test]
    async fn files_that_share_a_spool_stay_apart() {
        let spool = Arc::new(Spool::default());
        let (mut one, mut other) = (Incoming::new(&spool), Incoming::new(&spool));
        let text =
            |seed: u8| (0..3 * BLOCK + 7).map(|place| seed.wrapping_add((place % 251) as u8)).collect::<Vec<u8>>();
        for (one_piece, other_piece) in text(1).chunks(10_000).zip(text(90).chunks(10_000)) {
            one.write(one_piece).await.unwrap();
            other.write(other_piece).await.unwrap();
        }
        for (incoming, wanted) in [(one, text(1)), (other, text(90))] {
            let content = Arc::new(incoming.finish().await.unwrap());
            assert_eq!(axum::body::to_bytes(body(content, false), usize::MAX).await.unwrap(), wanted);
        }
        assert_eq!(spool.used(), 0);
    }
}
