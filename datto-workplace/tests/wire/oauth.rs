//! The client-credentials grant, for who was given a token URL.

use datto_workplace::{ErrorKind, WorkplaceClient};
use wiremock::matchers::{body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn client(server: &MockServer) -> WorkplaceClient {
    WorkplaceClient::builder()
        .endpoint(format!("{}/2/api/v1", server.uri()))
        .credentials("id-0001", "secret-0001")
        .oauth(format!("{}/oauth/token", server.uri()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn one_login_serves_the_calls_that_follow() {
    let server = MockServer::start().await;
    let token = r#"{"access_token":"token-0001","token_type":"bearer","expires_in":3600}"#;
    Mock::given(method("POST"))
        .and(path("/oauth/token"))
        .and(header("authorization", "Basic aWQtMDAwMTpzZWNyZXQtMDAwMQ=="))
        .and(body_string_contains("grant_type=client_credentials"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(token, "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/2/api/v1/file/projects"))
        .and(header("authorization", "Bearer token-0001"))
        .respond_with(ResponseTemplate::new(200).set_body_raw("[]", "application/json"))
        .expect(2)
        .mount(&server)
        .await;
    let files = client(&server);
    assert!(files.projects().list().await.unwrap().is_empty());
    assert!(files.projects().list().await.unwrap().is_empty());
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn a_refused_login_is_named() {
    let server = MockServer::start().await;
    let refusal = r#"{"error":"invalid_client"}"#;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(401).set_body_raw(refusal, "application/json"))
        .mount(&server)
        .await;
    let files = client(&server);
    let error = files.projects().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(error.hint().unwrap().contains("token URL") && !format!("{error:?}").contains("secret-0001"));
    assert!(files.check_connection().await.finding("wrong_key").is_some());
    let plain = WorkplaceClient::builder().endpoint("https://eu.workplace.datto.com/2").credentials("id", "secret");
    assert!(plain.oauth("http://login.example.com/token").build().is_err(), "the secret would be readable on the way");
    tokio::task::yield_now().await;
}

/// A pair that changes changes nothing else: its secret never goes out with the calls.
#[tokio::test]
async fn a_client_that_logs_in_goes_on_doing_so_when_its_pair_changes() {
    let server = MockServer::start().await;
    for (pair, token) in [("id-0001:secret-0001", "token-0001"), ("id-0002:secret-0002", "token-0002")] {
        let (id, secret) = pair.split_once(':').unwrap();
        let answer = format!(r#"{{"access_token":"{token}","token_type":"bearer","expires_in":3600}}"#);
        Mock::given(method("POST"))
            .and(path("/oauth/token"))
            .and(wiremock::matchers::basic_auth(id, secret))
            .respond_with(ResponseTemplate::new(200).set_body_raw(answer, "application/json"))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(header("authorization", format!("Bearer {token}")))
            .respond_with(ResponseTemplate::new(200).set_body_raw("[]", "application/json"))
            .expect(1)
            .mount(&server)
            .await;
    }
    let files = client(&server);
    assert!(files.projects().list().await.unwrap().is_empty());
    files.set_credentials("id-0002", "secret-0002").unwrap();
    assert!(files.projects().list().await.unwrap().is_empty());
    tokio::task::yield_now().await;
}
