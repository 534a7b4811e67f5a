//! A whole answer, and how it is read.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::auth::{Authorization, Credentials};
use crate::error::{Context, Text};
use crate::observer::Observers;
use crate::profile::{Failure, Profile};
use crate::scrub::{Clean, Cleaner, window};
use crate::tolerant::{self, Mended};
use crate::{Effect, Error, ErrorKind, Operation, Result};

/// How much of a body an error keeps.
const SNIPPET: usize = 1_024;
/// How much of what the service says stands in a message.
const WORDS: usize = 300;

/// A body of a good answer with what came along. `send_with_meta` gives it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Response<T> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// How often the call was sent.
    pub attempts: u32,
    /// How long it took, with all waits.
    pub elapsed: Duration,
    /// The answer.
    pub body: T,
}

impl<T> Response<T> {
    /// The answer alone.
    pub fn into_body(self) -> T {
        self.body
    }
}

/// What an error or an answer knows of its call.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Origin {
    pub(crate) profile: &'static Profile,
    pub(crate) operation: &'static Operation,
    /// Of this call, which a raw one sets for itself.
    pub(crate) effect: Effect,
    pub(crate) marker: Option<String>,
    pub(crate) credentials: Arc<dyn Credentials>,
    /// What this attempt was sent with; the credentials may have renewed it since.
    pub(crate) authorization: Option<Authorization>,
    /// Who is told what could not be read.
    pub(crate) observers: Observers,
}

/// A good answer with its whole body, not yet read.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub attempts: u32,
    pub elapsed: Duration,
    pub(crate) origin: Origin,
    /// Of the body, made once for all errors about this answer.
    snippet: OnceLock<Clean>,
    /// The body with what is no UTF-8 replaced, where there is such.
    mended: OnceLock<String>,
}

impl Answer {
    pub(crate) fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        (attempts, elapsed): (u32, Duration),
        origin: Origin,
    ) -> Self {
        Self { status, headers, body, attempts, elapsed, origin, snippet: OnceLock::new(), mended: OnceLock::new() }
    }

    /// The body as text, without a byte order mark. One odd byte in a name costs that character; what is no UTF-8 as a whole
    /// is an error.
    pub fn text(&self) -> Result<&str> {
        let text = match std::str::from_utf8(&self.body) {
            Ok(text) => text,
            Err(error) if self.body.contains(&0) => {
                return Err(self.unreadable("the body is no UTF-8").with_source(error));
            }
            Err(_) => self.mended.get_or_init(|| String::from_utf8_lossy(&self.body).into_owned()),
        };
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.json_of(self.json_text()?)
    }

    /// A part of the body as JSON.
    pub(crate) fn json_of<T: DeserializeOwned>(&self, text: &str) -> Result<T> {
        serde_json::from_str(text).or_else(|error| {
            let Mended { record, unread } = tolerant::read(text).ok_or_else(|| self.wrong_json::<T>(text, &error))?;
            self.origin.observers.tell_unread(self.origin.operation, &unread);
            Ok(record)
        })
    }

    /// The body as text that may be JSON: neither empty nor HTML.
    pub(crate) fn json_text(&self) -> Result<&str> {
        let text = self.text()?;
        match text.trim_start().as_bytes().first() {
            None => Err(self.unreadable("an empty body where JSON should be")),
            Some(b'<') => Err(self.page_for_people()),
            Some(_) => Ok(text),
        }
    }

    /// Nothing is expected. The services answer such writes with an empty body (official). A page, or a failure in JSON or
    /// in words, is no success.
    pub fn nothing(&self) -> Result<()> {
        if matches!(self.status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Ok(());
        }
        let text = window(&self.body);
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if text.starts_with('<') {
            return Err(self.page_for_people());
        }
        let failed = match serde_json::from_str(text) {
            Ok(Value::Object(members)) => says_failure(&members),
            Ok(Value::String(words)) => !is_consent(&words),
            Ok(_) => false,
            Err(_) => !is_consent(text) && !text.starts_with(['{', '[']),
        };
        if !failed {
            return Ok(());
        }
        let said = self.origin.cleaner().said(&self.body, WORDS);
        Err(self.error(ErrorKind::Server, said.after("the service reports inside a good answer: ")))
    }

    fn page_for_people(&self) -> Error {
        let message = html_message(&self.origin.cleaner(), &self.body);
        self.unreadable(message).with_hint(HTML_HINT)
    }

    /// An error about this answer.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let error = Error::new(kind, message)
            .with_status(self.status)
            .with_snippet(self.snippet.get_or_init(|| self.origin.cleaner().body(&self.body, SNIPPET)).clone())
            .with_request_id(self.origin.request_id(&self.headers))
            .with_context(self.origin.context(self.attempts, self.elapsed));
        self.origin.after_a_write(error)
    }

    /// An error of kind `Decode` about this answer.
    pub fn unreadable(&self, message: impl Into<String>) -> Error {
        self.error(ErrorKind::Decode, message)
    }

    /// Parses a second time to learn where it went wrong.
    pub(crate) fn wrong_json<T: DeserializeOwned>(&self, text: &str, error: &serde_json::Error) -> Error {
        let failed = self.unreadable(without_values(error)).with_source(Text(without_values(error)));
        match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(text)) {
            Err(found) if found.path().iter().next().is_some() => {
                let path = self.origin.cleaner().words(&found.path().to_string(), WORDS);
                failed.with_json_path(path)
            }
            _ => failed,
        }
    }

    /// The answer with another body.
    pub fn with_body<T>(self, body: T) -> Response<T> {
        Response { status: self.status, headers: self.headers, attempts: self.attempts, elapsed: self.elapsed, body }
    }
}

impl Origin {
    /// What came was no good answer to a write; it may have been carried out all the same.
    pub(crate) fn after_a_write(&self, error: Error) -> Error {
        match (self.effect, &self.marker) {
            (Effect::Read, _) => error,
            (_, None) => error.that_may_have_happened(),
            (_, Some(marker)) => error.that_may_have_happened().with_marker(marker),
        }
    }

    pub(crate) fn context(&self, attempts: u32, elapsed: Duration) -> Context {
        Context {
            product: self.profile.product,
            operation: self.operation.name,
            template: self.operation.path,
            attempts,
            elapsed,
        }
    }

    /// What cleans the words of an answer: it knows all that the call could have been sent with.
    pub(crate) fn cleaner(&self) -> Cleaner {
        let mut secrets = self.credentials.secrets();
        secrets.extend(self.authorization.as_ref().map(|authorization| authorization.secret().clone()));
        Cleaner::new(&secrets)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<Clean> {
        let id = headers.get("x-request-id")?.to_str().ok()?;
        Some(self.cleaner().words(id, 100))
    }

    /// The error that an answer with a bad status is.
    pub(crate) fn refusal(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        wait: Option<Duration>,
    ) -> Error {
        let cleaner = self.cleaner();
        let html = window(body).trim_start().starts_with('<');
        let message = if html { html_message(&cleaner, body) } else { cleaner.said(body, WORDS) };
        let snippet = cleaner.body(body, SNIPPET);
        let failure = Failure { operation: self.operation, status, headers, body: &snippet, html };
        let kind = self.kind(&failure);
        let error = Error::new(kind, message)
            .with_status(status)
            .with_snippet(snippet.clone())
            .with_request_id(self.request_id(headers))
            .with_retry_after(wait);
        match (self.profile.hint)(&failure, kind) {
            Some(hint) => error.with_hint(hint),
            None if html => error.with_hint(HTML_HINT),
            None => error,
        }
    }

    fn kind(&self, failure: &Failure<'_>) -> ErrorKind {
        match failure.status {
            StatusCode::FORBIDDEN if (self.profile.is_block)(failure) => ErrorKind::Blocked,
            StatusCode::UNAUTHORIZED => ErrorKind::Unauthenticated,
            StatusCode::FORBIDDEN => ErrorKind::Forbidden,
            StatusCode::NOT_FOUND => ErrorKind::NotFound,
            StatusCode::CONFLICT => ErrorKind::Conflict,
            StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
            status if status.is_redirection() => ErrorKind::Redirect,
            status if status.is_server_error() => ErrorKind::Server,
            _ => ErrorKind::Api,
        }
    }
}

const HTML_HINT: &str = "a page for people came, not the API's answer: maintenance, a proxy or firewall on the way, or a URL that is not the API's";

/// Names the page by its title.
fn html_message(cleaner: &Cleaner, body: &[u8]) -> Clean {
    let text = window(body);
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let start = start + lower.get(start..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find("</title")?;
        Some(cleaner.words(text.get(start..end)?, 4 * WORDS).line(80))
    });
    match title.filter(|title| !title.is_empty()) {
        Some(title) => title.between("HTML where JSON should be, titled \"", "\""),
        None => Clean::ours("HTML where JSON should be"),
    }
}

/// Whether the JSON that came in place of nothing tells of a failure: a status or code of one, or words about it.
fn says_failure(members: &Map<String, Value>) -> bool {
    let told = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    };
    let status = |value: &Value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).unwrap_or(0);
    members.iter().any(|(name, value)| match name.to_ascii_lowercase().replace('_', "").as_str() {
        "errormessage" | "errordescription" | "error" | "errors" | "exception" | "fault" => told(value),
        "status" | "statuscode" | "code" => {
            status(value) >= 400 || value.as_str().is_some_and(|word| is_failed(&word.to_ascii_lowercase()))
        }
        "success" | "ok" => *value == Value::Bool(false),
        _ => false,
    })
}

fn is_failed(word: &str) -> bool {
    ["error", "fail", "failed", "failure"].contains(&word)
}

/// Whether a text in place of nothing says that all is well. Any other is taken for a failure in words.
fn is_consent(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "",
        "ok",
        "okay",
        "success",
        "successful",
        "succeeded",
        "true",
        "done",
        "accepted",
        "created",
        "updated",
        "deleted",
        "resolved",
        "completed",
        "null",
    ];
    WORDS.contains(&text.trim().trim_end_matches(['.', '!']).to_ascii_lowercase().as_str())
}

/// A parser's message without the values that it quotes: they may be private.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_own_words_are_found() {
        for (body, message) in [
            (r#"{"errorMessage":"Failed to read request"}"#, "Failed to read request"),
            (r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/v2/x"}"#, "Not Found"),
            (r#"{"error":"invalid_grant","error_description":"Bad credentials"}"#, "Bad credentials"),
            (r#"{"code":"exception.notfoundhttpexception","message":"No route"}"#, "No route"),
            (r#"{"message":null,"code":7}"#, ""),
            (r#"{"error":{"code":"x","message":"deep"}}"#, "deep"),
            (r#"{"errors":["first","second"]}"#, "first"),
            (r#"[{"Message":"of a list"}]"#, "of a list"),
            (r#"{"message":"broken off","tra"#, "broken off"),
            ("\"only text\"", "only text"),
            ("No static resource\n v2/sites", "No static resource v2/sites"),
            ("", ""),
        ] {
            assert_eq!(&*Cleaner::new(&[]).said(body.as_bytes(), WORDS), message, "{body}");
        }
    }

    #[test]
    fn a_page_is_named_by_its_title() {
        let named = |page: &str| String::from(html_message(&Cleaner::new(&[]), page.as_bytes()));
        assert_eq!(
            named("<html><TITLE lang=en> Down for\nmaintenance </TITLE>"),
            "HTML where JSON should be, titled \"Down for maintenance\""
        );
        assert_eq!(named("<html>"), "HTML where JSON should be");
    }

    #[test]
    fn a_parsers_message_quotes_no_value() {
        let error = serde_json::from_str::<u8>("\"recovery-key-123\"").unwrap_err();
        assert!(!without_values(&error).contains("recovery"), "{}", without_values(&error));
    }
}
