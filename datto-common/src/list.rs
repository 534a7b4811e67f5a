//! A list with its filters, ready to be fetched as one page or as all.

use std::marker::PhantomData;
use std::ops::Range;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::{Answer, Response};
use crate::call::Call;
use crate::core::Core;
use crate::page::{self, Cursor, Page, Records};
use crate::{Error, ErrorKind, Measured, Pager, Paging, Result, Scheme};

/// Where a walk over a list can be resumed. Serialise it to go on later; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    operation: String,
    /// Of the path and the filters: a continuation does not fit another list.
    fingerprint: u64,
    size: u32,
    pub(crate) cursor: Cursor,
    /// How many records of the page were handed out.
    pub(crate) skip: u64,
}

impl Continuation {
    pub(crate) fn at(&self, cursor: Cursor, skip: u64) -> Self {
        Self { cursor, skip, ..self.clone() }
    }
}

/// A list with its filters. The product crates put a type of their own around it, with a setter for each filter.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct List<T> {
    core: Core,
    call: Call,
    paging: Paging,
    size: u32,
    concurrency: usize,
    resume: Option<Continuation>,
    records: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + Send + 'static> List<T> {
    /// Of an operation that is paged.
    pub fn new(core: &Core, mut call: Call) -> Self {
        let paging = call.operation.paging.unwrap_or_else(|| {
            call.refuse(Error::new(ErrorKind::Internal, "the operation is not paged"));
            Paging::new("", "", "", (1, 1), Scheme::Cursor { carry: &[], next: "" })
        });
        Self {
            core: core.clone(),
            call,
            paging,
            size: paging.default_size,
            concurrency: 1,
            resume: None,
            records: PhantomData,
        }
    }

    pub fn call_mut(&mut self) -> &mut Call {
        &mut self.call
    }

    pub fn page_size(&mut self, size: u32) {
        self.size = size.clamp(1, self.paging.max_size);
    }

    pub fn concurrency(&mut self, pages: usize) {
        self.concurrency = pages.clamp(1, 64);
    }

    pub fn resume(&mut self, continuation: Continuation) {
        self.resume = Some(continuation);
    }

    fn query(self) -> Query<T> {
        let Self { core, mut call, paging, mut size, concurrency, resume, .. } = self;
        let fingerprint = fingerprint(&call);
        if let Some(resume) = &resume {
            size = resume.size;
            if resume.operation != call.operation.name || resume.fingerprint != fingerprint {
                call.refuse(Error::new(
                    ErrorKind::InvalidInput,
                    "the continuation belongs to another list, or to other filters",
                ));
            }
        }
        Query { core, call, paging, size, concurrency, resume, fingerprint, records: PhantomData }
    }

    pub async fn send(self) -> Result<Page<T>> {
        self.send_with_meta().await.map(Response::into_body)
    }

    pub async fn send_with_meta(self) -> Result<Response<Page<T>>> {
        let query = self.query();
        let place = query.start();
        let (answer, records) = query.page(&place.cursor).await?;
        let (total, next) = (query.total(&records), query.next(&place.cursor, &records));
        let next = next.map(|cursor| place.at(cursor, 0));
        let Records { items, odd, extra, .. } = records;
        Ok(answer.with_body(Page { items, odd, total, next, extra }))
    }

    pub fn pager(self) -> Pager<T> {
        Pager::new(self.query())
    }

    pub async fn collect(self) -> Result<Vec<T>> {
        self.pager().collect().await
    }

    pub async fn collect_measured(self) -> Measured<Vec<T>> {
        self.pager().collect_measured().await
    }
}

/// A list whose filters are settled: it fetches pages.
#[derive(Debug)]
pub(crate) struct Query<T> {
    core: Core,
    call: Call,
    paging: Paging,
    size: u32,
    concurrency: usize,
    resume: Option<Continuation>,
    fingerprint: u64,
    records: PhantomData<fn() -> T>,
}

/// A page as the pager needs it.
pub(crate) struct Fetched<T> {
    /// How many records came, readable or not.
    pub(crate) rows: usize,
    /// In the order of the page, those that could not be read as errors.
    pub(crate) records: Vec<Result<T>>,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<Cursor>,
    /// The numbers of the pages that follow, where they are known.
    pub(crate) ahead: Option<Range<u64>>,
}

impl<T> Query<T> {
    pub(crate) fn start(&self) -> Continuation {
        self.resume.clone().unwrap_or_else(|| {
            let cursor = match self.paging.scheme {
                Scheme::Link { first, .. } | Scheme::Count { first, .. } => Cursor::Number(first),
                Scheme::Cursor { .. } => Cursor::Opaque(Vec::new()),
            };
            Continuation {
                operation: self.call.operation.name.to_owned(),
                fingerprint: self.fingerprint,
                size: self.size,
                cursor,
                skip: 0,
            }
        })
    }

    pub(crate) fn is_resumed(&self) -> bool {
        self.resume.is_some()
    }

    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(crate) fn name(&self) -> &'static str {
        self.call.operation.name
    }

    /// Whether the total counts all records: with links it does (observed); where pages are counted it may be that of the page.
    pub(crate) fn trusts_total(&self) -> bool {
        matches!(self.paging.scheme, Scheme::Link { .. })
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

    fn total(&self, records: &Records<T>) -> Option<u64> {
        let total = match self.paging.scheme {
            Scheme::Link { total, .. } | Scheme::Count { total, .. } => records.details.get(total)?.as_u64(),
            Scheme::Cursor { .. } => None,
        }?;
        match self.paging.scheme {
            // It is not proven that this counts all pages: of several pages, the count of one says nothing.
            Scheme::Count { pages, .. }
                if number(&records.details, pages).is_some_and(|pages| pages > 1) && total <= records.rows() as u64 =>
            {
                None
            }
            _ => Some(total),
        }
    }

    /// The numbers of the pages after this one, where it is known how many there are.
    fn ahead(&self, this: &Cursor, records: &Records<T>) -> Option<Range<u64>> {
        let Cursor::Number(this) = this else { return None };
        let end = match self.paging.scheme {
            Scheme::Link { first, .. } => {
                // The service may serve fewer records a page than it was asked for: what came counts.
                let rows = u64::try_from(records.rows()).ok().filter(|rows| *rows > 0)?;
                first + self.total(records)?.div_ceil(rows)
            }
            Scheme::Count { first, pages, .. } => first + number(&records.details, pages)?,
            Scheme::Cursor { .. } => return None,
        };
        Some(this + 1..end)
    }

    /// Where the next page begins. Only the cursor is taken from a link; its host is never called. Where it cannot be told, this page
    /// is good all the same, and going on from it is the error.
    fn next(&self, this: &Cursor, records: &Records<T>) -> Option<Cursor> {
        let lost = |why: String| Some(Cursor::Lost(ErrorKind::Paging, why));
        if let Some(failure) = &records.failure {
            return Some(Cursor::Lost(ErrorKind::Server, failure.clone()));
        }
        if !records.details.is_object() && !self.paging.loose {
            return lost(format!("no `{}` in the answer: whether more pages follow is not known", self.paging.details));
        }
        match self.paging.scheme {
            // Without details the records came bare, and so all at once.
            Scheme::Count { .. } if records.details.is_null() => None,
            Scheme::Count { pages, first, .. } => {
                let Cursor::Number(this) = this else { return None };
                match number(&records.details, pages) {
                    Some(pages) => (this + 1 < first + pages).then_some(Cursor::Number(this + 1)),
                    None => lost(format!("no `{pages}` in the details of the page")),
                }
            }
            Scheme::Link { param, next, .. } => {
                let link = link(&records.details, next)?;
                let number = parameters(link, &[param]).into_iter().find_map(|(_, value)| value.parse().ok());
                number.map(Cursor::Number).or_else(|| lost(format!("the link to the next page has no `{param}`")))
            }
            Scheme::Cursor { carry, next } => match parameters(link(&records.details, next)?, carry) {
                parameters if parameters.is_empty() => lost("the link to the next page has no cursor".to_owned()),
                parameters => Some(Cursor::Opaque(parameters)),
            },
        }
    }
}

impl<T: DeserializeOwned> Query<T> {
    async fn page(&self, cursor: &Cursor) -> Result<(Answer, Records<T>)> {
        let mut call = self.call.clone();
        match (self.paging.scheme, cursor) {
            (Scheme::Link { param, .. } | Scheme::Count { param, .. }, Cursor::Number(number)) => {
                call.set_query(param, *number)
            }
            (Scheme::Cursor { .. }, Cursor::Opaque(parameters)) => {
                for (name, value) in parameters {
                    call.add_query(name.clone(), value.clone());
                }
            }
            (_, Cursor::Lost(kind, why)) => call.refuse(Error::new(*kind, why)),
            _ => call.refuse(Error::new(ErrorKind::InvalidInput, "the continuation belongs to another kind of list")),
        }
        call.set_query(self.paging.size_param, self.size);
        self.core.read(&call, |answer| page::read(answer, &self.paging)).await
    }

    pub(crate) async fn fetch(&self, cursor: &Cursor) -> Result<Fetched<T>> {
        let (answer, records) = self.page(cursor).await?;
        let (rows, total, ahead) = (records.rows(), self.total(&records), self.ahead(cursor, &records));
        let next = self.next(cursor, &records);
        let mut odd = records.odd.into_iter().peekable();
        let mut items = records.items.into_iter();
        let records = (0..rows).filter_map(|index| match odd.next_if(|odd| odd.index == index) {
            Some(odd) => Some(Err(odd.error(&answer))),
            None => items.next().map(Ok),
        });
        Ok(Fetched { rows, records: records.collect(), total, next, ahead })
    }
}

fn number(details: &Value, name: &str) -> Option<u64> {
    details.get(name)?.as_u64()
}

/// A link that is there: neither absent, nor null, nor blank.
fn link<'a>(details: &'a Value, name: &str) -> Option<&'a str> {
    details.get(name)?.as_str().map(str::trim).filter(|link| !link.is_empty())
}

/// These query parameters of a link, in its order. The link may be HTML-encoded (observed).
fn parameters(link: &str, names: &[&str]) -> Vec<(String, String)> {
    let link = link.replace("&amp;", "&");
    let query = link.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| names.contains(&&**name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// FNV-1a of the path and the filters.
fn fingerprint(call: &Call) -> u64 {
    let filters = call.query.iter().flat_map(|(name, value)| [name.as_ref(), value.as_str()]);
    let parts = call.segments.iter().map(AsRef::as_ref).chain(filters);
    let bytes = parts.flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Declares a list builder: a [`List`] with a setter for each filter.
#[doc(hidden)]
#[macro_export]
macro_rules! list_builder {
    (
        $(#[$meta:meta])*
        pub struct $name:ident -> $record:ty {
            $($(#[$setter_meta:meta])* $setter:ident: $kind:ty => $parameter:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        #[must_use = "a list fetches nothing until it is sent, paged or collected"]
        pub struct $name($crate::internal::List<$record>);

        impl $name {
            $(
                $(#[$setter_meta])*
                pub fn $setter(mut self, $setter: impl Into<$kind>) -> Self {
                    let value: $kind = $setter.into();
                    self.0.call_mut().set_query($parameter, value);
                    self
                }
            )*

            /// How many records to ask for at a time; more than the service serves is cut down to that.
            pub fn page_size(mut self, size: u32) -> Self {
                self.0.page_size(size);
                self
            }

            /// How many pages may be fetched at once, where the service says how many there are. Records still come in page order.
            pub fn concurrency(mut self, pages: usize) -> Self {
                self.0.concurrency(pages);
                self
            }

            /// Goes on where an earlier walk over the same list, with the same filters, stood.
            pub fn resume(mut self, continuation: $crate::Continuation) -> Self {
                self.0.resume(continuation);
                self
            }

            $crate::call_options!(0);

            /// Fetches one page.
            ///
            /// # Errors
            /// As the method that made the list says.
            pub async fn send(self) -> $crate::Result<$crate::Page<$record>> {
                self.0.send().await
            }

            /// Fetches one page and keeps what came along: status, headers, attempts, time.
            ///
            /// # Errors
            /// As `send`.
            pub async fn send_with_meta(self) -> $crate::Result<$crate::Response<$crate::Page<$record>>> {
                self.0.send_with_meta().await
            }

            /// All records as a stream.
            pub fn pager(self) -> $crate::Pager<$record> {
                self.0.pager()
            }

            /// All records, or the first error: of a page or of a record.
            ///
            /// # Errors
            /// As the method that made the list says; `Paging` if the pages contradict each other.
            pub async fn collect(self) -> $crate::Result<Vec<$record>> {
                self.0.collect().await
            }

            /// All records that can be had, and what is missing.
            pub async fn collect_measured(self) -> $crate::Measured<Vec<$record>> {
                self.0.collect_measured().await
            }
        }

        #[doc(hidden)]
        impl From<$crate::internal::List<$record>> for $name {
            fn from(list: $crate::internal::List<$record>) -> Self {
                Self(list)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cursor_is_taken_from_a_link() {
        let names = ["page"];
        for link in [
            "https://evil.test/x?max=2&page=7",
            "//evil?page=7",
            "?page=7#page=9",
            "page?max=2&amp;page=7",
            "https://u:p@h/?page=7",
        ] {
            assert_eq!(parameters(link, &names), [("page".to_owned(), "7".to_owned())], "{link}");
        }
        assert!(parameters("https://host/page/7", &names).is_empty());
        let both =
            parameters("https://host/?searchAfter=1%2Ca&searchAfter=b&page=next&size=9", &["searchAfter", "page"]);
        assert_eq!(both.len(), 3);
        assert_eq!(both[0].1, "1,a");
    }
}
