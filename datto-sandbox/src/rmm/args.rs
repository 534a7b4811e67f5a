//! What a request carries: query and body, read with the service's refusals instead of the framework's.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::problem::Problem;
use super::service::Service;
use crate::choice::{Booleans, LinkHost};

/// The query, and where it was sent.
#[derive(Debug)]
pub(super) struct Args {
    query: Vec<(String, String)>,
    host: Option<String>,
    scheme: Option<String>,
}

impl Args {
    /// The first value that is not blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.text(name).map(|text| text.parse().map_err(|_| Problem::BAD_REQUEST)).transpose()
    }

    /// A flag. The framework of the service takes any case; an old client sends `True` and `False` always.
    pub(super) fn flag(&self, name: &str, taken: Booleans) -> Result<Option<bool>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let text = if taken == Booleans::AnyCase { text.to_ascii_lowercase() } else { text.to_owned() };
        text.parse().map(Some).map_err(|_| Problem::BAD_REQUEST)
    }

    /// Scheme and host for links to other pages: those of the request, as a proxy in front of it says, or the
    /// listener's.
    pub(super) fn origin(&self, rmm: &Service) -> String {
        let fixed = &rmm.config.origins.rmm;
        match &self.host {
            Some(host) if rmm.settings().link_host == LinkHost::Request => {
                let own = fixed.split(':').next().unwrap_or("http");
                format!("{}://{host}", self.scheme.as_deref().unwrap_or(own))
            }
            _ => fixed.clone(),
        }
    }

    /// Several values: comma-joined, repeated, or both.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(key, _)| key == name);
        values.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
    }
}

impl<S: Sync> FromRequestParts<S> for Args {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (host, scheme) = (header("x-forwarded-host").or_else(|| header("host")), header("x-forwarded-proto"));
        let query = Query::try_from_uri(&parts.uri).map_err(|_| Problem::BAD_REQUEST)?;
        Ok(Self { query: query.0, host, scheme })
    }
}

/// A body that is a JSON object.
#[derive(Debug)]
pub(super) struct Body(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = axum::body::to_bytes(request.into_body(), usize::MAX).await.map_err(|_| Problem::unreadable())?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| Problem::unreadable())
    }
}

impl Body {
    pub(super) fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text; numbers and booleans are taken as text, lists and objects cannot be read.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        text(self.0.get(name))
    }

    /// A text that must be there and not blank.
    pub(super) fn required_text(&self, name: &str) -> Result<String, Problem> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| Problem::invalid(format!("{name} must not be blank")))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Problem::unreadable()),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(Problem::unreadable),
        }
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self(fields.clone()))),
            Some(_) => Err(Problem::unreadable()),
        }
    }

    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_object().cloned().map(Self).ok_or_else(Problem::unreadable)).collect()
            }
            Some(_) => Err(Problem::unreadable()),
        }
    }
}

/// A text as a lenient reader takes it.
pub(super) fn text(value: Option<&Value>) -> Result<Option<String>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
        Some(_) => Err(Problem::unreadable()),
    }
}
