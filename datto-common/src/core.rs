//! What every client is around: its settings, and the way in to a call.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

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
