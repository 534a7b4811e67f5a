//! Tokens: the password grant outside `/api`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::Instant;

use super::service::Service;
use crate::basic;
use crate::random::Random;

/// `public-client:public`, the same for everybody.
const PUBLIC_CLIENT: &str = "Basic cHVibGljLWNsaWVudDpwdWJsaWM=";

/// The keys of the user and the tokens made with them.
#[derive(Debug)]
pub(super) struct Tokens {
    key: (String, String),
    valid_until: HashMap<String, Instant>,
    logins: u64,
    random: Random,
}

impl Tokens {
    pub(super) fn new(key: (String, String), random: Random) -> Self {
        Self { key, valid_until: HashMap::new(), logins: 0, random }
    }

    pub(super) fn key(&self) -> (String, String) {
        self.key.clone()
    }

    pub(super) fn logins(&self) -> u64 {
        self.logins
    }

    pub(super) fn admits(&self, token: &str, now: Instant) -> bool {
        self.valid_until.get(token).is_some_and(|end| now < *end)
    }

    /// Whether a token was ever handed out here and not forgotten.
    pub(super) fn knows(&self, token: &str) -> bool {
        self.valid_until.contains_key(token)
    }

    pub(super) fn forget(&mut self) {
        self.valid_until.clear();
    }

    /// A new pair of keys. The old pair and all tokens are dead at once.
    pub(super) fn reset_key(&mut self) -> (String, String) {
        self.key = (self.random.hex(16).to_uppercase(), self.random.hex(32));
        self.forget();
        self.key()
    }

    fn issue(&mut self, lifetime: Duration, now: Instant) -> (String, String) {
        self.logins += 1;
        let token = format!("eyJhbGciOiJub25lIn0.{}.{}", self.random.hex(48), self.random.hex(32));
        self.valid_until.insert(token.clone(), now + lifetime);
        (token, self.random.guid())
    }
}

/// The key in the form of a login.
pub(super) fn username(body: &[u8]) -> Option<String> {
    let uri = format!("/?{}", std::str::from_utf8(body).ok()?).parse().ok()?;
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri).ok()?;
    pairs.into_iter().find(|(name, _)| name == "username").map(|(_, value)| value)
}

/// `POST /auth/oauth/token`.
pub(super) async fn grant(
    State(rmm): State<Arc<Service>>,
    headers: HeaderMap,
    form: Result<Form<HashMap<String, String>>, FormRejection>,
) -> Response {
    let client = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if client != Some(PUBLIC_CLIENT) {
        // Guess: what the framework answers to an unknown client.
        let refusal = refuse(StatusCode::UNAUTHORIZED, "invalid_client", "Bad client credentials");
        return basic::challenge(rmm.settings().challenge, refusal);
    }
    let Ok(Form(form)) = form else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", "Missing grant type");
    };
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    if field("grant_type") != "password" {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type");
    }
    let mut tokens = rmm.tokens();
    if (field("username"), field("password")) != tokens.key() {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant", "Bad credentials");
    }
    let lifetime = rmm.settings().token_lifetime;
    let (token, jti) = tokens.issue(lifetime, rmm.config.clock.now());
    Json(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": lifetime.as_secs(),
        "scope": "default",
        "jti": jti,
    }))
    .into_response()
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}
