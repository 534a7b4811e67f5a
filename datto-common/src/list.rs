//! A list with its filters, ready to be fetched as one page or as all.

use std::future::Future;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::answer::Response;
use crate::call::Call;
use crate::core::Core;
use crate::cursor::Continuation;
use crate::page::Page;
use crate::query::Query;
use crate::rows::Identity;
use crate::{Error, ErrorKind, Measured, Pager, Paging, Result, Scheme};

/// What all lists of all products have in common, for code that syncs, counts or exports any of them.
///
/// ```
/// use datto_common::{Listing, Result};
///
/// /// How many records a list has, read eight pages at a time.
/// async fn count(list: impl Listing) -> Result<usize> {
///     let mut records = list.concurrency(8).pager();
///     let mut count = 0;
///     while let Some(record) = records.next().await {
///         record?;
///         count += 1;
///     }
///     Ok(count)
/// }
/// ```
///
/// The product crates implement it; it may grow, so that an implementation elsewhere can break.
pub trait Listing: Sized + Send {
    /// What the list is of.
    type Record: DeserializeOwned + Send + 'static;

    /// How many records to ask for at a time; more than the service serves is cut down to that.
    #[must_use]
    fn page_size(self, size: u32) -> Self;

    /// How many pages may be fetched at once, where the service says how many there are. Records still come in page order.
    #[must_use]
    fn concurrency(self, pages: usize) -> Self;

    /// Goes on where an earlier walk over the same list, with the same filters, stood; `None` begins anew.
    #[must_use]
    fn resume(self, continuation: Option<Continuation>) -> Self;

    /// All records as a stream.
    fn pager(self) -> Pager<Self::Record>;

    /// The whole list, or the first error.
    ///
    /// # Errors
    /// As the method that made the list says.
    fn collect(self) -> impl Future<Output = Result<Vec<Self::Record>>> + Send;

    /// All records that can be had, and what is missing.
    fn collect_measured(self) -> impl Future<Output = Measured<Vec<Self::Record>>> + Send;
}

/// A list with its filters. The product crates put a type of their own around it, with a setter for each filter.
#[derive(Debug)]
#[doc(hidden)]
pub struct List<T> {
    core: Core,
    call: Call,
    paging: Paging,
    identity: Option<Identity<T>>,
    size: u32,
    concurrency: usize,
    resume: Option<Continuation>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            call: self.call.clone(),
            paging: self.paging,
            identity: self.identity,
            size: self.size,
            concurrency: self.concurrency,
            resume: self.resume.clone(),
        }
    }
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
            identity: None,
            size: paging.default_size,
            concurrency: 1,
            resume: None,
        }
    }

    /// With how its records are told apart.
    #[must_use]
    pub fn by(mut self, of: fn(&T) -> &str, member: fn() -> String) -> Self {
        self.identity = Some(Identity { of, member });
        self
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

    pub fn resume(&mut self, continuation: impl Into<Option<Continuation>>) {
        self.resume = continuation.into();
    }

    fn query(self) -> Query<T> {
        let Self { core, call, paging, identity, size, concurrency, resume } = self;
        Query::new(core, call, paging, identity, (size, concurrency), resume)
    }

    pub async fn send(self) -> Result<Page<T>> {
        self.send_with_meta().await.map(Response::into_body)
    }

    pub async fn send_with_meta(self) -> Result<Response<Page<T>>> {
        self.pager().into_page().await
    }

    pub fn pager(self) -> Pager<T> {
        Pager::new(Arc::new(self.query()))
    }

    pub async fn collect(self) -> Result<Vec<T>> {
        Pager::collect(self.query()).await
    }

    pub async fn collect_measured(self) -> Measured<Vec<T>> {
        Pager::collect_measured(self.query()).await
    }
}

/// Declares a list builder: a [`List`] with a setter for each filter.
#[doc(hidden)]
#[macro_export]
macro_rules! list_builder {
    (
        $(#[$meta:meta])*
        pub struct $name:ident -> $record:ty $(, by $id:ident)? {
            $($(#[$setter_meta:meta])* $setter:ident: $kind:ty => $parameter:literal,)*
        }
    ) => {
        $(#[$meta])*
        ///
        /// A record that does not come is gone only where the whole list came: where `collect` returned, where `collect_measured` is
        /// known, or where a pager's [`verdict`](crate::Pager::verdict) is complete.
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

            /// Goes on where an earlier walk over the same list, with the same filters, stood; `None` begins anew.
            pub fn resume(mut self, continuation: impl ::std::convert::Into<::std::option::Option<$crate::Continuation>>) -> Self {
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

            /// All records as a stream. A record that did not come is gone only if the
            /// [`verdict`](crate::Pager::verdict) at the end is complete.
            pub fn pager(self) -> $crate::Pager<$record> {
                self.0.pager()
            }

            /// The whole list, or the first error: of a page or of a record.
            ///
            /// What is absent was not in the list while it was read, as far as the service's answers can show it; see
            /// [`Verdict`](crate::Verdict). Where the service does not say how many records there are, a list of several numbered
            /// pages is read twice or three times, until two readings agree.
            ///
            /// # Errors
            /// As the method that made the list says; `Paging` if the pages contradict each other: the list changed while it was read.
            pub async fn collect(self) -> $crate::Result<Vec<$record>> {
                self.0.collect().await
            }

            /// All records that can be had, and what is missing; known only where `collect` would give the whole list.
            pub async fn collect_measured(self) -> $crate::Measured<Vec<$record>> {
                self.0.collect_measured().await
            }
        }

        impl $crate::Listing for $name {
            type Record = $record;

            fn page_size(self, size: u32) -> Self {
                self.page_size(size)
            }

            fn concurrency(self, pages: usize) -> Self {
                self.concurrency(pages)
            }

            fn resume(self, continuation: ::std::option::Option<$crate::Continuation>) -> Self {
                self.resume(continuation)
            }

            fn pager(self) -> $crate::Pager<$record> {
                self.pager()
            }

            async fn collect(self) -> $crate::Result<Vec<$record>> {
                self.collect().await
            }

            async fn collect_measured(self) -> $crate::Measured<Vec<$record>> {
                self.collect_measured().await
            }
        }

        #[doc(hidden)]
        impl From<$crate::internal::List<$record>> for $name {
            fn from(list: $crate::internal::List<$record>) -> Self {
                Self(list$(.by(
                    |record| $crate::internal::AsIdentity::as_identity(&record.$id),
                    || $crate::internal::wire_name::<$record>(::std::stringify!($id)),
                ))?)
            }
        }
    };
}
