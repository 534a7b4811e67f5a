//! Many records as a stream, page by page.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use crate::list::{Fetched, Query};
use crate::page::Cursor;
use crate::{Continuation, Error, ErrorKind, Measured, Missing, Result};

/// A list that has this many pages does not end.
const MOST_PAGES: u32 = 10_000;
/// So many pages in a row without a record, each with a next one, lead nowhere.
const MOST_EMPTY: u32 = 10;

/// All records of a list as a stream of `Result<T>`, fetched page by page.
///
/// A record that cannot be read is an `Err`, and the stream goes on. A page that cannot be had is an `Err` too, and the
/// stream ends: [`continuation`](Self::continuation) then points at it, and a list resumed there yields what is left, no
/// record twice.
///
/// Cancel safety: dropping the future of [`next`](Self::next) loses nothing; the page under way stays in the pager. Dropping
/// the pager ends its fetches.
#[must_use = "a pager fetches nothing until it is polled"]
pub struct Pager<T> {
    query: Arc<Query<T>>,
    /// What is left of the page that is being handed out, and where that page is.
    ready: VecDeque<Result<T>>,
    place: Continuation,
    source: Source<T>,
    walk: Walk,
}

/// Where the next page comes from.
enum Source<T> {
    /// It has not been asked for.
    Next(Cursor),
    /// It is under way, on this task.
    Inline(Cursor, Pin<Box<dyn Future<Output = Result<Fetched<T>>> + Send>>),
    /// These are under way, on tasks of their own, in page order; then these numbers.
    Ahead(VecDeque<(u64, Fetch<T>)>, Range<u64>),
    /// There is none.
    End,
    /// It could not be had.
    Failed,
}

/// A page fetch on a task of its own, which ends with it.
struct Fetch<T>(JoinHandle<Result<Fetched<T>>>);

impl<T> Drop for Fetch<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the walk has seen.
#[derive(Debug, Clone, Default)]
struct Walk {
    pages: u32,
    rows: u64,
    empty_in_a_row: u32,
    seen: HashSet<Cursor>,
    first_total: Option<u64>,
    last_total: Option<u64>,
    /// It did not begin at the first record, so the total says nothing of what is missing.
    resumed: bool,
}

impl<T: DeserializeOwned + Send + 'static> Pager<T> {
    pub(crate) fn new(query: Query<T>) -> Self {
        let place = query.start();
        let walk = Walk { resumed: query.is_resumed(), ..Walk::default() };
        Self { source: Source::Next(place.cursor.clone()), query: Arc::new(query), ready: VecDeque::new(), place, walk }
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// A record or a page that could not be had; see [`Pager`].
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Where to resume: after the last record that was handed out. `None` once the whole list was. Serialise it to go on
    /// in another process, by the list's `resume`.
    pub fn continuation(&self) -> Option<Continuation> {
        match &self.source {
            Source::End if self.ready.is_empty() => None,
            _ => Some(self.place.clone()),
        }
    }

    /// How many records the service says the list has, by the last page; `None` where it does not say.
    pub fn total(&self) -> Option<u64> {
        self.walk.last_total
    }

    /// The totals of the first and of the last page, if they differ: the list changed during the walk, so that records may
    /// be missing or doubled.
    pub fn drift(&self) -> Option<(u64, u64)> {
        let (first, last) = (self.walk.first_total?, self.walk.last_total?);
        (first != last).then_some((first, last))
    }

    /// All records, or the first error.
    pub(crate) async fn collect(mut self) -> Result<Vec<T>> {
        let mut records = Vec::new();
        while let Some(record) = self.next().await {
            records.push(record?);
        }
        Ok(records)
    }

    /// All records that can be had, and what is missing.
    pub(crate) async fn collect_measured(mut self) -> Measured<Vec<T>> {
        let (mut records, mut missing) = (Vec::new(), Vec::new());
        let name = self.query.name();
        while let Some(record) = self.next().await {
            match record {
                Ok(record) => records.push(record),
                Err(error) if self.walk.rows == 0 => return Measured::unknown(error),
                Err(error) if matches!(self.source, Source::Failed) => {
                    missing.push(Missing::new(format!("the rest of {name}"), error))
                }
                Err(error) => missing.push(Missing::new(format!("a record of {name}"), error)),
            }
        }
        if let Some((first, last)) = self.drift() {
            let message =
                format!("the service counted {first} at first and {last} at last: the list changed during the walk");
            missing.push(Missing::new(format!("changes of {name}"), Error::new(ErrorKind::Paging, message)));
        }
        Measured::from_parts(records, missing)
    }

    /// Takes a page over: hands its records out, and finds the next one.
    fn accept(&mut self, cursor: Cursor, fetched: Fetched<T>) {
        let Fetched { rows, records, total, next, ahead } = fetched;
        self.walk.pages += 1;
        self.walk.rows += rows as u64;
        self.walk.empty_in_a_row = if rows == 0 { self.walk.empty_in_a_row + 1 } else { 0 };
        self.walk.first_total = self.walk.first_total.or(total);
        self.walk.last_total = total.or(self.walk.last_total);
        let resumed_here = self.place.cursor == cursor;
        let skip = if resumed_here { self.place.skip } else { 0 };
        self.place = self.place.at(cursor.clone(), skip);
        self.ready.extend(records.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)));
        self.walk.seen.insert(cursor.clone());
        self.follow(&cursor, next, ahead);
    }

    /// Goes on with many pages at once, where their numbers are known and the caller asked for it, else with one.
    fn follow(&mut self, this: &Cursor, next: Option<Cursor>, ahead: Option<Range<u64>>) {
        if let Source::Ahead(fetches, numbers) = &self.source
            && next.is_some()
            && (!fetches.is_empty() || !numbers.is_empty())
        {
            return; // what follows is under way
        }
        self.source = match (this, next, ahead) {
            (_, None, _) => Source::End, // drops what was fetched beyond the end
            (Cursor::Number(this), Some(Cursor::Number(next)), Some(numbers))
                if self.query.concurrency() > 1 && next == this + 1 && !numbers.is_empty() =>
            {
                Source::Ahead(VecDeque::new(), numbers)
            }
            (_, Some(next), _) => Source::Next(next),
        };
    }

    /// Why the walk must not go on, if so.
    fn stop(&self, next: &Cursor) -> Option<Error> {
        if let Cursor::Lost(kind, why) = next {
            return Some(self.query.error(*kind, why));
        }
        let message = if self.walk.seen.contains(next) {
            "the next page is one that was read before: the links go in a circle".to_owned()
        } else if self.walk.pages >= MOST_PAGES {
            format!("more than {MOST_PAGES} pages")
        } else if self.walk.empty_in_a_row >= MOST_EMPTY {
            format!("{MOST_EMPTY} pages in a row without a record, each with a next one")
        } else {
            return None;
        };
        Some(self.query.error(ErrorKind::Paging, message))
    }

    /// At the end: whether the service counted more records than its pages held, while the list stood still.
    fn shortfall(&self) -> Option<Error> {
        let total = self.walk.last_total.filter(|_| self.drift().is_none() && !self.walk.resumed)?;
        let short = self.query.trusts_total() && self.walk.rows < total;
        short.then(|| {
            let message = format!("the service counts {total} records, but its pages held {}", self.walk.rows);
            self.query
                .error(ErrorKind::Paging, message)
                .with_hint("records are missing from this walk; do not take it for the whole list")
        })
    }

    /// Polls for the next page; `None` when there is none.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Cursor, Result<Fetched<T>>)>> {
        loop {
            match &mut self.source {
                Source::End | Source::Failed => return Poll::Ready(None),
                Source::Next(next) => {
                    let next = next.clone();
                    if let Some(error) = self.stop(&next) {
                        return Poll::Ready(Some((next, Err(error))));
                    }
                    let query = Arc::clone(&self.query);
                    let cursor = next.clone();
                    self.source = Source::Inline(next, Box::pin(async move { query.fetch(&cursor).await }));
                }
                Source::Inline(cursor, fetch) => {
                    let outcome = ready!(fetch.as_mut().poll(cx));
                    return Poll::Ready(Some((cursor.clone(), outcome)));
                }
                Source::Ahead(fetches, numbers) => {
                    while fetches.len() < self.query.concurrency() {
                        let Some(number) = numbers.next() else { break };
                        let query = Arc::clone(&self.query);
                        fetches.push_back((
                            number,
                            Fetch(tokio::spawn(async move { query.fetch(&Cursor::Number(number)).await })),
                        ));
                    }
                    let Some((number, fetch)) = fetches.front_mut() else {
                        self.source = Source::End;
                        continue;
                    };
                    let number = *number;
                    let outcome = match ready!(Pin::new(&mut fetch.0).poll(cx)) {
                        Ok(outcome) => outcome,
                        Err(error) => Err(self
                            .query
                            .error(ErrorKind::Internal, "the fetch of a page was aborted")
                            .with_source(error)),
                    };
                    fetches.pop_front();
                    return Poll::Ready(Some((Cursor::Number(number), outcome)));
                }
            }
        }
    }
}

impl<T> Unpin for Pager<T> {}

impl<T: DeserializeOwned + Send + 'static> Stream for Pager<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                self.place.skip += 1;
                return Poll::Ready(Some(record));
            }
            match ready!(self.poll_page(cx)) {
                None => return Poll::Ready(None),
                Some((cursor, Ok(fetched))) => {
                    self.accept(cursor, fetched);
                    if let (Source::End, Some(error)) = (&self.source, self.shortfall()) {
                        self.ready.push_back(Err(error));
                    }
                }
                Some((cursor, Err(error))) => {
                    if self.place.cursor != cursor {
                        self.place = self.place.at(cursor, 0);
                    }
                    self.source = Source::Failed;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> FusedStream for Pager<T> {
    fn is_terminated(&self) -> bool {
        self.ready.is_empty() && matches!(self.source, Source::End | Source::Failed)
    }
}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager").field("place", &self.place).field("walk", &self.walk).finish_non_exhaustive()
    }
}
