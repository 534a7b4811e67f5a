//! Who is calling: credentials, and what they put on each request.

mod basic;
#[cfg(feature = "oauth")]
mod oauth;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use url::Url;

use crate::secret::base64;
use crate::{Error, ErrorKind, Result, Secret};

pub use basic::{Basic, Bearer};
#[cfg(feature = "oauth")]
pub use oauth::{Grant, OAuth};
pub use token::{Token, TokenCache, TokenSource};

/// Puts the `Authorization` header on requests. Implement it to bring tokens of your own.
///
/// The client asks before each attempt and sends the header to its own base URL alone. It must hold no lock across an
/// `await`: fifty calls may ask at once.
///
/// ```
/// use datto_common::{Authorization, Credentials, Result, Secret, async_trait};
///
/// #[derive(Debug)]
/// struct FromVault;
///
/// #[async_trait]
/// impl Credentials for FromVault {
///     async fn authorize(&self) -> Result<Authorization> {
///         Authorization::bearer(&Secret::new("token from the vault"))
///     }
/// }
/// ```
#[async_trait]
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// The header for one attempt. An error of the kinds `Connect`, `Timeout`, `Transport`, `Server` and `RateLimited` is tried again,
    /// any other ends the call.
    async fn authorize(&self) -> Result<Authorization>;

    /// The service refused the authorization of this generation with a 401. Whether another one may be had: then the call is sent once more.
    fn refused(&self, generation: u64) -> bool {
        let _ = generation;
        false
    }

    /// What nobody waits for, such as the renewal of a token that still serves: driven while a call is on its way.
    #[doc(hidden)]
    fn upkeep(&self) -> Option<Upkeep> {
        None
    }

    /// The logins that ended since this was asked last: how long each took, and how it failed.
    #[doc(hidden)]
    fn ended_logins(&self) -> Vec<(Duration, Option<ErrorKind>)> {
        Vec::new()
    }

    /// What must never be shown: cut out of the snippets of bodies, since a server may echo it.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// The login of the same caller at another address, where there is such a thing: to find out which platform knows a key.
    #[doc(hidden)]
    fn login_at(&self, url: &Url) -> Option<Box<dyn TokenSource>> {
        let _ = url;
        None
    }
}

/// Work that is driven while calls are on their way, as far as it comes.
pub(crate) type Upkeep = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The value of an `Authorization` header.
#[derive(Clone)]
pub struct Authorization {
    header: HeaderValue,
    secret: Arc<Secret>,
    generation: u64,
}

impl Authorization {
    /// `Bearer …`.
    ///
    /// # Errors
    /// `Config` if the token has characters that a header cannot have.
    pub fn bearer(token: &Secret) -> Result<Self> {
        Self::of("Bearer", token)
    }

    /// `Basic …` of a user name and a password.
    ///
    /// # Errors
    /// None in practice: the pair is encoded.
    pub fn basic(user: &str, password: &Secret) -> Result<Self> {
        let pair = format!("{user}:{}", password.expose());
        Self::of("Basic", &Secret::new(base64(pair.as_bytes())))
    }

    fn of(scheme: &str, value: &Secret) -> Result<Self> {
        let mut header = HeaderValue::try_from(format!("{scheme} {}", value.expose()))
            .map_err(|_| Error::new(ErrorKind::Config, "the token has characters that a header cannot have"))?;
        header.set_sensitive(true);
        Ok(Self { header, secret: Arc::new(value.clone()), generation: 0 })
    }

    /// With the number that [`Credentials::refused`] gets back if the service refuses it.
    #[must_use]
    pub fn generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) fn number(&self) -> u64 {
        self.generation
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").field("generation", &self.generation).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorization_does_not_show_itself() {
        let authorization = Authorization::basic("user-name", &Secret::new("pass-word")).unwrap();
        assert_eq!(authorization.header().to_str().unwrap(), "Basic dXNlci1uYW1lOnBhc3Mtd29yZA==");
        let shown = format!("{authorization:?} {:?}", authorization.header());
        assert!(!shown.contains("dXNlci") && !shown.contains("pass"), "{shown}");
        assert!(Authorization::bearer(&Secret::new("a\u{0}b")).is_err());
    }
}
