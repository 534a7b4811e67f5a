//! The control endpoint, as a program in another language uses it.

use datto_sandbox::{Sandbox, SandboxBuilder};
use serde_json::{Value, json};

use crate::client::{Rmm, request};

async fn start(builder: SandboxBuilder) -> Rmm {
    Rmm::start(builder.set("control", "0").unwrap()).await
}

async fn ask(sandbox: &Sandbox, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}{path}", sandbox.control_url().unwrap());
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let answer = request(method, &url, &[], body.as_bytes()).await.expect("an answer");
    (answer.status, answer.json())
}

#[tokio::test(start_paused = true)]
async fn it_tells_what_there_is() {
    let rmm = start(Sandbox::builder().devices(20).account("north", Sandbox::builder().devices(5))).await;
    let sandbox = &rmm.sandbox;
    let (status, about) = ask(sandbox, "GET", "/", None).await;
    let names: Vec<&str> =
        about["settings"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let known: Vec<&str> = SandboxBuilder::settings().iter().map(|about| about.name).collect();
    assert_eq!((status, names), (200, known));
    for route in about["routes"].as_array().unwrap() {
        // One that is not there is 404 or 405; a body that is missing is 400.
        let (status, _) = ask(sandbox, route["method"].as_str().unwrap(), route["path"].as_str().unwrap(), None).await;
        assert!(status == 200 || status == 400, "{route}: {status}");
    }
    let (_, told) = ask(sandbox, "GET", "/environment", None).await;
    assert_eq!(told["accounts"]["north"]["DATTO_BCDR_PUBLIC_KEY"], "sandbox-bcdr-public-north");
    let (_, truth) = ask(sandbox, "GET", "/truth?account=north", None).await;
    assert_eq!((&truth["rmm"]["total_devices"], &truth["links"]["companies"][0]["id"]), (&json!(5), &json!(2000)));
    assert_eq!(ask(sandbox, "GET", "/truth?account=south", None).await.0, 404);
    let (_, tree) = ask(sandbox, "GET", "/tree", None).await;
    assert_eq!(tree["Finance/Empty"]["folder"], true);
    assert_eq!(ask(sandbox, "GET", "/nothing", None).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn faults_are_injected_and_the_journal_is_read() {
    let rmm = start(Sandbox::builder().devices(20)).await;
    let sandbox = &rmm.sandbox;
    let fault =
        json!([{"fault": "status", "status": 503, "path_contains": "/v2/account", "times": 2}, {"fault": "reset"}]);
    assert_eq!(ask(sandbox, "POST", "/faults", Some(fault)).await.0, 200);
    ask(sandbox, "DELETE", "/journal", None).await;
    assert_eq!(rmm.get("/v2/account").await.status, 503);
    let (_, faults) = ask(sandbox, "GET", "/faults", None).await;
    assert_eq!((faults.as_array().unwrap().len(), &faults[0]["struck"]), (2, &json!(1)));
    assert_eq!(faults[0]["fault"]["path_contains"], "/v2/account");
    ask(sandbox, "DELETE", "/faults", None).await;
    assert_eq!(rmm.get("/v2/account").await.status, 200);
    let (_, journal) = ask(sandbox, "GET", "/journal", None).await;
    let entries = journal["entries"].as_array().unwrap();
    assert_eq!((&entries[0]["status"], &entries[1]["path"]), (&json!(503), &json!("/api/v2/account")));
    let (_, rest) = ask(sandbox, "GET", &format!("/journal?after={}", entries[0]["number"]), None).await;
    assert_eq!(rest["entries"].as_array().unwrap()[..], entries[1..]);
    let (status, wrong) = ask(sandbox, "POST", "/faults", Some(json!({"fault": "rest"}))).await;
    assert!(status == 400 && wrong["error"].as_str().unwrap().contains("rest"), "{wrong}");
}

#[tokio::test(start_paused = true)]
async fn settings_change_while_it_runs() {
    let rmm = start(Sandbox::builder().devices(20)).await;
    let sandbox = &rmm.sandbox;
    assert_eq!(ask(sandbox, "PATCH", "/settings", Some(json!({"old_build": true, "latency": "1s"}))).await.0, 200);
    let (_, settings) = ask(sandbox, "GET", "/settings", None).await;
    assert_eq!((&settings["old_build"], &settings["devices"]), (&json!("true"), &json!("20")));
    let limits = json!({"legacy_rate_limits": true, "rate_limit": 20, "rate_window": "10s", "old_build": false});
    assert_eq!(ask(sandbox, "PATCH", "/settings", Some(limits)).await.0, 200);
    let rate = rmm.read("/v2/system/request_rate").await;
    assert_eq!((&rate["accountRateLimit"], &rate["slidingTimeWindowSizeSeconds"]), (&json!(20), &json!(10)));
    assert_eq!(rate["accountWriteRateLimit"], Value::Null);
    ask(sandbox, "POST", "/rmm/spend-reads", Some(json!({"count": 20}))).await;
    assert_eq!(rmm.get("/v2/account").await.status, 429);
    let (status, wrong) = ask(sandbox, "PATCH", "/settings", Some(json!({"devices": 3}))).await;
    assert!(status == 400 && wrong["error"].as_str().unwrap().contains("start"), "{wrong}");
}

#[tokio::test(start_paused = true)]
async fn the_world_changes_now_and_later() {
    let rmm = start(Sandbox::builder().devices(20)).await;
    let sandbox = &rmm.sandbox;
    let (_, changed) = ask(sandbox, "POST", "/change", Some(json!({"change": "add_site", "name": "Now"}))).await;
    assert!(sandbox.truth().rmm.site_uids.contains(&changed["ids"][0].as_str().unwrap().to_owned()));
    let before = sandbox.truth().rmm.total_sites;
    let later = json!([{"after": "30m", "every": "10m", "times": 3, "change": "add_site"}]);
    assert_eq!(ask(sandbox, "POST", "/plan", Some(later)).await.0, 200);
    let (_, clock) = ask(sandbox, "GET", "/clock", None).await;
    let (_, moved) = ask(sandbox, "POST", "/clock", Some(json!({"forward": "40m"}))).await;
    assert!(moved["now_ms"].as_i64().unwrap() - clock["now_ms"].as_i64().unwrap() >= 2_400_000);
    assert_eq!(sandbox.truth().rmm.total_sites, before + 2);
    assert_eq!(ask(sandbox, "POST", "/change", Some(json!({"change": "explode"}))).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn tokens_and_keys_end() {
    let rmm = start(Sandbox::builder().devices(20)).await;
    let sandbox = &rmm.sandbox;
    assert_eq!(ask(sandbox, "GET", "/rmm/logins", None).await.1["logins"], 1);
    ask(sandbox, "POST", "/rmm/expire-tokens", None).await;
    assert_eq!(rmm.get("/v2/account").await.status, 401);
    let (_, key) = ask(sandbox, "POST", "/rmm/reset-key", None).await;
    assert_eq!(json!(sandbox.rmm_key().0), key["key"]);
    assert_ne!(key["key"], "SANDBOXRMMKEY");
    assert_eq!(ask(sandbox, "POST", "/rmm/spend-reads", Some(json!({"count": 3}))).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_reset_leads_to_the_beginning_or_to_another_one() {
    let builder = Sandbox::builder().devices(20).fault(datto_sandbox::Fault::status(503).path_contains("/audit"));
    let rmm = start(builder).await;
    let sandbox = &rmm.sandbox;
    let (truth, url) = (sandbox.truth(), sandbox.rmm_url());
    for change in ["remove_device", "tenant_gone", "resolve_alert"] {
        ask(sandbox, "POST", "/change", Some(json!({ "change": change }))).await;
    }
    ask(sandbox, "DELETE", "/faults", None).await;
    ask(sandbox, "PATCH", "/settings", Some(json!({"old_build": true}))).await;
    ask(sandbox, "POST", "/clock", Some(json!({"forward": "2d"}))).await;
    assert_ne!(sandbox.truth(), truth);
    assert_eq!(ask(sandbox, "POST", "/reset", None).await.0, 200);
    assert_eq!((sandbox.truth(), sandbox.rmm_url()), (truth.clone(), url));
    assert_eq!(ask(sandbox, "GET", "/faults", None).await.1.as_array().unwrap().len(), 1);
    assert_eq!(sandbox.settings().into_iter().find(|(name, _)| *name == "old_build").unwrap().1, "false");
    assert_eq!(rmm.get("/v2/account").await.status, 401, "no token outlives it");
    assert!(sandbox.journal().len() == 1 && sandbox.logins() == 0);

    let other = json!({"devices": 7, "account": [{"name": "north", "devices": 3}]});
    let (status, told) = ask(sandbox, "POST", "/reset", Some(other)).await;
    assert_eq!((status, told["accounts"].as_object().unwrap().len()), (200, 2));
    assert_eq!(sandbox.truth().rmm.total_devices, 7);
    assert_eq!(sandbox.account("north").unwrap().truth().rmm.total_devices, 3);
    for (scenario, named) in [
        (json!({"rmm_port": 1, "bind": "127.0.0.2"}), "bind"),
        (json!({"account": [{"name": "far", "platform": "zinfandel"}]}), "zinfandel"),
        (json!({"devises": 1}), "devises"),
    ] {
        let (status, wrong) = ask(sandbox, "POST", "/reset", Some(scenario)).await;
        assert!(status == 400 && wrong["error"].as_str().unwrap().contains(named), "{wrong}");
    }
    assert_eq!(sandbox.truth().rmm.total_devices, 7, "what was refused changes nothing");
}

#[tokio::test(start_paused = true)]
async fn it_is_for_this_machine_alone_unless_told_otherwise() {
    let sandbox = Sandbox::builder().start().await.expect("free ports");
    assert_eq!(sandbox.control_url(), None);
    let error = Sandbox::builder().set("control", "0.0.0.0:0").unwrap().start().await.unwrap_err().to_string();
    assert!(error.contains("--control-remote"), "{error}");
    let rmm = start(Sandbox::builder()).await;
    let url = format!("{}/truth", rmm.sandbox.control_url().unwrap());
    for header in [("Origin", "https://page.example.com"), ("Host", "rebound.example.com")] {
        let answer = request("GET", &url, &[header], b"").await.expect("an answer");
        assert_eq!(answer.status, 403, "{header:?}");
    }
    let open =
        Sandbox::builder().set("control", "0.0.0.0:0").unwrap().control_remote(true).start().await.expect("ports");
    let url = format!("{}/truth", open.control_url().unwrap());
    assert_eq!(request("GET", &url, &[("Host", "sandbox.example.com")], b"").await.expect("an answer").status, 200);
}

#[tokio::test]
async fn it_ends_with_the_sandbox() {
    let rmm = start(Sandbox::builder()).await;
    let url = format!("{}/truth", rmm.sandbox.control_url().unwrap());
    assert_eq!(request("GET", &url, &[], b"").await.expect("an answer").status, 200);
    drop(rmm);
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert!(request("GET", &url, &[], b"").await.is_err());
}
