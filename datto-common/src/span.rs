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
        "otel.name" = format_args!("{product} {}", call.operation.name),
        "otel.kind" = "internal",
        "otel.status_code" = field::Empty,
        "datto.product" = product,
        "datto.operation" = call.operation.name,
        "datto.attempts" = field::Empty,
        "error.type" = field::Empty,
    )
}

/// Ends a call; a failed one is told within its span as a warning.
pub(crate) fn finish(span: &Span, attempts: u32, error: Option<ErrorKind>) {
    span.record("datto.attempts", i64::from(attempts));
    if let Some(kind) = error {
        failed(span, kind);
        span.in_scope(|| {
            tracing::warn!("error.type" = kind.as_str(), "datto.attempts" = i64::from(attempts), "call failed")
        });
    }
}

/// The span of one attempt.
pub(crate) fn attempt(base: &Url, call: &Call, number: u32) -> Span {
    tracing::info_span!(
        "datto.attempt",
        "otel.name" = format_args!("{} {}", call.method, call.operation.path),
        "otel.kind" = "client",
        "otel.status_code" = field::Empty,
        "http.request.method" = call.method.as_str(),
        "url.template" = call.operation.path,
        "server.address" = base.host_str().unwrap_or_default(),
        "server.port" = base.port_or_known_default().map(i64::from),
        "http.request.resend_count" = number.checked_sub(1).filter(|again| *again > 0).map(i64::from),
        "http.response.status_code" = field::Empty,
        "error.type" = field::Empty,
    )
}

/// Ends an attempt.
pub(crate) fn answered(span: &Span, status: Option<StatusCode>, error: Option<ErrorKind>) {
    if let Some(status) = status {
        span.record("http.response.status_code", i64::from(status.as_u16()));
    }
    if let Some(kind) = error {
        failed(span, kind);
    }
}

/// The span of a login: of the request for a token, whoever waits for it.
#[cfg(feature = "oauth")]
pub(crate) fn login(product: &str, url: &Url) -> Span {
    tracing::info_span!(
        "datto.login",
        "otel.name" = format_args!("{product} login"),
        "otel.kind" = "client",
        "otel.status_code" = field::Empty,
        "datto.product" = product,
        "http.request.method" = "POST",
        "server.address" = url.host_str().unwrap_or_default(),
        "server.port" = url.port_or_known_default().map(i64::from),
        "error.type" = field::Empty,
    )
}

pub(crate) fn failed(span: &Span, kind: ErrorKind) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind.as_str());
}
