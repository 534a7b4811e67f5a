//! What a case is, and the server it runs against.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use datto_common::Operation;
use datto_workplace::{Result, RetryPolicy, WorkplaceClient};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Makes the call and looks at what was read.
type Call = fn(WorkplaceClient) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One call: what must be sent, and what comes back.
pub(crate) struct Case {
    pub(crate) operation: &'static Operation,
    pub(crate) call: Call,
    path: &'static str,
    query: &'static str,
    empty: bool,
    form: &'static [&'static str],
    header: Option<(&'static str, &'static str)>,
}

/// A case of an operation: `case!(FILES_GET, "/file/7", |files| { … })`.
macro_rules! case {
    ($operation:ident, $path:literal, |$files:ident| $body:block) => {
        $crate::case::Case::new(&datto_workplace::operations::$operation, $path, |$files| {
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
        Self { operation, call, path, query: "", empty: false, form: &[], header: None }
    }

    /// As it stands in the URL.
    pub(crate) fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    /// The service answers with nothing.
    pub(crate) fn empty(mut self) -> Self {
        self.empty = true;
        self
    }

    /// What the body holds, in this order.
    pub(crate) fn form(mut self, parts: &'static [&'static str]) -> Self {
        self.form = parts;
        self
    }

    /// A header that is sent besides those of every call.
    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The good answer: the fixture that has the name of the operation.
    pub(crate) fn good(&self) -> ResponseTemplate {
        if self.empty {
            return ResponseTemplate::new(200);
        }
        let file =
            format!("{}/tests/fixtures/{}.json", env!("CARGO_MANIFEST_DIR"), self.operation.name.replace('.', "/"));
        let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        ResponseTemplate::new(200).set_body_raw(bytes, "application/json")
    }

    /// Whether any answer is a good one, since it is the content of a file.
    pub(crate) fn takes_any_bytes(&self) -> bool {
        self.operation.name == "files.download"
    }

    pub(crate) fn check(&self, sent: &Request) {
        assert_eq!(sent.method.as_str(), self.operation.method.as_str(), "{self}");
        assert_eq!(sent.url.path(), format!("/2/api/v1{}", self.path), "{self}");
        assert_eq!(sent.url.query().unwrap_or_default(), self.query, "{self}");
        let authorization = sent.headers.get("authorization").map(|value| value.to_str().unwrap());
        // base64 of id-0001:secret-0001
        assert_eq!(authorization, Some("Basic aWQtMDAwMTpzZWNyZXQtMDAwMQ=="), "{self}");
        if let Some((name, value)) = self.header {
            assert_eq!(sent.headers.get(name).map(|value| value.to_str().unwrap()), Some(value), "{self}");
        }
        let body = String::from_utf8(sent.body.clone()).unwrap();
        let mut rest = body.as_str();
        for part in self.form {
            let place = rest.find(part).unwrap_or_else(|| panic!("{self}: {part:?} in order in {body}"));
            rest = &rest[place + part.len()..];
        }
        assert!(!self.form.is_empty() || body.is_empty(), "{self}: {body}");
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

    /// First this answer, then the other one.
    pub(crate) async fn answer_first(&self, first: ResponseTemplate, then: ResponseTemplate) {
        self.answer(then).await;
        Mock::given(any()).respond_with(first).up_to_n_times(1).with_priority(1).mount(&self.0).await;
    }

    pub(crate) fn client(&self) -> WorkplaceClient {
        let retry = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        WorkplaceClient::builder()
            .endpoint(format!("{}/2/api/v1", self.0.uri()))
            .credentials("id-0001", "secret-0001")
            .retry(retry)
            .build()
            .unwrap()
    }

    pub(crate) async fn sent(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }

    /// Dropped in a task that has used up its budget, the server would wait for itself.
    pub(crate) async fn stop(self) {
        tokio::task::yield_now().await;
    }
}

pub(crate) fn json(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(r#"{"message":"Reason"}"#, "application/json")
}

pub(crate) fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><title>Down</title></html>", "text/html")
}

pub(crate) fn body(text: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text, "application/json")
}
