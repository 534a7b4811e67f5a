//! The kinds of failure.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of failure it was. Match on it; never on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument cannot be sent: an empty id, `..` in a path, a continuation of another list. Nothing was sent.
    InvalidInput,
    /// The client cannot be built: a URL, platform, endpoint or credential is missing or wrong.
    Config,
    /// The login was refused: wrong key or secret, or (RMM) a key of another platform.
    Login,
    /// The service answered 401: the key pair or token is wrong, expired or revoked.
    Unauthenticated,
    /// The service answered 403: the key or role may not do this.
    Forbidden,
    /// The service blocks this address for a while; calls fail at once until the block is over.
    Blocked,
    /// The record or route does not exist.
    NotFound,
    /// The service refused because of another change at the same time, or because the thing exists already.
    Conflict,
    /// The limit on requests is used up and waiting would exceed the time of the call.
    RateLimited,
    /// The service refused the request for another reason (another 4xx).
    Api,
    /// The service failed (5xx).
    Server,
    /// No answer in time.
    Timeout,
    /// No connection to the host: name, address, TLS or a refused connection. Nothing was sent.
    Connect,
    /// The connection broke after something was sent.
    Transport,
    /// The service sent the caller elsewhere; redirects are not followed.
    Redirect,
    /// The answer could not be read: no JSON, HTML in its place, or another shape than known.
    Decode,
    /// The answer is larger than the cap.
    TooLarge,
    /// The pages of a list do not end, repeat, or contradict each other.
    Paging,
    /// A downloaded or uploaded file is not what it should be: its size or hash differs.
    Integrity,
    /// A file of this machine cannot be read or written.
    Io,
    /// The services offer no such thing.
    Unsupported,
    /// What was asked for was read, and says nothing about it.
    NoData,
    /// The library is wrong; please report it.
    Internal,
}

impl ErrorKind {
    /// A stable word for it, as JSON has it: `rate_limited`. For labels of metrics and for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Config => "config",
            Self::Login => "login",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Blocked => "blocked",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Api => "api",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Transport => "transport",
            Self::Redirect => "redirect",
            Self::Decode => "decode",
            Self::TooLarge => "too_large",
            Self::Paging => "paging",
            Self::Integrity => "integrity",
            Self::Io => "io",
            Self::Unsupported => "unsupported",
            Self::NoData => "no_data",
            Self::Internal => "internal",
        }
    }
}

/// Words for people; [`as_str`](ErrorKind::as_str) is the identifier.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidInput => "invalid input",
            Self::Config => "configuration",
            Self::Login => "login refused",
            Self::Unauthenticated => "not authenticated",
            Self::Forbidden => "forbidden",
            Self::Blocked => "blocked",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::Api => "refused by the service",
            Self::Server => "failure of the service",
            Self::Timeout => "timed out",
            Self::Connect => "no connection",
            Self::Transport => "connection broken",
            Self::Redirect => "redirected",
            Self::Decode => "unreadable answer",
            Self::TooLarge => "answer too large",
            Self::Paging => "paging",
            Self::Integrity => "integrity",
            Self::Io => "local file",
            Self::Unsupported => "unsupported",
            Self::NoData => "no data",
            Self::Internal => "internal",
        })
    }
}
