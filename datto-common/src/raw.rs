//! Any path of the service, with the same authorization, limits and retries.

use std::future::IntoFuture;
use std::time::Duration;

use http::Method;
use serde::Serialize;
use serde_json::Value;

use crate::answer::{Answer, Response};
use crate::call::Call;
use crate::core::Core;
use crate::request::Pending;
use crate::{Bucket, Effect, Operation, Result};

static RAW: Operation = Operation::new("raw", Method::GET, "", Effect::Read, Bucket::Read);

/// A call of a path that has no method of its own. GET is [`Effect::Read`], anything else [`Effect::Once`] unless
/// [`effect`](Self::effect) says otherwise.
#[derive(Debug, Clone)]
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct RawRequest {
    core: Core,
    call: Call,
}

impl RawRequest {
    #[doc(hidden)]
    pub fn new<S: AsRef<str>>(core: &Core, method: Method, segments: impl IntoIterator<Item = S>) -> Self {
        Self { core: core.clone(), call: Call::raw(&RAW, method, segments) }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.call.add_query(name.into(), value.into());
        self
    }

    /// Sends this as JSON.
    pub fn json<B: Serialize + ?Sized>(mut self, body: &B) -> Self {
        self.call.set_json(body);
        self
    }

    /// Says what sending it twice does, and so what is retried.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.call.effect = effect;
        self
    }

    /// The whole call may take this long, with all its attempts and waits.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.call.set_timeout(timeout);
        self
    }

    /// Sends it. An empty answer is `null`.
    ///
    /// # Errors
    /// Any kind; `Decode` if the answer is no JSON.
    pub async fn send(self) -> Result<Value> {
        self.send_with_meta().await.map(Response::into_body)
    }

    /// Sends it and keeps what came along: status, headers, attempts, time.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_with_meta(self) -> Result<Response<Value>> {
        let (answer, body) = self.core.read(&self.call, value).await?;
        Ok(answer.with_body(body))
    }
}

fn value(answer: &Answer) -> Result<Value> {
    if answer.text()?.trim().is_empty() { Ok(Value::Null) } else { answer.json() }
}

impl IntoFuture for RawRequest {
    type Output = Result<Value>;
    type IntoFuture = Pending<Value>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
