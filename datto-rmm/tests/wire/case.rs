//! What the cases of this product have of their own.

use std::time::Duration;

use datto_common::Operation;
use datto_rmm::operations::SYSTEM_REQUEST_RATE;
use datto_rmm::{RetryPolicy, RmmClient};
use datto_test_support::{Product, Query};
use serde_json::json;
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Datto RMM.
#[derive(Debug)]
pub(crate) struct Rmm;

pub(crate) type Case = datto_test_support::Case<Rmm>;

impl Product for Rmm {
    type Client = RmmClient;
    const BASE: &'static str = "/api";
    const FIXTURES: &'static str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

    fn client(url: &str) -> RmmClient {
        let retry = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        let builder = RmmClient::builder().url(url).api_key("key-0001", "secret-0001").retry(retry);
        // Without certificates, whose reading takes longer than a case.
        builder.configure_http(|http| http.tls_certs_only([])).build().unwrap()
    }

    fn query(operation: &Operation) -> Query {
        let paged = operation.paging.is_some_and(|paging| paging.size_param == "max");
        Query::Pairs(if paged { vec![("max", "250"), ("page", "0")] } else { Vec::new() })
    }

    fn headers(operation: &Operation) -> Vec<(&'static str, Option<&'static str>)> {
        vec![("authorization", (!operation.anonymous).then_some("Bearer token-0001"))]
    }
}

/// A case of an operation: `case!(SITES_GET, "/v2/site/s-1", |rmm| { … })`.
macro_rules! case {
    ($operation:ident, $path:literal, |$rmm:ident| $body:block) => {
        $crate::case::Case::new(&datto_rmm::operations::$operation, $path, |$rmm| {
            Box::pin(async move {
                $body
                Ok(())
            })
        })
    };
}
pub(crate) use case;

/// A server that gives a token and one answer to everything else.
pub(crate) struct Server(MockServer);

impl Server {
    pub(crate) async fn start() -> Self {
        Self(MockServer::start().await)
    }

    /// In place of the answer it gave before; what was sent before is forgotten.
    pub(crate) async fn answer(&self, answer: ResponseTemplate) {
        self.0.reset().await;
        let token =
            json!({"access_token": "token-0001", "token_type": "bearer", "expires_in": 360_000, "scope": "default"});
        let token = ResponseTemplate::new(200).set_body_json(token);
        Mock::given(path("/auth/oauth/token")).respond_with(token).with_priority(1).mount(&self.0).await;
        Mock::given(any()).respond_with(answer).mount(&self.0).await;
    }

    pub(crate) fn client(&self) -> RmmClient {
        Rmm::client(&self.0.uri())
    }

    /// What was sent for this operation: without the login, and without the client's own question how much of the limits is used.
    pub(crate) async fn sent(&self, operation: &Operation) -> Vec<Request> {
        let question = &SYSTEM_REQUEST_RATE;
        let own = |path: &str| path == "/auth/oauth/token" || operation != question && path.ends_with(question.path);
        let all = self.0.received_requests().await.unwrap();
        all.into_iter().filter(|request| !own(request.url.path())).collect()
    }

    /// Dropped in a task that has used up its budget, the server would wait for itself.
    pub(crate) async fn stop(self) {
        tokio::task::yield_now().await;
    }
}
