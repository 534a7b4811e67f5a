use datto_rmm::{EndsOwnAccess, ErrorKind};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::case::{Case, Server, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(USERS_LIST, "/v2/account/users", |rmm| {
            let page = rmm.users().list().send().await?;
            assert_eq!(page.items[0].created.as_ref().unwrap().to_string(), "2026-08-25T07:38:15Z");
        }),
        case!(USERS_RESET_API_KEYS, "/v2/user/resetApiKeys", |rmm| {
            let keys = rmm.users().reset_api_keys(EndsOwnAccess).await?;
            assert_eq!(keys.api_secret_key.unwrap().expose(), "EXAMPLESECRET0001");
        }),
    ]
}

#[tokio::test]
async fn new_keys_are_not_lost_over_an_odd_member_beside_them() {
    let server = Server::start().await;
    let body = json!({"apiAccessKey": "NEWKEY0001", "apiSecretKey": "NEWSECRET0001", "userName": {"odd": 1}});
    server.answer(ResponseTemplate::new(200).set_body_json(body)).await;
    let keys = server.client().users().reset_api_keys(EndsOwnAccess).await.unwrap();
    assert_eq!(keys.api_secret_key.unwrap().expose(), "NEWSECRET0001");
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_that_shows_no_key() {
    let server = Server::start().await;
    let body = json!("NEWKEY0001 NEWSECRET0001");
    server.answer(ResponseTemplate::new(200).set_body_json(body)).await;
    let error = server.client().users().reset_api_keys(EndsOwnAccess).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.may_have_happened());
    let told = format!("{error} {error:?} {:?}", error.body_snippet());
    assert!(!told.contains("NEWKEY") && !told.contains("NEWSECRET"), "{told}");
    server.stop().await;
}
