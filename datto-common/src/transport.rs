//! The HTTP client below everything: how it is built, and what its failures mean.

use std::time::Duration;

use url::Url;

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
        Error::new(ErrorKind::Connect, cause.clone()).with_hint("the host's TLS certificate is not trusted; a proxy that opens TLS needs its root certificate, by `configure_http`")
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
