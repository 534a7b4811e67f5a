//! The control endpoint: how another program changes the sandbox and looks into it. It has a port of its own, so that
//! no client of the services can meet it.

mod handlers;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Weak;

use axum::extract::{ConnectInfo, FromRequestParts, Query, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::change::Refused;
use crate::sandbox::{Running, Sandbox};
use crate::start::Listener;

/// What there is, what it does, and the methods of [`Sandbox`] for which it stands.
const ROUTES: &[(&str, &str, &str, &[&str])] = &[
    ("GET", "/", "what there is here, and the settings", &[]),
    (
        "GET",
        "/environment",
        "addresses and keys, as the clients read them from their environment",
        &[
            "environment",
            "rmm_url",
            "bcdr_url",
            "workplace_url",
            "rmm_key",
            "bcdr_key",
            "workplace_key",
            "accounts",
            "control_url",
            "root_certificate",
        ],
    ),
    ("GET", "/truth", "what is really there", &["truth"]),
    ("GET", "/tree", "what is stored in Workplace, by its path", &["workplace_tree"]),
    ("GET", "/journal", "the requests so far; ?after=N leaves out those up to number N", &["journal"]),
    ("DELETE", "/journal", "forgets them", &["clear_journal"]),
    ("GET", "/faults", "the faults, how many requests each has seen and how often it has struck", &[]),
    (
        "POST",
        "/faults",
        "injects a fault or several: {\"fault\": \"status\", \"status\": 503, \"times\": 2}",
        &["inject"],
    ),
    ("DELETE", "/faults", "removes them", &["clear_faults"]),
    ("GET", "/settings", "the settings of the account as they are now", &["settings"]),
    ("PATCH", "/settings", "changes those that may change while it runs: {\"latency\": \"250ms\"}", &["set"]),
    ("POST", "/change", "lets something happen: {\"change\": \"raise_alert\"}", &["change"]),
    (
        "POST",
        "/plan",
        "lets something happen later: {\"after\": \"5m\", \"change\": \"tenant_gone\"}, or several",
        &["schedule"],
    ),
    ("GET", "/clock", "the time of the services, and since the start", &["now_ms", "uptime"]),
    ("POST", "/clock", "moves it: {\"forward\": \"1h\"}", &["forward"]),
    ("POST", "/reset", "begins anew; with a scenario as the body, as that one", &["reset", "reset_to"]),
    ("GET", "/rmm/logins", "how many RMM tokens were handed out", &["logins"]),
    ("POST", "/rmm/expire-tokens", "ends every RMM token", &["expire_tokens"]),
    ("POST", "/rmm/reset-key", "makes a new RMM key; the old one and its tokens are dead", &["reset_rmm_key"]),
    ("POST", "/rmm/spend-reads", "counts reads as another program would make them: {\"count\": 500}", &["spend_reads"]),
    ("POST", "/rmm/fail-component", "lets a component fail: {\"uid\": \"…\"}", &["fail_component"]),
];

/// Opens the port.
///
/// # Errors
/// If it cannot be had, or if other machines could reach it and may not.
pub(crate) fn bind(address: SocketAddr, remote: bool) -> io::Result<Listener> {
    if !remote && !address.ip().is_loopback() {
        let why = format!("--control {address}: other machines could reach it, which takes --control-remote");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Listener::bind(address.ip(), address.port(), "--control")
}

/// Serves until the handle is aborted.
pub(crate) fn spawn(listener: TcpListener, running: Weak<Running>, remote: bool) -> JoinHandle<()> {
    let door = Door { running, remote };
    let service = router(door).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        // It ends with the listener alone.
        let _ = axum::serve(listener, service).await;
    })
}

fn router(door: Door) -> Router {
    Router::new()
        .route("/", get(handlers::about))
        .route("/environment", get(handlers::environment))
        .route("/truth", get(async |Seen(sandbox): Seen| Json(sandbox.truth())))
        .route("/tree", get(async |Seen(sandbox): Seen| Json(sandbox.workplace_tree())))
        .route("/journal", get(handlers::journal).delete(async |Seen(sandbox): Seen| done(|| sandbox.clear_journal())))
        .route(
            "/faults",
            get(handlers::faults)
                .post(handlers::inject)
                .delete(async |Seen(sandbox): Seen| done(|| sandbox.clear_faults())),
        )
        .route("/settings", get(handlers::settings).patch(handlers::set))
        .route("/change", post(handlers::change))
        .route("/plan", post(handlers::plan))
        .route("/clock", get(handlers::clock).post(handlers::forward))
        .route("/reset", post(handlers::reset))
        .route("/rmm/logins", get(async |Seen(sandbox): Seen| Json(json!({"logins": sandbox.logins()}))))
        .route("/rmm/expire-tokens", post(async |Seen(sandbox): Seen| done(|| sandbox.expire_tokens())))
        .route("/rmm/reset-key", post(handlers::reset_key))
        .route("/rmm/spend-reads", post(handlers::spend_reads))
        .route("/rmm/fail-component", post(handlers::fail_component))
        .fallback(async || Problem(StatusCode::NOT_FOUND, "GET / tells what there is".to_owned()))
        .layer(from_fn_with_state(door.clone(), guard))
        .with_state(door)
}

/// What the handlers know.
#[derive(Debug, Clone)]
struct Door {
    /// Not to keep the sandbox alive.
    running: Weak<Running>,
    remote: bool,
}

/// The sandbox, seen as the account that `?account=` names.
#[derive(Debug)]
struct Seen(Sandbox);

#[derive(Debug, Deserialize)]
struct Parameters {
    account: Option<String>,
    #[serde(default)]
    after: u64,
}

impl FromRequestParts<Door> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Problem> {
        let running = door.running.upgrade();
        let sandbox = running
            .map(Sandbox::of)
            .ok_or_else(|| Problem(StatusCode::SERVICE_UNAVAILABLE, "the sandbox has ended".to_owned()))?;
        let Parameters { account, .. } = parameters(parts)?;
        let Some(name) = account else { return Ok(Self(sandbox)) };
        let unknown = || Problem(StatusCode::NOT_FOUND, format!("there is no account {name}"));
        sandbox.account(&name).map(Self).ok_or_else(unknown)
    }
}

fn parameters(parts: &Parts) -> Result<Parameters, Problem> {
    let Query(parameters) = Query::try_from_uri(&parts.uri).map_err(|error| Problem::bad(&error))?;
    Ok(parameters)
}

/// Why a request was not carried out.
#[derive(Debug)]
struct Problem(StatusCode, String);

impl Problem {
    fn bad(why: &dyn std::fmt::Display) -> Self {
        Self(StatusCode::BAD_REQUEST, why.to_string())
    }
}

impl From<Refused> for Problem {
    fn from(why: Refused) -> Self {
        Self::bad(&why)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

type Answer = Result<Json<Value>, Problem>;

fn done(act: impl FnOnce()) -> Json<Value> {
    act();
    Json(json!({"done": true}))
}

/// Refuses what another machine, or a page in a browser of this one, has sent.
async fn guard(
    State(door): State<Door>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let own = peer.ip().to_canonical().is_loopback() && is_own_host(headers) && !headers.contains_key(ORIGIN);
    if !door.remote && !own {
        let why = "only programs on this machine may control the sandbox; --control-remote lifts that";
        return Problem(StatusCode::FORBIDDEN, why.to_owned()).into_response();
    }
    next.run(request).await
}

/// Whether the host that was asked is this machine: a name from elsewhere may lead here, too.
fn is_own_host(headers: &HeaderMap) -> bool {
    let own = |host: &str| {
        let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => host.split(':').next().unwrap_or(host),
        };
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    headers.get_all(HOST).iter().all(|host| host.to_str().is_ok_and(own))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use axum::http::HeaderMap;
    use axum::http::header::HOST;

    use super::{ROUTES, is_own_host};

    /// The sources below a folder.
    fn sources(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { read(&path) }).collect()
    }

    fn read(path: &Path) -> Vec<String> {
        if path.extension().is_some_and(|ending| ending == "rs") {
            vec![std::fs::read_to_string(path).unwrap()]
        } else {
            vec![]
        }
    }

    #[test]
    fn what_the_library_can_the_endpoint_can() {
        let mut methods = BTreeSet::new();
        for source in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
            for block in source.split("\nimpl Sandbox {\n").skip(1) {
                let block = block.split("\n}\n").next().unwrap();
                let names = block.split("    pub fn ").skip(1).map(|rest| rest.split('(').next().unwrap().to_owned());
                methods.extend(names);
            }
        }
        assert!(methods.len() > 20, "{methods:?}");
        // A sandbox that runs is not begun, and every call names the account.
        for name in ["builder", "account"] {
            assert!(methods.remove(name));
        }
        let told: BTreeSet<String> =
            ROUTES.iter().flat_map(|(.., names)| names.iter().map(|name| (*name).to_owned())).collect();
        assert_eq!(methods, told);
    }

    #[test]
    fn only_this_machine_is_asked_for() {
        for (host, own) in [
            ("localhost:8090", true),
            ("127.0.0.1", true),
            ("[::1]:8090", true),
            ("rebound.example.com:8090", false),
            ("127.0.0.1.example.com", false),
            ("192.0.2.7:8090", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            assert_eq!(is_own_host(&headers), own, "{host}");
        }
    }
}
