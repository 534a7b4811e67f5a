//! Any path of the service, with the same authorization, limits and retries.

use http::Method;
use serde::Serialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::core::Core;
use crate::{Bucket, Effect, Operation, Request, Result};

static READ: Operation = Operation::new("raw", Method::GET, "", Effect::Read, Bucket::Read);
/// Nobody knows what it does.
static WRITE: Operation = Operation::new("raw", Method::POST, "", Effect::Once, Bucket::Write("")).destructive();

crate::call_builder! {
    /// A call of a path that has no method of its own. GET is [`Effect::Read`], anything else [`Effect::Once`] unless
    /// [`effect`](Self::effect) says otherwise. An empty answer is `null`; one that is no JSON is an error of kind `Decode`.
    pub struct RawRequest -> Value {}
}

impl RawRequest {
    #[doc(hidden)]
    pub fn new<S: AsRef<str>>(core: &Core, method: Method, segments: impl IntoIterator<Item = S>) -> Self {
        let operation = if method == Method::GET { &READ } else { &WRITE };
        Self(Request::new(core, Call::raw(operation, method, segments), value))
    }

    /// Does this once a write has happened, or may have; nothing if it is a read.
    #[doc(hidden)]
    pub fn after_write(mut self, act: impl Fn() + Send + Sync + 'static) -> Self {
        if self.0.call_mut().method == Method::GET { self } else { Self(self.0.finally(act)) }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.call_mut().add_query(name.into(), value.into());
        self
    }

    /// Sends this as JSON.
    pub fn json<B: Serialize + ?Sized>(mut self, body: &B) -> Self {
        self.0.call_mut().set_json(body);
        self
    }

    /// Says what sending it twice does, and so what is retried.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.0.call_mut().effect = effect;
        self
    }
}

fn value(answer: &Answer) -> Result<Value> {
    if answer.text()?.trim().is_empty() { Ok(Value::Null) } else { answer.json() }
}
