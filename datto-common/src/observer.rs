//! What a program can watch: attempts, waits and retries.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::{ErrorKind, Operation};

/// Watches the calls of a client. Called on the task that makes the call: return quickly.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use datto_common::{Event, Observer};
///
/// #[derive(Debug, Default)]
/// struct Retries(AtomicU64);
///
/// impl Observer for Retries {
///     fn on_event(&self, event: &Event<'_>) {
///         if let Event::Retrying { .. } = event {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// Something happened.
    fn on_event(&self, event: &Event<'_>);
}

/// All that watch a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers(Arc<[Arc<dyn Observer>]>);

impl Observers {
    pub(crate) fn new(observers: Vec<Arc<dyn Observer>>) -> Self {
        Self(observers.into())
    }

    /// Whether nobody watches: then nobody has to look at the clock.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells them. One that panics is told so in the log, and costs nobody his call.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        for observer in self.0.iter() {
            if std::panic::catch_unwind(AssertUnwindSafe(|| observer.on_event(event))).is_err() {
                tracing::error!(?observer, "an observer panicked");
            }
        }
    }

    /// Tells them of members that could not be read, if there are such.
    pub(crate) fn tell_unread(&self, operation: &Operation, members: &[String]) {
        if !members.is_empty() {
            self.tell(&Event::Unread { operation, members });
        }
    }
}

/// What happened to a call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The client's own limiter holds the call back for this long.
    Limited {
        /// The call.
        operation: &'a Operation,
        /// How long.
        wait: Duration,
    },
    /// An attempt was sent and ended.
    Attempt {
        /// The call.
        operation: &'a Operation,
        /// Which attempt, from 1.
        number: u32,
        /// The status, if an answer came.
        status: Option<StatusCode>,
        /// How long it took.
        elapsed: Duration,
    },
    /// The call will be sent again after this wait.
    Retrying {
        /// The call.
        operation: &'a Operation,
        /// Which attempt failed, from 1.
        number: u32,
        /// Why it failed.
        kind: ErrorKind,
        /// How long until the next one.
        wait: Duration,
    },
    /// A record of a good answer has members in a form in which they could not be read. The record stays; see
    /// [`Extra::unread`](crate::Extra::unread).
    Unread {
        /// The call.
        operation: &'a Operation,
        /// The members, by their path in the record: `patchManagement.patchStatus`.
        members: &'a [String],
    },
    /// A login is over: one request for a token, whoever waited for it. Told with the next call of the client.
    Login {
        /// The product.
        product: &'static str,
        /// How it failed, if it did.
        error: Option<ErrorKind>,
        /// How long it took.
        elapsed: Duration,
    },
    /// The call is over.
    Finished {
        /// The call.
        operation: &'a Operation,
        /// How often it was sent.
        attempts: u32,
        /// How it failed, if it did.
        error: Option<ErrorKind>,
        /// How long it took, with all waits.
        elapsed: Duration,
    },
}
