//! A list taken as a whole, or one page of it.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Pager, Source};
use crate::answer::Response;
use crate::page::Page;
use crate::query::Query;
use crate::walk::{Verdict, Walk};
use crate::{Error, ErrorKind, Measured, Missing, Result};

/// So often a list is read whole to see whether it stands still.
const MOST_LOOKS: u32 = 3;
/// A single page with more odd records than this is refused.
const MOST_ODD: usize = 10_000;
/// So many odd records are named each by itself; the others are counted.
const MOST_NAMED: usize = 100;

impl<T: DeserializeOwned + Send + 'static> Pager<T> {
    /// All records: the whole list or the first error.
    pub(crate) async fn collect(query: Query<T>) -> Result<Vec<T>> {
        let (query, mut looks) = (Arc::new(query), Looks::default());
        loop {
            let mut pager = Self::new(Arc::clone(&query));
            let mut records = Vec::new();
            while let Some(record) = pager.next().await {
                records.push(record?);
            }
            if looks.prove(&mut pager).await?.is_none_or(|proven| proven) {
                return Ok(records);
            }
            if looks.count >= MOST_LOOKS {
                return Err(looks.disagree(&query));
            }
        }
    }

    /// All records that can be had, and what is missing.
    pub(crate) async fn collect_measured(query: Query<T>) -> Measured<Vec<T>> {
        let (query, mut looks) = (Arc::new(query), Looks::default());
        loop {
            let mut pager = Self::new(Arc::clone(&query));
            let (records, mut missing) = match pager.measure().await {
                Ok(parts) => parts,
                Err(error) => return Measured::unknown(error),
            };
            if !missing.is_empty() {
                return Measured::from_parts(records, missing);
            }
            let failed = match looks.prove(&mut pager).await {
                Ok(None | Some(true)) => return Measured::Known(records),
                Ok(Some(false)) if looks.count < MOST_LOOKS => continue,
                Ok(Some(false)) => looks.disagree(&query),
                Err(error) => error,
            };
            missing.push(Missing::new(format!("changes of {}", query.name()), failed));
            return Measured::from_parts(records, missing);
        }
    }

    /// The page where the walk stands, alone.
    pub(crate) async fn into_page(mut self) -> Result<Response<Page<T>>> {
        let cursor = self.place.cursor.clone();
        let mut fetched = self.query.fetch(&cursor, None).await?;
        let (next, answer) = (fetched.next.take(), fetched.answer.clone());
        let (extra, total) = (std::mem::take(&mut fetched.extra), fetched.facts.total);
        self.accept(cursor, fetched);
        let (mut items, mut odd) =
            (Vec::with_capacity(if self.ready.is_whole() { self.ready.len() } else { 0 }), Vec::new());
        while let Some(row) = self.ready.next_of(self.query.paging(), self.query.identity()) {
            self.query.tell_unread(&self.ready.take_unread());
            match row {
                Ok(record) => items.push(record),
                Err(_) if odd.len() >= MOST_ODD => {
                    return Err(answer.unreadable(format!("more than {MOST_ODD} records of the page cannot be read")));
                }
                Err(record) => odd.push(record),
            }
        }
        self.walk.odd = self.walk.odd.saturating_add(odd.len() as u64);
        let next = next.map(|cursor| self.place.at(cursor, self.walk.clone()));
        Ok(answer.with_body(Page { items, odd, total, next, extra }))
    }

    /// What one walk yields, or why it yields nothing.
    async fn measure(&mut self) -> Result<(Vec<T>, Vec<Missing>)> {
        let (mut records, mut missing, mut more) = (Vec::new(), Vec::new(), 0_u64);
        let name = self.query.name();
        while let Some(record) = self.next().await {
            let error = match record {
                Ok(record) => {
                    records.push(record);
                    continue;
                }
                Err(error) if records.is_empty() && missing.is_empty() && error.record().is_none() => {
                    return Err(error);
                }
                Err(error) => error,
            };
            let what = if error.record().is_some() {
                if missing.len() >= MOST_NAMED {
                    more += 1;
                    continue;
                }
                format!("a record of {name}")
            } else if matches!(self.source, Source::Failed) {
                format!("the rest of {name}")
            } else if self.walk.moved().is_some() {
                format!("changes of {name}")
            } else {
                format!("records of {name}")
            };
            missing.push(Missing::new(what, error));
        }
        if more > 0 {
            let error = self.query.error(ErrorKind::Decode, "they could not be read");
            missing.push(Missing::new(format!("{more} more records of {name}"), error));
        }
        Ok((records, missing))
    }
}

/// Walks over one list, each of which is a second look at the one before.
#[derive(Default)]
struct Looks {
    count: u32,
    before: Option<Walk>,
}

impl Looks {
    /// Whether the walk that is over is proven whole by the one before it; `None` where it needs no proof.
    async fn prove<T: DeserializeOwned + Send + 'static>(&mut self, pager: &mut Pager<T>) -> Result<Option<bool>> {
        if pager.verdict() != Verdict::Unproven {
            return Ok(None);
        }
        self.count += 1;
        if *pager.query.start() != pager.query.beginning() {
            // A part of the list: what came before it is known by its marks alone.
            self.count = MOST_LOOKS;
            pager.look_again().await?;
            return Ok(Some(pager.verdict().is_complete()));
        }
        // Nothing that was there may be missing now: what slipped past one walk would have to slip past the other too.
        let proven = self.before.as_ref().is_some_and(|before| before.seen.is_within(&pager.walk.seen));
        self.before = Some(pager.walk.clone());
        Ok(Some(proven))
    }

    fn disagree<T>(&self, query: &Query<T>) -> Error {
        let message = "several looks at the list found different records: it changed while it was read";
        query.error(ErrorKind::Paging, message).with_hint("the service does not say how many there are, so that a list of several pages is whole only if it stands still; read it by pager() and confirm with get() what seems to be gone")
    }
}
