//! The one error type of the family: it says what failed, where, after how many attempts, and what to do about it.

mod kind;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::{Serialize, Serializer};

use crate::Odd;
use crate::scrub::{Clean, Cleaner, harmless};

pub use kind::ErrorKind;

/// The result of anything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// Why something failed.
///
/// `Display` is one complete line without the text of [`source`](std::error::Error::source); `Debug` adds the snippet of
/// the body of a refusal. Neither shows a credential, a URL with its values, or a header, nor the records of a good answer
/// that could not be read: [`body_snippet`](Self::body_snippet) does.
///
/// ```
/// # fn handle(error: datto_common::Error) {
/// use datto_common::ErrorKind;
/// match error.kind() {
///     ErrorKind::NotFound => println!("gone"),
///     _ if error.may_have_happened() => println!("look before you repeat: {error}"),
///     _ => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    context: Context,
    status: Option<StatusCode>,
    snippet: Option<Clean>,
    request_id: Option<Clean>,
    retry_after: Option<Duration>,
    json_path: Option<Clean>,
    hint: Option<String>,
    /// Another try will fail alike, whatever the kind.
    lasting: bool,
    may_have_happened: bool,
    marker: Option<String>,
    login_attempts: u32,
    record: Option<Arc<Odd>>,
    source: Option<Source>,
}

/// The call that an error belongs to.
#[derive(Debug, Clone, Copy, Default)]
#[doc(hidden)]
pub struct Context {
    pub product: &'static str,
    pub operation: &'static str,
    pub template: &'static str,
    pub attempts: u32,
    pub elapsed: Duration,
}

impl Error {
    /// An error of this kind. The message is one line, lower case, without secrets.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: harmless(message.into()),
            context: Context::default(),
            status: None,
            snippet: None,
            request_id: None,
            retry_after: None,
            json_path: None,
            hint: None,
            lasting: false,
            may_have_happened: false,
            marker: None,
            login_attempts: 0,
            record: None,
            source: None,
        }))
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(harmless(hint.into()));
        self
    }

    /// With the error below it.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_context(mut self, context: Context) -> Self {
        self.0.context = context;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = harmless(message.into());
        self
    }

    /// With more words after those that are there.
    #[doc(hidden)]
    #[must_use]
    pub fn with_more(self, words: impl fmt::Display) -> Self {
        let message =
            if self.message().is_empty() { words.to_string() } else { format!("{}; {words}", self.message()) };
        self.with_message(message)
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_snippet(mut self, snippet: Clean) -> Self {
        self.0.snippet = Some(snippet).filter(|snippet| !snippet.is_empty());
        self
    }

    /// Nothing of the body is kept: it may hold what nothing else names.
    #[doc(hidden)]
    #[must_use]
    pub fn without_snippet(mut self) -> Self {
        self.0.snippet = None;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_request_id(mut self, id: Option<Clean>) -> Self {
        self.0.request_id = id;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_json_path(mut self, path: Clean) -> Self {
        self.0.json_path = Some(path);
        self
    }

    /// Another try will fail alike: a certificate that is not trusted.
    #[doc(hidden)]
    #[must_use]
    pub fn that_lasts(mut self) -> Self {
        self.0.lasting = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn that_may_have_happened(mut self) -> Self {
        self.0.may_have_happened = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_login_attempts(mut self, attempts: u32) -> Self {
        self.0.login_attempts = attempts;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_marker(mut self, marker: impl Into<String>) -> Self {
        self.0.marker = Some(harmless(marker.into()));
        self
    }

    /// It is about one record of a list, which could not be read.
    #[must_use]
    pub(crate) fn with_record(mut self, record: Odd) -> Self {
        self.0.json_path = Some(Cleaner::new(&[]).words(&record.path, 1_000));
        self.0.record = Some(Arc::new(record));
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, if there was an answer. Also set where the status was fine and the body was not.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The name of the call, `devices.get`; `None` if it belongs to none.
    pub fn operation(&self) -> Option<&'static str> {
        Some(self.0.context.operation).filter(|name| !name.is_empty())
    }

    /// The path of the call with its placeholders, `/v2/device/{deviceUid}`; never with values.
    pub fn url_template(&self) -> Option<&'static str> {
        Some(self.0.context.template).filter(|template| !template.is_empty())
    }

    /// How many times it was tried; 0 if nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.context.attempts
    }

    /// How many times the call came no further than a login that failed. Many calls may have waited for one login.
    pub fn login_attempts(&self) -> u32 {
        self.0.login_attempts
    }

    /// How long it took, with all waits.
    pub fn elapsed(&self) -> Duration {
        self.0.context.elapsed
    }

    /// What happened, in the service's own words where it gave any.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The beginning of the body that came, with credentials scrubbed; at most 1 KiB. Of a good answer that could not be read
    /// it holds records, with whatever is private in them.
    pub fn body_snippet(&self) -> Option<&str> {
        self.0.snippet.as_deref()
    }

    /// The service's id of the request, where it sends one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long to wait before it makes sense to try again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Where in the JSON the first wrong value is, `devices[137].id`.
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// The record that could not be read, with its id where that could be. `None` where a call or a page failed: in a
    /// [`Pager`](crate::Pager) the walk goes on after the one, and is over after the other.
    pub fn record(&self) -> Option<&Odd> {
        self.0.record.as_deref()
    }

    /// Whether a write may have been carried out although no good answer came. Look before you repeat it.
    pub fn may_have_happened(&self) -> bool {
        self.0.may_have_happened
    }

    /// What to look for after a write that may have happened: the name of the job, say.
    pub fn marker(&self) -> Option<&str> {
        self.0.marker.as_deref()
    }

    /// Whether the record or route does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether it is about who is calling: the key, its role, its scope.
    pub fn is_auth(&self) -> bool {
        matches!(self.kind(), ErrorKind::Login | ErrorKind::Unauthenticated | ErrorKind::Forbidden)
    }

    /// Whether no answer came in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the same call may succeed later with nothing changed: the limit is used up, the service fails, the network does.
    /// The client has tried again by then as often as it may. A write may have been carried out all the same: see
    /// [`may_have_happened`](Self::may_have_happened).
    pub fn is_transient(&self) -> bool {
        use ErrorKind::{Blocked, Connect, RateLimited, Server, Timeout, Transport};
        let passing = matches!(self.kind(), Blocked | Connect | RateLimited | Server | Timeout | Transport);
        passing && !self.0.lasting && self.status() != Some(StatusCode::NOT_IMPLEMENTED)
    }

    /// One line without the hint.
    #[doc(hidden)]
    pub fn summary(&self) -> String {
        Summary(&self.0).to_string()
    }
}

/// `RMM devices.get: 404 Not Found after 1 attempt in 0.3 s: device not found`
struct Summary<'a>(&'a Inner);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, context, status, .. } = self.0;
        if !context.product.is_empty() {
            write!(f, "{}", context.product)?;
            if !context.operation.is_empty() {
                write!(f, " {}", context.operation)?;
            }
            f.write_str(": ")?;
        }
        match status {
            Some(status) if !status.is_success() => write!(f, "{status}")?,
            _ => write!(f, "{kind}")?,
        }
        if context.attempts > 0 {
            let plural = if context.attempts == 1 { "" } else { "s" };
            write!(f, " after {} attempt{plural} in {:.1} s", context.attempts, context.elapsed.as_secs_f64())?;
        }
        match self.0.login_attempts {
            0 => {}
            1 => f.write_str(", at the login")?,
            logins => write!(f, ", {logins} times at the login")?,
        }
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        if let Some(path) = &self.0.json_path {
            write!(f, " at {path}")?;
        }
        if self.0.may_have_happened {
            f.write_str("; it may have been carried out")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Summary(&self.0).fmt(f)?;
        if let Some(hint) = &self.0.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("summary", &self.summary())
            .field("hint", &self.0.hint)
            .field("template", &self.0.context.template)
            .field("request_id", &self.0.request_id)
            .field("retry_after", &self.0.retry_after)
            .field(
                "body",
                &self.0.snippet.as_ref().filter(|_| !self.0.status.is_some_and(|status| status.is_success())),
            )
            .field("source", &self.0.source)
            .finish()
    }
}

/// As an object for logs and answers of one's own: what the accessors give, times in milliseconds, without the body and the
/// source.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            kind: ErrorKind,
            #[serde(skip_serializing_if = "str::is_empty")]
            product: &'static str,
            operation: Option<&'static str>,
            url_template: Option<&'static str>,
            status: Option<u16>,
            message: &'a str,
            hint: Option<&'a str>,
            attempts: u32,
            elapsed_ms: u64,
            retry_after_ms: Option<u64>,
            request_id: Option<&'a str>,
            json_path: Option<&'a str>,
            may_have_happened: bool,
            marker: Option<&'a str>,
            transient: bool,
        }
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let written = Written {
            kind: self.kind(),
            product: self.0.context.product,
            operation: self.operation(),
            url_template: self.url_template(),
            status: self.status().map(|status| status.as_u16()),
            message: self.message(),
            hint: self.hint(),
            attempts: self.attempts(),
            elapsed_ms: millis(self.elapsed()),
            retry_after_ms: self.retry_after().map(millis),
            request_id: self.request_id(),
            json_path: self.json_path(),
            may_have_happened: self.may_have_happened(),
            marker: self.marker(),
            transient: self.is_transient(),
        };
        written.serialize(serializer)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// A source that is no error type: the text of an inner failure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
#[doc(hidden)]
pub struct Text(pub String);

#[cfg(test)]
mod tests;
