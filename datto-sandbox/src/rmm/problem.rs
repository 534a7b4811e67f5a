//! Refusals, in the shapes that the service uses.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a request is refused. The body is written at the gate, where path and time are known.
#[derive(Debug, Clone)]
pub(super) enum Problem {
    /// `ErrorResponse` of the document.
    Status(StatusCode),
    /// `{"errorMessage": …}`, which was observed with a body that cannot be read; other texts are guesses.
    Message(StatusCode, String),
    /// No token, or one that is not valid (body: guess).
    Token,
    /// Over the limit, with the seconds to wait if they are told.
    Rate(Option<u64>),
    /// A path that does not exist.
    NoResource,
}

impl Problem {
    pub(super) const NOT_FOUND: Self = Self::Status(StatusCode::NOT_FOUND);
    pub(super) const BAD_REQUEST: Self = Self::Status(StatusCode::BAD_REQUEST);

    /// A body that cannot be read.
    pub(super) fn unreadable() -> Self {
        Self::Message(StatusCode::BAD_REQUEST, "Failed to read request".to_owned())
    }

    /// A request that can be read and is wrong (text: guess).
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Message(StatusCode::BAD_REQUEST, message.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Status(status) | Self::Message(status, _) => *status,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Rate(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoResource => StatusCode::NOT_FOUND,
        }
    }

    /// The whole answer. `path` is without the leading `/api`, as the service writes it.
    pub(super) fn answer(&self, path: &str, now_ms: i64) -> Response {
        let status = self.status();
        let body = match self {
            Self::Status(_) | Self::Rate(_) => error_response(status, path, now_ms),
            Self::Message(_, message) => json!({ "errorMessage": message }),
            Self::Token => json!({"error": "invalid_token", "error_description": "Invalid or expired access token"}),
            Self::NoResource => {
                json!({ "errorMessage": format!("No static resource {}.", path.trim_start_matches('/')) })
            }
        };
        let mut response = (status, Json(body)).into_response();
        if let Self::Rate(Some(seconds)) = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        response
    }
}

fn error_response(status: StatusCode, path: &str, now_ms: i64) -> Value {
    json!({
        "timestamp": now_ms,
        "status": status.as_u16(),
        "error": status.canonical_reason(),
        "path": path,
    })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
