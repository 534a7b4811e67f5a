use datto_rmm::UdfV3Update;
use datto_rmm::models::UdfValue;
use serde_json::json;

use crate::case::{Case, case};

const UID: &str = "00000000-0000-4000-8000-000000000001";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(V3_DEVICES_LIST, "/v3/account/devices", |rmm| {
            let list = rmm.devices_v3().list().hostname("WS-").device_type("Desktop").operating_system("windows 11");
            let page = list.site_name("Contoso").filter_id(17).send().await?;
            assert_eq!(page.items[0].udf(3).unwrap().value(), Some(UdfValue::Text("Lab")));
        })
        .query(&[
            ("hostname", "WS-"),
            ("deviceType", "Desktop"),
            ("operatingSystem", "windows 11"),
            ("siteName", "Contoso"),
            ("filterId", "17"),
        ]),
        case!(V3_DEVICES_GET, "/v3/device/00000000-0000-4000-8000-000000000001", |rmm| {
            assert_eq!(rmm.devices_v3().get(UID).await?.udf(3).unwrap().label.as_deref(), Some("Room"));
        }),
        case!(V3_DEVICES_BY_ID, "/v3/device/id/100001", |rmm| {
            assert_eq!(rmm.devices_v3().by_id("100001").await?.hostname.as_deref(), Some("WS-042"));
        }),
        case!(V3_DEVICES_BY_MAC_ADDRESS, "/v3/device/macAddress/001122AABBCC", |rmm| {
            assert_eq!(rmm.devices_v3().by_mac_address("001122aabbcc").await?.len(), 1);
        }),
        case!(V3_DEVICES_SET_UDFS, "/v3/device/00000000-0000-4000-8000-000000000001/udf", |rmm| {
            rmm.devices_v3().set_udfs(UID, UdfV3Update::new().text(3, "Lab").number(4, 1.5).clear(5)).await?;
        })
        .body(
            json!({"udfs": [{"ordinal": 3, "valueString": "Lab"}, {"ordinal": 4, "valueNumber": 1.5}, {"ordinal": 5}]}),
        )
        .empty(),
        case!(V3_SITES_DEVICES, "/v3/site/s-1/devices", |rmm| {
            let page = rmm.devices_v3().of_site("s-1").filter_id(17).send().await?;
            assert_eq!(page.items[0].site_name.as_deref(), Some("Contoso"));
        })
        .query(&[("filterId", "17")]),
    ]
}
