//! Each kind of fault, as a client meets it.

use std::time::Duration;

use datto_sandbox::{Fault, Product, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::Rmm;

const ACCOUNT: &str = "/v2/account";

async fn rmm() -> Rmm {
    Rmm::start(Sandbox::builder().devices(20)).await
}

#[tokio::test(start_paused = true)]
async fn status_comes_with_headers_and_body_and_only_as_often_as_told() {
    let rmm = rmm().await;
    let fault = Fault::status(503).header("Retry-After", "7").content("text/plain", "busy").after(1).times(2);
    rmm.sandbox.inject(fault.product(Product::Rmm).method("GET").path_contains(ACCOUNT));
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(rmm.get(ACCOUNT).await);
    }
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 503, 503, 200]);
    assert_eq!(answers[1].header("retry-after"), Some("7"));
    assert_eq!(answers[1].header("content-type"), Some("text/plain"));
    assert_eq!(answers[1].text(), "busy");
}

#[tokio::test(start_paused = true)]
async fn reset_drops_the_connection_without_an_answer() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::reset());
    assert!(rmm.try_send("GET", ACCOUNT, None).await.is_err());
    assert_eq!(rmm.get(ACCOUNT).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn cut_body_promises_more_than_it_sends() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::cut_body(1_000));
    let answer = rmm.get("/v2/account/devices").await;
    assert_eq!((answer.status, answer.body.len()), (200, 1_000));
    assert!(!answer.is_whole());
    assert!(rmm.get("/v2/account/devices").await.is_whole());
}

#[tokio::test(start_paused = true)]
async fn html_is_a_200_that_is_no_json() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::html());
    let answer = rmm.get(ACCOUNT).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html")));
    assert!(answer.text().starts_with('<'));
}

#[tokio::test(start_paused = true)]
async fn body_is_answered_as_given() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::body("application/json", "{\"devices\":null}"));
    assert_eq!(rmm.get("/v2/account/devices").await.json(), json!({"devices": null}));
}

#[tokio::test(start_paused = true)]
async fn redirect_names_its_target() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::redirect("https://elsewhere.example.com/login"));
    let answer = rmm.get(ACCOUNT).await;
    assert_eq!((answer.status, answer.header("location")), (302, Some("https://elsewhere.example.com/login")));
}

#[tokio::test(start_paused = true)]
async fn ip_block_is_a_403_in_html() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::ip_block());
    let answer = rmm.get(ACCOUNT).await;
    assert_eq!((answer.status, answer.header("content-type")), (403, Some("text/html")));
}

#[tokio::test(start_paused = true)]
async fn delay_and_drip_take_the_time_they_say() {
    let rmm = rmm().await;
    for (fault, seconds) in [
        (Fault::delay(Duration::from_secs(40)), 40),
        (Fault::delay(Duration::from_secs(40)).after_handling(), 40),
        (Fault::drip(Duration::from_secs(3)), 30),
    ] {
        rmm.sandbox.inject(fault);
        let start = Instant::now();
        let answer = rmm.get("/v2/account/devices").await;
        assert!(answer.is_whole());
        assert_eq!(answer.json()["devices"].as_array().map(Vec::len), Some(20));
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn stall_never_answers() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::stall());
    let waited = tokio::time::timeout(Duration::from_secs(3_600), rmm.try_send("GET", ACCOUNT, None)).await;
    assert!(waited.is_err());
}

#[tokio::test(start_paused = true)]
async fn only_a_fault_after_handling_leaves_the_effect() {
    let rmm = rmm().await;
    let sites = async || rmm.read("/v2/account/sites?siteName=Lost").await["sites"].as_array().map(Vec::len);
    let create = async || rmm.try_send("PUT", "/v2/site", Some(&json!({"name": "Lost and found"}))).await;

    rmm.sandbox.inject(Fault::reset().method("PUT"));
    assert!(create().await.is_err());
    assert_eq!(sites().await, Some(0));

    rmm.sandbox.inject(Fault::reset().method("PUT").after_handling());
    assert!(create().await.is_err());
    assert_eq!(sites().await, Some(1));

    rmm.sandbox.inject(Fault::status(504).method("PUT").after_handling());
    assert_eq!(create().await.ok().map(|answer| answer.status), Some(504));
    assert_eq!(sites().await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gives_up_before_the_request_is_carried_out_leaves_no_effect() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::delay(Duration::from_secs(100)).method("PUT"));
    let site = json!({"name": "Given up"});
    let attempt = rmm.try_send("PUT", "/v2/site", Some(&site));
    assert!(tokio::time::timeout(Duration::from_secs(10), attempt).await.is_err());
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!(rmm.read("/v2/account/sites?siteName=Given").await["sites"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn cleared_faults_do_not_strike() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::status(500).always());
    assert_eq!(rmm.get(ACCOUNT).await.status, 500);
    rmm.sandbox.clear_faults();
    assert_eq!(rmm.get(ACCOUNT).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn real_answers_are_altered() {
    let rmm = Rmm::start(Sandbox::builder().devices(30)).await;
    let page = async |fault: Fault, path: &str| {
        rmm.sandbox.clear_faults();
        rmm.sandbox.inject(fault);
        rmm.get(path).await
    };
    let devices = "/v2/account/devices?page=1&max=10";
    let huge = page(Fault::set("/pageDetails/totalCount", u64::MAX), devices).await.json();
    assert_eq!(huge["pageDetails"]["totalCount"], json!(u64::MAX));
    let empty = page(Fault::no_rows(), devices).await.json();
    assert_eq!(empty["devices"], json!([]));
    assert!(empty["pageDetails"]["nextPageUrl"].is_string());
    assert_eq!(page(Fault::rows(1_000, 1), devices).await.json()["devices"].as_array().map(Vec::len), Some(1_000));
    let plain = rmm.get(devices).await.json()["devices"].clone();
    let reversed = page(Fault::reversed_rows(), devices).await.json()["devices"].clone();
    assert_eq!((&plain[0], &plain[9]), (&reversed[9], &reversed[0]));
    let ignored = page(Fault::ignore_query("page"), devices).await.json();
    assert_eq!(ignored["devices"], rmm.get("/v2/account/devices?page=0&max=10").await.json()["devices"]);
    let capped = page(Fault::cap_query("max", 4), devices).await.json();
    assert_eq!(capped["pageDetails"]["count"], json!(4));
    let relabelled = page(Fault::relabel().header("content-type", "text/plain"), devices).await;
    assert_eq!(
        (relabelled.header("content-type"), relabelled.json()["devices"][0] == plain[0]),
        (Some("text/plain"), true)
    );
    let longer = page(Fault::pad(1_000), devices).await;
    assert!(longer.is_whole() && longer.body.ends_with(&[b' '; 1_000]));
    let latin = page(Fault::replace("\"hostname\"", *b"\"hostn\xE4me\""), devices).await;
    assert!(std::str::from_utf8(&latin.body).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_total_drifts_from_page_to_page() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::drift("/pageDetails/totalCount", 1).path_contains("/account/devices").always());
    let mut totals = Vec::new();
    for _ in 0..3 {
        totals.push(rmm.read("/v2/account/devices").await["pageDetails"]["totalCount"].clone());
    }
    assert_eq!(totals, [21, 22, 23]);
}

#[tokio::test(start_paused = true)]
async fn a_fault_can_choose_one_odd_value_and_answer_a_refusal_in_json() {
    let rmm = rmm().await;
    rmm.sandbox.inject(Fault::ip_block().query_contains("<script>").always());
    rmm.sandbox.inject(Fault::forbidden("Access to the site is blocked").path_contains("/site/").always());
    assert_eq!(rmm.get("/v2/account/devices?hostname=%3Cscript%3E").await.status, 403);
    assert_eq!(rmm.get("/v2/account/devices?hostname=script").await.status, 200);
    let refused = rmm.get("/v2/site/blocked").await;
    let body = refused.json();
    assert_eq!((refused.status, &body["status"], &body["error"]), (403, &json!(403), &json!("Forbidden")));
    assert_eq!(
        (&body["message"], &body["path"]),
        (&json!("Access to the site is blocked"), &json!("/api/v2/site/blocked"))
    );
    rmm.sandbox.inject(Fault::token_refused());
    assert_eq!(rmm.get(ACCOUNT).await.json()["error"], "invalid_token");
}

#[tokio::test]
async fn an_endless_body_goes_on_as_long_as_somebody_reads() {
    let sandbox = Sandbox::builder().devices(20).start().await.expect("free ports");
    sandbox.inject(Fault::endless("abc"));
    let mut stream = TcpStream::connect(sandbox.rmm_url().trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(b"GET /api/v2/system/status HTTP/1.1\r\nhost: sandbox\r\n\r\n").await.unwrap();
    let mut piece = vec![0; 1 << 20];
    for _ in 0..20 {
        stream.read_exact(&mut piece).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stray_answer_follows_on_the_same_connection() {
    let sandbox = Sandbox::builder().devices(20).start().await.expect("free ports");
    sandbox.inject(Fault::stray(Duration::from_micros(200)));
    let mut stream = TcpStream::connect(sandbox.rmm_url().trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(b"GET /api/v2/system/status HTTP/1.1\r\nhost: sandbox\r\n\r\n").await.unwrap();
    let (mut text, mut buffer) = (String::new(), vec![0; 4_096]);
    while text.matches("HTTP/1.1 200").count() < 2 {
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "{text}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    assert_eq!(text.matches("\"status\":\"OK\"").count(), 2, "{text}");
    assert_eq!(sandbox.journal().len(), 1);
}
