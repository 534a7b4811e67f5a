//! Many records as a stream, page by page.

mod collect;

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde::de::DeserializeOwned;

use crate::ahead::Ahead;
use crate::cursor::{Continuation, Cursor};
use crate::query::{Fetched, Query};
use crate::rows::Rows;
#[cfg(feature = "testing")]
use crate::walk::PageFacts;
use crate::walk::{Marks, Verdict, Walk};
use crate::{Error, ErrorKind, Missing, Result};

/// A list that has this many pages does not end.
const MOST_PAGES: u32 = 10_000;
/// So many pages in a row without a record, each with a next one, lead nowhere.
const MOST_EMPTY: u32 = 10;

/// All records of a list as a stream of `Result<T>`, fetched page by page.
///
/// A record that cannot be read is an `Err` whose [`record`](Error::record) holds it, and the stream goes on. A page that cannot be
/// had is an `Err` too, and the stream ends: [`continuation`](Self::continuation) then points at it, and a list resumed there
/// yields what is left, no record twice. If the pages contradict each other (a total that differs, a record that comes again on a
/// later page, fewer records than are counted) the last item is an `Err` of kind [`Paging`](ErrorKind::Paging) that says so.
///
/// A record that did not come is gone only where [`verdict`](Self::verdict) is [`Complete`](Verdict::Complete) at the end.
///
/// Cancel safety: dropping the future of [`next`](Self::next) loses nothing; the page under way stays in the pager. Dropping
/// the pager ends its fetches.
#[must_use = "a pager fetches nothing until it is polled"]
pub struct Pager<T> {
    query: Arc<Query<T>>,
    /// What is left of the page that is being handed out, where that page is, and what it held.
    ready: Rows<T>,
    place: Continuation,
    marks: Marks,
    /// An error about the page, whose words its odd records share.
    page: Option<Error>,
    source: Source<T>,
    walk: Walk,
    /// The marks of all pages so far.
    earlier: HashSet<u64>,
    /// Where the pages so far were.
    been: Been,
}

/// Where the next page comes from.
enum Source<T> {
    /// It has not been asked for.
    Next(Cursor),
    /// It is under way, on this task.
    Inline(Cursor, Pin<Box<dyn Future<Output = Result<Fetched<T>>> + Send>>),
    /// It and others are under way, on tasks of their own.
    Ahead(Ahead<T>),
    /// There is none. Whether the pages fit together is still to be said.
    End,
    /// There is none, and all is said.
    Over,
    /// It could not be had.
    Failed,
}

/// Where the pages so far were: none comes twice.
#[derive(Debug, Default)]
struct Been {
    number: Option<u64>,
    cursors: HashSet<Cursor>,
}

impl Been {
    fn at(&mut self, cursor: &Cursor) {
        match cursor {
            Cursor::Number(number) => self.number = Some(*number),
            cursor => drop(self.cursors.insert(cursor.clone())),
        }
    }

    fn has(&self, cursor: &Cursor) -> bool {
        match cursor {
            Cursor::Number(number) => self.number.is_some_and(|last| *number <= last),
            cursor => self.cursors.contains(cursor),
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> Pager<T> {
    pub(crate) fn new(query: Arc<Query<T>>) -> Self {
        let start = query.start().clone();
        Self::from(query, start)
    }

    fn from(query: Arc<Query<T>>, place: Continuation) -> Self {
        let walk = place.walk.clone().unwrap_or_else(Walk::blind);
        Self {
            source: Source::Next(place.cursor.clone()),
            earlier: walk.seen.iter().collect(),
            query,
            ready: Rows::none(),
            place,
            marks: Marks::default(),
            page: None,
            walk,
            been: Been::default(),
        }
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// A record or a page that could not be had, or pages that contradict each other; see [`Pager`].
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Where to resume: after the last record that was handed out. `None` once the whole list was. Serialise it to go on
    /// in another process, by the list's `resume`: what this walk saw is carried along, so that a list that changed meanwhile is
    /// noticed.
    pub fn continuation(&self) -> Option<Continuation> {
        match &self.source {
            Source::End | Source::Over if self.ready.len() == 0 => None,
            _ => Some(self.place()),
        }
    }

    /// The same, also at the end.
    pub(crate) fn place(&self) -> Continuation {
        let mut place = self.place.clone();
        if self.been.has(&place.cursor) {
            // The page will be read again; what it said the first time still holds.
            place.border = (place.skip > 0).then(|| self.marks.border(place.skip));
            place.walk.get_or_insert_default().remember(&self.walk);
        }
        place
    }

    /// How many records the service says the list has, by the last page; `None` where it does not say.
    pub fn total(&self) -> Option<u64> {
        self.walk.last_total
    }

    /// The first total and the first one that differs from it, if one does: the list changed during the walk, so that records may
    /// be missing or doubled.
    pub fn drift(&self) -> Option<(u64, u64)> {
        self.walk.drift()
    }

    /// Whether the whole list came, and so whether a record that did not come is gone. It counts what earlier parts of a resumed
    /// walk saw, and is `Incomplete` until the walk is over.
    pub fn verdict(&self) -> Verdict {
        let name = self.query.name();
        let unfinished = |why: &str| {
            let error = self.query.error(ErrorKind::Paging, why);
            Verdict::Incomplete(vec![Missing::new(format!("the rest of {name}"), error)])
        };
        match self.source {
            Source::Failed => unfinished("a page could not be had"),
            Source::End | Source::Over if self.ready.len() == 0 => self.walk.verdict(name, self.query.is_by_cursor()),
            _ => unfinished("the walk is not over"),
        }
    }

    /// Reads the list a second time, where the [`verdict`](Self::verdict) at the end of the walk is
    /// [`Unproven`](Verdict::Unproven), and compares: the verdict is `Complete` if the same records come, else `Moved`. In any other
    /// state it does nothing. It costs as many calls as the walk did, holds no records, and what was handed out stays as it is.
    ///
    /// # Errors
    /// As the method that made the list says; the verdict is then as before.
    pub async fn look_again(&mut self) -> Result<()> {
        if self.verdict() != Verdict::Unproven {
            return Ok(());
        }
        let mut again = Self::from(Arc::clone(&self.query), self.query.beginning());
        while let Some((cursor, fetched)) = std::future::poll_fn(|cx| again.poll_page(cx)).await {
            again.accept(cursor, fetched?);
            again.ready = Rows::none();
        }
        let same = again.walk.moved().is_none()
            && !self.walk.seen.is_forgotten()
            && self.walk.seen.is_within(&again.walk.seen)
            && again.walk.seen.is_within(&self.walk.seen);
        if same {
            self.walk.proven = true;
        } else {
            self.walk.note_moved("a second look found other records than the first one".to_owned());
        }
        Ok(())
    }

    /// Made by hand: these records, then this error or the end.
    #[cfg(feature = "testing")]
    pub(crate) fn of_these(mut self, records: Vec<T>, end: Option<Error>) -> Self {
        let rows = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let facts = PageFacts { rows, total: Some(rows), marks: Marks::default(), short: None };
        self.walk.accept(&facts, &mut self.earlier);
        self.ready = Rows::whole(records);
        self.source = match end {
            Some(error) => Source::Inline(self.place.cursor.clone(), Box::pin(std::future::ready(Err(error)))),
            None => Source::End,
        };
        self
    }

    /// Takes a page over: hands its records out, and finds the next one.
    fn accept(&mut self, cursor: Cursor, fetched: Fetched<T>) {
        let Fetched { answer, rows, facts, next, ahead, .. } = fetched;
        let (skip, border) = if self.place.cursor == cursor { (self.place.skip, self.place.border) } else { (0, None) };
        self.place = self.place.at(cursor.clone(), self.walk.clone());
        self.place.skip = skip;
        if border.is_some_and(|border| border != facts.marks.border(skip)) || skip > facts.rows {
            self.walk.note_moved("the page where the walk was resumed holds other records than before".to_owned());
        }
        self.walk.accept(&facts, &mut self.earlier);
        self.page = (!rows.is_whole()).then(|| answer.unreadable(""));
        (self.ready, self.marks) = (rows, facts.marks);
        for _ in 0..skip {
            match self.ready.next_of(self.query.paging(), None) {
                None => break,
                Some(row) => self.walk.odd += u64::from(row.is_err()),
            }
        }
        self.been.at(&cursor);
        self.follow(&cursor, next, ahead);
    }

    /// Goes on with many pages at once, where their numbers are known and the caller asked for it, else with one. The page decides what
    /// follows it: what was fetched ahead counts only as long as the pages lead there.
    fn follow(&mut self, this: &Cursor, next: Option<Cursor>, ahead: Option<Range<u64>>) {
        let left = usize::try_from(MOST_PAGES.saturating_sub(self.walk.pages)).unwrap_or(usize::MAX);
        let Some(next) = next else {
            self.source = Source::End;
            return;
        };
        if let (Source::Ahead(under_way), Cursor::Number(number)) = (&mut self.source, &next)
            && under_way.front() == Some(*number)
        {
            return under_way.fill(left);
        }
        self.source = match (this, &next, ahead) {
            (Cursor::Number(_), Cursor::Number(number), Some(numbers))
                if self.query.concurrency() > 1 && *number == numbers.start && !numbers.is_empty() && left > 0 =>
            {
                let mut under_way = Ahead::new(Arc::clone(&self.query), numbers);
                under_way.fill(left);
                Source::Ahead(under_way)
            }
            _ => Source::Next(next),
        };
    }

    /// Why the walk must not go on, if so: the same for every way to get a page.
    fn stop(&self, next: &Cursor) -> Option<Error> {
        if let Cursor::Lost(kind, why) = next {
            return Some(self.query.error(*kind, why));
        }
        let message = if self.been.has(next) {
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

    /// Polls for the next page; `None` when there is none.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Cursor, Result<Fetched<T>>)>> {
        loop {
            let next = match &mut self.source {
                Source::End | Source::Over | Source::Failed => return Poll::Ready(None),
                Source::Inline(cursor, fetch) => {
                    let outcome = ready!(fetch.as_mut().poll(cx));
                    return Poll::Ready(Some((cursor.clone(), outcome)));
                }
                Source::Next(next) => next.clone(),
                Source::Ahead(ahead) => match ahead.front() {
                    Some(number) => Cursor::Number(number),
                    None => return Poll::Ready(None),
                },
            };
            if let Some(error) = self.stop(&next) {
                return Poll::Ready(Some((next, Err(error))));
            }
            if let Source::Ahead(ahead) = &mut self.source {
                return Poll::Ready(ready!(ahead.poll(cx)).map(|outcome| (next, outcome)));
            }
            let (query, cursor) = (Arc::clone(&self.query), next.clone());
            self.source = Source::Inline(next, Box::pin(async move { query.fetch(&cursor, None).await }));
        }
    }

    /// At the end: that the pages do not fit together, if so.
    fn last_word(&self) -> Option<Error> {
        let (message, hint) = match (self.walk.moved(), self.walk.shortfall()) {
            (Some(moved), _) => (moved, "read the list again; do not take what is absent for gone"),
            (None, Some(short)) => (short, "records are missing from this walk; do not take it for the whole list"),
            (None, None) => return None,
        };
        Some(self.query.error(ErrorKind::Paging, message).with_hint(hint))
    }
}

impl<T> Unpin for Pager<T> {}

impl<T: DeserializeOwned + Send + 'static> Stream for Pager<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // A page of very many records must not keep other tasks from running.
        let progress = ready!(tokio::task::coop::poll_proceed(cx));
        let this = &mut *self;
        loop {
            if let Some(row) = this.ready.next_of(this.query.paging(), this.query.identity()) {
                progress.made_progress();
                this.place.skip = this.place.skip.saturating_add(1);
                this.query.tell_unread(&this.ready.take_unread());
                return Poll::Ready(Some(row.map_err(|odd| {
                    this.walk.odd += 1;
                    let page = this.page.get_or_insert_with(|| this.query.error(ErrorKind::Decode, ""));
                    odd.error(page)
                })));
            }
            match ready!(this.poll_page(cx)) {
                None => {
                    let word = if matches!(this.source, Source::End) { this.last_word() } else { None };
                    if !matches!(this.source, Source::Failed) {
                        this.source = Source::Over;
                    }
                    progress.made_progress();
                    return Poll::Ready(word.map(Err));
                }
                Some((cursor, Ok(fetched))) => this.accept(cursor, fetched),
                Some((cursor, Err(error))) => {
                    if this.place.cursor != cursor {
                        this.place = this.place.at(cursor, this.walk.clone());
                    }
                    this.source = Source::Failed;
                    progress.made_progress();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> FusedStream for Pager<T> {
    fn is_terminated(&self) -> bool {
        self.ready.len() == 0 && matches!(self.source, Source::Over | Source::Failed)
    }
}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager")
            .field("list", &self.query.name())
            .field("pages", &self.walk.pages)
            .field("records", &self.walk.rows)
            .finish_non_exhaustive()
    }
}
