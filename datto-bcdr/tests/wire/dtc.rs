//! Direct-to-Cloud.

use datto_bcdr::Bandwidth;
use serde_json::json;

use crate::case::{Case, case};

const UUID: &str = "00000000-0000-4000-8000-000000000001";

pub(crate) fn cases() -> Vec<Case> {
    let pools = [
        json!([{"poolName": "Servers", "used": 3}]),
        json!({"items": [{"poolName": "Servers", "used": 3}]}),
        json!({"poolName": "Servers", "used": 3}),
    ]
    .map(|body| {
        case!(DTC_STORAGE_POOL, "/dtc/storage-pool", |bcdr| {
            let pools = bcdr.dtc().storage_pool().pool_name("Servers").await?;
            assert_eq!((pools.len(), pools[0].pool_name.as_deref()), (1, Some("Servers")));
            assert_eq!(pools[0].extra["used"], 3);
        })
        .query(&[("poolName", "Servers")])
        .answer(body)
    });
    let rest = [
        case!(DTC_ASSETS, "/dtc/assets", |bcdr| {
            let assets = bcdr.dtc().assets().client_id(20_017).collect().await?;
            assert_eq!(assets[0].asset_uuid.as_str(), UUID);
            assert_eq!(assets[0].last_backup.as_ref().unwrap().to_string(), "2026-08-25T07:38:15Z");
            let backups = assets[0].last_10_backups.as_ref().unwrap();
            assert_eq!((backups.len(), backups[0].backup_status), (2, Some(true)));
        })
        .query(&[("clientId", "20017")]),
        case!(DTC_CLIENT_ASSETS, "/dtc/20017/assets", |bcdr| {
            assert_eq!(bcdr.dtc().client_assets(20_017).collect().await?.len(), 1);
        }),
        case!(DTC_ASSET, "/dtc/20017/assets/00000000-0000-4000-8000-000000000001", |bcdr| {
            let asset = bcdr.dtc().asset(20_017, UUID).await?;
            assert_eq!(asset.subscription.as_deref(), Some("Server"));
            assert_eq!(asset.last_screenshot.unwrap().moment(), None);
        }),
        case!(
            DTC_SCREENSHOT,
            "/dtc/20017/assets/00000000-0000-4000-8000-000000000001/screenshot/latest",
            |bcdr| {
                assert_eq!(bcdr.dtc().screenshot(20_017, UUID).await?.media_type, "image/jpeg");
            }
        )
        .image(),
        case!(DTC_SET_BANDWIDTH, "/dtc/agent/00000000-0000-4000-8000-000000000001/bandwidth", |bcdr| {
            let settings = bcdr.dtc().set_bandwidth(UUID, Bandwidth::new(true).maximum_bits(20_000_000)).await?;
            assert_eq!(settings.agent_uuid.as_str(), UUID);
            assert_eq!(settings.maximum_bandwidth_in_bits, Some(20_000_000));
        })
        .body(json!({"pauseWhileMetered": true, "maximumBandwidthInBits": 20_000_000, "maximumThrottledBandwidthInBits": null})),
        case!(DTC_RMM_TEMPLATES, "/dtc/rmm-templates", |bcdr| {
            let templates = bcdr.dtc().rmm_templates().client_id(20_017).collect().await?;
            assert_eq!(templates[0].token_uuid.as_ref().unwrap().as_str(), "00000000-0000-4000-8000-00000000000a");
            assert!(!format!("{templates:?}").contains("00000000000a"));
        })
        .query(&[("clientId", "20017")]),
    ];
    pools.into_iter().chain(rest).collect()
}
