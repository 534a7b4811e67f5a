//! The listeners: HTTP/1.1 by hyper, so that a connection can be dropped where no web framework would.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tower::ServiceExt;

use crate::alter::altered_target;
use crate::choice::TrailingSlash;
use crate::fault::{Asked, Fault, Faults, Kind, Product};
use crate::journal::Journal;
use crate::patience::Bounded;
use crate::state::{Deed, State};
use crate::strike::{Dropped, Strike};
use crate::wire::{OtherEnd, Wire};
use crate::world::{Door, Tenant, World};

/// The journal keeps bodies up to this size.
const KEPT: u64 = 1 << 20;

/// What the listeners have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    /// Another one after a reset.
    pub(crate) world: Mutex<Arc<World>>,
    /// Where state is kept.
    pub(crate) state: Option<State>,
}

impl Shared {
    /// The accounts as they are now.
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One service behind one listener.
#[derive(Debug, Clone)]
struct Service {
    product: Product,
    door: Arc<Door>,
    shared: Arc<Shared>,
    manners: Arc<Manners>,
}

/// How connections are served.
#[derive(Debug, Clone)]
pub(crate) struct Manners {
    pub(crate) patience: Option<Duration>,
    /// How many connections are served at once; more wait.
    pub(crate) connections: usize,
    pub(crate) body_limit: u64,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Arc<crate::tls::Tls>>,
}

/// Serves until the handle is aborted, which ends the open connections too.
pub(crate) fn spawn(listener: TcpListener, door: Door, shared: Arc<Shared>, manners: Manners) -> JoinHandle<()> {
    let service = Service { product: door.0, door: Arc::new(door), shared, manners: Arc::new(manners) };
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept(), if connections.len() < service.manners.connections => match accepted {
                    Ok((stream, _)) => _ = connections.spawn(connection(stream, service.clone())),
                    // No more files can be open: one that ends makes room.
                    Err(_) => sleep(Duration::from_millis(20)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    })
}

async fn connection(stream: TcpStream, service: Service) {
    // Without it the last piece of a large answer waits for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let wire = Wire::new(stream, service.manners.patience);
    #[cfg(feature = "tls")]
    if let Some(tls) = &service.manners.tls {
        let handshake = tls.acceptor.accept(wire);
        let accepted = match service.manners.patience {
            Some(patience) => tokio::time::timeout(patience, handshake).await.unwrap_or_else(|late| Err(late.into())),
            None => handshake.await,
        };
        if let Ok(stream) = accepted {
            exchange(stream, service, None).await;
        }
        return;
    }
    let other_end = wire.other_end();
    exchange(wire, service, Some(other_end)).await;
}

async fn exchange<S>(stream: S, service: Service, other_end: Option<OtherEnd>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let patience = service.manners.patience;
    let answer = service_fn(move |request| service.clone().answer(request, other_end.clone()));
    // An error here is a client that went away or a fault that did its work.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

impl Service {
    async fn answer(self, request: Request<Incoming>, wire: Option<OtherEnd>) -> Result<Response, Dropped> {
        let (mut parts, body) = request.into_parts();
        if length(&parts).is_some_and(|length| length > self.manners.body_limit) {
            return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        }
        let mut body = Body::new(Bounded::new(body, self.manners.body_limit, self.manners.patience));
        let mut kept = Bytes::new();
        // A large upload is read by the service as it comes, so that it is never in memory as a whole.
        let large = is_large(&parts);
        if !large {
            kept = to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?;
            body = Body::from(kept.clone());
        }
        // What no account claims is refused by the first.
        let world = self.shared.world();
        let tenants = world.tenants(&self.door);
        let mut tenants = tenants.iter();
        let first = tenants.next().ok_or(Dropped)?;
        let tenant = tenants.find(|tenant| tenant.claims(self.product, &parts, &kept)).unwrap_or(first);
        let (account, uptime) = (&tenant.account.name, world.clock.uptime());
        let settings = tenant.account.config.live.get();
        let number = self.shared.journal.open(self.product, account, &parts, &kept, uptime);
        let path = crate::journal::percent_decode(parts.uri.path());
        let query = crate::journal::percent_decode(parts.uri.query().unwrap_or_default());
        let fault = self.shared.faults.strike(Asked {
            product: self.product,
            account,
            method: parts.method.as_str(),
            path: &path,
            query: &query,
        });
        if !settings.latency.is_zero() {
            sleep(settings.latency).await;
        }
        if large && fault.is_some() {
            // A fault strikes once all was sent: a sender cut off in the middle might not read the answer.
            body = Body::from(to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?);
        }
        let target = parts.uri.to_string();
        if let Some((Fault { kind: Kind::Query { name, cap }, .. }, _)) = &fault
            && let Ok(uri) = altered_target(&target, name, *cap).parse::<Uri>()
        {
            parts.uri = uri;
        }
        if self.product == Product::Rmm && settings.trailing_slash == TrailingSlash::Served {
            parts.uri = without_trailing_slash(&parts.uri);
        }
        let carried_out = self.carry_out(number, tenant, Request::from_parts(parts, body));
        let response = match fault {
            None => carried_out.await,
            Some((fault, struck)) => {
                let now_ms = world.clock.now_ms();
                Strike { fault, struck, target: &target, now_ms, wire: wire.as_ref() }.strike(carried_out).await?
            }
        };
        self.shared.journal.answered(number, response.status().as_u16());
        Ok(response)
    }

    async fn carry_out(&self, number: u64, tenant: &Tenant, request: Request<Body>) -> Response {
        self.shared.journal.executed(number);
        let (account, uri) = (&tenant.account, request.uri());
        let at = account.config.clock.passed_ms();
        let happened = account.catch_up_before(uri.path(), uri.query().unwrap_or_default());
        let Some(state) = &self.shared.state else { return carry_out(tenant, request).await };
        if happened {
            state.keep(account, at, Deed::Page(uri.to_string()));
        }
        if request.method().is_safe() {
            return carry_out(tenant, request).await;
        }
        let kept = state.take(self.product, request).await;
        let failed = |why: String| (StatusCode::INTERNAL_SERVER_ERROR, format!("the state is not kept: {why}"));
        let (call, request) = match kept {
            Ok(kept) => kept,
            Err(error) => return failed(error.to_string()).into_response(),
        };
        // Nothing from outside is waited for within the turn: the body has come.
        let _turn = state.turn().await;
        let at = account.config.clock.passed_ms();
        let response = carry_out(tenant, request).await;
        if response.status().is_success() {
            state.keep(account, at, Deed::Call(call));
        }
        state.failed().map_or(response, |why| failed(why).into_response())
    }
}

async fn carry_out(tenant: &Tenant, request: Request<Body>) -> Response {
    let Ok(response) = tenant.router.clone().oneshot(request).await;
    response
}

fn without_trailing_slash(uri: &Uri) -> Uri {
    let path = uri.path().trim_end_matches('/');
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    target.parse().unwrap_or_else(|_| uri.clone())
}

/// Whether a body is too large to be kept in the journal, or does not say how large it is.
fn is_large(parts: &Parts) -> bool {
    length(parts).unwrap_or(if parts.headers.contains_key(TRANSFER_ENCODING) { u64::MAX } else { 0 }) > KEPT
}

fn length(parts: &Parts) -> Option<u64> {
    parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}
