//! The listeners: HTTP/1.1 by hyper, so that a connection can be dropped where no web framework would.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::response::Response;
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, Sleep, sleep};
use tower::ServiceExt;

use crate::fault::{Fault, Faults, Kind, Product};
use crate::journal::Journal;

/// The journal keeps bodies up to this size.
const KEPT: u64 = 1 << 20;

/// What the three listeners have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) latency: Duration,
    pub(crate) started: Instant,
}

/// One service behind one listener.
#[derive(Debug, Clone)]
struct Service {
    product: Product,
    router: Router,
    shared: Arc<Shared>,
}

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection was dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Serves until the handle is aborted, which ends the open connections too.
pub(crate) fn spawn(listener: TcpListener, product: Product, router: Router, shared: Arc<Shared>) -> JoinHandle<()> {
    let service = Service { product, router, shared };
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(connection(stream, service.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    })
}

async fn connection(stream: TcpStream, service: Service) {
    // Without it the last piece of a large answer waits for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| service.clone().answer(request));
    // An error here is a client that went away or a fault that did its work.
    let _ = hyper::server::conn::http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

impl Service {
    async fn answer(self, request: Request<Incoming>) -> Result<Response, Dropped> {
        let (parts, body) = request.into_parts();
        let mut body = Body::new(body);
        let mut kept = Bytes::new();
        // A large upload is read by the service as it comes, so that it is never in memory as a whole.
        let large = is_large(&parts);
        if !large {
            kept = to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?;
            body = Body::from(kept.clone());
        }
        let number = self.shared.journal.open(self.product, &parts, &kept, self.shared.started.elapsed());
        let path = crate::journal::percent_decode(parts.uri.path());
        let fault = self.shared.faults.strike(self.product, parts.method.as_str(), &path);
        if !self.shared.latency.is_zero() {
            sleep(self.shared.latency).await;
        }
        if large && fault.is_some() {
            // A fault strikes once all was sent: a sender cut off in the middle might not read the answer.
            body = Body::from(to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?);
        }
        let carried_out = self.carry_out(number, Request::from_parts(parts, body));
        let response = match fault {
            None => carried_out.await,
            Some(fault) => strike(fault, carried_out).await?,
        };
        self.shared.journal.answered(number, response.status().as_u16());
        Ok(response)
    }

    async fn carry_out(&self, number: u64, request: Request<Body>) -> Response {
        self.shared.journal.executed(number);
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(error) => {
                let impossible: Infallible = error;
                match impossible {}
            }
        }
    }
}

/// Whether a body is too large to be kept in the journal, or does not say how large it is.
fn is_large(parts: &Parts) -> bool {
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    length.unwrap_or(if parts.headers.contains_key(TRANSFER_ENCODING) { u64::MAX } else { 0 }) > KEPT
}

/// Lets a fault strike; `carried_out` does nothing until it is awaited.
async fn strike(fault: Fault, carried_out: impl Future<Output = Response>) -> Result<Response, Dropped> {
    match fault.kind {
        Kind::Delay(wait) if fault.after_handling => {
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
        _ => {}
    }
    if fault.after_handling {
        carried_out.await;
    }
    match fault.kind {
        Kind::Answer { status, content } => Ok(canned(status, content, &fault.headers)),
        Kind::Stall => std::future::pending().await,
        _ => Err(Dropped),
    }
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
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Replaces the body, but promises the whole of it in `Content-Length`.
async fn spoil(response: Response, pieces: impl FnOnce(Bytes) -> Pieces) -> Result<Response, Dropped> {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?;
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
