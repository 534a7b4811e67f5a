//! The service that a case runs against.

use std::fmt;
use std::marker::PhantomData;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::Product;

/// A server that gives one answer to everything.
pub struct Server<P> {
    server: MockServer,
    product: PhantomData<fn() -> P>,
}

impl<P: Product> Server<P> {
    /// One that gives no answer yet.
    pub async fn start() -> Self {
        Self { server: MockServer::start().await, product: PhantomData }
    }

    /// In place of the answer it gave before; what was sent before is forgotten.
    pub async fn answer(&self, answer: ResponseTemplate) {
        self.server.reset().await;
        Mock::given(any()).respond_with(answer).mount(&self.server).await;
    }

    /// First this answer, then the other one.
    pub async fn answer_first(&self, first: ResponseTemplate, then: ResponseTemplate) {
        self.answer(then).await;
        Mock::given(any()).respond_with(first).up_to_n_times(1).with_priority(1).mount(&self.server).await;
    }

    /// A client of it.
    pub fn client(&self) -> P::Client {
        P::client(&self.server.uri())
    }

    /// What was sent.
    pub async fn sent(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// Dropped in a task that has used up its budget, the server would wait for itself.
    pub async fn stop(self) {
        tokio::task::yield_now().await;
    }
}

impl<P> fmt::Debug for Server<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.server.uri()).finish()
    }
}
