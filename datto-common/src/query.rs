//! A list whose filters are settled: it fetches pages, and holds each against what was asked for.

use std::ops::Range;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use crate::answer::Answer;
use crate::call::Call;
use crate::core::Core;
use crate::cursor::{Continuation, Cursor, link, number, parameters};
use crate::model::Extra;
use crate::page::{self, Records};
use crate::rows::{Identity, Rows};
use crate::walk::{Marks, PageFacts, mark_of};
use crate::{Error, ErrorKind, Paging, Result, Scheme};

/// A list whose filters are settled.
pub(crate) struct Query<T> {
    core: Core,
    call: Call,
    paging: Paging,
    identity: Option<Identity<T>>,
    concurrency: usize,
    start: Continuation,
    /// In place of the service, in tests that ask it very often.
    #[cfg(test)]
    pub(crate) service: Option<tests::Service>,
}

/// A page as it came and as it was understood.
pub(crate) struct Fetched<T> {
    pub(crate) answer: Answer,
    pub(crate) rows: Rows<T>,
    pub(crate) extra: Extra,
    pub(crate) facts: PageFacts,
    pub(crate) next: Option<Cursor>,
    /// The numbers of the pages that follow, where they are known.
    pub(crate) ahead: Option<Range<u64>>,
}

impl<T> Query<T> {
    /// The list, from where `resume` stands or from its first page.
    pub(crate) fn new(
        core: Core,
        mut call: Call,
        paging: Paging,
        identity: Option<Identity<T>>,
        (size, concurrency): (u32, usize),
        resume: Option<Continuation>,
    ) -> Self {
        let first = Continuation::first(&call, &paging, size);
        let start = match resume {
            None => first,
            Some(resume) => {
                if let Err(error) = resume.check(&first, &paging) {
                    call.refuse(error);
                }
                resume
            }
        };
        Self {
            core,
            call,
            paging,
            identity,
            concurrency,
            start,
            #[cfg(test)]
            service: None,
        }
    }

    /// Where the walk begins.
    pub(crate) fn start(&self) -> &Continuation {
        &self.start
    }

    /// The beginning of the list, wherever this walk begins.
    pub(crate) fn beginning(&self) -> Continuation {
        Continuation::first(&self.call, &self.paging, self.start.size)
    }

    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(crate) fn name(&self) -> &'static str {
        self.call.operation.name
    }

    /// Tells the observers of members of a record that could not be read, if there are such.
    pub(crate) fn tell_unread(&self, members: &[String]) {
        self.core.observers().tell_unread(self.call.operation, members);
    }

    pub(crate) fn paging(&self) -> &Paging {
        &self.paging
    }

    pub(crate) fn identity(&self) -> Option<Identity<T>> {
        self.identity
    }

    /// Whether each page leads to the record after it, so that what comes and goes elsewhere shifts nothing.
    pub(crate) fn is_by_cursor(&self) -> bool {
        matches!(self.paging.scheme, Scheme::Cursor { .. })
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let context = crate::error::Context {
            product: self.core.profile().product,
            operation: self.call.operation.name,
            template: self.call.operation.path,
            attempts: 0,
            elapsed: Duration::ZERO,
        };
        Error::new(kind, message).with_context(context)
    }

    /// How many records the list has, by this page.
    fn total(&self, records: &Records<T>) -> Option<u64> {
        match self.paging.scheme {
            Scheme::Link { total, .. } => number(&records.details, total),
            Scheme::Count { total, pages, .. } => {
                let total = number(&records.details, total)?;
                // It is not proven that this counts all pages: of several pages, the count of one says nothing.
                let several = number(&records.details, pages).is_some_and(|pages| pages > 1);
                (!several || total > rows(records)).then_some(total)
            }
            Scheme::Cursor { .. } => None,
        }
    }

    /// How many pages the list has, by this page of a list that counts them. A total that these would not hold counts more.
    fn pages(&self, records: &Records<T>, pages: &str) -> Option<u64> {
        let said = number(&records.details, pages)?;
        let size = number(&records.details, self.paging.echo.size).unwrap_or(u64::from(self.start.size)).max(1);
        let needed = self.total(records).map_or(0, |total| total.div_ceil(size));
        Some(said.max(needed))
    }

    /// The numbers of the pages after this one, where it is known how many there are.
    fn ahead(&self, this: &Cursor, records: &Records<T>) -> Option<Range<u64>> {
        let Cursor::Number(this) = this else { return None };
        let (first, pages) = match self.paging.scheme {
            Scheme::Link { first, .. } => {
                // The service may serve fewer records a page than it was asked for: what came counts.
                (first, self.total(records)?.div_ceil(Some(rows(records)).filter(|rows| *rows > 0)?))
            }
            Scheme::Count { first, pages, .. } => (first, self.pages(records, pages)?),
            Scheme::Cursor { .. } => return None,
        };
        Some(this.checked_add(1)?..first.saturating_add(pages))
    }

    /// Where the next page begins. Only the cursor is taken from a link; its host is never called. Where it cannot be told, this page
    /// is good all the same, and going on from it is the error.
    fn next(&self, this: &Cursor, records: &Records<T>) -> Option<Cursor> {
        if let Some(failure) = &records.failure {
            return Some(Cursor::Lost(ErrorKind::Server, failure.clone()));
        }
        if !records.details.is_object() && !self.paging.loose {
            let details = self.paging.details;
            return Some(Cursor::lost(format!("no `{details}` in the answer: whether more pages follow is not known")));
        }
        match self.paging.scheme {
            // Without details the records came bare, and so all at once.
            Scheme::Count { .. } if records.details.is_null() => None,
            Scheme::Count { pages, first, .. } => {
                let Cursor::Number(this) = this else { return None };
                match self.pages(records, pages) {
                    Some(pages) => (this.saturating_sub(first).saturating_add(1) < pages).then(|| Cursor::after(*this)),
                    None => Some(Cursor::lost(format!("no `{pages}` in the details of the page"))),
                }
            }
            Scheme::Link { param, next, .. } => {
                let link = link(&records.details, next)?;
                let number = parameters(link, &[param]).into_iter().find_map(|(_, value)| value.parse().ok());
                let lost = || Cursor::lost(format!("the link to the next page has no `{param}`"));
                Some(number.map_or_else(lost, Cursor::Number))
            }
            Scheme::Cursor { carry, next } => {
                let parameters = parameters(link(&records.details, next)?, carry);
                let lost = parameters.is_empty();
                Some(if lost {
                    Cursor::lost("the link to the next page has no cursor")
                } else {
                    Cursor::Opaque(parameters)
                })
            }
        }
    }

    /// What the page says of itself that is not so: it is another page than was asked for, which is an error, or it is not whole.
    fn contradiction(
        &self,
        this: &Cursor,
        next: Option<&Cursor>,
        answer: &Answer,
        records: &Records<T>,
    ) -> Result<Option<String>> {
        let echo = self.paging.echo;
        let Cursor::Number(this) = this else { return Ok(None) };
        if let Some(came) = number(&records.details, echo.page).filter(|came| came != this) {
            let message = format!("page {this} was asked for, and page {came} came");
            return Err(answer
                .error(ErrorKind::Paging, message)
                .with_hint("the service does not page as it says; this is no list to rely on"));
        }
        if let Some(counted) = number(&records.details, echo.rows).filter(|counted| *counted > rows(records)) {
            return Ok(Some(format!("page {this} says that it has {counted} records, and {} came", rows(records))));
        }
        Ok(match next {
            Some(Cursor::Number(next)) if *next > this.saturating_add(1) => {
                Some(format!("the link of page {this} leads on to page {next}"))
            }
            _ => None,
        })
    }
}

impl<T: DeserializeOwned> Query<T> {
    async fn ask<R>(&self, call: &Call, read: impl FnOnce(&Answer) -> Result<R>) -> Result<(Answer, R)> {
        #[cfg(test)]
        if let Some(service) = &self.service {
            let answer = service.answer(&self.core, call).await;
            let found = read(&answer)?;
            return Ok((answer, found));
        }
        self.core.read(call, read).await
    }

    /// Fetches a page. The permit, if there is one, is held while the page is under way and not while it is read.
    pub(crate) async fn fetch(&self, cursor: &Cursor, permit: Option<OwnedSemaphorePermit>) -> Result<Fetched<T>> {
        let mut call = self.call.clone();
        cursor.ask(&mut call, self.paging.scheme);
        call.set_query(self.paging.size_param, self.start.size);
        let read = |answer: &Answer| {
            drop(permit);
            let records = page::read(answer, &self.paging)?;
            let next = self.next(cursor, &records);
            let short = self.contradiction(cursor, next.as_ref(), answer, &records)?;
            Ok((records, next, short))
        };
        let (answer, (records, next, short)) = self.ask(&call, read).await?;
        let (total, ahead) = (self.total(&records), self.ahead(cursor, &records));
        let Records { rows, extra, .. } = records;
        let named = match self.identity {
            Some(identity) => rows.marks(identity).done().await,
            None => Vec::new(),
        };
        let nameless = rows.len() > 0 && (named.is_empty() || named.contains(&0));
        let body = nameless.then(|| mark_of(answer.body.iter().copied()));
        let marks = Marks { rows: named, body };
        let facts = PageFacts { rows: rows.len() as u64, total, marks, short };
        Ok(Fetched { answer, rows, extra, facts, next, ahead })
    }
}

#[cfg(test)]
pub(crate) mod tests;

fn rows<T>(records: &Records<T>) -> u64 {
    records.rows.len() as u64
}
