//! One call, ready to be awaited.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answer::{Answer, Response};
use crate::call::{Call, QueryValue};
use crate::core::Core;
use crate::list::List;
use crate::polled::Polled;
use crate::{Operation, Result};

/// Reads an answer.
#[doc(hidden)]
pub type Read<T> = fn(&Answer) -> Result<T>;

/// The boxed future of a call.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// What is done once a call has happened, or may have.
type After = Arc<dyn Fn() + Send + Sync>;

/// One call, ready to be awaited. Nothing is sent before.
///
/// `.await` sends it. It is a future itself, so that `join_all`, `buffer_unordered`, `select!` and `tokio::spawn` take it as it
/// is; [`send`](Self::send) is the plain future of the same call. Dropping the future cancels the call; a write whose request
/// was on its way may have been carried out. A clone is another call.
///
/// ```
/// # async fn run<T: 'static>(calls: Vec<datto_common::Request<T>>) -> datto_common::Result<Vec<T>> {
/// // Of a client: `uids.iter().map(|uid| rmm.devices().get(uid))`. The client's own limits keep the pace.
/// let answers = futures_util::future::try_join_all(calls).await?;
/// # Ok(answers)
/// # }
/// ```
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct Request<T> {
    core: Core,
    call: Call,
    read: Read<T>,
    after: Option<After>,
    polled: Polled<(Answer, T)>,
}

impl<T> Request<T> {
    #[doc(hidden)]
    pub fn new(core: &Core, call: Call, read: Read<T>) -> Self {
        Self { core: core.clone(), call, read, after: None, polled: Polled::default() }
    }

    #[doc(hidden)]
    pub fn call_mut(&mut self) -> &mut Call {
        &mut self.call
    }

    /// Does this once the call has happened, or may have: after its end, or when its future is dropped on the way.
    #[doc(hidden)]
    pub fn finally(mut self, act: impl Fn() + Send + Sync + 'static) -> Self {
        self.after = Some(Arc::new(act));
        self
    }

    crate::call_options!();
}

impl<T: 'static> Request<T> {
    /// Sends it.
    ///
    /// # Errors
    /// As the method that made it says.
    pub async fn send(self) -> Result<T> {
        let (_, body) = self.sent().await?;
        Ok(body)
    }

    /// Sends it and keeps what came along: status, headers, attempts, time.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_with_meta(self) -> Result<Response<T>> {
        let (answer, body) = self.sent().await?;
        Ok(answer.with_body(body))
    }

    /// A request that was polled goes on: it is not sent again.
    fn sent(mut self) -> Pending<(Answer, T)> {
        match self.polled.begun() {
            Ok(Some(pending)) => pending,
            Ok(None) => Box::pin(run(self.core, self.call, self.read, self.after)),
            Err(over) => Box::pin(async { Err(over) }),
        }
    }
}

async fn run<T>(core: Core, call: Call, read: Read<T>, after: Option<After>) -> Result<(Answer, T)> {
    let _after = Finally(after);
    core.read(&call, read).await
}

/// Acts when it is dropped.
struct Finally(Option<After>);

impl Drop for Finally {
    fn drop(&mut self) {
        if let Some(act) = &self.0 {
            act();
        }
    }
}

impl<T: 'static> Future for Request<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { core, call, read, after, polled } = self.get_mut();
        let begin = || -> Pending<(Answer, T)> { Box::pin(run(core.clone(), call.clone(), *read, after.clone())) };
        polled.poll(begin, cx).map_ok(|(_, body)| body)
    }
}

impl<T> Clone for Request<T> {
    fn clone(&self) -> Self {
        let (core, call, after) = (self.core.clone(), self.call.clone(), self.after.clone());
        Self { core, call, read: self.read, after, polled: Polled::default() }
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("call", &self.call).finish_non_exhaustive()
    }
}

/// A call of a client, still without what reads its answer: `self.core.call(&operations::SITES_GET, [uid]).json()`.
#[doc(hidden)]
#[derive(Debug)]
#[must_use]
pub struct Prepared {
    core: Core,
    call: Call,
}

impl Core {
    /// A call of a row of the table, with the values for its placeholders in order.
    pub fn call<const VALUES: usize>(&self, operation: &'static Operation, values: [&str; VALUES]) -> Prepared {
        Prepared { core: self.clone(), call: Call::new(operation, &values) }
    }
}

impl Prepared {
    /// Of a call that was put together elsewhere.
    pub fn of(core: &Core, call: Call) -> Self {
        Self { core: core.clone(), call }
    }

    pub fn query(mut self, name: &'static str, value: impl QueryValue) -> Self {
        self.call.set_query(name, value);
        self
    }

    /// With a JSON body.
    pub fn sending<B: Serialize + ?Sized>(mut self, body: &B) -> Self {
        self.call.set_json(body);
        self
    }

    /// What to look for if it may have happened.
    pub fn marked(mut self, marker: impl Into<String>) -> Self {
        self.call.set_marker(marker);
        self
    }

    /// Refused before anything is sent, if the check failed.
    pub fn checked<T>(mut self, check: Result<T>) -> Self {
        if let Err(wrong) = check {
            self.call.refuse(wrong);
        }
        self
    }

    pub fn accepting(mut self, types: &'static str) -> Self {
        self.call.set_accept(types);
        self
    }

    /// Answered by a record.
    pub fn json<T: DeserializeOwned>(self) -> Request<T> {
        self.read(|answer| answer.json())
    }

    /// Answered by a list in one piece.
    pub fn bare_list<T: DeserializeOwned>(self) -> Request<Vec<T>> {
        self.read(crate::page::read_bare)
    }

    /// Answered by nothing.
    pub fn nothing(self) -> Request<()> {
        self.read(|answer| answer.nothing())
    }

    /// Answered by what this finds.
    pub fn read<T>(self, read: Read<T>) -> Request<T> {
        Request { core: self.core, call: self.call, read, after: None, polled: Polled::default() }
    }

    /// Answered by pages.
    pub fn list<T, L: From<List<T>>>(self) -> L
    where
        T: DeserializeOwned + Send + 'static,
    {
        L::from(List::new(&self.core, self.call))
    }
}

/// The options that one call can have: of a type with `call_mut`, or of one that holds such a type in this field.
#[doc(hidden)]
#[macro_export]
macro_rules! call_options {
    ($($field:tt)?) => {
        /// The whole call may take this long, with all its attempts and waits; of a list, each page.
        pub fn with_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.$($field.)?call_mut().set_timeout(timeout);
            self
        }

        /// How often this call is tried, and how long to wait in between, in place of the client's own policy; of a list, each
        /// page. What must not be sent twice is not, whatever it says.
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.$($field.)?call_mut().set_retry(policy);
            self
        }

        /// Sends a header along, as a gateway or a trace may want it. Refused before anything is sent: what is no header, and
        /// those that the client sets itself.
        pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
            self.$($field.)?call_mut().add_header(name.as_ref(), value.as_ref());
            self
        }
    };
}

/// Declares a call with optional parameters: a [`Request`] with a setter for each.
#[doc(hidden)]
#[macro_export]
macro_rules! call_builder {
    (
        $(#[$meta:meta])*
        pub struct $name:ident -> $answer:ty {
            $($(#[$setter_meta:meta])* $setter:ident: $kind:ty => $parameter:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is awaited or sent"]
        pub struct $name($crate::Request<$answer>);

        impl $name {
            $(
                $(#[$setter_meta])*
                pub fn $setter(mut self, $setter: $kind) -> Self {
                    self.0.call_mut().set_query($parameter, $setter);
                    self
                }
            )*

            $crate::call_options!(0);

            /// Sends it.
            ///
            /// # Errors
            /// As the method that made it says.
            pub async fn send(self) -> $crate::Result<$answer> {
                self.0.send().await
            }

            /// Sends it and keeps what came along: status, headers, attempts, time.
            ///
            /// # Errors
            /// As `send`.
            pub async fn send_with_meta(self) -> $crate::Result<$crate::Response<$answer>> {
                self.0.send_with_meta().await
            }
        }

        impl ::std::future::Future for $name {
            type Output = $crate::Result<$answer>;

            fn poll(
                mut self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Self::Output> {
                ::std::pin::Pin::new(&mut self.0).poll(cx)
            }
        }
    };
}

/// Declares what a client leads to: the calls of one subject.
#[doc(hidden)]
#[macro_export]
macro_rules! api {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name {
            pub(crate) core: $crate::internal::Core,
        }

        impl $name {
            pub(crate) fn new(core: &$crate::internal::Core) -> Self {
                Self { core: core.clone() }
            }
        }
    };
}
