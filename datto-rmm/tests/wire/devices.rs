use datto_rmm::{DeviceClass, PatchInstallStatus, QuickJob, UdfUpdate};
use serde_json::json;

use crate::case::{Case, case};

const UID: &str = "00000000-0000-4000-8000-000000000001";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(DEVICES_LIST, "/v2/account/devices", |rmm| {
            let list = rmm.devices().list().hostname("WS-").device_type("Desktop").operating_system("windows 11");
            let page = list.site_name("Contoso & Söhne").filter_id(17).send().await?;
            assert_eq!(page.items[0].hostname.as_deref(), Some("WS-042"));
            assert_eq!(page.items[0].udf(3), Some("Lab"));
            assert_eq!(page.total, Some(1));
        })
        .query(&[
            ("hostname", "WS-"),
            ("deviceType", "Desktop"),
            ("operatingSystem", "windows 11"),
            ("siteName", "Contoso & Söhne"),
            ("filterId", "17"),
        ]),
        case!(DEVICES_GET, "/v2/device/00000000-0000-4000-8000-000000000001", |rmm| {
            let device = rmm.devices().get(UID).await?;
            assert_eq!(device.device_class, Some(DeviceClass::Device));
            assert_eq!(device.last_seen.unwrap().to_string(), "2026-08-25T07:38:15Z");
            assert_eq!(device.patch_management.unwrap().patches_not_approved, Some(3));
        }),
        case!(DEVICES_BY_ID, "/v2/device/id/100001", |rmm| {
            assert_eq!(rmm.devices().by_id(100_001).await?.id.as_i64(), Some(100_001));
        }),
        case!(DEVICES_BY_MAC_ADDRESS, "/v2/device/macAddress/001122AABBCC", |rmm| {
            assert_eq!(rmm.devices().by_mac_address("00-11.22:aa bb-cc").await?.len(), 1);
        }),
        case!(DEVICES_ALERTS_OPEN, "/v2/device/00000000-0000-4000-8000-000000000001/alerts/open", |rmm| {
            assert_eq!(rmm.devices().alerts_open(UID).muted(true).send().await?.items.len(), 1);
        })
        .query(&[("muted", "true")]),
        case!(DEVICES_ALERTS_RESOLVED, "/v2/device/00000000-0000-4000-8000-000000000001/alerts/resolved", |rmm| {
            assert_eq!(rmm.devices().alerts_resolved(UID).send().await?.items.len(), 1);
        }),
        case!(DEVICES_PATCHES, "/v2/device/00000000-0000-4000-8000-000000000001/patches", |rmm| {
            let list = rmm.devices().patches(UID).install_status(PatchInstallStatus::NotApproved);
            let page = list.send().await?;
            assert_eq!(page.items[0].release_date.as_deref(), Some("2026-08-11"));
        })
        .query(&[("installStatus", "NOT_APPROVED")]),
        case!(DEVICES_QUICK_JOB, "/v2/device/00000000-0000-4000-8000-000000000001/quickjob", |rmm| {
            let job = QuickJob::new("Clear print queue", "c-1").variable("force", "1");
            let started = rmm.devices().quick_job(UID, job).await;
            if let Err(error) = &started
                && error.may_have_happened()
            {
                assert_eq!(error.marker(), Some("Clear print queue"));
            }
            let started = started?;
            assert_eq!(started.uid.as_str(), "00000000-0000-4000-8000-000000000004");
            assert_eq!(started.components.unwrap()[0].uid.as_str(), "00000000-0000-4000-8000-000000000005");
        })
        .body(json!({"jobName": "Clear print queue", "jobComponent":
            {"componentUid": "c-1", "variables": [{"name": "force", "value": "1"}]}})),
        case!(DEVICES_MOVE, "/v2/device/00000000-0000-4000-8000-000000000001/site/s-2", |rmm| {
            rmm.devices().move_to_site(UID, "s-2").await?;
        })
        .empty(),
        case!(DEVICES_SET_UDFS, "/v2/device/00000000-0000-4000-8000-000000000001/udf", |rmm| {
            rmm.devices().set_udfs(UID, UdfUpdate::new().set(3, "Lab").clear(300)).await?;
        })
        .body(json!({"udf3": "Lab", "udf300": ""}))
        .empty(),
        case!(DEVICES_SET_WARRANTY, "/v2/device/00000000-0000-4000-8000-000000000001/warranty", |rmm| {
            rmm.devices().set_warranty(UID, "2027-01-31").await?;
        })
        .body(json!({"warrantyDate": "2027-01-31"}))
        .empty(),
        case!(DEVICES_SET_WARRANTY, "/v2/device/00000000-0000-4000-8000-000000000001/warranty", |rmm| {
            rmm.devices().clear_warranty(UID).await?;
        })
        .body(json!({"warrantyDate": null}))
        .empty(),
    ]
}

#[tokio::test]
async fn a_job_that_was_taken_and_not_named_is_one_without_a_uid() {
    let server = crate::case::Server::start().await;
    server.answer(wiremock::ResponseTemplate::new(200).set_body_json(json!({"jobComponents": null}))).await;
    let started = server.client().devices().quick_job(UID, QuickJob::new("Clear", "c-1")).await.unwrap();
    assert!(started.uid.is_empty());
    server.stop().await;
}
