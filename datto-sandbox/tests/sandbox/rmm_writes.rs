//! Writes: what they answer, and what is different afterwards.

use datto_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::Rmm;

async fn rmm() -> Rmm {
    Rmm::start(Sandbox::builder().devices(40).seed(5)).await
}

/// Some customer's site.
fn site(rmm: &Rmm) -> String {
    rmm.sandbox.truth().rmm.site_uids[3].clone()
}

async fn device(rmm: &Rmm) -> String {
    let devices = rmm.read("/v2/account/devices?max=1").await;
    devices["devices"][0]["uid"].as_str().unwrap().to_owned()
}

/// Sends and asserts an empty 200.
async fn write(rmm: &Rmm, method: &str, path: &str, body: Value) {
    let answer = rmm.send(method, path, Some(&body)).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, ""), "{method} {path}");
}

async fn refused(rmm: &Rmm, method: &str, path: &str, body: Value) -> u16 {
    let status = rmm.send(method, path, Some(&body)).await.status;
    assert!((400..500).contains(&status), "{method} {path}: {status}");
    status
}

#[tokio::test(start_paused = true)]
async fn a_created_site_is_there_and_a_second_one_too() {
    let rmm = rmm().await;
    let body = json!({"name": "Nord GmbH", "description": "Zentrale", "notes": "Täglich", "onDemand": false,
        "proxySettings": {"host": "proxy.example.com", "port": 8080, "type": "socks5"}});
    let first = rmm.send("PUT", "/v2/site", Some(&body)).await.json();
    let second = rmm.send("PUT", "/v2/site", Some(&body)).await.json();
    assert_ne!(first["uid"], second["uid"]);
    assert_eq!(rmm.read("/v2/account/sites?siteName=nord%20gmbh").await["sites"].as_array().map(Vec::len), Some(2));
    let read = rmm.read(&format!("/v2/site/{}", first["uid"].as_str().unwrap())).await;
    assert_eq!(read, first);
    assert_eq!((&read["notes"], &read["proxySettings"]["port"]), (&json!("Täglich"), &json!(8080)));
    assert_eq!(refused(&rmm, "PUT", "/v2/site", json!({"description": "no name"})).await, 400);
}

#[tokio::test(start_paused = true)]
async fn an_update_wipes_what_it_leaves_out() {
    let rmm = rmm().await;
    let body = json!({"name": "Whole", "description": "d", "notes": "n", "splashtopAutoInstall": true});
    let site = rmm.send("PUT", "/v2/site", Some(&body)).await.json();
    let path = format!("/v2/site/{}", site["uid"].as_str().unwrap());
    let answer = rmm.send("POST", &path, Some(&json!({"name": "Half", "notes": "n"}))).await.json();
    assert_eq!(answer, rmm.read(&path).await);
    assert_eq!((&answer["name"], &answer["notes"]), (&json!("Half"), &json!("n")));
    assert_eq!((&answer["description"], &answer["splashtopAutoInstall"]), (&Value::Null, &Value::Null));
    assert_eq!(refused(&rmm, "POST", &path, json!({"notes": "no name"})).await, 400);
    assert_eq!(rmm.read(&path).await["name"], "Half");
}

#[tokio::test(start_paused = true)]
async fn a_proxy_is_set_shown_deleted_and_then_not_there() {
    let rmm = rmm().await;
    let path = format!("/v2/site/{}/settings", site(&rmm));
    let proxy =
        json!({"host": "p.example.com", "port": 3128, "type": "http", "username": "u", "password": "synthetic"});
    let answer = rmm.send("POST", &format!("{path}/proxy"), Some(&proxy)).await;
    assert_eq!((answer.status, &answer.json()["proxySettings"]), (200, &proxy));
    assert_eq!(rmm.read(&path).await["proxySettings"], proxy);
    assert_eq!(refused(&rmm, "POST", &format!("{path}/proxy"), json!({"type": "carrier pigeon"})).await, 400);
    assert_eq!(rmm.send("DELETE", &format!("{path}/proxy"), None).await.status, 200);
    assert_eq!(rmm.read(&path).await["proxySettings"], Value::Null);
    assert_eq!(rmm.send("DELETE", &format!("{path}/proxy"), None).await.status, 204);
}

#[tokio::test(start_paused = true)]
async fn variables_are_made_changed_masked_and_deleted() {
    let rmm = rmm().await;
    for path in ["/v2/account".to_owned(), format!("/v2/site/{}", site(&rmm))] {
        write(&rmm, "PUT", &format!("{path}/variable"), json!({"name": "open", "value": "1"})).await;
        write(&rmm, "PUT", &format!("{path}/variable"), json!({"name": "hidden", "value": "2", "masked": true})).await;
        let find = async |name: &str| {
            let list = rmm.read(&format!("{path}/variables")).await;
            list["variables"].as_array().unwrap().iter().find(|variable| variable["name"] == name).cloned()
        };
        let (open, hidden) = (find("open").await.unwrap(), find("hidden").await.unwrap());
        assert_eq!((&open["value"], &hidden["value"], &hidden["masked"]), (&json!("1"), &json!("****"), &json!(true)));
        let one = format!("{path}/variable/{}", open["id"]);
        write(&rmm, "POST", &one, json!({"name": "opened", "value": "3"})).await;
        assert_eq!(find("opened").await.unwrap()["value"], "3");
        write(&rmm, "DELETE", &one, json!({})).await;
        assert!(find("opened").await.is_none());
        assert_eq!(rmm.send("DELETE", &one, None).await.status, 404);
    }
}

#[tokio::test(start_paused = true)]
async fn a_site_on_demand_takes_no_variables() {
    let rmm = rmm().await;
    let path = format!("/v2/site/{}/variable", rmm.sandbox.truth().rmm.on_demand_site);
    assert_eq!(refused(&rmm, "PUT", &path, json!({"name": "a", "value": "b"})).await, 400);
}

#[tokio::test(start_paused = true)]
async fn a_moved_device_is_in_its_new_site_and_in_the_log() {
    let rmm = rmm().await;
    let uid = device(&rmm).await;
    let created = rmm.send("PUT", "/v2/site", Some(&json!({"name": "Target"}))).await.json();
    let target = created["uid"].as_str().unwrap();
    write(&rmm, "PUT", &format!("/v2/device/{uid}/site/{target}"), json!({})).await;
    let moved = rmm.read(&format!("/v2/device/{uid}")).await;
    assert_eq!((&moved["siteUid"], &moved["siteName"]), (&json!(target), &json!("Target")));
    assert_eq!(rmm.read(&format!("/v2/site/{target}/devices")).await["devices"].as_array().map(Vec::len), Some(1));
    assert_eq!(rmm.read(&format!("/v2/site/{target}")).await["devicesStatus"]["numberOfDevices"], 1);
    let log = rmm.read("/v2/activity-logs?actions=move.device").await;
    let details: Value = serde_json::from_str(log["activities"][0]["details"].as_str().unwrap()).unwrap();
    assert_eq!((&details["data.to_site_uid"], &details["device.uid"]), (&json!(target), &json!(uid)));
    assert_eq!(refused(&rmm, "PUT", &format!("/v2/device/{uid}/site/nope"), json!({})).await, 404);
    assert_eq!(refused(&rmm, "PUT", &format!("/v2/device/nope/site/{target}"), json!({})).await, 404);
}

#[tokio::test(start_paused = true)]
async fn a_warranty_is_a_date_or_null_and_nothing_else() {
    let rmm = rmm().await;
    let uid = device(&rmm).await;
    let path = format!("/v2/device/{uid}/warranty");
    let now = async || rmm.read(&format!("/v2/device/{uid}")).await["warrantyDate"].clone();
    write(&rmm, "POST", &path, json!({"warrantyDate": "2031-05-06"})).await;
    assert_eq!(now().await, "2031-05-06");
    for wrong in
        [json!({"warrantyDate": ""}), json!({"warrantyDate": "6 May"}), json!({}), json!({"date": "2031-05-06"})]
    {
        assert_eq!(refused(&rmm, "POST", &path, wrong).await, 400);
    }
    assert_eq!(now().await, "2031-05-06");
    write(&rmm, "POST", &path, json!({"warrantyDate": null})).await;
    assert_eq!(now().await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn fields_are_set_in_part_and_deleted_by_nothing() {
    let rmm = rmm().await;
    let uid = device(&rmm).await;
    let path = format!("/v2/device/{uid}/udf");
    write(&rmm, "POST", &path, json!({"udf5": "five", "udf6": "six", "udf7": "seven", "udf300": "end"})).await;
    write(&rmm, "POST", &path, json!({"udf5": "", "udf6": null, "udf8": "eight", "udf3": "not a number"})).await;
    let fields = rmm.read(&format!("/v2/device/{uid}")).await["udf"].clone();
    assert_eq!(fields.as_object().map(serde_json::Map::len), Some(300));
    let values = ["udf5", "udf6", "udf7", "udf8", "udf300"].map(|name| fields[name].clone());
    assert_eq!(values, [Value::Null, Value::Null, json!("seven"), json!("eight"), json!("end")]);
    let typed = rmm.read(&format!("/v3/device/{uid}")).await;
    let shelf = typed["udfs"].as_array().unwrap().iter().find(|field| field["ordinal"] == 3).unwrap();
    assert_eq!(
        (&shelf["type"], &shelf["valueString"], &shelf["typeMisMatch"]),
        (&json!("NUMBER"), &json!("not a number"), &json!(true))
    );
}

#[tokio::test(start_paused = true)]
async fn typed_fields_must_fit_and_are_taken_whole_or_not_at_all() {
    let rmm = rmm().await;
    let uid = device(&rmm).await;
    let path = format!("/v3/device/{uid}/udf");
    let right = json!({"udfs": [{"ordinal": 2, "valueBoolean": true}, {"ordinal": 3, "valueNumber": 1.5},
        {"ordinal": 4, "valueDate": "2030-01-31"}, {"ordinal": 9, "valueString": "text"}]});
    write(&rmm, "POST", &path, right).await;
    let udf = async || rmm.read(&format!("/v2/device/{uid}")).await["udf"].clone();
    let before = udf().await;
    assert_eq!(
        (&before["udf2"], &before["udf3"], &before["udf4"]),
        (&json!("true"), &json!("1.5"), &json!("2030-01-31"))
    );
    for wrong in [
        json!({"ordinal": 2, "valueString": "true"}),
        json!({"ordinal": 3, "valueNumber": "1"}),
        json!({"ordinal": 4, "valueDate": "31.1.2030"}),
        json!({"ordinal": 301, "valueString": "x"}),
        json!({"ordinal": 9, "valueString": "x", "valueNumber": 1}),
    ] {
        let body = json!({"udfs": [{"ordinal": 9, "valueString": "changed"}, wrong]});
        assert_eq!(refused(&rmm, "POST", &path, body).await, 400);
    }
    assert_eq!(udf().await, before);
    write(&rmm, "POST", &path, json!({"udfs": [{"ordinal": 9}]})).await;
    assert_eq!(udf().await["udf9"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_resolved_alert_moves_and_a_muted_one_stays_as_it_is() {
    let rmm = rmm().await;
    let truth = rmm.sandbox.truth().rmm;
    let uid = &truth.open_alerts[0];
    let before = rmm.read(&format!("/v2/alert/{uid}")).await;
    for verb in ["mute", "unmute"] {
        write(&rmm, "POST", &format!("/v2/alert/{uid}/{verb}"), json!({})).await;
    }
    assert_eq!(rmm.read(&format!("/v2/alert/{uid}")).await, before);
    write(&rmm, "POST", &format!("/v2/alert/{uid}/resolve"), json!({})).await;
    let after = rmm.read(&format!("/v2/alert/{uid}")).await;
    assert_eq!((&after["resolved"], &after["resolvedOn"]), (&json!(true), &json!(rmm.sandbox.now_ms())));
    let device = before["alertSourceInfo"]["deviceUid"].as_str().unwrap();
    let site = before["alertSourceInfo"]["siteUid"].as_str().unwrap();
    for owner in ["account".to_owned(), format!("site/{site}"), format!("device/{device}")] {
        let has = async |state: &str| {
            let page = rmm.read(&format!("/v2/{owner}/alerts/{state}")).await;
            page["alerts"].as_array().unwrap().iter().any(|alert| alert["alertUid"] == json!(uid))
        };
        assert_eq!((has("open").await, has("resolved").await), (false, true), "{owner}");
    }
    assert_eq!(refused(&rmm, "POST", "/v2/alert/nope/resolve", json!({})).await, 404);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_read_says_so() {
    let rmm = rmm().await;
    let uid = device(&rmm).await;
    for (method, path) in [
        ("PUT", "/v2/site".to_owned()),
        ("PUT", "/v2/account/variable".to_owned()),
        ("POST", format!("/v2/device/{uid}/udf")),
    ] {
        let answer = rmm.send(method, &path, Some(&json!([1]))).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"errorMessage": "Failed to read request"})), "{path}");
    }
}
