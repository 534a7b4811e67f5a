//! The connection check over several platforms, each played by a sandbox.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use datto_rmm::{ConnectionReport, Platform, RmmClient};
use datto_sandbox::{Fault, Sandbox};

const OURS: (&str, &str) = ("KEY-0001", "secret-of-key-0001");

async fn sandbox() -> Sandbox {
    Sandbox::builder().devices(3).start().await.unwrap()
}

/// A platform that does not know the key.
async fn stranger() -> Sandbox {
    let sandbox = sandbox().await;
    sandbox.inject(refusal().always());
    sandbox
}

fn refusal() -> Fault {
    let body = r#"{"error":"invalid_grant","error_description":"Bad credentials"}"#;
    Fault::status(400).content("application/json", body).path_contains("/oauth/token")
}

/// A platform that takes any key.
async fn home() -> Sandbox {
    let sandbox = sandbox().await;
    let body = r#"{"access_token":"x","token_type":"bearer"}"#;
    sandbox.inject(Fault::body("application/json", body).path_contains("/oauth/token").always());
    sandbox
}

fn client(url: String) -> RmmClient {
    RmmClient::builder().url(url).api_key(OURS.0, OURS.1).build().unwrap()
}

async fn check(here: &Sandbox, others: &[(Platform, &Sandbox)]) -> ConnectionReport {
    let parse = |(platform, sandbox): &(Platform, &Sandbox)| {
        (*platform, format!("{}/api/", sandbox.rmm_url()).parse().unwrap())
    };
    client(here.rmm_url()).check_connection_at(others.iter().map(parse).collect()).await
}

fn logins(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.path.contains("/oauth/token")).count()
}

fn codes(report: &ConnectionReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test(start_paused = true)]
async fn the_platform_that_knows_the_key_is_named() {
    let (here, vidal, syrah) = (stranger().await, home().await, stranger().await);
    let report = check(&here, &[(Platform::Merlot, &here), (Platform::Vidal, &vidal), (Platform::Syrah, &syrah)]).await;
    assert_eq!(codes(&report), ["key_of_other_platform", "wrong_key", "api_reachable"], "{report}");
    assert!(!report.is_connected());
    let finding = &report.findings[0];
    assert!(finding.message.contains("Vidal") && finding.next_step.contains("DATTO_RMM_PLATFORM=vidal"), "{report}");
    assert_eq!((logins(&here), logins(&vidal), logins(&syrah)), (1, 1, 1), "each is asked once");
    assert_eq!(vidal.journal().len(), 1, "nothing but the login is sent");
    assert!(!format!("{report} {report:?}").contains(OURS.1));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_nobody_knows_is_told_apart_from_platforms_that_are_silent() {
    let (here, vidal, syrah) = (stranger().await, stranger().await, sandbox().await);
    let report = check(&here, &[(Platform::Vidal, &vidal)]).await;
    assert_eq!(codes(&report), ["key_of_no_platform", "wrong_key", "api_reachable"], "{report}");
    assert!(report.findings[0].message.starts_with("no other platform"));
    syrah.inject(Fault::status(503).path_contains("/oauth/token").always());
    let report = check(&here, &[(Platform::Vidal, &vidal), (Platform::Syrah, &syrah)]).await;
    assert_eq!(codes(&report), ["key_of_no_platform", "wrong_key", "api_reachable", "platforms_silent"], "{report}");
    assert!(report.findings[0].message.starts_with("of the other platforms that answered"), "{report}");
    assert!(report.finding("platforms_silent").unwrap().evidence.starts_with("syrah: "), "{report}");
}

#[tokio::test(start_paused = true)]
async fn nobody_else_is_asked_where_that_would_help_nothing() {
    let vidal = home().await;
    for fault in
        [None, Some(Fault::ip_block()), Some(Fault::status(429)), Some(Fault::status(403).path_contains("/v2/account"))]
    {
        let here = sandbox().await;
        let (key, secret) = here.rmm_key();
        let rmm = RmmClient::builder().url(here.rmm_url()).api_key(key, secret).build().unwrap();
        fault.into_iter().for_each(|fault| here.inject(fault.always()));
        rmm.check_connection_at(vec![(Platform::Vidal, vidal.rmm_url().parse().unwrap())]).await;
    }
    client(sandbox().await.rmm_url()).check_connection().await;
    assert_eq!(logins(&vidal), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_no_api_is_told_apart_from_a_wrong_key() {
    let here = sandbox().await;
    here.inject(Fault::html().always());
    let vidal = home().await;
    let report = check(&here, &[(Platform::Vidal, &vidal)]).await;
    assert_eq!(codes(&report), ["key_of_other_platform", "unreadable_answer", "api_not_reachable"], "{report}");
    let report = client("http://127.0.0.1:9".to_owned()).check_connection().await;
    assert_eq!(codes(&report), ["no_connection"], "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_token_of_the_users_own_cannot_be_tried_elsewhere() {
    let here = sandbox().await;
    let rmm = RmmClient::builder().url(here.rmm_url()).auth(datto_rmm::Bearer::new("own-token")).build().unwrap();
    here.inject(Fault::html().always());
    let report = rmm.check_connection_at(vec![(Platform::Vidal, "http://127.0.0.1:9".parse().unwrap())]).await;
    assert!(report.finding("platforms_not_asked").is_some(), "{report}");
}
