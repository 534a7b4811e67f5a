//! SaaS Protection: customers and their applications.

use datto_bcdr::{AppType, LastFullyProtected, WindowStatus};
use serde_json::json;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    let report = json!({"customerId": 4711, "suites": [{"suiteType": "Office365", "appTypes": []}]});
    let page = json!({"pagination": {"page": 1, "perPage": 100, "totalPages": 1, "count": 1}, "items": [report]});
    let wrapped = [json!([page]), page].map(|body| {
        case!(SAAS_APPLICATIONS, "/saas/4711/applications", |bcdr| {
            let reports = bcdr.saas().applications(4711).await?;
            assert_eq!((reports.len(), reports[0].customer_id.as_i64()), (1, Some(4711)));
        })
        .answer(body)
    });
    let rest = [
        case!(SAAS_DOMAINS, "/saas/domains", |bcdr| {
            let customers = bcdr.saas().domains().await?;
            assert_eq!(customers[0].saas_customer_id.as_i64(), Some(4711));
            assert_eq!(customers[0].external_subscription_id.as_str(), "Classic:Office365:654321");
            assert_eq!(customers[0].backup_stats.as_ref().unwrap().backup_percentage, Some(79.78));
            assert_eq!(customers[1].organization_id, None);
        }),
        case!(SAAS_APPLICATIONS, "/saas/4711/applications", |bcdr| {
            let reports = bcdr.saas().applications(4711).days_until(10).include_remote_ids(true).await?;
            let apps: Vec<_> = reports[0].apps().map(|(_, app)| app).collect();
            assert_eq!(apps[0].app_type, Some(AppType::Office365Exchange));
            let window = &apps[0].backup_history.as_ref().unwrap()[0];
            assert_eq!(window.time_window.as_ref().unwrap().days_ago(), Some((0, 1)));
            assert!(window.starts().unwrap() < window.ends().unwrap());
            assert_eq!(window.status, Some(WindowStatus::BackupWithIssues));
            assert!(matches!(&apps[0].last_fully_protected_time, Some(LastFullyProtected::At(_))));
            assert!(matches!(&apps[1].last_fully_protected_time, Some(LastFullyProtected::Word(word)) if **word == *"OVER_10_DAYS_AGO"));
            let ids = reports[0].remote_ids.as_ref().unwrap();
            assert_eq!((ids[0].active, ids[0].remote_ids.as_ref().unwrap()[0].as_str()), (Some(2), "r-1"));
        })
        .query(&[("daysUntil", "10"), ("includeRemoteID", "1")]),
        case!(SAAS_DETAILED_BACKUP_STATS, "/saas/4711/detailedBackupStats", |bcdr| {
            assert_eq!(bcdr.saas().detailed_backup_stats(4711).await?["tenantName"], "Acorn Dental");
        }),
    ];
    wrapped.into_iter().chain(rest).collect()
}

#[tokio::test]
async fn a_report_that_goes_on_on_another_page_is_no_whole_one() {
    let server = crate::Server::start().await;
    let body =
        json!({"pagination": {"page": 1, "perPage": 1, "totalPages": 2, "count": 2}, "items": [{"customerId": 1}]});
    server.answer(wiremock::ResponseTemplate::new(200).set_body_json(body)).await;
    let error = server.client().saas().applications(4711).await.unwrap_err();
    assert_eq!(error.kind(), datto_bcdr::ErrorKind::Paging, "{error:?}");
    server.stop().await;
}
