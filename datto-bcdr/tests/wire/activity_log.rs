//! The activity log.

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(ACTIVITY_LOG_LIST, "/report/activity-log", |bcdr| {
            let list = bcdr.activity_log().list().client_name("Acorn").user("jo").target_type("bcdr-device");
            let entries = list.last_hours(12).target("bcdr-device", "D05099000001").collect().await?;
            assert_eq!(entries[0].action.as_deref(), Some("protectedSystem.deleted"));
            assert_eq!(entries[0].message_en.as_deref(), Some("Deleted a protected system"));
            assert_eq!(entries[0].success, Some(true));
        })
        .query(&[
            ("clientName", "Acorn"),
            ("user", "jo"),
            ("targetType", "bcdr-device"),
            ("since", "12"),
            ("sinceUnits", "hours"),
            ("target", "bcdr-device:D05099000001"),
        ]),
        case!(ACTIVITY_LOG_LIST, "/report/activity-log", |bcdr| {
            let list = bcdr.activity_log().list().last_minutes(5).last_days(3);
            list.targets([("bcdr-device", "D1"), ("bcdr-device", "D2")]).collect().await?;
        })
        .query(&[("since", "3"), ("sinceUnits", "days"), ("target", "bcdr-device:D1,bcdr-device:D2")]),
        case!(ACTIVITY_LOG_LIST, "/report/activity-log", |bcdr| {
            bcdr.activity_log().list().collect().await?;
        }),
    ]
}
