//! What a case is, and the server it runs against.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use datto_bcdr::{BcdrClient, Result, RetryPolicy};
use datto_common::Operation;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Makes the call and looks at what was read.
type Call = fn(BcdrClient) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One call: what must be sent, and what comes back.
pub(crate) struct Case {
    pub(crate) operation: &'static Operation,
    pub(crate) call: Call,
    path: &'static str,
    query: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
    answer: Answer,
}

/// What comes back.
enum Answer {
    /// The fixture that has the name of the operation.
    Fixture,
    Json(Value),
    Image,
    Nothing,
}

/// A case of an operation: `case!(DEVICES_GET, "/bcdr/device/D1", |bcdr| { … })`.
macro_rules! case {
    ($operation:ident, $path:literal, |$bcdr:ident| $body:block) => {
        $crate::case::Case::new(&datto_bcdr::operations::$operation, $path, |$bcdr| {
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
        let query = if operation.paging.is_some() { vec![("_perPage", "100"), ("_page", "1")] } else { Vec::new() };
        Self { operation, call, path, query, body: None, answer: Answer::Fixture }
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

    /// Comes back in place of the fixture.
    pub(crate) fn answer(mut self, answer: Value) -> Self {
        self.answer = Answer::Json(answer);
        self
    }

    /// A JPEG image comes back (observed).
    pub(crate) fn image(mut self) -> Self {
        self.answer = Answer::Image;
        self
    }

    /// Nothing comes back (observed).
    pub(crate) fn nothing(mut self) -> Self {
        self.answer = Answer::Nothing;
        self
    }

    pub(crate) fn good(&self) -> ResponseTemplate {
        match &self.answer {
            Answer::Json(body) => ResponseTemplate::new(200).set_body_json(body),
            Answer::Image => ResponseTemplate::new(200).set_body_raw(*b"\xff\xd8\xff\xe0image", "image/jpeg"),
            Answer::Nothing => ResponseTemplate::new(200),
            Answer::Fixture => {
                let name = self.operation.name.replace('.', "/");
                let file = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
                let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
                ResponseTemplate::new(200).set_body_raw(text, "application/json")
            }
        }
    }

    pub(crate) fn check(&self, sent: &Request) {
        assert_eq!(sent.method.as_str(), self.operation.method.as_str(), "{self}");
        assert_eq!(sent.url.path(), format!("/v1{}", self.path), "{self}");
        let mut query: Vec<(String, String)> = sent.url.query_pairs().into_owned().collect();
        let mut expected: Vec<(String, String)> =
            self.query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        query.sort();
        expected.sort();
        assert_eq!(query, expected, "{self}");
        assert!(query.iter().all(|(name, _)| self.operation.query.contains(&name.as_str())), "{self}: {query:?}");
        let body = if sent.body.is_empty() { None } else { Some(serde_json::from_slice::<Value>(&sent.body).unwrap()) };
        assert_eq!(body, self.body, "{self}");
        // The pair "public-1:secret-0001".
        assert_eq!(sent.headers["authorization"], "Basic cHVibGljLTE6c2VjcmV0LTAwMDE=", "{self}");
        let image = matches!(self.answer, Answer::Image);
        assert_eq!(sent.headers["accept"], if image { "image/*" } else { "application/json" }, "{self}");
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.name)
    }
}

/// A server that gives one answer to everything.
pub(crate) struct Server(MockServer);

impl Server {
    pub(crate) async fn start() -> Self {
        Self(MockServer::start().await)
    }

    /// In place of the answer it gave before; what was sent before is forgotten.
    pub(crate) async fn answer(&self, answer: ResponseTemplate) {
        self.0.reset().await;
        Mock::given(any()).respond_with(answer).mount(&self.0).await;
    }

    pub(crate) fn client(&self) -> BcdrClient {
        let retry = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        BcdrClient::builder().url(self.0.uri()).api_key("public-1", "secret-0001").retry(retry).build().unwrap()
    }

    pub(crate) async fn sent(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }

    /// Dropped in a task that has used up its budget, the server would wait for itself.
    pub(crate) async fn stop(self) {
        tokio::task::yield_now().await;
    }
}
