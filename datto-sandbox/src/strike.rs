//! How a fault strikes: what becomes of the answer, and of the connection.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use hyper::body::Frame;
use serde_json::json;
use tokio::time::{Sleep, sleep};

use crate::fault::{Fault, Kind};
use crate::wire::OtherEnd;

/// Why a connection ends without an answer.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection was dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// A fault at the request that it has chosen.
#[derive(Debug)]
pub(crate) struct Strike<'a> {
    pub(crate) fault: Fault,
    /// How often it has struck before.
    pub(crate) struck: u64,
    /// Path and query, as they were sent.
    pub(crate) target: &'a str,
    /// The wall clock of the services, in epoch milliseconds.
    pub(crate) now_ms: i64,
    pub(crate) wire: Option<&'a OtherEnd>,
}

impl Strike<'_> {
    /// Lets the fault strike; `carried_out` does nothing until it is awaited.
    pub(crate) async fn strike(self, carried_out: impl Future<Output = Response>) -> Result<Response, Dropped> {
        let Fault { kind, headers, after_handling, .. } = self.fault;
        match kind {
            Kind::Delay(wait) if after_handling => {
                let response = carried_out.await;
                sleep(wait).await;
                return Ok(response);
            }
            Kind::Delay(wait) => {
                sleep(wait).await;
                return Ok(carried_out.await);
            }
            Kind::CutBody(bytes) => return spoil(carried_out.await, |whole| cut(whole, bytes)).await,
            Kind::Drip(interval) => return spoil(carried_out.await, |whole| drip(whole, interval)).await,
            Kind::Alter(alteration) => {
                let (struck, target) = (self.struck, self.target);
                let (mut parts, whole) = whole(carried_out.await).await?;
                put_headers(&mut parts.headers, &headers);
                let body = alteration.apply(whole, struck, target);
                parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
                return Ok(Response::from_parts(parts, Body::from(body)));
            }
            Kind::Query { .. } => return Ok(carried_out.await),
            Kind::Stray(wait) => return stray(carried_out.await, wait, self.wire).await,
            _ => {}
        }
        if after_handling {
            carried_out.await;
        }
        match kind {
            Kind::Answer { status, content } => Ok(canned(status, content, &headers)),
            Kind::Refusal { status, message } => {
                let path = self.target.split('?').next().unwrap_or_default();
                let error = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
                let now = self.now_ms;
                let body =
                    json!({"timestamp": now, "status": status, "error": error, "message": message, "path": path});
                Ok(canned(status, Some(("application/json".to_owned(), body.to_string().into())), &headers))
            }
            Kind::Endless(text) => {
                let mut response = canned(200, None, &headers);
                *response.body_mut() = Body::new(Endless(text.repeat(16_384_usize.div_ceil(text.len().max(1))).into()));
                Ok(response)
            }
            Kind::Stall => std::future::pending().await,
            _ => Err(Dropped),
        }
    }
}

/// The parts of an answer and its body as a whole.
async fn whole(response: Response) -> Result<(axum::http::response::Parts, Bytes), Dropped> {
    let (parts, body) = response.into_parts();
    Ok((parts, to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?))
}

/// The answer, and after a while the same once more on the same connection.
async fn stray(response: Response, wait: Duration, wire: Option<&OtherEnd>) -> Result<Response, Dropped> {
    let (parts, body) = whole(response).await?;
    if let Some(wire) = wire.cloned() {
        let mut again = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", parts.status, body.len()).into_bytes();
        if let Some(kind) = parts.headers.get(CONTENT_TYPE) {
            again.extend([b"content-type: ", kind.as_bytes(), b"\r\n"].concat());
        }
        again.extend_from_slice(b"\r\n");
        again.extend_from_slice(&body);
        tokio::spawn(async move {
            sleep(wait).await;
            wire.send(&again);
        });
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn canned(status: u16, content: Option<(String, Vec<u8>)>, headers: &[(String, String)]) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some((content_type, bytes)) = content {
        *response.body_mut() = Body::from(bytes);
        if let Ok(value) = HeaderValue::from_str(&content_type) {
            response.headers_mut().insert(CONTENT_TYPE, value);
        }
    }
    put_headers(response.headers_mut(), headers);
    response
}

/// Puts headers in place of those of the same name; of two that a fault names, both are sent.
fn put_headers(present: &mut axum::http::HeaderMap, headers: &[(String, String)]) {
    for (name, _) in headers {
        present.remove(name.as_str());
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            present.append(name, value);
        }
    }
}

/// A body without an end.
#[derive(Debug)]
struct Endless(Bytes);

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        Poll::Ready(Some(Ok(Frame::data(self.0.clone()))))
    }
}

/// Replaces the body, but promises the whole of it in `Content-Length`.
async fn spoil(response: Response, pieces: impl FnOnce(Bytes) -> Pieces) -> Result<Response, Dropped> {
    let (mut parts, whole) = whole(response).await?;
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    Ok(Response::from_parts(parts, Body::new(pieces(whole))))
}

fn cut(whole: Bytes, bytes: usize) -> Pieces {
    let kept = whole.slice(..bytes.min(whole.len()));
    Pieces { piece: kept.len().max(1), rest: kept, interval: Duration::ZERO, breaks_off: true, wait: None }
}

fn drip(whole: Bytes, interval: Duration) -> Pieces {
    Pieces { piece: whole.len().div_ceil(10).max(1), rest: whole, interval, breaks_off: false, wait: None }
}

/// A body in pieces with a wait before each, and maybe without its end.
#[derive(Debug)]
struct Pieces {
    rest: Bytes,
    piece: usize,
    interval: Duration,
    breaks_off: bool,
    wait: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.rest.is_empty() && !self.breaks_off {
            return Poll::Ready(None);
        }
        let interval = self.interval;
        // Before the end that breaks off there is a wait too: it lets hyper flush what was sent so far.
        let breaking = self.rest.is_empty();
        let pause = if breaking { Duration::from_millis(1) } else { interval };
        if !pause.is_zero() {
            let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(pause)));
            if wait.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.wait = None;
        }
        if breaking {
            return Poll::Ready(Some(Err(Dropped)));
        }
        let size = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
