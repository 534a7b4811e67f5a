//! The only code that sends: span, then retry around (limiter, authorization, send), then the answer.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

use crate::answer::{Answer, Origin};
use crate::auth::{Authorization, Credentials};
use crate::call::{Body, Call};
use crate::limiter::{Lane, RateInfo, Usage};
use crate::observer::{Event, Observer};
use crate::profile::Profile;
use crate::retry::{Ending, RetryPolicy, asked_wait, tries_again};
use crate::{Error, ErrorKind, Result, path, span, transport};

/// How long the question what the service has counted may take.
const USAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// What every client is around: shared by its clones.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Core(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) profile: &'static Profile,
    pub(crate) base: Url,
    pub(crate) http: reqwest::Client,
    pub(crate) login_http: reqwest::Client,
    pub(crate) credentials: RwLock<Arc<dyn Credentials>>,
    pub(crate) lane: Arc<Lane>,
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) call_timeout: Duration,
    pub(crate) body_cap: usize,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

/// A good answer whose body has not been read: a download.
#[derive(Debug)]
#[doc(hidden)]
pub struct Opened {
    pub response: reqwest::Response,
    pub attempts: u32,
    pub elapsed: Duration,
}

/// How much of the answer an attempt reads.
enum Reply {
    Whole { status: StatusCode, headers: HeaderMap, body: Bytes },
    Open(reqwest::Response),
}

/// An attempt without a good answer.
struct Failed {
    error: Error,
    ending: Ending,
    /// What the service asks to wait.
    wait: Option<Duration>,
    /// Another attempt cannot help.
    hopeless: bool,
    /// Of the answer, if one came.
    headers: Option<Box<HeaderMap>>,
}

/// When a call has to be over. Waits in the limiter move it, unless the caller set it.
struct Deadline {
    at: Option<Instant>,
    fixed: bool,
}

impl Deadline {
    fn left(&self, now: Instant) -> Option<Duration> {
        self.at.map(|at| at.saturating_duration_since(now))
    }

    fn after_limiter(&mut self, waited: Duration) {
        if !self.fixed {
            self.at = self.at.map(|at| at + waited);
        }
    }

    fn for_limiter(&self) -> Option<Instant> {
        self.at.filter(|_| self.fixed)
    }
}

impl Core {
    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The base URL, for reports; without credentials by construction.
    pub fn base(&self) -> &Url {
        &self.0.base
    }

    /// The product.
    pub fn profile(&self) -> &'static Profile {
        self.0.profile
    }

    /// How often calls are tried, for what is put together from several.
    pub fn retry(&self) -> RetryPolicy {
        self.0.retry
    }

    /// The HTTP client for logins, which follows no redirect.
    pub fn login_http(&self) -> &reqwest::Client {
        &self.0.login_http
    }

    /// Replaces the credentials; calls that are under way finish with the old ones.
    pub fn set_credentials(&self, credentials: Arc<dyn Credentials>) {
        *self.0.credentials.write().unwrap_or_else(PoisonError::into_inner) = credentials;
    }

    fn credentials(&self) -> Arc<dyn Credentials> {
        Arc::clone(&self.0.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a call and reads its whole answer.
    pub async fn call(&self, call: &Call) -> Result<Answer> {
        let (reply, attempts, elapsed) = self.run(call, true).await?;
        let Reply::Whole { status, headers, body } = reply else {
            return Err(Error::new(ErrorKind::Internal, "the answer was not read"));
        };
        Ok(Answer { status, headers, body, attempts, elapsed, origin: self.origin(call, None) })
    }

    /// Makes a call and hands its answer over unread.
    pub async fn open(&self, call: &Call) -> Result<Opened> {
        let (reply, attempts, elapsed) = self.run(call, false).await?;
        match reply {
            Reply::Open(response) => Ok(Opened { response, attempts, elapsed }),
            Reply::Whole { .. } => Err(Error::new(ErrorKind::Internal, "the answer was read")),
        }
    }

    async fn run(&self, call: &Call, whole: bool) -> Result<(Reply, u32, Duration)> {
        if let Some(wrong) = &call.wrong {
            return Err(wrong.clone().with_context(self.origin(call, None).context(0, Duration::ZERO)));
        }
        let span = span::call(self.0.profile.product, call);
        let outcome = Run::new(self, call).go(whole).instrument(span.clone()).await;
        span::finish(&span, outcome.as_ref().map(|(_, attempts, _)| *attempts));
        outcome
    }

    fn origin(&self, call: &Call, authorization: Option<&Authorization>) -> Origin {
        let (credentials, authorization) = (self.credentials(), authorization.cloned());
        let (operation, effect, marker) = (call.operation, call.effect, call.marker.clone());
        Origin { profile: self.0.profile, operation, effect, marker, credentials, authorization }
    }

    /// How much of the limits is used.
    pub fn rate_info(&self) -> RateInfo {
        self.0.lane.info()
    }

    /// Asks the service what it has counted for the account. It is asked once and briefly; without an answer our own count has to do.
    async fn usage(&self) -> Option<Usage> {
        let ask = self.0.lane.asks()?;
        let call = Call::new(ask.operation, &[]);
        let work = async {
            let authorization = self.credentials().authorize().await.ok()?;
            let origin = self.origin(&call, None);
            match exchange(self, &call, Some(&authorization), &origin, true).await {
                Ok(Reply::Whole { body, .. }) => (ask.read)(&serde_json::from_slice(&body).ok()?),
                _ => None,
            }
        };
        let answer = tokio::time::timeout(USAGE_TIMEOUT, work).await.ok().flatten();
        tracing::debug!(known = answer.is_some(), "asked what the service has counted");
        answer
    }

    fn observe(&self, event: &Event<'_>) {
        if let Some(observer) = &self.0.observer {
            observer.on_event(event);
        }
    }
}

/// One call on its way: what the attempts so far left behind.
struct Run<'a> {
    core: &'a Core,
    call: &'a Call,
    started: Instant,
    deadline: Deadline,
    attempts: u32,
    failed_500: u32,
    /// An earlier attempt may have been carried out.
    ambiguous: bool,
    replayed: bool,
}

impl<'a> Run<'a> {
    fn new(core: &'a Core, call: &'a Call) -> Self {
        let started = Instant::now();
        let inner = &core.0;
        let limit = match (call.timeout, &call.stall) {
            (Some(limit), _) => Some(limit),
            (None, Some(_)) => None,
            (None, None) => {
                Some(call.operation.call_timeout.map_or(inner.call_timeout, |own| own.max(inner.call_timeout)))
            }
        };
        let deadline =
            Deadline { at: limit.and_then(|limit| started.checked_add(limit)), fixed: call.timeout.is_some() };
        Self { core, call, started, deadline, attempts: 0, failed_500: 0, ambiguous: false, replayed: false }
    }

    async fn go(mut self, whole: bool) -> Result<(Reply, u32, Duration)> {
        let outcome = self.attempts(whole).await;
        let elapsed = self.started.elapsed();
        let error = outcome.as_ref().err().map(Error::kind);
        self.core.observe(&Event::Finished { operation: self.call.operation, attempts: self.attempts, error, elapsed });
        match outcome {
            Ok(reply) => Ok((reply, self.attempts, elapsed)),
            Err(error) => Err(self.finished(error, elapsed)),
        }
    }

    /// Says in the error what the whole call went through.
    fn finished(&self, error: Error, elapsed: Duration) -> Error {
        let origin = self.core.origin(self.call, None);
        let error = match error.operation() {
            Some("login") => error,
            _ => error.with_context(origin.context(self.attempts, elapsed)),
        };
        if self.ambiguous { origin.after_a_write(error) } else { error }
    }

    async fn attempts(&mut self, whole: bool) -> Result<Reply> {
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.attempt(whole).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if let Some(reply) = self.deleted_before(&failed) {
                return Ok(reply);
            }
            self.ambiguous |= failed.ending.is_ambiguous();
            self.failed_500 += u32::from(failed.ending == Ending::Status(StatusCode::INTERNAL_SERVER_ERROR));
            let again = tries_again(self.call.effect, self.call.operation.retry_504, failed.ending, self.failed_500);
            if failed.hopeless || !again || tries >= self.core.0.retry.attempts {
                return Err(failed.error);
            }
            self.wait(tries, failed).await?;
        }
    }

    /// A delete whose earlier attempt may have been carried out, and whose record is gone now, has succeeded.
    fn deleted_before(&self, failed: &Failed) -> Option<Reply> {
        let gone = self.ambiguous
            && self.call.method == http::Method::DELETE
            && failed.ending == Ending::Status(StatusCode::NOT_FOUND);
        gone.then(|| Reply::Whole { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() })
    }

    async fn wait(&self, tries: u32, failed: Failed) -> Result<()> {
        let wait = failed.wait.unwrap_or_else(|| self.core.0.retry.back_off(tries));
        if self.deadline.left(Instant::now()).is_some_and(|left| wait >= left) {
            let message = format!(
                "{}; the wait of {:.1} s before the next attempt does not fit the time of the call",
                failed.error.message(),
                wait.as_secs_f64()
            );
            return Err(failed.error.with_message(message).with_retry_after(Some(wait)));
        }
        let operation = self.call.operation;
        self.core.observe(&Event::Retrying { operation, number: self.attempts, kind: failed.error.kind(), wait });
        tracing::debug!(operation = operation.name, attempt = self.attempts, kind = %failed.error.kind(), wait_ms = wait.as_millis(), "trying again");
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn attempt(&mut self, whole: bool) -> Result<Reply, Failed> {
        let core = self.core;
        let asked = Instant::now();
        let limited = |wait| core.observe(&Event::Limited { operation: self.call.operation, wait });
        let permit = core
            .0
            .lane
            .enter(self.call.bucket, self.deadline.for_limiter(), limited, || core.usage())
            .await
            .map_err(Failed::hopeless)?;
        self.deadline.after_limiter(asked.elapsed());
        let credentials = core.credentials();
        let authorization = match self.call.operation.anonymous {
            true => None,
            false => Some(self.within(credentials.authorize()).await.map_err(|error| self.no_login(error))?),
        };
        permit.sent();
        let outcome = self.send(authorization.as_ref(), whole).await;
        match outcome {
            Err(failed) if failed.ending == Ending::Status(StatusCode::UNAUTHORIZED) && !self.replayed => {
                self.replayed = true;
                let changed = !Arc::ptr_eq(&credentials, &core.credentials());
                let refused = |authorization: Authorization| credentials.refused(authorization.number());
                if changed || authorization.is_some_and(refused) {
                    Box::pin(self.attempt(whole)).await
                } else {
                    Err(failed)
                }
            }
            outcome => outcome,
        }
    }

    /// A block of the address found at the login holds for all calls.
    fn no_login(&self, error: Error) -> Failed {
        if error.kind() == ErrorKind::Blocked {
            self.core.0.lane.block();
        }
        Failed::at_login(error)
    }

    /// Ends with the time of the call.
    async fn within<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.deadline.at {
            None => work.await,
            Some(at) => tokio::time::timeout_at(at, work)
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "the time of the call ended at the login"))),
        }
    }

    async fn send(&mut self, authorization: Option<&Authorization>, whole: bool) -> Result<Reply, Failed> {
        let core = self.core;
        self.attempts += 1;
        let origin = core.origin(self.call, authorization);
        let started = Instant::now();
        let span = span::attempt(&core.0.base, self.call, self.attempts);
        let outcome =
            self.timed(exchange(core, self.call, authorization, &origin, whole)).instrument(span.clone()).await;
        let status = match &outcome {
            Ok(Reply::Whole { status, .. }) => Some(*status),
            Ok(Reply::Open(response)) => Some(response.status()),
            Err(failed) => failed.error.status(),
        };
        span::answered(&span, status, outcome.as_ref().err().map(|failed| failed.error.kind()));
        core.observe(&Event::Attempt {
            operation: self.call.operation,
            number: self.attempts,
            status,
            elapsed: started.elapsed(),
        });
        let lane = &core.0.lane;
        match &outcome {
            Ok(Reply::Whole { headers, .. }) => lane.answered(headers, true),
            Ok(Reply::Open(response)) => lane.answered(response.headers(), true),
            Err(failed) => {
                if let Some(headers) = &failed.headers {
                    lane.answered(headers, false);
                }
                if failed.error.kind() == ErrorKind::Blocked {
                    lane.block();
                } else if failed.is_throttled() {
                    lane.pause(failed.wait.unwrap_or_else(|| core.0.retry.back_off(self.attempts)));
                }
            }
        }
        outcome
    }

    /// Ends with the time of the attempt or of the call, whichever is first; a transfer ends when it stalls.
    async fn timed(&self, work: impl Future<Output = Result<Reply, Failed>>) -> Result<Reply, Failed> {
        let late = |after: Duration| {
            Failed::lost(Error::new(ErrorKind::Timeout, format!("no answer in {:.1} s", after.as_secs_f64())))
        };
        if let Some(stall) = &self.call.stall {
            return until_stalled(work, stall, &self.deadline).await;
        }
        let limit = self
            .call
            .operation
            .attempt_timeout
            .map_or(self.core.0.attempt_timeout, |own| own.max(self.core.0.attempt_timeout));
        let limit = self.deadline.left(Instant::now()).map_or(limit, |left| left.min(limit));
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late(limit)))
    }
}

/// Runs a transfer until it is done or its progress has not moved for too long.
async fn until_stalled(
    work: impl Future<Output = Result<Reply, Failed>>,
    stall: &crate::call::Stall,
    deadline: &Deadline,
) -> Result<Reply, Failed> {
    use std::sync::atomic::Ordering::Relaxed;
    tokio::pin!(work);
    let mut seen = stall.progress.load(Relaxed);
    loop {
        let check = Instant::now() + stall.after;
        let check = deadline.at.map_or(check, |at| at.min(check));
        tokio::select! {
            outcome = &mut work => return outcome,
            () = tokio::time::sleep_until(check) => {}
        }
        let now_at = stall.progress.load(Relaxed);
        if now_at == seen || deadline.at.is_some_and(|at| Instant::now() >= at) {
            let message = format!("the transfer stood still for {:.0} s", stall.after.as_secs_f64());
            return Err(Failed::lost(Error::new(ErrorKind::Timeout, message)));
        }
        seen = now_at;
    }
}

/// Sends one request and reads its answer.
async fn exchange(
    core: &Core,
    call: &Call,
    authorization: Option<&Authorization>,
    origin: &Origin,
    whole: bool,
) -> Result<Reply, Failed> {
    let inner = &core.0;
    let mut url = path::join(&inner.base, &call.segments).map_err(Failed::hopeless)?;
    if !call.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&call.query);
    }
    let mut request = inner.http.request(call.method.clone(), url).header(header::ACCEPT, call.accept);
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization.header());
    }
    match &call.body {
        Body::Empty => {}
        Body::Json(bytes) => request = request.header(header::CONTENT_TYPE, "application/json").body(bytes.clone()),
        Body::Made(make) => {
            let made = make.make().await.map_err(Failed::hopeless)?;
            request = request.header(header::CONTENT_TYPE, made.content_type).body(made.body);
            if let Some(length) = made.length {
                request = request.header(header::CONTENT_LENGTH, length);
            }
        }
    }
    let response = request.send().await.map_err(Failed::of_client)?;
    let status = response.status();
    if !whole && status.is_success() {
        return Ok(Reply::Open(response));
    }
    let headers = response.headers().clone();
    let body = read(response, inner.body_cap).await;
    if status.is_success() {
        return body.map(|body| Reply::Whole { status, headers, body });
    }
    // A refusal is clear without its body.
    let body = body.unwrap_or_default();
    let wait = asked_wait(&headers, inner.profile.wait_headers, SystemTime::now());
    let mut error = origin.refusal(status, &headers, &body, wait);
    if status.is_redirection() {
        error = error
            .with_message(redirect_message(&headers))
            .with_hint("redirects are not followed, since they would carry the credentials elsewhere; check the URL");
    }
    Err(Failed { error, ending: Ending::Status(status), wait, hopeless: false, headers: Some(Box::new(headers)) })
}

fn redirect_message(headers: &HeaderMap) -> String {
    let target = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let host = target.and_then(|target| Url::parse(target).ok()).and_then(|url| url.host_str().map(str::to_owned));
    host.map_or_else(|| "sent elsewhere".to_owned(), |host| format!("sent to {host}"))
}

/// Reads a body whole, as long as it stays under the cap: what counts is its size after decompression.
async fn read(mut response: reqwest::Response, cap: usize) -> Result<Bytes, Failed> {
    let too_large = || {
        let message = format!("the answer is larger than {} MiB", cap / (1024 * 1024));
        Failed { hopeless: true, ..Failed::lost(Error::new(ErrorKind::TooLarge, message)) }
    };
    let expected = response.content_length().unwrap_or(0);
    if expected > cap as u64 {
        return Err(too_large());
    }
    let mut body = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(Failed::of_client)? {
        if body.len() + chunk.len() > cap {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

impl Failed {
    /// Whether the service wants everybody to go slower: a 429, or a 503 that says how long to wait.
    fn is_throttled(&self) -> bool {
        match self.ending {
            Ending::Status(StatusCode::TOO_MANY_REQUESTS) => true,
            Ending::Status(StatusCode::SERVICE_UNAVAILABLE) => self.wait.is_some(),
            _ => false,
        }
    }

    fn lost(error: Error) -> Self {
        Self { error, ending: Ending::Lost, wait: None, hopeless: false, headers: None }
    }

    /// Nothing was sent and nothing will be.
    fn hopeless(error: Error) -> Self {
        Self { error, ending: Ending::NotSent, wait: None, hopeless: true, headers: None }
    }

    fn at_login(error: Error) -> Self {
        use ErrorKind::{Connect, RateLimited, Server, Timeout, Transport};
        let passing = matches!(error.kind(), Connect | RateLimited | Server | Timeout | Transport);
        Self { wait: error.retry_after(), ending: Ending::NotSent, hopeless: !passing, headers: None, error }
    }

    fn of_client(error: reqwest::Error) -> Self {
        let hopeless = transport::is_certificate_failure(&error) || error.is_builder();
        let ending = if error.is_connect() || error.is_builder() { Ending::NotSent } else { Ending::Lost };
        Self { error: transport::failure(error), ending, wait: None, hopeless, headers: None }
    }
}
