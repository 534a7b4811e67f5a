//! Pages that are fetched ahead of the one that is being handed out, in page order.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::cursor::Cursor;
use crate::query::{Fetched, Query};
use crate::{ErrorKind, Result};

/// Pages under way, on tasks of their own, and the numbers of those that follow.
pub(crate) struct Ahead<T> {
    query: Arc<Query<T>>,
    pages: VecDeque<(u64, Fetch<T>)>,
    numbers: Range<u64>,
    /// As many as may be under way at once. A page that came and is being read, or waits for its turn, is not under way: else each
    /// round of pages would begin only after the one before it was read.
    turns: Arc<Semaphore>,
}

/// A page fetch on a task of its own, which ends with it.
struct Fetch<T>(JoinHandle<Result<Fetched<T>>>);

impl<T> Drop for Fetch<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: DeserializeOwned + Send + 'static> Ahead<T> {
    pub(crate) fn new(query: Arc<Query<T>>, numbers: Range<u64>) -> Self {
        let turns = Arc::new(Semaphore::new(query.concurrency()));
        Self { query, pages: VecDeque::new(), numbers, turns }
    }

    /// Fetches more, so that there are twice as many as may be under way, and not more than `most`.
    pub(crate) fn fill(&mut self, most: usize) {
        while self.pages.len() < most.min(self.query.concurrency().saturating_mul(2)) {
            let Some(number) = self.numbers.next() else { break };
            let (query, turns) = (Arc::clone(&self.query), Arc::clone(&self.turns));
            let fetch = async move {
                let turn = turns.acquire_owned().await.ok();
                query.fetch(&Cursor::Number(number), turn).await
            };
            // The span of whoever walks: a task of its own would be below none.
            self.pages.push_back((number, Fetch(tokio::spawn(fetch.in_current_span()))));
        }
    }

    /// The number of the page that comes next.
    pub(crate) fn front(&self) -> Option<u64> {
        self.pages.front().map(|(number, _)| *number)
    }

    /// Polls for the page that comes next.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched<T>>>> {
        let Some((_, fetch)) = self.pages.front_mut() else { return Poll::Ready(None) };
        let outcome = ready!(Pin::new(&mut fetch.0).poll(cx)).unwrap_or_else(|error| {
            Err(self.query.error(ErrorKind::Internal, "the fetch of a page was aborted").with_source(error))
        });
        self.pages.pop_front();
        Poll::Ready(Some(outcome))
    }
}
