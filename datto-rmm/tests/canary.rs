//! Secrets are planted wherever the library meets one; then everything that it prints, logs or tells is searched for them.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::error::Error as _;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_rmm::models::ProxyKind;
use datto_rmm::{
    EndsOwnAccess, Error, ErrorKind, Event, Method, NewSite, NewVariable, Observer, ProxySettings, QuickJob, Result,
    RetryPolicy, RmmClient, RmmClientBuilder, Secret, UdfUpdate, UdfV3Update, VariableUpdate,
};
use datto_sandbox::{Fault, Sandbox};

/// Values that are private to the user of the library, not to the library itself.
const UDF: &str = "canary-udf-value";
const VARIABLE: &str = "canary-variable-value";
const PROXY: &str = "canary-proxy-password";
const JOB: &str = "canary-job-variable";
/// Values of queries and paths: no secrets, but never logged either.
const HOSTNAME: &str = "canary-hostname";
const PATH: &str = "canary-path-value";
/// A key pair with characters that each spelling changes.
const KEY: &str = "CANARY/KEY+0001%é";
const SECRET: &str = "canary&secret=\"0001\"/+ü";
/// How every token of the sandbox begins.
const TOKEN: &str = "eyJhbGciOiJub25lIn0";
/// A token that only a server of the test gives.
const OPAQUE: &str = "canary-opaque-token";

/// Everything that was shown.
#[derive(Debug, Clone, Default)]
struct Shown(Arc<Mutex<String>>);

impl Shown {
    fn add(&self, text: impl AsRef<str>) {
        let mut shown = self.0.lock().unwrap();
        shown.push_str(text.as_ref());
        shown.push('\n');
    }

    fn debug(&self, value: &impl Debug) {
        self.add(format!("{value:?} {value:#?}"));
    }

    fn error(&self, error: &Error) {
        self.add(format!("{error} {error:#}"));
        self.debug(error);
        self.add(error.message());
        self.add(error.hint().unwrap_or_default());
        if error.status().is_none_or(|status| !status.is_success()) {
            self.add(error.body_snippet().unwrap_or_default());
        }
        let mut cause = error.source();
        while let Some(inner) = cause {
            self.add(format!("{inner} {inner:?}"));
            cause = inner.source();
        }
    }

    fn outcome<T: Debug>(&self, outcome: &Result<T>) {
        match outcome {
            Ok(value) => self.debug(value),
            Err(error) => self.error(error),
        }
    }
}

impl io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Observer for Shown {
    fn on_event(&self, event: &Event<'_>) {
        self.debug(event);
    }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let chunks = text.as_bytes().chunks(3).map(|chunk| {
        let bits = chunk.iter().fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte)) << (8 * (3 - chunk.len()));
        let digit = |place: usize| char::from(DIGITS[(bits >> (18 - 6 * place)) & 63]);
        (0..4).map(|place| if place <= chunk.len() { digit(place) } else { '=' }).collect::<String>()
    });
    chunks.collect()
}

/// A secret as it stands, and as it may be spelt on the wire.
fn spellings(secret: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::to_string(secret).unwrap();
    vec![
        secret.to_owned(),
        form.replace('+', "%20"),
        form,
        json.trim_matches('"').to_owned(),
        base64(secret).trim_end_matches('=').to_owned(),
    ]
}

/// Where each of these secrets was found, with what stands around it.
fn leaks(shown: &str, secrets: &[String]) -> Vec<String> {
    let mut leaks = Vec::new();
    for secret in secrets {
        for (at, _) in shown.match_indices(secret.as_str()).take(3) {
            let start = (0..=at.saturating_sub(300)).rev().find(|start| shown.is_char_boundary(*start)).unwrap();
            leaks.push(format!("{secret:?} in …{}", &shown[start..at + secret.len()]));
        }
    }
    leaks
}

fn builder(url: String, key: &str, secret: &str, shown: &Shown) -> RmmClientBuilder {
    let builder = RmmClient::builder().url(url).api_key(key, secret).observer(shown.clone());
    builder.retry(RetryPolicy::default().attempts(2)).configure_http(|http| http.tls_certs_only([]))
}

/// Calls that carry or fetch private values; gives the new keys of the user.
async fn work(sandbox: &Sandbox, rmm: &RmmClient, shown: &Shown) -> Vec<String> {
    let proxy = ProxySettings::new(ProxyKind::Http, "proxy.example.com", 8_080).login("user", PROXY);
    let site = NewSite::new("Acorn Dental").proxy(proxy);
    shown.debug(&site);
    let site = rmm.sites().create(site).await;
    shown.outcome(&site);
    let site = site.unwrap().uid;
    shown.outcome(&rmm.sites().settings(&site).await);
    let device = rmm.devices().list().send().await.unwrap().items.remove(0);
    let update = UdfUpdate::new().set(3, UDF);
    shown.debug(&update);
    shown.outcome(&rmm.devices().set_udfs(&device.uid, update).await);
    let read = rmm.devices().get(&device.uid).await.unwrap();
    assert!(serde_json::to_string(&read).unwrap().contains(UDF), "it is there to be leaked");
    shown.debug(&read);
    let update = UdfV3Update::new().text(4, UDF);
    shown.debug(&update);
    shown.outcome(&rmm.devices_v3().set_udfs(&device.uid, update).await);
    shown.outcome(&rmm.devices_v3().get(&device.uid).await);
    let variable = NewVariable::new("backup-key", VARIABLE);
    shown.debug(&variable);
    shown.outcome(&rmm.variables().create(variable).await);
    let variables = rmm.variables().list().collect().await.unwrap();
    assert!(serde_json::to_string(&variables).unwrap().contains(VARIABLE), "it is there to be leaked");
    shown.debug(&variables);
    let change = VariableUpdate::new("backup-key", VARIABLE);
    shown.debug(&change);
    shown.outcome(&rmm.variables().update(variables[0].id.clone(), change).await);
    let component = rmm.components().list().send().await.unwrap().items.remove(0);
    let job = QuickJob::new("Reboot now", component.uid.clone()).variable("password", JOB);
    shown.debug(&job);
    shown.outcome(&rmm.devices().quick_job(&device.uid, job).await);
    shown.outcome(&rmm.devices().list().hostname(HOSTNAME).send().await);
    shown.outcome(&rmm.devices().get(PATH).await);
    shown.outcome(&rmm.raw(Method::GET, ["v2", PATH]).query("hostname", HOSTNAME).await);
    let keys = rmm.users().reset_api_keys(EndsOwnAccess).await;
    shown.outcome(&keys);
    let keys = keys.unwrap();
    let (key, secret) = sandbox.rmm_key();
    assert_eq!(keys.api_secret_key.as_ref().map(Secret::expose), Some(secret.as_str()));
    rmm.set_credentials(key.clone(), secret.clone()).unwrap();
    shown.outcome(&rmm.account().get().await);
    vec![key, secret]
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_shown_anywhere() {
    let shown = Shown::default();
    let log = Shown::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let sandbox = Sandbox::builder().devices(5).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let making = builder(sandbox.rmm_url(), &key, &secret, &shown);
    shown.debug(&making);
    let rmm = making.build().unwrap();
    shown.debug(&rmm);
    let mut secrets = vec![key.clone(), secret.clone(), format!("{key}:{secret}")];
    secrets.extend(work(&sandbox, &rmm, &shown).await);
    secrets.extend([KEY, SECRET, OPAQUE, UDF, VARIABLE, PROXY, JOB].map(str::to_owned));
    secrets.push(format!("{KEY}:{SECRET}"));

    let kinds = failures(&sandbox, &rmm, &shown).await;
    for kind in [
        ErrorKind::InvalidInput,
        ErrorKind::Config,
        ErrorKind::Login,
        ErrorKind::Unauthenticated,
        ErrorKind::Forbidden,
        ErrorKind::Blocked,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::RateLimited,
        ErrorKind::Api,
        ErrorKind::Server,
        ErrorKind::Timeout,
        ErrorKind::Connect,
        ErrorKind::Transport,
        ErrorKind::Redirect,
        ErrorKind::Decode,
        ErrorKind::Paging,
    ] {
        assert!(kinds.contains(&kind), "{kind} was not brought about: {kinds:?}");
    }

    let (told, logged) = (shown.0.lock().unwrap().clone(), log.0.lock().unwrap().clone());
    for proof in ["datto.attempt", "hyper", "reqwest"] {
        assert!(logged.contains(proof), "{proof} was not listened to");
    }
    assert!(told.contains("Finished") && told.contains("[redacted]"));
    let mut wanted: Vec<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
    wanted.push(TOKEN.to_owned());
    // The service names paths in its own words; no log of ours does.
    let mut found = leaks(&logged, &[HOSTNAME, PATH, "http.request.header", "?max="].map(str::to_owned));
    found.extend(leaks(&told, &wanted));
    found.extend(leaks(&logged, &wanted));
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n\n"));
}

/// Brings about each kind of failure with servers that echo what they can.
async fn failures(sandbox: &Sandbox, rmm: &RmmClient, shown: &Shown) -> Vec<ErrorKind> {
    let (key, secret) = sandbox.rmm_key();
    let pair = base64(&format!("{key}:{secret}"));
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let echo = format!(
        "{{\"errorMessage\":\"{key} {secret} {pair} {token}.e30.x\",\"access_token\":\"{OPAQUE}\",\"x\":\"password={encoded}\"}}",
        token = TOKEN
    );
    let mut kinds = Vec::new();
    let mut note = |outcome: Result<()>| {
        shown.outcome(&outcome);
        kinds.extend(outcome.err().map(|error| error.kind()));
    };
    let get = async |fault: Fault| {
        sandbox.clear_faults();
        sandbox.inject(fault.path_contains("/v2/").always());
        let outcome = rmm.account().get().with_timeout(Duration::from_secs(20)).await;
        sandbox.clear_faults();
        tokio::time::sleep(Duration::from_secs(700)).await;
        outcome.map(drop)
    };
    for status in [400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504] {
        note(get(Fault::status(status).content("application/json", echo.clone())).await);
        note(get(Fault::status(status).content("text/html", format!("<html><title>{echo}</title>"))).await);
        tokio::time::sleep(Duration::from_secs(700)).await;
    }
    for fault in [
        Fault::reset(),
        Fault::stall(),
        Fault::cut_body(9),
        Fault::html(),
        Fault::redirect(format!("https://evil.test/?key={key}&token={TOKEN}&secret={secret}")),
        Fault::body("application/json", echo.clone()),
        Fault::body("application/json", format!("[\"{secret}\", \"{TOKEN}\"]")),
        Fault::body("application/json", format!("\"{secret}\"")),
        Fault::ip_block(),
    ] {
        note(get(fault).await);
    }
    for body in [
        format!("{{\"devices\":[{{\"id\":[\"{UDF}\"],\"udf\":{{\"udf1\":\"{UDF}\"}}}}],\"pageDetails\":{{}}}}"),
        format!("{{\"pageDetails\":{{\"nextPageUrl\":\"https://evil.test/?token={TOKEN}\"}},\"devices\":[]}}"),
        "{\"pageDetails\":{\"nextPageUrl\":\"?page=0\"},\"devices\":[{}]}".to_owned(),
        format!("{{\"{VARIABLE}\":1}}"),
    ] {
        sandbox.inject(Fault::body("application/json", body).path_contains("/devices").times(2));
        let page = rmm.devices().list().send().await;
        shown.outcome(&page);
        let mut pager = rmm.devices().list().pager();
        shown.debug(&pager);
        while let Some(device) = pager.next().await {
            note(device.map(drop));
        }
        shown.debug(&pager);
        sandbox.clear_faults();
        shown.debug(&rmm.devices().list().collect_measured().await);
    }
    note(rmm.devices().get("..").await.map(drop));
    note(logins(sandbox, shown).await);
    note(RmmClient::builder().url(SECRET).api_key(KEY, SECRET).build().map(drop));
    note(RmmClient::builder().url(format!("https://{key}:{secret}@merlot.rmm.datto.com")).build().map(drop));
    note(RmmClient::from_vars(|name| (name == "DATTO_RMM_API_SECRET").then(|| SECRET.to_owned())).map(drop));
    let gone = builder("http://127.0.0.1:9".to_owned(), KEY, SECRET, shown).build().unwrap();
    note(gone.account().get().await.map(drop));
    note(rmm.set_credentials(KEY, " "));
    kinds
}

/// Logins that fail in several ways, each with an echo of the password.
async fn logins(sandbox: &Sandbox, shown: &Shown) -> Result<()> {
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let refusal = serde_json::json!({"error": "invalid_grant", "error_description": format!("{KEY} {SECRET}")});
    for fault in [
        Fault::status(400).content("application/json", refusal.to_string()),
        Fault::status(401).content("text/plain", format!("grant_type=password&username=x&password={encoded}")),
        Fault::status(500).content("text/plain", SECRET),
        Fault::body("application/json", format!("{{\"access_token\":[\"{OPAQUE}\"]}}")),
        Fault::body("application/json", format!("{{\"access_token\":\"{OPAQUE}\",\"token_type\":\"bearer\"}}")),
        Fault::redirect(format!("https://evil.test/?password={encoded}")),
    ] {
        sandbox.inject(fault.path_contains("/oauth/token").times(2));
        let rmm = builder(sandbox.rmm_url(), KEY, SECRET, shown).build().unwrap();
        shown.outcome(&rmm.account().get().await);
        shown.add(rmm.check_connection().await.to_string());
        shown.debug(&rmm.check_connection().await);
        shown.debug(&rmm.rate_info());
        sandbox.clear_faults();
    }
    builder(sandbox.rmm_url(), KEY, SECRET, shown).build()?.account().get().await.map(drop)
}

#[test]
fn what_is_looked_for_would_be_found() {
    for secret in [KEY, SECRET, OPAQUE] {
        for spelling in spellings(secret) {
            assert!(leaks("nothing", std::slice::from_ref(&spelling)).is_empty());
            assert_eq!(leaks(&format!("é{spelling}é"), &[spelling]).len(), 1, "{secret}");
        }
    }
    assert_eq!(base64("public-client:public"), "cHVibGljLWNsaWVudDpwdWJsaWM=");
}
