//! What a case is, and the server it runs against.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use datto_common::Operation;
use datto_rmm::{Result, RetryPolicy, RmmClient};
use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Makes the call and looks at what was read.
type Call = fn(RmmClient) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One call: what must be sent, and what comes back.
pub(crate) struct Case {
    pub(crate) operation: &'static Operation,
    pub(crate) call: Call,
    path: &'static str,
    query: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
    empty: bool,
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

impl Case {
    pub(crate) fn new(operation: &'static Operation, path: &'static str, call: Call) -> Self {
        let paged = operation.paging.is_some_and(|paging| paging.size_param == "max");
        let query = if paged { vec![("max", "250"), ("page", "0")] } else { Vec::new() };
        Self { operation, call, path, query, body: None, empty: false }
    }

    /// Besides page and size, which every paged list sends.
    pub(crate) fn query(mut self, query: &[(&'static str, &'static str)]) -> Self {
        self.query.extend(query);
        self
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The service answers with nothing (official).
    pub(crate) fn empty(mut self) -> Self {
        self.empty = true;
        self
    }

    pub(crate) fn sent_body(&self) -> Option<Value> {
        self.body.clone()
    }

    /// The good answer: the fixture that has the name of the operation.
    pub(crate) fn good(&self) -> ResponseTemplate {
        if self.empty {
            return ResponseTemplate::new(200);
        }
        let file =
            format!("{}/tests/fixtures/{}.json", env!("CARGO_MANIFEST_DIR"), self.operation.name.replace('.', "/"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        ResponseTemplate::new(200).set_body_raw(text, "application/json")
    }

    pub(crate) fn check(&self, sent: &Request) {
        assert_eq!(sent.method.as_str(), self.operation.method.as_str(), "{self}");
        assert_eq!(sent.url.path(), format!("/api{}", self.path), "{self}");
        let mut query: Vec<(String, String)> = sent.url.query_pairs().into_owned().collect();
        let mut expected: Vec<(String, String)> =
            self.query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        query.sort();
        expected.sort();
        assert_eq!(query, expected, "{self}");
        let body = if sent.body.is_empty() { None } else { Some(serde_json::from_slice::<Value>(&sent.body).unwrap()) };
        assert_eq!(body, self.body, "{self}");
        let bearer = sent.headers.get("authorization").map(|value| value.to_str().unwrap());
        let expected = if self.operation.anonymous { None } else { Some("Bearer token-0001") };
        assert_eq!(bearer, expected, "{self}");
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.name)
    }
}

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
        let retry = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        let builder = RmmClient::builder().url(self.0.uri()).api_key("key-0001", "secret-0001").retry(retry);
        // Without certificates, whose reading takes longer than a case.
        builder.configure_http(|http| http.tls_certs_only([])).build().unwrap()
    }

    /// What was sent for this operation: without the login, and without the client's own question how much of the limits is used.
    pub(crate) async fn sent(&self, operation: &Operation) -> Vec<Request> {
        let question = &datto_rmm::operations::SYSTEM_REQUEST_RATE;
        let own = |path: &str| path == "/auth/oauth/token" || operation != question && path.ends_with(question.path);
        let all = self.0.received_requests().await.unwrap();
        all.into_iter().filter(|request| !own(request.url.path())).collect()
    }

    /// Dropped in a task that has used up its budget, the server would wait for itself.
    pub(crate) async fn stop(self) {
        tokio::task::yield_now().await;
    }
}
