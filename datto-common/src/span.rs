//! Spans by the OpenTelemetry conventions for HTTP clients: names and templates, never a URL, query, header or body.

use http::StatusCode;
use tracing::{Span, field};
use url::Url;

use crate::ErrorKind;
use crate::call::Call;

/// The span of a whole call.
pub(crate) fn call(product: &str, call: &Call) -> Span {
    tracing::info_span!(
        "datto.call",
        "otel.name" = call.operation.name,
        "otel.kind" = "internal",
        "datto.product" = product,
        "datto.operation" = call.operation.name,
        "datto.attempts" = field::Empty,
        "error.type" = field::Empty,
    )
}

pub(crate) fn finish(span: &Span, attempts: u32, error: Option<ErrorKind>) {
    span.record("datto.attempts", attempts);
    if let Some(kind) = error {
        span.record("error.type", field::display(kind));
    }
}

/// The span of one attempt.
pub(crate) fn attempt(base: &Url, call: &Call, number: u32) -> Span {
    tracing::info_span!(
        "datto.attempt",
        "otel.name" = format_args!("{} {}", call.method, call.operation.path),
        "otel.kind" = "client",
        "http.request.method" = call.method.as_str(),
        "url.template" = call.operation.path,
        "server.address" = base.host_str().unwrap_or_default(),
        "server.port" = base.port_or_known_default(),
        "http.request.resend_count" = number.saturating_sub(1),
        "http.response.status_code" = field::Empty,
        "error.type" = field::Empty,
    )
}

pub(crate) fn answered(span: &Span, status: Option<StatusCode>, error: Option<ErrorKind>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(kind) = error {
        span.record("error.type", field::display(kind));
    }
}
