//! What every client is around, as data: how it was set up, and what all its calls share.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use url::Url;

use crate::answer::Origin;
use crate::auth::{Authorization, Credentials};
use crate::call::Call;
use crate::limiter::{Asked, Lane, RateInfo};
use crate::observer::{Event, Observers};
use crate::profile::Profile;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::transport::LoginHttp;
use crate::usage;
use crate::wire::Wire;

/// What every client is around: shared by its clones.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Core(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) wire: Arc<Wire>,
    pub(crate) login_http: LoginHttp,
    pub(crate) credentials: RwLock<Arc<dyn Credentials>>,
    pub(crate) lane: Arc<Lane>,
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) call_timeout: Duration,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) observers: Observers,
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
        &self.0.wire.base
    }

    /// The product.
    pub fn profile(&self) -> &'static Profile {
        self.0.wire.profile
    }

    /// How often calls are tried, for what is put together from several.
    pub fn retry(&self) -> RetryPolicy {
        self.0.retry
    }

    /// The HTTP client for logins, which follows no redirect.
    pub fn login_http(&self) -> &LoginHttp {
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

    pub(crate) fn origin(&self, call: &Call, authorization: Option<&Authorization>) -> Origin {
        let (credentials, authorization) = (self.credentials(), authorization.cloned());
        let (operation, effect, marker) = (call.operation, call.effect, call.marker.clone());
        let observers = self.0.observers.clone();
        Origin { profile: self.0.wire.profile, operation, effect, marker, credentials, authorization, observers }
    }

    /// How much of the limits is used.
    pub fn rate_info(&self) -> RateInfo {
        self.0.lane.info()
    }

    /// Asks the service what it has counted for the account.
    pub(crate) fn ask_usage(&self) -> BoxFuture<'static, Asked> {
        match self.0.lane.asks() {
            Some(how) => usage::ask(&self.0.wire, self.credentials(), how),
            None => std::future::ready(Asked::Refused).boxed(),
        }
    }

    pub(crate) fn observers(&self) -> &Observers {
        &self.0.observers
    }

    /// Tells of the logins that ended since this was asked last.
    pub(crate) fn tell_logins(&self, credentials: &dyn Credentials) {
        if self.0.observers.is_empty() {
            return;
        }
        let product = self.0.wire.profile.product;
        for (elapsed, error) in credentials.ended_logins() {
            self.0.observers.tell(&Event::Login { product, error, elapsed });
        }
    }
}
