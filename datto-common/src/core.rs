//! What every client is around: its settings, and the way in to a call.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

use crate::answer::{Answer, Origin};
use crate::auth::{Authorization, Credentials};
use crate::call::Call;
use crate::exchange::{Reply, exchange};
use crate::limiter::{Lane, RateInfo, Usage};
use crate::observer::{Event, Observer};
use crate::profile::Profile;
use crate::retry::RetryPolicy;
use crate::run::Run;
use crate::{Error, ErrorKind, Result, span};

/// How long the question what the service has counted may take.
const USAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// What every client is around: shared by its clones.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Core(pub(crate) Arc<Inner>);

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

    /// Who is calling.
    pub fn credentials(&self) -> Arc<dyn Credentials> {
        Arc::clone(&self.0.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a call, receives its whole answer, and takes from it what `read` finds.
    pub async fn read<T>(&self, call: &Call, read: impl FnOnce(&Answer) -> Result<T>) -> Result<(Answer, T)> {
        let work = async {
            let (reply, attempts, elapsed) = Run::new(self, call).go(true).await?;
            let Reply::Whole { status, headers, body } = reply else {
                return Err(Error::new(ErrorKind::Internal, "the answer was not read"));
            };
            let answer = Answer { status, headers, body, attempts, elapsed, origin: self.origin(call, None) };
            let found = read(&answer)?;
            Ok((attempts, (answer, found)))
        };
        self.watched(call, work).await
    }

    /// Makes a call and hands its answer over unread.
    pub async fn open(&self, call: &Call) -> Result<Opened> {
        let work = async {
            match Run::new(self, call).go(false).await? {
                (Reply::Open(response), attempts, elapsed) => Ok((attempts, Opened { response, attempts, elapsed })),
                _ => Err(Error::new(ErrorKind::Internal, "the answer was read")),
            }
        };
        self.watched(call, work).await
    }

    /// A call in its span; observers hear of its end. A good answer that cannot be read is a failure too.
    async fn watched<T>(&self, call: &Call, work: impl Future<Output = Result<(u32, T)>>) -> Result<T> {
        if let Some(wrong) = &call.wrong {
            return Err(wrong.clone().with_context(self.origin(call, None).context(0, Duration::ZERO)));
        }
        let (started, span) = (Instant::now(), span::call(self.0.profile.product, call));
        let outcome = work.instrument(span.clone()).await;
        let (attempts, error) = match &outcome {
            Ok((attempts, _)) => (*attempts, None),
            Err(error) => (error.attempts(), Some(error.kind())),
        };
        span::finish(&span, attempts, error);
        self.observe(&Event::Finished { operation: call.operation, attempts, error, elapsed: started.elapsed() });
        outcome.map(|(_, found)| found)
    }

    pub(crate) fn origin(&self, call: &Call, authorization: Option<&Authorization>) -> Origin {
        let (credentials, authorization) = (self.credentials(), authorization.cloned());
        let (operation, effect, marker) = (call.operation, call.effect, call.marker.clone());
        Origin { profile: self.0.profile, operation, effect, marker, credentials, authorization }
    }

    /// How much of the limits is used.
    pub fn rate_info(&self) -> RateInfo {
        self.0.lane.info()
    }

    /// Asks the service what it has counted for the account. It is asked once and briefly; without an answer our own count has to do.
    pub(crate) async fn usage(&self) -> Option<Usage> {
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

    pub(crate) fn observe(&self, event: &Event<'_>) {
        if let Some(observer) = &self.0.observer {
            observer.on_event(event);
        }
    }
}
