//! The smallest HTTP client that can tell a whole answer from a cut one.

use std::io::{Error, ErrorKind};

use datto_sandbox::{Sandbox, SandboxBuilder};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `public-client:public`.
pub(crate) const PUBLIC_CLIENT: &str = "Basic cHVibGljLWNsaWVudDpwdWJsaWM=";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Whether the body is as long as was promised.
    pub(crate) fn is_whole(&self) -> bool {
        self.header("content-length").is_none_or(|length| length == self.body.len().to_string())
    }
}

/// One request on a connection of its own.
pub(crate) async fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<Answer> {
    let rest = url.strip_prefix("http://").expect("a plain URL");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut head = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    // What came before a break is an answer too.
    let ended = stream.read_to_end(&mut answer).await;
    if answer.is_empty() {
        ended?;
    }
    parse(&answer).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut answer =
        Answer { status, headers: lines.filter_map(header).collect(), body: answer.get(end + 4..)?.to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunk(&answer.body)?;
    }
    Some(answer)
}

/// The body without the sizes of its chunks.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(rest.get(..end)?).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..)?.get(..size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}

/// A sandbox with somebody logged in to its RMM service.
#[derive(Debug)]
pub(crate) struct Rmm {
    pub(crate) sandbox: Sandbox,
    token: String,
}

impl Rmm {
    pub(crate) async fn start(builder: SandboxBuilder) -> Self {
        let sandbox = builder.start().await.expect("free ports");
        let token = log_in(&sandbox).await.json();
        let token = token["access_token"].as_str().expect("a token").to_owned();
        Self { sandbox, token }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// The JSON of a path that must answer 200.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let answer = self.get(path).await;
            assert_eq!(answer.status, 200, "{path} at {place}: {}", answer.text());
            answer.json()
        }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_send(method, path, body).await.expect("an answer")
    }

    pub(crate) async fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Answer> {
        let url = format!("{}/api{path}", self.sandbox.rmm_url());
        let body = body.map(Value::to_string).unwrap_or_default();
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        request(method, &url, &headers, body.as_bytes()).await
    }
}

/// The password grant with the keys that are valid now.
pub(crate) async fn log_in(sandbox: &Sandbox) -> Answer {
    let (key, secret) = sandbox.rmm_key();
    grant(sandbox, &format!("grant_type=password&username={key}&password={secret}")).await
}

/// The token call with this form.
pub(crate) async fn grant(sandbox: &Sandbox, form: &str) -> Answer {
    let headers = [("authorization", PUBLIC_CLIENT), ("content-type", "application/x-www-form-urlencoded")];
    let url = format!("{}/auth/oauth/token", sandbox.rmm_url());
    request("POST", &url, &headers, form.as_bytes()).await.expect("an answer")
}
