//! Appliances, their alerts and the virtual machines that run from their backups.

use serde_json::json;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(DEVICES_LIST, "/bcdr/device", |bcdr| {
            let page = bcdr.devices().list().show_hidden(false).show_child_resellers(true).send().await?;
            let [first, cloud] = &page.items[..] else { panic!("{page:?}") };
            assert_eq!(first.serial_number.as_str(), "D05099000001");
            assert_eq!(first.last_seen_date.as_ref().unwrap().to_string(), "2026-08-25T07:38:15Z");
            assert_eq!(first.local_storage_used.as_ref().unwrap().bytes(), Some(2_097_152_000));
            assert_eq!(first.offsite_storage_used.as_ref().unwrap().bytes(), Some(5_000_000_000));
            assert_eq!(first.client_name(), Some("Acorn Dental"));
            assert_eq!(first.region.as_ref().unwrap().location(), Some("Frankfurt"));
            assert!(cloud.is_cloud_siris() && cloud.local_storage_used.is_none());
            assert_eq!(cloud.region.as_ref().unwrap().location(), Some("Reykjavik"));
            assert_eq!((page.total, page.next), (Some(2), None));
        })
        .query(&[("showHiddenDevices", "0"), ("showChildResellerDevices", "1")]),
        case!(DEVICES_LIST, "/bcdr/device", |bcdr| {
            assert!(bcdr.devices().list().collect().await?.is_empty());
        })
        .answer(json!({"pagination": {"page": 1, "perPage": 100, "totalPages": 0, "count": 0}, "items": []})),
        case!(DEVICES_GET, "/bcdr/device/D05099000001", |bcdr| {
            let device = bcdr.devices().get("D05099000001").await?;
            assert_eq!(device.name.as_deref(), Some("siris-01"));
            assert_eq!(device.extra["newField"], json!({"kept": true}));
        }),
        case!(DEVICES_ALERTS, "/bcdr/device/D05099000001/alert", |bcdr| {
            let alerts = bcdr.devices().alerts("D05099000001").collect().await?;
            assert_eq!(alerts[0].kind.as_deref(), Some("Device Not Seen Alert"));
            assert_eq!((alerts[0].threshold, alerts[0].unit.as_deref()), (Some(60), Some("Minutes")));
        }),
        case!(DEVICES_VM_RESTORES, "/bcdr/device/D05099000001/vm-restores", |bcdr| {
            let restores = bcdr.devices().vm_restores("D05099000001").collect().await?;
            assert_eq!((restores[0].cpu_count, restores[0].asset_id.as_i64()), (Some(2), Some(700_001)));
        }),
        case!(DEVICES_VM_RESTORES, "/bcdr/device/D05099000001/vm-restores", |bcdr| {
            assert_eq!(bcdr.devices().vm_restores("D05099000001").collect().await?.len(), 1);
        })
        .answer(json!([{"restoreId": 1}])),
    ]
}
