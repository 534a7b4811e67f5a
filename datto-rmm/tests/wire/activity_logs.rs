use datto_rmm::Timestamp;
use datto_rmm::models::ActivityEntity;

use crate::case::{Case, case};

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
