//! Stands between a program and the service: hands each call on, and writes down what was said, disguised.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::disguise::Disguise;

/// The largest body that is handed on.
const BODY_CAP: usize = 64 * 1024 * 1024;
/// Headers that belong to one connection, and those that the client of the other side sets itself.
const OWN: &[header::HeaderName] =
    &[header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::ACCEPT_ENCODING];

/// Where calls go, and where the recording does.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) service: String,
    pub(crate) folder: PathBuf,
    pub(crate) http: reqwest::Client,
    pub(crate) disguise: Disguise,
    pub(crate) count: AtomicU32,
}

impl Recorder {
    async fn pass_on(&self, request: Request) -> anyhow::Result<Response> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let body = axum::body::to_bytes(body, BODY_CAP).await.context("the request is too large")?;
        let mut headers = parts.headers;
        OWN.iter().for_each(|name| drop(headers.remove(name)));
        let sent = self.http.request(parts.method.clone(), format!("{}{target}", self.service)).headers(headers);
        let answer = sent.body(body.clone()).send().await.context("the service does not answer")?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let received = answer.bytes().await.context("the answer broke off")?;
        self.write(parts.method.as_str(), &target, &body, status, &headers, &received).await?;
        [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::CONTENT_ENCODING]
            .iter()
            .for_each(|name| drop(headers.remove(name)));
        Ok((status, headers, Body::from(received)).into_response())
    }

    async fn write(
        &self,
        method: &str,
        target: &str,
        sent: &Bytes,
        status: StatusCode,
        headers: &HeaderMap,
        received: &Bytes,
    ) -> anyhow::Result<()> {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let kept = headers.iter().filter(|(name, _)| is_harmless(name.as_str()));
        let kept: serde_json::Map<String, Value> =
            kept.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into())).collect();
        let entry = json!({
            "method": method,
            "path": self.disguise.route(target, is_fixed),
            "sent": self.body(sent),
            "status": status.as_u16(),
            "headers": kept,
            "received": self.body(received),
        });
        let text = serde_json::to_string_pretty(&entry)?;
        let file = self.folder.join(format!("{number:04}.json"));
        tokio::fs::write(&file, text).await.with_context(|| format!("{} cannot be written", file.display()))
    }

    /// What a body says, disguised; of what is no JSON its length alone.
    fn body(&self, body: &[u8]) -> Value {
        match serde_json::from_slice::<Value>(body) {
            _ if body.is_empty() => Value::Null,
            Ok(value) => self.disguise.json(&value),
            Err(_) => json!({ "bytes": body.len(), "html": body.trim_ascii_start().starts_with(b"<") }),
        }
    }
}

/// Answers a request of the program.
pub(crate) async fn handle(State(recorder): State<std::sync::Arc<Recorder>>, request: Request) -> Response {
    match recorder.pass_on(request).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}\n")).into_response(),
    }
}

/// Headers about limits, waits and the kind of body.
fn is_harmless(name: &str) -> bool {
    name == "content-type" || name == "retry-after" || name == "www-authenticate" || name.contains("limit")
}

/// Whether a part of a path is one that every account has.
fn is_fixed(part: &str) -> bool {
    let tables = [datto_rmm::operations::ALL, datto_bcdr::operations::ALL, datto_workplace::operations::ALL];
    let known = |path: &str| path.split('/').any(|own| own == part && !own.starts_with('{'));
    matches!(part, "api" | "v1" | "auth" | "oauth" | "token")
        || tables.iter().any(|rows| rows.iter().any(|row| known(row.path)))
}
