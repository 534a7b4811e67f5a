//! The HTTP client below everything: how it is built, and what its failures mean.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use url::Url;

use crate::auth::{TokenCache, TokenSource};
use crate::error::Text;
use crate::host::is_loopback;
use crate::{Error, ErrorKind, Result};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A user's change to the builder of the HTTP client.
pub(crate) type Configure = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

/// Builds the client. What promises rest on comes after the user's changes: no redirects (one would carry the login's
/// password elsewhere), no retries of its own (they would repeat what must not be repeated), no proxy for this machine.
pub(crate) fn build(base: &Url, user_agent: &str, configure: Option<Configure>) -> Result<reqwest::Client> {
    let mut builder =
        reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).user_agent(user_agent).tcp_nodelay(true);
    #[cfg(feature = "rustls")]
    {
        builder = builder.tls_backend_rustls(); // else another crate's native-tls feature would take over
    }
    if let Some(configure) = configure {
        builder = configure(builder);
    }
    builder = builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never());
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    has_provider()?;
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Config, format!("the HTTP client cannot be built: {}", root_cause(&error)))
            .with_source(error.without_url())
    })
}

/// How a client logs in: the HTTP client, made when it is first needed, and what a user put around each login.
#[derive(Clone)]
#[doc(hidden)]
pub struct LoginHttp {
    http: Arc<Mutex<Login>>,
    through: Option<Through>,
}

/// What a user puts around a login.
#[doc(hidden)]
pub type Through = Arc<dyn Fn(Box<dyn TokenSource>) -> Box<dyn TokenSource> + Send + Sync>;

enum Login {
    Made(reqwest::Client),
    /// Made with a user's changes, which can be had once.
    Later {
        base: Url,
        user_agent: String,
        configure: Option<Configure>,
    },
    Failed(Error),
    /// Held by all clients of this process that log in alike.
    Shared {
        base: Url,
        user_agent: String,
        made: Option<Arc<reqwest::Client>>,
    },
}

/// By what clients log in alike: the user agent, and whether it goes to this machine.
type Alike = (String, bool);

/// The HTTP clients for the logins of all accounts.
static LOGINS: Mutex<Vec<(Alike, Weak<reqwest::Client>)>> = Mutex::new(Vec::new());

impl LoginHttp {
    pub(crate) fn later(base: &Url, user_agent: &str, configure: Configure) -> Self {
        let (base, user_agent) = (base.clone(), user_agent.to_owned());
        Self::of(Login::Later { base, user_agent, configure: Some(configure) })
    }

    pub(crate) fn shared(base: &Url, user_agent: &str) -> Self {
        let (base, user_agent) = (base.clone(), user_agent.to_owned());
        Self::of(Login::Shared { base, user_agent, made: None })
    }

    fn of(login: Login) -> Self {
        Self { http: Arc::new(Mutex::new(login)), through: None }
    }

    pub(crate) fn through(self, through: Option<Through>) -> Self {
        Self { through, ..self }
    }

    /// Credentials of this login, through what the user put around it.
    pub fn credentials(&self, source: impl TokenSource) -> TokenCache {
        match &self.through {
            Some(through) => TokenCache::new(through(Box::new(source))),
            None => TokenCache::new(source),
        }
    }

    /// The client.
    ///
    /// # Errors
    /// `Config` if it cannot be built.
    pub fn get(&self) -> Result<reqwest::Client> {
        let mut login = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *login {
            Login::Made(client) => Ok(client.clone()),
            Login::Later { base, user_agent, configure } => {
                let made = build(base, user_agent, configure.take());
                *login = made
                    .as_ref()
                    .map_or_else(|error| Login::Failed(error.clone()), |client| Login::Made(client.clone()));
                made
            }
            Login::Failed(error) => Err(error.clone()),
            Login::Shared { made: Some(client), .. } => Ok(client.as_ref().clone()),
            Login::Shared { base, user_agent, made } => {
                let client = shared_login(base, user_agent)?;
                Ok(made.insert(client).as_ref().clone())
            }
        }
    }
}

fn shared_login(base: &Url, user_agent: &str) -> Result<Arc<reqwest::Client>> {
    let mut logins = LOGINS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (user_agent.to_owned(), is_loopback(base));
    logins.retain(|(_, client)| client.strong_count() > 0);
    if let Some(client) = logins.iter().find(|(other, _)| *other == key).and_then(|(_, client)| client.upgrade()) {
        return Ok(client);
    }
    let client = Arc::new(build(base, user_agent, None)?);
    logins.push((key, Arc::downgrade(&client)));
    Ok(client)
}

impl From<reqwest::Client> for LoginHttp {
    fn from(client: reqwest::Client) -> Self {
        Self::of(Login::Made(client))
    }
}

impl std::fmt::Debug for LoginHttp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginHttp").finish_non_exhaustive()
    }
}

/// Without a crypto provider the HTTP client would panic: who chose to install one has to do it first.
#[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
fn has_provider() -> Result<()> {
    if rustls::crypto::CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    let hint = "install one before the first client is built, or use the feature `rustls`, which brings its own";
    Err(Error::new(ErrorKind::Config, "no crypto provider for TLS is installed").with_hint(hint))
}

#[cfg(not(all(feature = "rustls-no-provider", not(feature = "rustls"))))]
fn has_provider() -> Result<()> {
    Ok(())
}

/// Whether another attempt cannot help: the host's certificate is not trusted.
pub(crate) fn is_certificate_failure(error: &reqwest::Error) -> bool {
    error.is_connect() && root_cause(error).contains("certificate")
}

/// What a failure of the HTTP client means.
pub(crate) fn failure(error: reqwest::Error) -> Error {
    let cause = root_cause(&error);
    let failed = if is_certificate_failure(&error) {
        Error::new(ErrorKind::Connect, cause.clone()).with_hint(certificate_hint(&cause)).that_lasts()
    } else if error.is_connect() {
        Error::new(ErrorKind::Connect, cause.clone())
            .with_hint("nothing was sent; check the host name, the network and the proxy")
    } else if error.is_timeout() {
        Error::new(ErrorKind::Timeout, "no answer in time")
    } else if error.is_redirect() {
        Error::new(ErrorKind::Redirect, "the HTTP client followed redirects without end")
    } else if error.is_builder() {
        Error::new(ErrorKind::InvalidInput, cause.clone())
    } else if error.is_body() || error.is_decode() {
        Error::new(ErrorKind::Transport, format!("the answer broke off: {cause}"))
    } else {
        Error::new(ErrorKind::Transport, cause.clone())
    };
    failed.with_source(Text(cause))
}

/// Why the certificate was refused, in words of what to do. The causes are those of rustls; other TLS libraries have other words.
fn certificate_hint(cause: &str) -> &'static str {
    let cause = cause.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| cause.contains(words));
    if says(&["expired", "notvalidyet", "not valid yet", "not yet valid"]) {
        "the host's TLS certificate is out of date, or the clock of this machine is wrong"
    } else if says(&["notvalidforname", "not valid for name", "hostname mismatch", "name mismatch"]) {
        "the host's TLS certificate is for another name: check the host name, and a proxy that opens TLS"
    } else if says(&["revoked"]) {
        "the host's TLS certificate was revoked: do not go on"
    } else {
        "the host's TLS certificate is not trusted; a proxy that opens TLS needs its root certificate, by `configure_http`"
    }
}

/// The text of the innermost cause, which names the reason and no URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if std::ptr::addr_eq(cause, error as &dyn std::error::Error) {
        "the request failed".to_owned()
    } else {
        cause.to_string()
    }
}

#[cfg(test)]
#[cfg(feature = "rustls")]
mod login_tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://api.example.com/").unwrap()
    }

    #[test]
    fn logins_that_are_alike_share_one_client_and_none_is_made_before() {
        let (one, two) =
            (LoginHttp::shared(&base(), "a test of sharing"), LoginHttp::shared(&base(), "a test of sharing"));
        let count = || {
            let logins = LOGINS.lock().unwrap();
            logins
                .iter()
                .filter(|((agent, _), client)| agent == "a test of sharing" && client.strong_count() > 0)
                .count()
        };
        assert_eq!(count(), 0, "nothing is made when a client is built");
        one.get().unwrap();
        two.get().unwrap();
        assert_eq!(count(), 1);
        drop((one, two));
        assert_eq!(count(), 0, "it goes with the last that uses it");
    }

    #[test]
    fn a_change_of_the_users_is_made_once_and_a_failure_is_remembered() {
        let login = LoginHttp::later(&base(), "test", Box::new(|http| http.user_agent("\n")));
        assert_eq!(login.get().unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(login.get().unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn a_refused_certificate_says_why() {
        for (cause, words) in [
            ("invalid peer certificate: Expired", "out of date"),
            ("invalid peer certificate: certificate expired: verification time 1700000000 (UNIX)", "out of date"),
            ("invalid peer certificate: NotValidYet", "out of date"),
            (
                "invalid peer certificate: certificate not valid for name \"a.test\"; certificate is only valid for b.test",
                "another name",
            ),
            ("invalid peer certificate: NotValidForName", "another name"),
            ("invalid peer certificate: Revoked", "revoked"),
            ("invalid peer certificate: UnknownIssuer", "not trusted"),
        ] {
            assert!(certificate_hint(cause).contains(words), "{cause}: {}", certificate_hint(cause));
        }
    }
}

#[cfg(all(test, feature = "rustls-no-provider", not(feature = "rustls")))]
mod tests {
    use super::*;

    #[test]
    fn without_a_crypto_provider_the_client_is_refused_and_nothing_panics() {
        let base = Url::parse("https://api.example.com/").unwrap();
        let error = build(&base, "test", None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("crypto provider"), "{error}");
    }
}
