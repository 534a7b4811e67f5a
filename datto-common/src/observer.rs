//! What a program can watch: attempts, waits and retries.

use std::fmt;
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
