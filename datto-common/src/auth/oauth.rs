//! The OAuth 2 grants, by the `oauth2` crate over our own HTTP client.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::StatusCode;
use oauth2::basic::{BasicClient, BasicErrorResponse};
use oauth2::{
    AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, RequestTokenError, ResourceOwnerPassword,
    ResourceOwnerUsername, TokenResponse as _, TokenUrl,
};
use tracing::Instrument as _;
use url::Url;

use super::{Token, TokenSource};
use crate::retry::asked_wait;
use crate::scrub::Cleaner;
use crate::secret::base64;
use crate::transport::LoginHttp;
use crate::{Error, ErrorKind, Result, Secret};

/// A token answer is small; more than this is something else.
const ANSWER_CAP: usize = 64 * 1024;
/// How long a login may take.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// How to log in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Grant {
    /// The password grant: the key is the user, its secret the password; a fixed public client stands in the Basic header.
    Password {
        /// The API key.
        key: Secret,
        /// Its secret.
        secret: Secret,
        /// Id and secret of the public client.
        client: (&'static str, &'static str),
    },
    /// The client-credentials grant.
    ClientCredentials {
        /// The client's id.
        id: Secret,
        /// Its secret.
        secret: Secret,
    },
}

/// Logs in by an OAuth 2 grant. Redirects are refused: a redirect would carry the password to another host.
#[derive(Debug)]
pub struct OAuth {
    http: LoginHttp,
    url: Url,
    grant: Grant,
    product: &'static str,
    hint: &'static str,
}

impl OAuth {
    /// `http` must not follow redirects.
    #[doc(hidden)]
    pub fn new(http: impl Into<LoginHttp>, url: Url, grant: Grant, product: &'static str, hint: &'static str) -> Self {
        Self { http: http.into(), url, grant, product, hint }
    }

    async fn exchange(&self) -> Result<Token> {
        let (id, secret) = match &self.grant {
            Grant::Password { client, .. } => (client.0, client.1),
            Grant::ClientCredentials { id, secret } => (id.expose(), secret.expose()),
        };
        let client = BasicClient::new(ClientId::new(id.to_owned()))
            .set_client_secret(ClientSecret::new(secret.to_owned()))
            .set_auth_type(AuthType::BasicAuth)
            .set_token_uri(TokenUrl::from_url(self.url.clone()));
        let transport = Transport(self.http.get()?);
        let answer = match &self.grant {
            Grant::Password { key, secret, .. } => {
                let (user, password) = (
                    ResourceOwnerUsername::new(key.expose().to_owned()),
                    ResourceOwnerPassword::new(secret.expose().to_owned()),
                );
                client.exchange_password(&user, &password).request_async(&transport).await
            }
            Grant::ClientCredentials { .. } => client.exchange_client_credentials().request_async(&transport).await,
        };
        let answer = answer.map_err(|error| self.failure(error))?;
        let value = Secret::new(answer.access_token().secret());
        if value.is_empty() {
            return Err(Error::new(ErrorKind::Decode, "the login's answer holds an empty token"));
        }
        Ok(Token { value, lifetime: answer.expires_in() })
    }

    /// The crate's own errors hold the raw answer, which may be the token: only words of ours and the service's error code go on.
    fn failure(&self, error: RequestTokenError<TransportError, BasicErrorResponse>) -> Error {
        let refused = |message: String| Error::new(ErrorKind::Login, message).with_hint(self.hint);
        match error {
            RequestTokenError::ServerResponse(answer) => {
                let cleaner = Cleaner::new(&self.secrets());
                let code = cleaner.words(answer.error().as_ref(), 100).line(100);
                let described = answer.error_description().map(|text| cleaner.words(text, 1_000).line(200));
                let described = described.filter(|words| !words.is_empty()).map(|words| words.after(": "));
                refused(format!("the login was refused: {code}{}", described.as_deref().unwrap_or_default()))
            }
            RequestTokenError::Request(TransportError::Status { status, wait, html }) => {
                self.status(status, wait, html)
            }
            RequestTokenError::Request(TransportError::NoToken { status, what }) => {
                self.no_login(ErrorKind::Decode, what).with_status(status)
            }
            RequestTokenError::Request(TransportError::Failed(error)) => *error,
            RequestTokenError::Parse(error, _) => {
                let path = error.path().to_string();
                let part = if path == "." { String::new() } else { format!(" in its member {path}") };
                self.no_login(ErrorKind::Decode, &format!("JSON that is no token answer{part}"))
            }
            RequestTokenError::Other(_) => self.no_login(ErrorKind::Decode, "JSON that is no token answer"),
        }
    }

    /// What answers is not the login of the API.
    fn no_login(&self, kind: ErrorKind, what: &str) -> Error {
        let place = format!("{}{}", self.url.host_str().unwrap_or_default(), self.url.path());
        Error::new(kind, format!("{what} at {place}, where the login should be")).with_hint(
            "this host is not the API, or something stands before it: check the URL, a proxy, a maintenance page",
        )
    }

    fn status(&self, status: StatusCode, wait: Option<Duration>, html: bool) -> Error {
        let kind = match status {
            StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
            StatusCode::FORBIDDEN if html || wait.is_some() => ErrorKind::Blocked,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE | StatusCode::NOT_IMPLEMENTED => {
                return self.no_login(ErrorKind::NotFound, status_words(status)).with_status(status);
            }
            status if status.is_server_error() => ErrorKind::Server,
            status if status.is_redirection() => ErrorKind::Redirect,
            _ => ErrorKind::Login,
        };
        let hint = match kind {
            ErrorKind::Redirect => {
                "the host sends the login elsewhere; it was not followed, since it carries the secret"
            }
            ErrorKind::Blocked => "this address may be blocked for a while; wait five minutes",
            ErrorKind::RateLimited | ErrorKind::Server => "the service is busy or down; try again later",
            _ => self.hint,
        };
        Error::new(kind, "at the login").with_status(status).with_retry_after(wait).with_hint(hint)
    }
}

#[async_trait]
impl TokenSource for OAuth {
    async fn login(&self) -> Result<Token> {
        let span = crate::span::login(self.product, &self.url);
        let outcome = tokio::time::timeout(LOGIN_TIMEOUT, self.exchange()).instrument(span.clone()).await;
        let outcome = outcome.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, format!("no answer to the login in {} s", LOGIN_TIMEOUT.as_secs())))
        });
        outcome.map_err(|error| {
            crate::span::failed(&span, error.kind());
            let context = crate::error::Context {
                product: self.product,
                operation: "login",
                template: "",
                attempts: 0,
                elapsed: Duration::ZERO,
            };
            error.with_context(context)
        })
    }

    fn secrets(&self) -> Vec<Secret> {
        let (user, secret) = match &self.grant {
            Grant::Password { key, secret, .. } => (key, secret),
            Grant::ClientCredentials { id, secret } => (id, secret),
        };
        let pair = format!("{}:{}", user.expose(), secret.expose());
        vec![user.clone(), secret.clone(), Secret::new(base64(pair.as_bytes()))]
    }

    fn at(&self, url: &Url) -> Option<Box<dyn TokenSource>> {
        let (http, grant) = (self.http.clone(), self.grant.clone());
        Some(Box::new(Self { http, url: url.clone(), grant, product: self.product, hint: self.hint }))
    }
}

/// What an answer says that no login gives.
fn status_words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "no login is taken",
        StatusCode::GONE => "nothing is any more",
        StatusCode::NOT_IMPLEMENTED => "no login is known",
        _ => "nothing is",
    }
}

/// What keeps a token request from an answer that the crate can read.
#[derive(Debug, thiserror::Error)]
enum TransportError {
    #[error("status {status}")]
    Status { status: StatusCode, wait: Option<Duration>, html: bool },
    #[error("{what}")]
    NoToken { status: StatusCode, what: &'static str },
    #[error("{0}")]
    Failed(Box<Error>),
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        Self::Failed(Box::new(crate::transport::failure(error)))
    }
}

/// Hands the crate's requests to reqwest and keeps what the crate would lose: the status of an empty answer, and `Retry-After`.
struct Transport(reqwest::Client);

impl<'c> oauth2::AsyncHttpClient<'c> for Transport {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let mut response = self.0.execute(request.try_into()?).await?;
            let status = response.status();
            let wait = asked_wait(response.headers(), &["retry-after"], SystemTime::now());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > ANSWER_CAP {
                    return Err(TransportError::Failed(Box::new(Error::new(
                        ErrorKind::TooLarge,
                        "the login's answer is too large",
                    ))));
                }
                body.extend_from_slice(&chunk);
            }
            let html = body.trim_ascii_start().starts_with(b"<");
            if !status.is_success() && !is_refusal(status, &body) {
                return Err(TransportError::Status { status, wait, html });
            }
            if html || body.trim_ascii().is_empty() {
                let what = if html { "HTML" } else { "an empty body" };
                return Err(TransportError::NoToken { status, what });
            }
            let body = if status.is_success() { lenient(body) } else { body };
            let mut answer = HttpResponse::new(body); // without headers: the body decides, whatever type it is said to have
            *answer.status_mut() = if status.is_success() { StatusCode::OK } else { status }; // the crate takes any other 2xx for a refusal
            Ok(answer)
        })
    }
}

/// A token answer in the form that the crate reads, where it says the same in another: a byte order mark before it, a life as text or
/// with a fraction, no type. A life that cannot be read is none.
fn lenient(body: Vec<u8>) -> Vec<u8> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    let Ok(mut answer) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(text) else {
        return body;
    };
    if !answer.contains_key("access_token") {
        return body;
    }
    let life = answer.get("expires_in").and_then(|life| life.as_f64().or_else(|| life.as_str()?.trim().parse().ok()));
    let life = life.and_then(|life| Duration::try_from_secs_f64(life).ok()).map(|life| life.as_secs());
    match life {
        Some(life) => answer.insert("expires_in".to_owned(), life.into()),
        None => answer.remove("expires_in"),
    };
    if !answer.get("token_type").is_some_and(serde_json::Value::is_string) {
        answer.insert("token_type".to_owned(), "bearer".into());
    }
    serde_json::to_vec(&answer).unwrap_or(body)
}

/// Whether the login was refused in the words of OAuth, which the crate can read.
fn is_refusal(status: StatusCode, body: &[u8]) -> bool {
    status.is_client_error()
        && status != StatusCode::TOO_MANY_REQUESTS
        && status != StatusCode::NOT_FOUND
        && serde_json::from_slice::<BasicErrorResponse>(body).is_ok()
}
