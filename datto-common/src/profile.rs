//! What the core has to know of a product: data and pure functions, no endpoint.

use http::{HeaderMap, StatusCode};

use crate::limiter::Rules;
use crate::{ErrorKind, Operation};

/// A product as the core sees it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Its short name, in errors and spans.
    pub product: &'static str,
    /// The `User-Agent` where the caller names none.
    pub user_agent: &'static str,
    /// The headers that say how long to wait, in order.
    pub wait_headers: &'static [&'static str],
    /// What a failure means, in the user's words.
    pub hint: fn(&Failure<'_>, ErrorKind) -> Option<&'static str>,
    /// Whether a 403 is a block of the address, not a missing permission.
    pub is_block: fn(&Failure<'_>) -> bool,
    /// The limits that the service sets.
    pub limits: fn() -> Rules,
}

/// An answer with a bad status.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    pub operation: &'a Operation,
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    /// The beginning of the body, cleaned.
    pub body: &'a str,
    pub html: bool,
}
