use datto_rmm::models::ActivityEntity;
use datto_rmm::{ErrorKind, Timestamp};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::case::{Case, Server, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(ACTIVITY_LOGS_LIST, "/v2/activity-logs", |rmm| {
            let page = rmm.activity_logs().list().send().await?;
            let entry = &page.items[0];
            assert_eq!(entry.date.as_ref().unwrap().as_millis(), Some(1_689_072_497_714));
            let details = entry.parsed_details().unwrap();
            assert_eq!(details.text("job.name"), Some("Clear print queue"));
        })
        .query(&[("size", "250")]),
        case!(ACTIVITY_LOGS_LIST, "/v2/activity-logs", |rmm| {
            let moment = Timestamp::from_millis(1_787_643_495_714);
            let list = rmm.activity_logs().list().from(moment.clone()).until(moment).oldest_first().page_size(20);
            let list =
                list.entity(ActivityEntity::Device).categories(["job", "device"]).actions(["deployment", "note"]);
            list.site_ids([4, 8]).user_ids([1]).search_query("reboot*").send().await?;
        })
        .query(&[
            ("size", "20"),
            ("from", "2026-08-25T07:38:15Z"),
            ("until", "2026-08-25T07:38:16Z"),
            ("order", "asc"),
            ("entities", "device"),
            ("categories", "job,device"),
            ("actions", "deployment,note"),
            ("siteIds", "4,8"),
            ("userIds", "1"),
            ("searchQuery", "reboot*"),
        ]),
    ]
}

/// The service reports trouble with its database inside a 200 (official): what came with it is good, but it is not all.
#[tokio::test]
async fn an_error_inside_a_good_answer_ends_the_walk() {
    let server = Server::start().await;
    let rmm = server.client();
    let page = |activities: Value| json!({"pageDetails": {"count": 1, "nextPageUrl": null}, "activities": activities, "error": "query timed out"});
    server.answer(ResponseTemplate::new(200).set_body_json(page(json!([{"id": "a-1"}])))).await;
    let one = rmm.activity_logs().list().send().await.unwrap();
    assert_eq!((one.items.len(), one.next.is_some()), (1, true));
    let error = rmm.activity_logs().list().collect().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Server && error.message().contains("query timed out"), "{error}");
    server.answer(ResponseTemplate::new(200).set_body_json(page(json!([])))).await;
    let error = rmm.activity_logs().list().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    server.stop().await;
}
