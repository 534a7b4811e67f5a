//! What sources disagree about: each switch in both of its readings.

use datto_sandbox::{
    Booleans, BudgetFormat, Challenge, CreatedShape, DateForm, LastSeen, LinkHost, NameRule, Sandbox, Totals,
    TrailingSlash,
};
use serde_json::{Value, json};

use crate::client::{Rmm, grant, request};

async fn rmm(builder: datto_sandbox::SandboxBuilder) -> Rmm {
    Rmm::start(builder.devices(300)).await
}

#[tokio::test(start_paused = true)]
async fn booleans_in_any_case_or_strictly() {
    let any = rmm(Sandbox::builder()).await;
    let strict = rmm(Sandbox::builder().booleans(Booleans::Strict)).await;
    let path = |value: &str| format!("/v2/account/alerts/open?muted={value}");
    for value in ["False", "TRUE", "false"] {
        assert_eq!(any.get(&path(value)).await.status, 200, "{value}");
    }
    assert_eq!(any.read(&path("False")).await["alerts"], any.read(&path("false")).await["alerts"]);
    assert_eq!(any.get(&path("no")).await.status, 400);
    assert_eq!((strict.get(&path("False")).await.status, strict.get(&path("false")).await.status), (400, 200));
}

#[tokio::test(start_paused = true)]
async fn a_challenge_names_a_realm_or_is_not_there() {
    for (challenge, realm) in [(Challenge::Realm, true), (Challenge::None, false)] {
        let sandbox = Sandbox::builder().challenge(challenge).start().await.expect("free ports");
        let token = format!("{}/auth/oauth/token", sandbox.rmm_url());
        for (method, url) in [
            ("POST", token),
            ("GET", format!("{}/bcdr/device", sandbox.bcdr_url())),
            ("GET", format!("{}/file/projects", sandbox.workplace_url())),
            ("GET", format!("{}/api/v2/account", sandbox.rmm_url())),
        ] {
            let answer = request(method, &url, &[], b"").await.expect("an answer");
            let sent = answer.header("www-authenticate");
            assert_eq!((answer.status, sent.is_some_and(|sent| sent.contains(" realm=\""))), (401, realm), "{url}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_and_activities_tell_their_number_or_do_not() {
    for (totals, told) in [(Totals::Null, false), (Totals::Number, true)] {
        let rmm = rmm(Sandbox::builder().alert_totals(totals)).await;
        for path in ["/v2/account/alerts/open", "/v2/account/alerts/resolved", "/v2/activity-logs"] {
            assert_eq!(rmm.read(path).await["pageDetails"]["totalCount"].is_u64(), told, "{path}");
        }
        assert!(rmm.read("/v2/account/devices").await["pageDetails"]["totalCount"].is_u64());
    }
}

/// All dates of these kinds that a fleet shows.
async fn unseen_dates(rmm: &Rmm) -> Vec<Value> {
    let alerts = rmm.read("/v2/account/alerts/open").await;
    let alerts = alerts["alerts"].as_array().unwrap();
    let actions = alerts.iter().flat_map(|alert| alert["responseActions"].as_array().unwrap());
    let mut dates: Vec<Value> = actions.map(|action| action["actionTime"].clone()).collect();
    for name in ["lastTriggered", "alertTime", "metaAlertTime"] {
        dates.extend(alerts.iter().filter_map(|alert| alert["alertContext"].get(name)).cloned());
    }
    for filter in rmm.read("/v2/filter/default-filters").await["filters"].as_array().unwrap() {
        dates.extend([filter["dateCreate"].clone(), filter["lastUpdated"].clone()]);
    }
    let uid = rmm.sandbox.truth().rmm.computers[0].clone();
    let audit = rmm.read(&format!("/v2/audit/device/{uid}")).await;
    dates.push(audit["bios"]["releaseDate"].clone());
    dates.push(audit["attachedDevices"][0]["driverFileLastModified"].clone());
    let component = rmm.sandbox.truth().rmm.working_component;
    let body = json!({"jobName": "Job", "jobComponent": {"componentUid": component}});
    let job = rmm.send("PUT", &format!("/v2/device/{uid}/quickjob"), Some(&body)).await.json();
    dates.push(job["job"]["dateCreated"].clone());
    dates
}

#[tokio::test(start_paused = true)]
async fn dates_that_nobody_has_seen_are_numbers_or_text() {
    let numbers = unseen_dates(&rmm(Sandbox::builder().unseen_dates(DateForm::Milliseconds)).await).await;
    assert!(numbers.len() > 20 && numbers.iter().all(Value::is_i64), "{numbers:?}");
    let texts = unseen_dates(&rmm(Sandbox::builder()).await).await;
    assert!(texts.iter().all(|date| date.as_str().is_some_and(|date| date.ends_with('Z'))), "{texts:?}");
    assert_eq!(numbers.len(), texts.len());
}

#[tokio::test(start_paused = true)]
async fn last_seen_has_one_form_in_an_account_unless_told_otherwise() {
    for (form, numbers, texts) in
        [(LastSeen::Milliseconds, true, false), (LastSeen::Iso, false, true), (LastSeen::Mixed, true, true)]
    {
        let rmm = rmm(Sandbox::builder().last_seen(form)).await;
        let mut devices = rmm.read("/v2/account/devices").await["devices"].as_array().unwrap().clone();
        devices.push(rmm.read(&format!("/v2/device/{}", devices[0]["uid"].as_str().unwrap())).await);
        let any = |wanted: fn(&Value) -> bool| devices.iter().any(|device| wanted(&device["lastSeen"]));
        assert_eq!((any(Value::is_i64), any(Value::is_string)), (numbers, texts), "{form:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slash_at_the_end_is_not_found_or_served() {
    let strict = rmm(Sandbox::builder()).await;
    let served = rmm(Sandbox::builder().trailing_slash(TrailingSlash::Served)).await;
    for path in ["/v2/account/", "/v2/account/devices/?max=3"] {
        assert_eq!((strict.get(path).await.status, served.get(path).await.status), (404, 200), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn links_name_the_host_that_was_asked() {
    let sandbox = Sandbox::builder().devices(300).start().await.expect("free ports");
    let fixed = Sandbox::builder().devices(300).link_host(LinkHost::Fixed).start().await.expect("free ports");
    let link = async |sandbox: &Sandbox, path: &str, name: &str| {
        let (key, secret) = sandbox.rmm_key();
        let token = grant(sandbox, &format!("grant_type=password&username={key}&password={secret}")).await.json();
        let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "rmm.proxy.example.com"),
        ];
        let url = format!("{}{path}", sandbox.rmm_url());
        let page = request("GET", &url, &headers, b"").await.expect("an answer").json();
        page["pageDetails"][name].as_str().expect("a link").to_owned()
    };
    let devices = "/api/v2/account/devices?page=0";
    assert!(link(&sandbox, devices, "nextPageUrl").await.starts_with("https://rmm.proxy.example.com/api/v2/"));
    assert!(link(&fixed, devices, "nextPageUrl").await.starts_with(&fixed.rmm_url()));
    let log = "/api/v2/activity-logs?size=1";
    assert!(link(&sandbox, log, "nextPageUrl").await.starts_with("https://rmm.proxy.example.com/api/v2/"));
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_bcdr_is_told_in_four_ways() {
    for (format, remaining, resets) in [
        (BudgetFormat::Seconds, 9, 3_600),
        (BudgetFormat::Milliseconds, 9, 3_600_000),
        (BudgetFormat::Epoch, 9, 1_000_003_600),
        (BudgetFormat::Used, 1, 3_600),
    ] {
        let builder = Sandbox::builder().bcdr_budget(10).bcdr_budget_format(format).now_ms(1_000_000_000_000);
        let sandbox = builder.start().await.expect("free ports");
        let pair = crate::pair::basic(&sandbox.bcdr_key());
        let url = format!("{}/bcdr/device", sandbox.bcdr_url());
        let answer = request("GET", &url, &[("authorization", &pair)], b"").await.expect("an answer");
        let number = |name| answer.header(name).and_then(|value| value.parse::<u64>().ok()).expect(name);
        assert_eq!((number("x-api-limit-remaining"), number("x-api-limit-resets")), (remaining, resets), "{format:?}");
    }
}

/// Stores a file of this name, and gives the names in its folder.
async fn store(rule: NameRule, names: &[&str]) -> Vec<String> {
    let builder = Sandbox::builder().workplace_names(rule).workplace_created(CreatedShape::IdAlone);
    let sandbox = builder.start().await.expect("free ports");
    let project = sandbox.truth().workplace.projects[0].clone();
    let pair = crate::pair::basic(&sandbox.workplace_key());
    let headers = [("authorization", pair.as_str()), ("content-type", "multipart/form-data; boundary=X")];
    let url = format!("{}/file/{}/files", sandbox.workplace_url(), project.id);
    for name in names {
        let part = |field: &str, value: &str| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
        };
        let form = [part("partData", "bytes"), part("fileName", name), part("makeUnique", "true"), "--X--\r\n".into()];
        let answer = request("POST", &url, &headers, form.concat().as_bytes()).await.expect("an answer");
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_eq!(answer.json()["value"].as_object().map(serde_json::Map::len), Some(1), "the id alone");
    }
    let tree = sandbox.workplace_tree();
    let stored = tree.keys().filter_map(|path| path.strip_prefix(&format!("{}/", project.name)));
    stored.filter(|path| !path.contains('/') && path.contains('.')).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_store_keeps_names_folds_them_or_alters_them() {
    let decomposed = "u\u{308}.txt";
    assert_eq!(store(NameRule::AsSent, &["A.txt", "a.txt", decomposed]).await, ["A.txt", "a.txt", decomposed]);
    assert_eq!(store(NameRule::FoldsCase, &["A.txt", "a.txt"]).await, ["A.txt", "a (1).txt"]);
    assert_eq!(store(NameRule::Nfc, &[decomposed, "\u{fc}.txt"]).await, ["\u{fc} (1).txt", "\u{fc}.txt"]);
    assert_eq!(store(NameRule::Replaces, &["a?b.txt", "a_b.txt"]).await, ["a_b (1).txt", "a_b.txt"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_name_is_refused_and_other_names_are_not() {
    let sandbox = Sandbox::builder().workplace_refuse_name("Secret").start().await.expect("free ports");
    let project = sandbox.truth().workplace.projects[0].id;
    let pair = crate::pair::basic(&sandbox.workplace_key());
    let make = async |name: &str| {
        let url = format!("{}/file/{project}?name={name}", sandbox.workplace_url());
        request("POST", &url, &[("authorization", &pair)], b"").await.expect("an answer").status
    };
    assert_eq!((make("Secret").await, make("Secrets").await), (403, 200));
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_no_form_is_refused_in_json() {
    let sandbox = Sandbox::builder().start().await.expect("free ports");
    let pair = crate::pair::basic(&sandbox.workplace_key());
    let url = format!("{}/file/{}/files", sandbox.workplace_url(), sandbox.truth().workplace.projects[0].id);
    let headers = [("authorization", pair.as_str()), ("content-type", "application/json")];
    let answer = request("POST", &url, &headers, b"{}").await.expect("an answer");
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/json")));
    assert!(answer.json()["message"].is_string());
}
