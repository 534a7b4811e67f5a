//! What a walk over the tasks yields, and where it is kept.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use datto_common::internal::Text;
use datto_common::{Error, ErrorKind, Result, async_trait};
use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, Stream};

use super::{Entry, Plan};

/// Why an entry could not be stored.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Where the entries of a plan are kept, so that they survive a crash: a table, a file that is synced.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Stores an entry, and returns once it would survive a crash. A job is sent only after the entry that says so was stored.
    async fn record(&self, entry: &Entry) -> Result<(), StoreError>;
}

/// Entries as they come. Dropped, it stops: what was sent stays sent, and the journal knows of it.
#[must_use = "nothing is sent until it is polled"]
pub struct Entries<'a>(BoxStream<'a, Result<Entry>>);

impl<'a> Entries<'a> {
    pub(super) fn new(entries: impl Stream<Item = Result<Entry>> + Send + 'a) -> Self {
        Self(entries.boxed())
    }

    /// The next entry; `None` once all is done.
    pub async fn next(&mut self) -> Option<Result<Entry>> {
        self.0.next().await
    }
}

impl Stream for Entries<'_> {
    type Item = Result<Entry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entries")
    }
}

/// The plan and its journal while tasks go on: what is stored is known here too, so that a walk that was dropped can be begun again.
pub(super) struct Book<'a, J: ?Sized> {
    plan: Mutex<&'a mut Plan>,
    journal: &'a J,
}

impl<'a, J: Journal + ?Sized> Book<'a, J> {
    pub(super) fn new(plan: &'a mut Plan, journal: &'a J) -> Self {
        Self { plan: Mutex::new(plan), journal }
    }

    /// Keeps an entry here, then in the journal: here first, for a store that fails may have stored it.
    pub(super) async fn record(&self, entry: Entry) -> Result<Entry> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).apply(&entry);
        match self.journal.record(&entry).await {
            Ok(()) => Ok(entry),
            Err(error) => {
                let message = format!("an entry for device {} could not be stored", entry.device);
                Err(Error::new(ErrorKind::Io, message).with_source(Text(error.to_string())))
            }
        }
    }
}
