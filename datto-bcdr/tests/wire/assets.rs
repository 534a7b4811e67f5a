//! Agents and shares of appliances, in every shape that was observed.

use datto_bcdr::{AssetKind, BackupStatus};
use serde_json::{Value, json};

use crate::case::{Case, case};

const VOLUME: &str = "0123456789abcdef0123456789abcdef";

fn asset(name: &str) -> Value {
    json!({"name": name, "volume": VOLUME, "type": "agent", "lastSnapshot": 1_787_643_495})
}

fn pagination(count: u64) -> Value {
    json!({"page": 1, "perPage": 100, "totalPages": 1, "count": count})
}

pub(crate) fn cases() -> Vec<Case> {
    let of_one = |bodies: [Value; 4]| {
        bodies.map(|body| {
            case!(ASSETS_LIST, "/bcdr/device/D05099000001/asset", |bcdr| {
                let assets = bcdr.assets().list("D05099000001").collect().await?;
                let names: Vec<&str> = assets.iter().map(|asset| asset.label()).collect();
                assert_eq!(names, ["a", "b"]);
            })
            .answer(body)
        })
    };
    let shapes = of_one([
        json!([asset("a"), asset("b")]),
        json!({"0": asset("a"), "7": asset("b")}),
        json!({"pagination": pagination(2), "items": [asset("a"), asset("b")]}),
        json!({"pagination": pagination(2), "items": {"1": asset("a"), "2": asset("b")}}),
    ]);
    let empty = [json!([]), json!({}), json!({"pagination": pagination(0), "items": []})].map(|body| {
        case!(ASSETS_LIST, "/bcdr/device/D05099000001/asset", |bcdr| {
            assert!(bcdr.assets().list("D05099000001").collect().await?.is_empty());
        })
        .answer(body)
    });
    let rest = [
        case!(ASSETS_LIST, "/bcdr/device/D05099000001/asset", |bcdr| {
            let assets = bcdr.assets().list("D05099000001").collect().await?;
            let [agent, share] = &assets[..] else { panic!("{assets:?}") };
            assert_eq!((&agent.kind, &share.kind), (&Some(AssetKind::Agent), &Some(AssetKind::Share)));
            assert_eq!((agent.asset_id.as_i64(), share.asset_id.as_i64()), (Some(700_001), Some(700_002)));
            assert!(agent.last_screenshot_attempt_status.as_ref().unwrap().is_no());
            let runs = agent.backups.as_ref().unwrap();
            assert_eq!(runs[0].status(), Some(&BackupStatus::Failure));
            assert_eq!(runs[0].message(), Some("VSS writer timed out"));
            assert!(runs[1].screenshot().unwrap().is_yes());
            assert_eq!((&share.backups, &share.latest_offsite), (&None, &None));
            assert_eq!(share.last_snapshot.as_ref().unwrap().moment(), None);
        }),
        case!(ASSETS_AGENTS, "/bcdr/device/D05099000001/asset/agent", |bcdr| {
            assert_eq!(bcdr.assets().agents("D05099000001").collect().await?[0].kind, None);
        }),
        case!(ASSETS_SHARES, "/bcdr/device/D05099000001/asset/share", |bcdr| {
            assert_eq!(bcdr.assets().shares("D05099000001").collect().await?.len(), 1);
        }),
        case!(ASSETS_GET, "/bcdr/device/D05099000001/asset/0123456789abcdef0123456789abcdef", |bcdr| {
            assert_eq!(bcdr.assets().get("D05099000001", VOLUME).await?.label(), "dc-01");
        }),
        case!(ASSETS_GET, "/bcdr/device/D05099000001/asset/0123456789abcdef0123456789abcdef", |bcdr| {
            assert_eq!(bcdr.assets().get("D05099000001", VOLUME).await?.label(), "a");
        })
        .answer(json!({"7": asset("a")})),
        case!(ASSETS_GET, "/bcdr/device/D05099000001/asset/0123456789abcdef0123456789abcdef", |bcdr| {
            let missing = bcdr.assets().get("D05099000001", VOLUME).await;
            match missing {
                Err(error) if error.status().is_some_and(|status| status.is_success()) && error.is_not_found() => {
                    assert!(error.hint().unwrap().contains("volume"));
                }
                Err(error) => return Err(error),
                Ok(asset) => panic!("{asset:?}"),
            }
        })
        .answer(json!([])),
        case!(
            ASSETS_SCREENSHOT,
            "/bcdr/device/D05099000001/asset/0123456789abcdef0123456789abcdef/screenshot/latest",
            |bcdr| {
                let screenshot = bcdr.assets().screenshot("D05099000001", VOLUME).await?;
                assert_eq!((screenshot.media_type, screenshot.bytes.len()), ("image/jpeg", 9));
            }
        )
        .image(),
    ];
    shapes.into_iter().chain(empty).chain(rest).collect()
}
