//! One call: what must be sent, and what comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::pin::Pin;

use datto_common::{Effect, Error, ErrorKind, Operation, Result};
use serde_json::Value;
use wiremock::{Request, ResponseTemplate};

use crate::body::Body;
use crate::{Product, Query};

/// Makes the call and looks at what was read.
pub type Call<C> = fn(C) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One call of an operation.
#[derive(Debug)]
pub struct Case<P: Product> {
    /// Its row in the table.
    pub operation: &'static Operation,
    /// Makes the call and looks at what was read.
    pub call: Call<P::Client>,
    path: &'static str,
    query: Query,
    headers: BTreeMap<&'static str, Option<&'static str>>,
    body: Body,
    /// In place of the fixture.
    answer: Option<ResponseTemplate>,
}

/// What must be sent.
impl<P: Product> Case<P> {
    /// A call that sends no more than every call of the operation, and gets the fixture that has its name.
    pub fn new(operation: &'static Operation, path: &'static str, call: Call<P::Client>) -> Self {
        let (query, headers) = (P::query(operation), P::headers(operation).into_iter().collect());
        Self { operation, call, path, query, headers, body: Body::Nothing, answer: None }
    }

    /// The query: pairs besides those of every call, or the text as it stands in the URL.
    pub fn query(mut self, query: impl Into<Query>) -> Self {
        self.query = self.query.and(query.into());
        self
    }

    /// A header besides those of every call, or in place of one.
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, Some(value));
        self
    }

    /// The body, as JSON.
    pub fn body(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// What the body holds, in this order.
    pub fn form(mut self, parts: &'static [&'static str]) -> Self {
        self.body = Body::Parts(parts);
        self
    }

    /// The JSON body that must be sent, if one must.
    pub fn sent_body(&self) -> Option<Value> {
        match &self.body {
            Body::Json(body) => Some(body.clone()),
            Body::Nothing | Body::Parts(_) => None,
        }
    }

    /// Asserts that this was sent.
    pub fn check(&self, sent: &Request) {
        let name = self.operation.name;
        assert_eq!(sent.method.as_str(), self.operation.method.as_str(), "{name}");
        assert_eq!(sent.url.path(), format!("{}{}", P::BASE, self.path), "{name}");
        self.query.check(sent, name);
        for (parameter, _) in sent.url.query_pairs() {
            assert!(self.operation.query.contains(&&*parameter), "{name}: the table has no {parameter}");
        }
        self.body.check(sent, name);
        // A front end may refuse a write without a length.
        let writes = ["POST", "PUT", "PATCH"].contains(&sent.method.as_str());
        let length = sent.headers.get("content-length");
        let told = usize::from(length.is_some()) + usize::from(sent.headers.contains_key("transfer-encoding"));
        assert_eq!(told, usize::from(writes), "{name}: {length:?}");
        assert!(!sent.body.is_empty() || !writes || length.is_some_and(|length| length == "0"), "{name}");
        for (header, expected) in &self.headers {
            let value = sent.headers.get(*header).map(|value| value.to_str().unwrap());
            assert_eq!(value, *expected, "{name}: {header}");
        }
    }
}

/// What comes back.
impl<P: Product> Case<P> {
    /// This comes back in place of the fixture.
    pub fn answer(mut self, body: Value) -> Self {
        self.answer = Some(ResponseTemplate::new(200).set_body_json(body));
        self
    }

    /// A JPEG image is asked for and comes back.
    pub fn image(mut self) -> Self {
        self.answer = Some(ResponseTemplate::new(200).set_body_raw(*b"\xff\xd8\xff\xe0image", "image/jpeg"));
        self.header("accept", "image/*")
    }

    /// The service answers with nothing.
    pub fn empty(mut self) -> Self {
        self.answer = Some(ResponseTemplate::new(200));
        self
    }

    /// The good answer.
    pub fn good(&self) -> ResponseTemplate {
        self.answer.clone().unwrap_or_else(|| {
            let file = format!("{}/{}.json", P::FIXTURES, self.operation.name.replace('.', "/"));
            let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
            ResponseTemplate::new(200).set_body_raw(bytes, "application/json")
        })
    }

    /// Asserts that a failure is of this kind, came after so many attempts, and tells what may have happened.
    pub fn check_failure(&self, error: &Error, kind: ErrorKind, attempts: u32) {
        assert_eq!(error.kind(), kind, "{self}: {error:?}");
        assert_eq!(error.operation(), Some(self.operation.name));
        assert_eq!(error.url_template(), Some(self.operation.path));
        assert_eq!(error.attempts(), attempts, "{self}: {error:?}");
        let unsure = self.operation.effect != Effect::Read && matches!(kind, ErrorKind::Server | ErrorKind::Decode);
        assert_eq!(error.may_have_happened(), unsure, "{self}: {error:?}");
    }
}

impl<P: Product> fmt::Display for Case<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.name)
    }
}

/// Asserts that each operation has a case.
pub fn assert_complete<P: Product>(cases: &[Case<P>], operations: &[&Operation]) {
    let tested: BTreeSet<&str> = cases.iter().map(|case| case.operation.name).collect();
    let lacking: Vec<&str> =
        operations.iter().map(|operation| operation.name).filter(|name| !tested.contains(name)).collect();
    assert!(lacking.is_empty(), "without a case: {lacking:?}");
}
