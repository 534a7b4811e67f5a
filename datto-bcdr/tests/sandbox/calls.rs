//! Lists in every shape, slow calls, Direct-to-Cloud, and the rest.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use datto_bcdr::ErrorKind;
use datto_sandbox::Sandbox;

use crate::start;

#[tokio::test(start_paused = true)]
async fn every_asset_is_found_whatever_the_shape_of_the_list() {
    for index_keyed in [false, true] {
        let (sandbox, bcdr, truth) =
            start(Sandbox::builder().seed(5).appliances(8).index_keyed_assets(index_keyed)).await;
        let mut found = BTreeSet::new();
        let appliances = bcdr.devices().list().collect().await.unwrap();
        assert_eq!(appliances.len(), truth.devices_visible.len() + truth.devices_hidden.len());
        for appliance in &appliances {
            let serial = &appliance.serial_number;
            let all = bcdr.assets().list(serial).collect().await.unwrap();
            let agents = bcdr.assets().agents(serial).collect().await.unwrap();
            let shares = bcdr.assets().shares(serial).page_size(2).collect().await.unwrap();
            assert_eq!(all.len(), agents.len() + shares.len());
            let raw = bcdr.raw(datto_bcdr::Method::GET, ["bcdr", "device", serial.as_str(), "asset"]).await.unwrap();
            assert_eq!(raw.as_object().map_or_else(|| raw.as_array().unwrap().len(), serde_json::Map::len), all.len());
            found.extend(all.iter().map(|asset| (serial.to_string(), asset.volume.to_string())));
            if let Some(asset) = all.first() {
                let one = bcdr.assets().get(serial, &asset.volume).await.unwrap();
                assert_eq!(&one, asset);
            }
        }
        let planted = truth.assets.iter().map(|asset| (asset.serial.clone(), asset.volume.clone())).collect();
        assert_eq!(found, planted);
        let error = bcdr.assets().get(&appliances[0].serial_number, "0").await.unwrap_err();
        assert!(error.is_not_found() && error.hint().is_some(), "{error}");
        let error = bcdr.devices().get("D0000").await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        drop(sandbox);
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_know_their_appliance() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(5).appliances(8)).await;
    let fleet = bcdr.fleet().concurrency(3).alerts().await;
    let fleet = fleet.known().unwrap();
    assert_eq!(fleet.len(), truth.devices_visible.len());
    let count: usize = fleet.iter().map(|entry| entry.alerts.known().unwrap().len()).sum();
    assert_eq!(count, truth.alerts_visible, "more than one page on one appliance");
}

#[tokio::test(start_paused = true)]
async fn slow_saas_calls_are_waited_for() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().saas_latency(Duration::from_secs(100))).await;
    let customers = bcdr.saas().domains().await.unwrap();
    assert_eq!(customers.len(), truth.saas_customers.len());
}

#[tokio::test(start_paused = true)]
async fn direct_to_cloud_is_read_and_set() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(6).appliances(10)).await;
    let assets = bcdr.dtc().assets().page_size(3).collect().await.unwrap();
    assert_eq!(assets.len(), truth.dtc_assets);
    let failed: HashSet<&str> = assets
        .iter()
        .filter(|asset| asset.backup_state_successful == Some(false))
        .map(|asset| asset.asset_uuid.as_str())
        .collect();
    assert_eq!(failed, truth.dtc_failed.iter().map(String::as_str).collect());

    let asset = &assets[0];
    let client = asset.organization_id.clone().unwrap();
    assert!(!bcdr.dtc().client_assets(&client).collect().await.unwrap().is_empty());
    let details = bcdr.dtc().asset(&client, &asset.asset_uuid).await.unwrap();
    assert_eq!(details.asset_uuid, asset.asset_uuid);
    assert_eq!(bcdr.dtc().screenshot(&client, &asset.asset_uuid).await.unwrap().media_type, "image/jpeg");
    let limits = datto_bcdr::Bandwidth::new(true).maximum_bits(5_000_000);
    let settings = bcdr.dtc().set_bandwidth(asset.asset_uuid.as_str(), limits).await.unwrap();
    assert_eq!((settings.pause_while_metered, settings.maximum_bandwidth_in_bits), (Some(true), Some(5_000_000)));
    let lifted = bcdr.dtc().set_bandwidth(asset.asset_uuid.as_str(), datto_bcdr::Bandwidth::new(false)).await.unwrap();
    assert_eq!((lifted.pause_while_metered, lifted.maximum_bandwidth_in_bits), (Some(false), None));
    assert!(!bcdr.dtc().rmm_templates().collect().await.unwrap().is_empty());
    assert_eq!(bcdr.dtc().storage_pool().pool_name("Servers").await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rest_answers() {
    let (_sandbox, bcdr, truth) = start(Sandbox::builder().seed(6).appliances(10).detailed_backup_stats(true)).await;
    let serial = truth.devices_visible[0].as_str();
    bcdr.devices().vm_restores(serial).collect().await.unwrap();
    assert!(!bcdr.agents().list().collect().await.unwrap().is_empty());
    let all = bcdr.activity_log().list().last_days(30).collect().await.unwrap();
    let day = bcdr.activity_log().list().last_hours(24).collect().await.unwrap();
    assert!(all.len() > day.len());
    let of_one = bcdr.activity_log().list().last_days(30).target("bcdr-device", serial).collect().await.unwrap();
    assert!(of_one.iter().all(|entry| entry.target_id.as_deref() == Some(serial)));
    let customer = truth.saas_customers[0];
    assert!(bcdr.saas().detailed_backup_stats(customer).await.unwrap().is_object());
    let short = bcdr.saas().applications(customer).days_until(3).include_remote_ids(true).await.unwrap();
    assert!(short[0].remote_ids.is_some());
    assert!(short[0].apps().all(|(_, app)| app.backup_history.as_ref().is_some_and(|history| history.len() <= 3)));
    assert_eq!(bcdr.saas().applications(customer).days_until(31).await.unwrap_err().kind(), ErrorKind::Api);
}
