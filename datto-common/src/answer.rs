//! A whole answer, and how it is read.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::auth::{Authorization, Credentials};
use crate::error::{Context, Text};
use crate::profile::{Failure, Profile};
use crate::scrub::{beginning, scrub};
use crate::{Effect, Error, ErrorKind, Operation, Result};

/// How much of a body an error keeps.
const SNIPPET: usize = 1_024;

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
}

impl Answer {
    /// The body as text: checked as UTF-8 once, without a byte order mark.
    pub fn text(&self) -> Result<&str> {
        let text = std::str::from_utf8(&self.body)
            .map_err(|error| self.unreadable("the body is no UTF-8").with_source(error))?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let text = self.json_text()?;
        serde_json::from_str(text).map_err(|error| self.wrong_json::<T>(text, &error))
    }

    /// The body as text that may be JSON: neither empty nor HTML.
    pub(crate) fn json_text(&self) -> Result<&str> {
        let text = self.text()?;
        match text.trim_start().as_bytes().first() {
            None => Err(self.unreadable("an empty body where JSON should be")),
            Some(b'<') => Err(self.unreadable(html_message(text)).with_hint(HTML_HINT)),
            Some(_) => Ok(text),
        }
    }

    /// Nothing is expected. The services answer such writes with an empty body (official); HTML in its place is no success.
    pub fn nothing(&self) -> Result<()> {
        match self.body.trim_ascii_start().first() {
            Some(b'<') => Err(self.unreadable(html_message(&String::from_utf8_lossy(&self.body))).with_hint(HTML_HINT)),
            _ => Ok(()),
        }
    }

    /// An error about this answer.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let error = Error::new(kind, message)
            .with_status(self.status)
            .with_snippet(self.origin.snippet(&self.body))
            .with_request_id(request_id(&self.headers))
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
            Err(found) if found.path().iter().next().is_some() => failed.with_json_path(found.path().to_string()),
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

    pub(crate) fn snippet(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body.get(..16 * SNIPPET).unwrap_or(body));
        let mut secrets = self.credentials.secrets();
        secrets.extend(self.authorization.as_ref().map(|authorization| authorization.secret().clone()));
        beginning(&scrub(&text, &secrets), SNIPPET).to_owned()
    }

    /// The error that an answer with a bad status is.
    pub(crate) fn refusal(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        wait: Option<Duration>,
    ) -> Error {
        let snippet = self.snippet(body);
        let html = snippet.trim_start().starts_with('<');
        let failure = Failure { operation: self.operation, status, headers, body: &snippet, html };
        let kind = self.kind(&failure);
        let message = if html { html_message(&snippet) } else { service_message(&snippet) };
        let error = Error::new(kind, message)
            .with_status(status)
            .with_snippet(snippet.as_str())
            .with_request_id(request_id(headers))
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
fn html_message(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        let end = start + lower.get(start..)?.find("</title>")?;
        Some(text.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("HTML where JSON should be, titled \"{}\"", beginning(&title, 80)),
        None => "HTML where JSON should be".to_owned(),
    }
}

/// What the service says went wrong: the first member that says something, else the beginning of the text.
fn service_message(snippet: &str) -> String {
    const MEMBERS: &[&str] = &["errorMessage", "message", "error_description", "detail", "title", "error", "code"];
    let members: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(snippet).ok();
    let said = match &members {
        Some(members) => MEMBERS
            .iter()
            .filter_map(|name| members.get(*name)?.as_str())
            .find(|text| !text.trim().is_empty())
            .unwrap_or(""),
        None => snippet,
    };
    let line: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    beginning(&line, 200).to_owned()
}

/// A parser's message without the values that it quotes: they may be private.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(|id| beginning(id, 100).to_owned())
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
            ("No static resource\n v2/sites", "No static resource v2/sites"),
            ("", ""),
        ] {
            assert_eq!(service_message(body), message, "{body}");
        }
    }

    #[test]
    fn a_page_is_named_by_its_title() {
        assert_eq!(
            html_message("<html><TITLE> Down for\nmaintenance </TITLE>"),
            "HTML where JSON should be, titled \"Down for maintenance\""
        );
        assert_eq!(html_message("<html>"), "HTML where JSON should be");
    }

    #[test]
    fn a_parsers_message_quotes_no_value() {
        let error = serde_json::from_str::<u8>("\"recovery-key-123\"").unwrap_err();
        assert!(!without_values(&error).contains("recovery"), "{}", without_values(&error));
    }
}
