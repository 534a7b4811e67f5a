//! What every client builder has in common.

use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use url::Url;

use crate::auth::Credentials;
use crate::core::{Core, Inner};
use crate::host::{is_loopback, is_private};
use crate::observer::{Observer, Observers};
use crate::profile::Profile;
use crate::retry::RetryBudget;
use crate::transport::{self, Configure, LoginHttp, Through};
use crate::wire::Wire;
use crate::{Error, ErrorKind, RateLimiter, Result, RetryPolicy};

/// How long one attempt and a whole call may take where nothing else is said.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const CALL_TIMEOUT: Duration = Duration::from_secs(180);
/// The largest body that is read into memory.
const BODY_CAP: usize = 64 * 1024 * 1024;

/// The settings of a client that is being built.
#[derive(Default)]
#[doc(hidden)]
pub struct Setup {
    pub url: Option<String>,
    /// Variables that other programs use and that were found where ours are not set, as a question to the user.
    pub mistaken: Option<String>,
    pub auth: Option<Arc<dyn Credentials>>,
    pub http: Option<reqwest::Client>,
    pub configure: Option<Configure>,
    pub timeout: Option<Duration>,
    pub user_agent: Option<String>,
    pub limiter: Option<RateLimiter>,
    pub attempt_timeout: Option<Duration>,
    pub login_through: Option<Through>,
    pub observers: Vec<Arc<dyn Observer>>,
    pub retry: RetryPolicy,
    pub allow_http: bool,
    pub allow_private_host: bool,
    /// For tests: the largest body that is read into memory.
    pub body_cap: Option<usize>,
}

impl Setup {
    /// The error of a setting that is not there. What was found under the names of other programs comes first.
    pub fn lacks(&self, message: &str, hint: &str) -> Error {
        let hint = match &self.mistaken {
            Some(found) => format!("{found} Else {hint}"),
            None => hint.to_owned(),
        };
        Error::new(ErrorKind::Config, message).with_hint(hint)
    }

    /// Checks the base URL: https, or plain http to this machine or where it was allowed; nothing but host and path.
    pub fn check(&self, url: &Url) -> Result<()> {
        let wrong = |message: &str, hint: &str| Err(Error::new(ErrorKind::Config, message).with_hint(hint));
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(url) || self.allow_http => {}
            "http" => {
                return wrong(
                    "the URL is plain http, which would show the credentials to the network",
                    "use https, or `allow_http` if you know the way is safe",
                );
            }
            _ => return wrong("the URL is neither https nor http", "it begins with https://"),
        }
        if !url.has_host() {
            return wrong("the URL has no host", "it looks like https://host/path");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("the URL holds a user name or password", "give the key pair to the builder, not in the URL");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("the URL has a query or fragment", "cut it off from the `?` or `#` on");
        }
        if is_private(url) && !self.allow_private_host {
            return wrong(
                "the host of the URL is inside a network: the credentials would go to an internal service",
                "check the URL; `allow_private_host` permits it, where you mean it",
            );
        }
        Ok(())
    }

    /// The HTTP clients for the calls and for the login. The login's is always our own: a client of the user's may follow redirects, and
    /// one would carry the password elsewhere. Where the user gave one for the calls, the login's is made when it is first needed.
    pub fn http(&mut self, base: &Url, profile: &Profile) -> Result<(reqwest::Client, LoginHttp)> {
        let user_agent = self.user_agent.as_deref().unwrap_or(profile.user_agent);
        let (http, login) = match (self.http.take(), self.configure.take()) {
            (None, configure) => {
                let own = transport::build(base, user_agent, configure)?;
                (own.clone(), own.into())
            }
            (Some(given), None) => (given, LoginHttp::shared(base, user_agent)),
            (Some(given), Some(configure)) => (given, LoginHttp::later(base, user_agent, configure)),
        };
        Ok((http, login.through(self.login_through.take())))
    }

    /// The core of the client.
    pub fn finish(
        self,
        profile: &'static Profile,
        base: Url,
        (http, login_http): (reqwest::Client, LoginHttp),
        credentials: Arc<dyn Credentials>,
    ) -> Core {
        let limiter = self.limiter.unwrap_or_default();
        let call_timeout = self.timeout.unwrap_or(CALL_TIMEOUT);
        Core::from_inner(Inner {
            wire: Arc::new(Wire { profile, base, http, body_cap: self.body_cap.unwrap_or(BODY_CAP) }),
            login_http,
            credentials: RwLock::new(credentials),
            lane: limiter.lane(profile.product, profile.limits),
            retry: self.retry,
            retry_budget: RetryBudget::new(),
            attempt_timeout: self.attempt_timeout.unwrap_or(ATTEMPT_TIMEOUT).min(call_timeout),
            call_timeout,
            observers: Observers::new(self.observers),
        })
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("auth", &self.auth)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// The methods that every client builder has; inside `impl XBuilder { … }` of a struct with a field `setup: Setup`.
#[doc(hidden)]
#[macro_export]
macro_rules! builder_methods {
    () => {
        /// Credentials of your own, in place of the key pair.
        #[must_use]
        pub fn auth(mut self, credentials: impl $crate::Credentials) -> Self {
            self.setup.auth = Some(::std::sync::Arc::new(credentials));
            self
        }

        /// An HTTP client of your own for the calls, shared by all clients that are given it: with one for all accounts of a
        /// program, they share connections and certificates. A login still goes through a client of this crate's, which
        /// follows no redirect; it is made when it is first needed, and shared too unless `configure_http` changes it. The
        /// redirect policy of yours should be `none`. Follows the version of reqwest that this crate uses: outside the semver promise.
        #[must_use]
        pub fn http_client(mut self, client: $crate::reqwest::Client) -> Self {
            self.setup.http = Some(client);
            self
        }

        /// Changes the builder of the client's own HTTP client: proxy, certificates, another TLS library. Redirects stay
        /// off whatever it does. Follows the version of reqwest that this crate uses: outside the semver promise.
        #[must_use]
        pub fn configure_http(
            mut self,
            configure: impl FnOnce($crate::reqwest::ClientBuilder) -> $crate::reqwest::ClientBuilder + Send + 'static,
        ) -> Self {
            self.setup.configure = Some(::std::boxed::Box::new(configure));
            self
        }

        /// How long a whole call may take, with its attempts and waits; 180 s if not set. Waiting in the client's own limiter
        /// does not count. Calls that are known to be slow keep their own longer time.
        #[must_use]
        pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.setup.timeout = Some(timeout);
            self
        }

        /// How long one attempt of a call may take; 60 s if not set, and never longer than the whole call. Calls that are known to
        /// be slow keep their own longer time.
        #[must_use]
        pub fn attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.setup.attempt_timeout = Some(timeout);
            self
        }

        /// The `User-Agent` of every request.
        #[must_use]
        pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
            self.setup.user_agent = Some(user_agent.into());
            self
        }

        /// Puts something around each login that the client makes with its own pair, such as a store that several processes share:
        /// called when the client is built, and again when its pair is replaced. Without effect where nothing logs in.
        ///
        /// ```
        /// use datto_common::{Result, Secret, Token, TokenSource, async_trait};
        ///
        /// /// Says so when it logs in.
        /// #[derive(Debug)]
        /// struct Told(Box<dyn TokenSource>);
        ///
        /// #[async_trait]
        /// impl TokenSource for Told {
        ///     async fn login(&self) -> Result<Token> {
        ///         println!("logging in");
        ///         self.0.login().await
        ///     }
        ///     fn secrets(&self) -> Vec<Secret> {
        ///         self.0.secrets()
        ///     }
        /// }
        /// // builder.login_through(|login| Box::new(Told(login)))
        /// ```
        #[must_use]
        pub fn login_through(
            mut self,
            around: impl Fn(::std::boxed::Box<dyn $crate::TokenSource>) -> ::std::boxed::Box<dyn $crate::TokenSource>
            + Send
            + Sync
            + 'static,
        ) -> Self {
            self.setup.login_through = Some(::std::sync::Arc::new(around));
            self
        }

        /// Limits shared with other clients of the same account.
        #[must_use]
        pub fn rate_limiter(mut self, limiter: $crate::RateLimiter) -> Self {
            self.setup.limiter = Some(limiter);
            self
        }

        /// Watches attempts, waits and retries. Called more than once, all of them watch.
        #[must_use]
        pub fn observer(mut self, observer: impl $crate::Observer) -> Self {
            self.setup.observers.push(::std::sync::Arc::new(observer));
            self
        }

        /// How often calls are tried, and how long to wait in between.
        #[must_use]
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.setup.retry = policy;
            self
        }

        /// Takes a host inside a network: a private or link-local address, a name of one label, one that ends in `.internal`,
        /// `.local` or the like. The credentials then go there.
        #[must_use]
        pub fn allow_private_host(mut self) -> Self {
            self.setup.allow_private_host = true;
            self
        }

        /// Takes plain http for any host. The credentials are then readable on the way.
        #[must_use]
        pub fn allow_http(mut self) -> Self {
            self.setup.allow_http = true;
            self
        }
    };
}
