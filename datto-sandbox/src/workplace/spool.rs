//! Where uploads are kept: one file without a name, of which nothing is left however the program ends.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::task::spawn_blocking;

/// The file is given out in blocks of this size.
pub(super) const BLOCK: usize = 64 * 1_024;

/// The file, which is made with the first upload.
#[derive(Debug, Default)]
pub(crate) struct Spool(Mutex<Store>);

#[derive(Debug, Default)]
struct Store {
    file: Option<File>,
    /// Blocks that were given back.
    free: Vec<u64>,
    /// How many blocks the file has.
    count: u64,
}

impl Spool {
    fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many blocks are in use.
    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        let store = self.lock();
        store.count - store.free.len() as u64
    }
}

impl Store {
    /// Puts the file at the beginning of a block.
    fn at(&mut self, block: u64) -> io::Result<&mut File> {
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile()?);
        }
        let file = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(block.saturating_mul(BLOCK as u64)))?;
        Ok(file)
    }
}

/// Bytes in the spool; their blocks are given back when it is dropped.
#[derive(Debug)]
pub(super) struct Spooled {
    spool: Arc<Spool>,
    blocks: Vec<u64>,
}

impl Spooled {
    pub(super) fn new(spool: Arc<Spool>) -> Self {
        Self { spool, blocks: Vec::new() }
    }

    /// Appends a block, of which only the last may not be full.
    pub(super) async fn append(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let block = {
            let mut store = self.spool.lock();
            let next = store.count;
            store.free.pop().unwrap_or_else(|| {
                store.count = next + 1;
                next
            })
        };
        self.blocks.push(block);
        let spool = Arc::clone(&self.spool);
        spawn_blocking(move || spool.lock().at(block)?.write_all(&bytes)).await?
    }

    /// Reads so many bytes of the block of this number.
    pub(super) fn read(&self, number: usize, size: usize) -> impl Future<Output = io::Result<Bytes>> + Send + 'static {
        let (spool, block) = (Arc::clone(&self.spool), self.blocks.get(number).copied());
        async move {
            let block = block.ok_or(io::ErrorKind::UnexpectedEof)?;
            spawn_blocking(move || {
                let mut bytes = vec![0; size.min(BLOCK)];
                spool.lock().at(block)?.read_exact(&mut bytes)?;
                Ok(Bytes::from(bytes))
            })
            .await?
        }
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        self.spool.lock().free.append(&mut self.blocks);
    }
}
