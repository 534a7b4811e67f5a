//! One request and its answer.

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::answer::Origin;
use crate::auth::Authorization;
use crate::call::{Body, Call};
use crate::profile::Profile;
use crate::retry::{Ending, asked_wait};
use crate::scrub::Clean;
use crate::{Error, ErrorKind, path, transport};

/// How much of the answer an attempt reads.
pub(crate) enum Reply {
    Whole { status: StatusCode, headers: HeaderMap, body: Bytes },
    Open(reqwest::Response),
}

/// An attempt without a good answer.
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) ending: Ending,
    /// What the service asks to wait.
    pub(crate) wait: Option<Duration>,
    /// Another attempt cannot help.
    pub(crate) hopeless: bool,
    /// It came no further than the login.
    pub(crate) at_login: bool,
    /// Of the answer, if one came.
    pub(crate) headers: Option<Box<HeaderMap>>,
}

/// The way to the service: sends one request and reads its answer. It knows no limits, no retries and no credentials.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) profile: &'static Profile,
    pub(crate) base: Url,
    pub(crate) http: reqwest::Client,
    pub(crate) body_cap: usize,
}

impl Wire {
    /// Sends one request and reads its answer. `origin` is made where it is needed.
    pub(crate) async fn exchange(
        &self,
        call: &Call,
        authorization: Option<&Authorization>,
        whole: bool,
        origin: impl Fn() -> Origin,
    ) -> Result<Reply, Failed> {
        let mut response = self.request(call, authorization).await?.send().await.map_err(Failed::of_client)?;
        let status = response.status();
        if !whole && status.is_success() {
            return Ok(Reply::Open(response));
        }
        let headers = std::mem::take(response.headers_mut());
        let body = read(response, self.body_cap).await;
        if status.is_success() {
            // A body that broke off does not take back the status that came before it.
            return match body {
                Ok(body) => Ok(Reply::Whole { status, headers, body }),
                Err(failed) => Err(Failed { error: failed.error.with_status(status), ..failed }),
            };
        }
        // A refusal is clear without its body.
        let body = body.unwrap_or_default();
        let wait = asked_wait(&headers, self.profile.wait_headers, SystemTime::now());
        let origin = origin();
        let mut error = origin.refusal(status, &headers, &body, wait);
        if status.is_redirection() {
            error = error.with_message(redirect_message(&origin, &headers)).with_hint(
                "redirects are not followed, since they would carry the credentials elsewhere; check the URL",
            );
        }
        Err(Failed {
            error,
            ending: Ending::Status(status),
            wait,
            hopeless: false,
            at_login: false,
            headers: Some(Box::new(headers)),
        })
    }

    async fn request(
        &self,
        call: &Call,
        authorization: Option<&Authorization>,
    ) -> Result<reqwest::RequestBuilder, Failed> {
        let mut url = path::join(&self.base, &call.segments).map_err(Failed::hopeless)?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
            // A form writes a space as `+`, which not every server reads back; `%20` is read by all. A plus is `%2B` by now.
            let query = url.query().map(|query| query.replace('+', "%20"));
            url.set_query(query.as_deref());
        }
        let mut request =
            self.http.request(call.method.clone(), url).header(header::ACCEPT, HeaderValue::from_static(call.accept));
        if !call.headers.is_empty() {
            request = request.headers(call.headers.clone());
        }
        if call.stall.is_some() {
            // A transfer is to come as it is stored: a compressed one does not say how long it will be.
            request = request.header(header::ACCEPT_ENCODING, "identity");
        }
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization.header());
        }
        Ok(match &call.body {
            // Without a length, a front end may refuse a write with 411.
            Body::Empty if matches!(call.method, Method::POST | Method::PUT | Method::PATCH) => {
                request.header(header::CONTENT_LENGTH, 0)
            }
            Body::Empty => request,
            Body::Json(bytes) => request.header(header::CONTENT_TYPE, "application/json").body(bytes.clone()),
            Body::Made(make) => {
                let made = make.make().await.map_err(Failed::hopeless)?;
                let request = request.header(header::CONTENT_TYPE, made.content_type).body(made.body);
                match made.length {
                    Some(length) => request.header(header::CONTENT_LENGTH, length),
                    None => request,
                }
            }
        })
    }
}

fn redirect_message(origin: &Origin, headers: &HeaderMap) -> Clean {
    let target = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let host = target.and_then(|target| Url::parse(target).ok()).and_then(|url| url.host_str().map(str::to_owned));
    match host {
        Some(host) => origin.cleaner().words(&host, 100).after("sent to "),
        None => Clean::ours("sent elsewhere"),
    }
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
    // Most bodies are one piece, which needs no copy.
    let Some(first) = response.chunk().await.map_err(Failed::of_client)? else { return Ok(Bytes::new()) };
    let Some(second) = response.chunk().await.map_err(Failed::of_client)? else {
        return if first.len() > cap { Err(too_large()) } else { Ok(first) };
    };
    let mut body = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0));
    body.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > cap {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(Failed::of_client)?;
    }
    Ok(body.freeze())
}

impl Failed {
    /// Whether the service wants everybody to go slower: a 429, or a 503 that says how long to wait or always means that.
    pub(crate) fn is_throttled(&self, by_503: bool) -> bool {
        match self.ending {
            Ending::Status(StatusCode::TOO_MANY_REQUESTS) => true,
            Ending::Status(StatusCode::SERVICE_UNAVAILABLE) => by_503 || self.wait.is_some(),
            _ => false,
        }
    }

    /// Whether another attempt would be one more knock at a service that fails; a login is shared by all who knock, and a service that
    /// is too busy says when to come again.
    pub(crate) fn is_knocking(&self) -> bool {
        !self.at_login && self.ending != Ending::Status(StatusCode::TOO_MANY_REQUESTS)
    }

    pub(crate) fn lost(error: Error) -> Self {
        Self { error, ending: Ending::Lost, wait: None, hopeless: false, at_login: false, headers: None }
    }

    /// Nothing was sent and nothing will be.
    pub(crate) fn hopeless(error: Error) -> Self {
        Self { error, ending: Ending::NotSent, wait: None, hopeless: true, at_login: false, headers: None }
    }

    pub(crate) fn at_login(error: Error) -> Self {
        use ErrorKind::{Connect, RateLimited, Server, Timeout, Transport};
        let passing = matches!(error.kind(), Connect | RateLimited | Server | Timeout | Transport);
        Self {
            wait: error.retry_after(),
            ending: Ending::NotSent,
            hopeless: !passing,
            at_login: true,
            headers: None,
            error,
        }
    }

    pub(crate) fn of_client(error: reqwest::Error) -> Self {
        let hopeless = transport::is_certificate_failure(&error) || error.is_builder();
        let ending = if error.is_connect() || error.is_builder() { Ending::NotSent } else { Ending::Lost };
        Self { error: transport::failure(error), ending, wait: None, hopeless, at_login: false, headers: None }
    }
}
