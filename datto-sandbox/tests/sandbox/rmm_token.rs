//! Tokens: how to get one, and when it ends.

use std::time::Duration;

use datto_sandbox::Sandbox;
use serde_json::json;

use crate::client::{Rmm, grant, log_in, request};

async fn sandbox() -> Sandbox {
    Sandbox::builder().devices(20).start().await.expect("free ports")
}

#[tokio::test(start_paused = true)]
async fn the_password_grant_answers_a_token() {
    let sandbox = sandbox().await;
    let answer = log_in(&sandbox).await;
    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("bearer"), &json!(360_000), &json!("default"))
    );
    assert!(body["access_token"].is_string() && body["jti"].is_string());
    assert_eq!(sandbox.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn wrong_recipes_are_refused() {
    let sandbox = sandbox().await;
    let (key, secret) = sandbox.rmm_key();
    let wrong = grant(&sandbox, &format!("grant_type=password&username={key}&password={secret}%0A")).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.json(), json!({"error": "invalid_grant", "error_description": "Bad credentials"}));
    let other = grant(&sandbox, &format!("grant_type=client_credentials&username={key}&password={secret}")).await;
    assert_eq!((other.status, &other.json()["error"]), (400, &json!("unsupported_grant_type")));
    let url = format!("{}/auth/oauth/token", sandbox.rmm_url());
    assert_eq!(request("POST", &url, &[], b"grant_type=password").await.expect("an answer").status, 401);
    let url = format!("{}/api/auth/oauth/token", sandbox.rmm_url());
    assert_eq!(request("POST", &url, &[], b"grant_type=password").await.expect("an answer").status, 404);
    assert_eq!(sandbox.logins(), 0);
}

#[tokio::test(start_paused = true)]
async fn calls_need_a_token_that_lives() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).token_lifetime(Duration::from_secs(60))).await;
    let bare = request("GET", &format!("{}/api/v2/account", rmm.sandbox.rmm_url()), &[], b"").await.expect("an answer");
    assert_eq!((bare.status, &bare.json()["error"]), (401, &json!("invalid_token")));
    let forged = [("authorization", "Bearer forged")];
    let url = format!("{}/api/v2/account", rmm.sandbox.rmm_url());
    assert_eq!(request("GET", &url, &forged, b"").await.expect("an answer").status, 401);
    assert_eq!(rmm.get("/v2/account").await.status, 200);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(rmm.get("/v2/account").await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn tokens_can_be_ended_from_outside() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    rmm.sandbox.expire_tokens();
    assert_eq!(rmm.get("/v2/account").await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn the_status_needs_no_token() {
    let sandbox = sandbox().await;
    let url = format!("{}/api/v2/system/status", sandbox.rmm_url());
    let answer = request("GET", &url, &[], b"").await.expect("an answer");
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("OK")));
}

#[tokio::test(start_paused = true)]
async fn reset_keys_end_the_callers_access_at_once() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    let old = rmm.sandbox.rmm_key();
    let pair = rmm.send("POST", "/v2/user/resetApiKeys", None).await.json();
    assert_eq!(rmm.get("/v2/account").await.status, 401);
    let form = |key: &str, secret: &str| format!("grant_type=password&username={key}&password={secret}");
    assert_eq!(grant(&rmm.sandbox, &form(&old.0, &old.1)).await.status, 400);
    let (key, secret) = (pair["apiAccessKey"].as_str().unwrap(), pair["apiSecretKey"].as_str().unwrap());
    assert_eq!(rmm.sandbox.rmm_key(), (key.to_owned(), secret.to_owned()));
    assert_eq!(grant(&rmm.sandbox, &form(key, secret)).await.status, 200);
}
