//! One call with its values, as data: nothing is sent yet.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde::Serialize;
use tokio::time::Instant;

use crate::{Bucket, Effect, Error, ErrorKind, Operation, Result, RetryPolicy, path};

/// A call: its operation and the values for this time. A value that cannot be sent is remembered and reported when the call is made.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    pub(crate) effect: Effect,
    pub(crate) bucket: Bucket,
    pub(crate) segments: Vec<Cow<'static, str>>,
    pub(crate) query: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: Body,
    pub(crate) timeout: Option<Duration>,
    pub(crate) stall: Option<Stall>,
    pub(crate) accept: &'static str,
    /// In place of the client's own policy.
    pub(crate) retry: Option<RetryPolicy>,
    /// What a caller sends along.
    pub(crate) headers: HeaderMap,
    pub(crate) marker: Option<String>,
    pub(crate) wrong: Option<Error>,
}

/// What the client sets itself: a caller's would break the authorization, the body or what is done with the answer.
static OWN_HEADERS: &[HeaderName] = &[
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::RANGE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// What a call carries.
#[derive(Clone, Default)]
#[doc(hidden)]
pub enum Body {
    #[default]
    Empty,
    Json(Bytes),
    Made(Arc<dyn MakeBody>),
}

/// Makes a streamed body anew for each attempt.
#[async_trait]
#[doc(hidden)]
pub trait MakeBody: Send + Sync + 'static {
    /// The body, its content type and its length.
    async fn make(&self) -> Result<StreamBody>;
}

#[doc(hidden)]
#[derive(Debug)]
pub struct StreamBody {
    pub body: reqwest::Body,
    pub content_type: String,
    pub length: Option<u64>,
}

/// In place of a time limit for the attempt: it is given up when it has not moved for this long.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Stall {
    pub after: Duration,
    pub moved: Arc<Moved>,
}

/// When a transfer has moved last.
#[derive(Debug)]
#[doc(hidden)]
pub struct Moved(Mutex<Instant>);

impl Moved {
    /// It moves now.
    pub fn touch(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(crate) fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Moved {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Call {
    /// A call of a row of the table, with the values for its placeholders in order.
    pub fn new(operation: &'static Operation, values: &[&str]) -> Self {
        let (segments, wrong) = match path::fill(operation.path, values) {
            Ok(segments) => (segments, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        Self {
            operation,
            method: operation.method.clone(),
            effect: operation.effect,
            bucket: operation.bucket,
            segments,
            query: Vec::new(),
            body: Body::Empty,
            timeout: None,
            stall: None,
            accept: "application/json",
            retry: None,
            headers: HeaderMap::new(),
            marker: None,
            wrong,
        }
    }

    /// A call that no row describes.
    pub(crate) fn raw<S: AsRef<str>>(
        operation: &'static Operation,
        method: Method,
        segments: impl IntoIterator<Item = S>,
    ) -> Self {
        let (segments, wrong) = match path::literal(segments) {
            Ok(segments) => (segments, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let reads = method == Method::GET;
        Self {
            effect: if reads { Effect::Read } else { Effect::Once },
            bucket: if reads { Bucket::Read } else { Bucket::Write("") },
            method,
            segments,
            wrong,
            ..Self::new(operation, &[])
        }
    }

    /// Adds a query parameter; one of the same name is kept.
    pub fn add_query(&mut self, name: impl Into<Cow<'static, str>>, value: impl QueryValue) {
        self.query.push((name.into(), value.into_query()));
    }

    /// Sets a query parameter; one of the same name is replaced. An empty one is refused: a service may take it for none, and give
    /// everything in place of what was asked for.
    pub fn set_query(&mut self, name: &'static str, value: impl QueryValue) {
        let value = value.into_query();
        if value.is_empty() {
            let wrong = Error::new(ErrorKind::InvalidInput, format!("the filter `{name}` is empty"));
            self.refuse(wrong.with_hint("nothing was sent; leave the filter out to get everything"));
        }
        self.query.retain(|(other, _)| other != name);
        self.add_query(name, value);
    }

    /// Sets a JSON body.
    pub fn set_json<B: Serialize + ?Sized>(&mut self, body: &B) {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Body::Json(bytes.into()),
            Err(error) => self
                .refuse(Error::new(ErrorKind::InvalidInput, "the body cannot be written as JSON").with_source(error)),
        }
    }

    /// Sets a streamed body.
    pub fn set_stream(&mut self, body: Arc<dyn MakeBody>) {
        self.body = Body::Made(body);
    }

    /// The call is wrong; making it will say so. The first reason stands.
    pub fn refuse(&mut self, error: Error) {
        self.wrong.get_or_insert(error);
    }

    /// The whole call may take this long.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// It is a transfer: it may take any time as long as it moves.
    pub fn set_stall(&mut self, stall: Stall) {
        self.stall = Some(stall);
    }

    /// What may come back.
    pub fn set_accept(&mut self, accept: &'static str) {
        self.accept = accept;
    }

    /// How often it is tried, in place of the client's own policy.
    pub fn set_retry(&mut self, policy: RetryPolicy) {
        self.retry = Some(policy);
    }

    /// A header that a caller sends along. Its value is not shown by `Debug`: it may be a secret of theirs.
    pub fn add_header(&mut self, name: &str, value: &str) {
        let wrong = |what: String| Error::new(ErrorKind::InvalidInput, what).with_hint("nothing was sent");
        let Ok(known) = HeaderName::from_bytes(name.trim().as_bytes()) else {
            return self.refuse(wrong(format!("{name:?} cannot be the name of a header")));
        };
        if OWN_HEADERS.contains(&known) {
            return self.refuse(wrong(format!("the client sets the header `{known}` itself")));
        }
        match HeaderValue::from_str(value.trim()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.append(known, value);
            }
            Err(_) => self.refuse(wrong(format!("the value of the header `{known}` cannot be sent"))),
        }
    }

    /// What to look for if it may have happened.
    pub fn set_marker(&mut self, marker: impl Into<String>) {
        self.marker = Some(marker.into());
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Made(_) => f.write_str("Made"),
        }
    }
}

/// What can stand in a query.
#[doc(hidden)]
pub trait QueryValue {
    fn into_query(self) -> String;
}

macro_rules! query_values {
    ($($kind:ty),+) => {$(
        impl QueryValue for $kind {
            fn into_query(self) -> String {
                self.to_string()
            }
        }
    )+};
}

query_values!(bool, u8, u16, u32, u64, i32, i64, usize, &str);

impl QueryValue for String {
    fn into_query(self) -> String {
        self
    }
}
