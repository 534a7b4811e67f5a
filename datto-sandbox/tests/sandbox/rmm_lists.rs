//! Pages and filters.

use datto_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{Rmm, request};

fn rows<'a>(page: &'a Value, array: &str) -> &'a Vec<Value> {
    page[array].as_array().expect("rows")
}

#[tokio::test(start_paused = true)]
async fn pages_begin_at_zero_and_end_with_the_last_row() {
    let rmm = Rmm::start(Sandbox::builder().devices(620).seed(3)).await;
    let mut uids = Vec::new();
    let mut next = Some(format!("{}/api/v2/account/devices", rmm.sandbox.rmm_url()));
    let mut sizes = Vec::new();
    while let Some(url) = next {
        let path = url.split_once("/api").expect("an API path").1.to_owned();
        let page = rmm.read(&path).await;
        sizes.push(rows(&page, "devices").len());
        assert_eq!(page["pageDetails"]["count"], json!(rows(&page, "devices").len()));
        assert_eq!(page["pageDetails"]["totalCount"], json!(620));
        uids.extend(rows(&page, "devices").iter().map(|device| device["uid"].clone()));
        next = page["pageDetails"]["nextPageUrl"].as_str().map(str::to_owned);
    }
    assert_eq!(sizes, [250, 250, 120]);
    uids.sort_by_key(Value::to_string);
    uids.dedup();
    assert_eq!(uids.len(), 620);
    let second = rmm.read("/v2/account/devices?page=1&max=10").await;
    let expected = format!("{}/api/v2/account/devices?max=10&page=0", rmm.sandbox.rmm_url());
    assert_eq!(second["pageDetails"]["prevPageUrl"], json!(expected));
    let beyond = rmm.read("/v2/account/devices?page=99").await;
    assert_eq!((rows(&beyond, "devices").len(), &beyond["pageDetails"]["nextPageUrl"]), (0, &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn next_links_lose_the_filters() {
    let rmm = Rmm::start(Sandbox::builder().devices(300)).await;
    let page = rmm.read("/v2/account/devices?hostname=lt-&max=5").await;
    let link = page["pageDetails"]["nextPageUrl"].as_str().expect("more");
    assert!(link.ends_with("/api/v2/account/devices?max=5&page=1"), "{link}");
}

#[tokio::test(start_paused = true)]
async fn large_pages_are_clamped_or_refused() {
    let rmm = Rmm::start(Sandbox::builder().devices(300)).await;
    assert_eq!(rows(&rmm.read("/v2/account/devices?max=1000").await, "devices").len(), 250);
    let strict = Rmm::start(Sandbox::builder().devices(300).refuse_large_pages(true)).await;
    let refused = strict.get("/v2/account/devices?max=251").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("exceeds the defined limit of 250"));
    assert_eq!(strict.get("/v2/account/devices?max=250").await.status, 200);
    for wrong in ["max=0", "page=-1", "page=first", "filterId=x"] {
        assert_eq!(rmm.get(&format!("/v2/account/devices?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test(start_paused = true)]
async fn text_filters_match_parts_in_any_case_and_together() {
    let rmm = Rmm::start(Sandbox::builder().devices(800)).await;
    let page = rmm.read("/v2/account/devices?hostname=lt-&operatingSystem=windows%2010&max=250").await;
    assert!(!rows(&page, "devices").is_empty());
    for device in rows(&page, "devices") {
        assert!(device["hostname"].as_str().is_some_and(|name| name.starts_with("LT-")));
        assert!(device["operatingSystem"].as_str().is_some_and(|name| name.contains("Windows 10")));
    }
    let servers = rmm.read("/v2/account/devices?deviceType=serv").await;
    assert!(rows(&servers, "devices").iter().all(|device| device["deviceType"]["category"] == "Server"));
    let managed = rmm.read("/v2/account/devices?siteName=ANAGE").await;
    assert!(rows(&managed, "devices").iter().all(|device| device["siteName"] == "Managed"));
    assert!(!rows(&managed, "devices").is_empty());
    let sites = rmm.read("/v2/account/sites?siteName=deleted").await;
    assert_eq!(rows(&sites, "sites").len(), 1);
    assert_eq!(sites["sites"][0]["uid"], json!(rmm.sandbox.truth().rmm.deleted_devices_site));
}

#[tokio::test(start_paused = true)]
async fn a_saved_filter_alone_decides() {
    let rmm = Rmm::start(Sandbox::builder().devices(400)).await;
    let filters = rmm.read("/v2/filter/default-filters").await;
    let laptops = rows(&filters, "filters").iter().find(|filter| filter["name"] == "Laptops").expect("a filter");
    let page = rmm.read(&format!("/v2/account/devices?filterId={}&hostname=SRV-", laptops["id"])).await;
    assert!(!rows(&page, "devices").is_empty());
    assert!(rows(&page, "devices").iter().all(|device| device["deviceType"]["category"] == "Laptop"));
    assert_eq!(rmm.get("/v2/account/devices?filterId=1").await.status, 404);
    let site = &rmm.sandbox.truth().rmm.site_uids[3];
    let of_site = rmm.read(&format!("/v2/site/{site}/devices?filterId={}", laptops["id"])).await;
    assert!(rows(&of_site, "devices").iter().all(|device| device["siteUid"] == json!(site)));
    assert!(
        rows(&rmm.read(&format!("/v2/site/{site}/filters")).await, "filters")
            .iter()
            .all(|filter| filter["type"] == "site")
    );
}

#[tokio::test(start_paused = true)]
async fn alerts_do_not_tell_their_number_and_filter_by_mute() {
    let rmm = Rmm::start(Sandbox::builder().devices(900)).await;
    let page = rmm.read("/v2/account/alerts/open").await;
    assert_eq!(page["pageDetails"]["totalCount"], Value::Null);
    let muted = rmm.read("/v2/account/alerts/open?muted=true").await;
    let loud = rmm.read("/v2/account/alerts/open?muted=false").await;
    assert!(rows(&muted, "alerts").iter().all(|alert| alert["muted"] == true));
    assert_eq!(rows(&muted, "alerts").len() + rows(&loud, "alerts").len(), rows(&page, "alerts").len());
    assert!(!rows(&muted, "alerts").is_empty());
}

#[tokio::test(start_paused = true)]
async fn devices_are_found_by_id_uid_and_address() {
    let rmm = Rmm::start(Sandbox::builder().devices(60)).await;
    let devices = rmm.read("/v2/account/devices").await;
    let first = &rows(&devices, "devices")[0];
    assert_eq!(&rmm.read(&format!("/v2/device/{}", first["uid"].as_str().unwrap())).await, first);
    assert_eq!(&rmm.read(&format!("/v2/device/id/{}", first["id"])).await, first);
    let address = rmm.sandbox.truth().rmm.shared_address;
    let site = first["siteUid"].as_str().unwrap();
    let nics = rmm.read(&format!("/v2/site/{site}/devices/network-interface")).await;
    let nic = rows(&nics, "devices").iter().find(|row| row["uid"] == first["uid"]).expect("the device");
    assert_eq!(nic["nics"][0]["macAddress"], json!(address));
    let found = rmm.read(&format!("/v2/device/macAddress/{address}")).await;
    assert_eq!(found.as_array().map(Vec::len), Some(2), "two devices share the address");
    assert_eq!(rmm.read(&format!("/v3/device/macAddress/{}", address.to_lowercase())).await[0]["uid"], first["uid"]);
    assert_eq!(rmm.get("/v2/device/macAddress/FFFFFFFFFFFF").await.status, 404);
    assert_eq!(rmm.get("/v2/device/macAddress/02:00:00:00:00:00").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_not_found_in_the_shape_of_the_service() {
    let rmm = Rmm::start(Sandbox::builder().devices(20)).await;
    let missing = rmm.get("/v2/device/nope").await;
    let body = missing.json();
    assert_eq!(missing.status, 404);
    assert_eq!(
        (&body["status"], &body["error"], &body["path"]),
        (&json!(404), &json!("Not Found"), &json!("/v2/device/nope"))
    );
    assert!(body["timestamp"].is_i64());
    let unknown = rmm.get("/v2/sites/patches").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("No static resource v2/sites/patches"));
    assert_eq!(rmm.send("DELETE", "/v2/account", None).await.status, 405);
    let outside = request("GET", &format!("{}/v2/account", rmm.sandbox.rmm_url()), &[], b"").await.expect("an answer");
    assert_eq!(outside.status, 404);
}

#[tokio::test(start_paused = true)]
async fn lists_may_end_with_a_blank_link() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).blank_links(true)).await;
    let page = rmm.read("/v2/account/devices").await;
    assert_eq!((&page["pageDetails"]["nextPageUrl"], &page["pageDetails"]["prevPageUrl"]), (&json!(""), &json!("")));
}

#[tokio::test(start_paused = true)]
async fn an_older_build_lacks_what_came_later() {
    let rmm = Rmm::start(Sandbox::builder().devices(20).old_build(true)).await;
    let uid = rmm.read("/v2/account/devices?max=1").await["devices"][0]["uid"].as_str().unwrap().to_owned();
    let answer = rmm.get(&format!("/v2/device/{uid}/patches")).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("No static resource"));
    assert_eq!(rmm.get("/v3/account/devices").await.status, 404);
    assert_eq!(rmm.get(&format!("/v2/device/{uid}")).await.status, 200);
}
