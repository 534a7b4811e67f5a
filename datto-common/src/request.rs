//! One call, ready to be awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::Result;
use crate::answer::{Answer, Response};
use crate::call::Call;
use crate::core::Core;

/// Reads an answer.
#[doc(hidden)]
pub type Read<T> = fn(&Answer) -> Result<T>;

/// The future of an awaited call.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// One call, ready to be awaited. Nothing is sent before.
///
/// `.await` sends it; [`send`](Self::send) is the plain future, for `spawn` and `join`. Dropping the future cancels the
/// call; a write whose request was on its way may have been carried out.
#[derive(Debug, Clone)]
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct Request<T> {
    core: Core,
    call: Call,
    read: Read<T>,
}

impl<T> Request<T> {
    #[doc(hidden)]
    pub fn new(core: &Core, call: Call, read: Read<T>) -> Self {
        Self { core: core.clone(), call, read }
    }

    #[doc(hidden)]
    pub fn call_mut(&mut self) -> &mut Call {
        &mut self.call
    }

    /// The whole call may take this long, with all its attempts and waits.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.call.set_timeout(timeout);
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// As the method that made it says.
    pub async fn send(self) -> Result<T> {
        let (_, body) = self.core.read(&self.call, self.read).await?;
        Ok(body)
    }

    /// Sends it and keeps what came along: status, headers, attempts, time.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_with_meta(self) -> Result<Response<T>> {
        let (answer, body) = self.core.read(&self.call, self.read).await?;
        Ok(answer.with_body(body))
    }
}

impl<T: 'static> IntoFuture for Request<T> {
    type Output = Result<T>;
    type IntoFuture = Pending<T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
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

            /// The whole call may take this long, with all its attempts and waits.
            pub fn with_timeout(self, timeout: ::std::time::Duration) -> Self {
                Self(self.0.with_timeout(timeout))
            }

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

        impl ::std::future::IntoFuture for $name {
            type Output = $crate::Result<$answer>;
            type IntoFuture = $crate::Pending<$answer>;

            fn into_future(self) -> Self::IntoFuture {
                ::std::future::IntoFuture::into_future(self.0)
            }
        }
    };
}
