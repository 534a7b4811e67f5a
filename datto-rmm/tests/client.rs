//! How a client is built, what it says to wrong settings, and how its key is changed.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use datto_rmm::{EndsOwnAccess, Error, ErrorKind, Platform, RmmClient};
use datto_sandbox::{Fault, Sandbox};

fn from(vars: &[(&str, &str)]) -> Result<RmmClient, Error> {
    RmmClient::from_vars(|name| vars.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
}

const KEYS: [(&str, &str); 2] = [("DATTO_RMM_API_KEY", "key-0001"), ("DATTO_RMM_API_SECRET", "secret-0001")];

#[test]
fn variables_name_the_platform_in_many_ways() {
    for (name, value) in [
        ("DATTO_RMM_PLATFORM", "vidal"),
        ("DATTO_RMM_PLATFORM", " Vidal\n"),
        ("DATTO_RMM_URL", "https://vidal-rmm.centrastage.net"),
        ("DATTO_RMM_URL", "https://vidal.rmm.datto.com/device/100001/WS-01\n"),
        ("DATTO_RMM_URL", "vidal"),
        ("DATTO_RMM_URL", "\"https://vidal-api.centrastage.net/api/swagger-ui.html#/\""),
        ("DATTO_RMM_PLATFORM", "https://vidal.rmm.datto.com/"),
        ("DATTO_RMM_PLATFORM", "vidal-api"),
        ("DATTO_RMM_PLATFORM", "vidal-api.centrastage.net"),
        ("DATTO_RMM_PLATFORM", "'Vidal (Canada)'"),
        ("DATTO_RMM_PLATFORM", "\u{feff}vidal\u{200b}"),
    ] {
        let rmm = from(&[KEYS[0], KEYS[1], (name, value)]).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(rmm.platform(), Some(Platform::Vidal), "{value}");
        assert_eq!(rmm.base_url().as_str(), Platform::Vidal.api_url());
    }
    let both = |url, platform| from(&[KEYS[0], KEYS[1], ("DATTO_RMM_URL", url), ("DATTO_RMM_PLATFORM", platform)]);
    assert_eq!(both("https://vidal.rmm.datto.com", "Vidal (Canada)").unwrap().platform(), Some(Platform::Vidal));
    assert_eq!(both("http://127.0.0.1:9", "vidal").unwrap().base_url().as_str(), "http://127.0.0.1:9/api/");
    let error = both("https://vidal.rmm.datto.com", "merlot").unwrap_err().to_string();
    assert!(error.contains("platform Vidal") && error.contains("is Merlot"), "{error}");
    let built = RmmClient::builder().url("merlot").platform(Platform::Syrah).api_key("key", "secret").build();
    assert_eq!(built.unwrap_err().kind(), ErrorKind::Config);
    let shared = [("DATTO_API_PUBLIC_KEY", "p"), ("DATTO_API_PRIVATE_KEY", "s"), ("DATTO_RMM_URL", "merlot")];
    assert!(from(&shared).is_ok());
}

#[test]
fn wrong_variables_are_named() {
    let url = ("DATTO_RMM_URL", "merlot");
    for (vars, words) in [
        (vec![url], "no API key"),
        (vec![url, ("DATTO_RMM_API_KEY", "k"), ("DATTO_RMM_API_SECRET", " ")], "DATTO_RMM_API_SECRET"),
        (vec![url, ("DATTO_RMM_API_KEY", "k"), ("DATTO_API_PRIVATE_KEY", "s")], "not set"),
        (vec![KEYS[0], KEYS[1]], "no platform"),
        (
            vec![KEYS[0], KEYS[1], ("DATTO_RMM_API_URL", "merlot")],
            "found DATTO_RMM_API_URL: did you mean DATTO_RMM_URL?",
        ),
        (
            vec![url, ("DATTO_RMM_KEY", "k"), ("DATTO_RMM_API_SECRET_KEY", "s")],
            "found DATTO_RMM_API_SECRET_KEY: did you mean DATTO_RMM_API_SECRET?",
        ),
        (
            vec![url, ("DATTO_RMM_API_KEY", "k"), ("DATTO_RMM_API_SECRET_KEY", "s")],
            "found DATTO_RMM_API_SECRET_KEY: did you mean DATTO_RMM_API_SECRET?",
        ),
        (vec![url, KEYS[1], ("DATTO_RMM_API_KEY", "<Datto RMM API Key>")], "placeholder"),
        (vec![url, KEYS[0], ("DATTO_RMM_API_SECRET", "secret\u{a0}0001")], "no-break space"),
        (vec![KEYS[0], KEYS[1], ("DATTO_RMM_PLATFORM", "rioja")], "rioja is no Datto RMM platform"),
        (vec![KEYS[0], KEYS[1], ("DATTO_RMM_URL", "https://portal.dattobackup.com")], "partner portal"),
        (vec![KEYS[0], KEYS[1], ("DATTO_RMM_URL", "https://us.workplace.datto.com/5/api/v1")], "Workplace"),
        (vec![KEYS[0], KEYS[1], ("DATTO_RMM_URL", "http://merlot.rmm.datto.com")], "plain http"),
        (vec![KEYS[0], KEYS[1], ("DATTO_RMM_URL", "https://key-0001:secret-0001@merlot.rmm.datto.com")], "user name"),
    ] {
        let error = from(&vars).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{vars:?}");
        let told = format!("{error} {error:?}");
        assert!(told.contains(words), "{vars:?}: {told}");
        assert!(error.hint().is_some() || told.contains("DATTO_RMM"), "{vars:?}: {told}");
        assert!(!told.contains("secret-0001"), "{told}");
    }
}

#[test]
fn a_client_shows_no_secret() {
    let rmm = from(&[KEYS[0], KEYS[1], ("DATTO_RMM_URL", "merlot")]).unwrap();
    let builder = RmmClient::builder().api_key("key-0001", "secret-0001");
    let told = format!("{rmm:?} {builder:?} {:?}", rmm.devices());
    assert!(told.contains("merlot") && !told.contains("secret-0001"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_reset_ends_the_login_and_the_new_keys_begin_another() {
    let sandbox = Sandbox::builder().devices(20).seed(7).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    let keys = rmm.users().reset_api_keys(EndsOwnAccess).await.unwrap();
    let error = rmm.account().get().await.unwrap_err();
    assert!(error.is_auth(), "{error}");
    rmm.set_credentials(keys.api_access_key.unwrap(), keys.api_secret_key.unwrap()).unwrap();
    rmm.account().get().await.unwrap();
    assert_eq!(rmm.set_credentials("key", " ").unwrap_err().kind(), ErrorKind::Config);
    rmm.account().get().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_connection_report_tells_causes_apart() {
    let sandbox = Sandbox::builder().devices(20).seed(7).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let build = || RmmClient::builder().url(sandbox.rmm_url()).api_key(key.as_str(), secret.as_str()).build().unwrap();
    let report = build().check_connection().await;
    assert!(report.is_connected() && report.to_string().contains("Sandbox Managed Services"), "{report}");
    for (fault, words) in [
        (Fault::status(403).path_contains("/v2/account"), "may not use the API"),
        (Fault::ip_block().path_contains("/v2/"), "blocked"),
        (Fault::html().path_contains("/v2/account"), "does not answer as the API does"),
        (Fault::status(404).path_contains("/v2/account"), "does not answer as the API does"),
    ] {
        sandbox.clear_faults();
        sandbox.inject(fault.always());
        let report = build().check_connection().await;
        assert!(!report.is_connected() && report.to_string().contains(words), "{words}: {report}");
    }
    sandbox.clear_faults();
    let wrong = RmmClient::builder().url(sandbox.rmm_url()).api_key(key.as_str(), "wrong-secret-0001").build().unwrap();
    let report = wrong.check_connection().await;
    assert!(report.to_string().contains("another platform"), "{report}");
    assert!(!report.to_string().contains("wrong-secret-0001"));
}

#[tokio::test(start_paused = true)]
async fn a_pair_of_the_portal_is_told_as_that() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let url = sandbox.rmm_url();
    let pair =
        |key, secret| from(&[("DATTO_RMM_URL", url.as_str()), (key, "WRONG-0001"), (secret, "wrong-secret-0001")]);
    let shared = pair("DATTO_API_PUBLIC_KEY", "DATTO_API_PRIVATE_KEY").unwrap();
    let own = pair("DATTO_RMM_API_KEY", "DATTO_RMM_API_SECRET").unwrap();
    let hint = |error: Error| error.hint().unwrap_or_default().to_owned();
    assert!(hint(shared.account().get().await.unwrap_err()).contains("keys of the partner portal are not keys of RMM"));
    assert!(!hint(own.account().get().await.unwrap_err()).contains("partner portal"));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_its_own_secret_is_found() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let twin = RmmClient::builder().url(sandbox.rmm_url()).api_key("KEY-0001", "KEY-0001").build().unwrap();
    let report = twin.check_connection().await;
    assert_eq!(report.findings[0].code, "key_is_secret", "{report}");
    let (key, secret) = sandbox.rmm_key();
    let good = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    assert!(good.check_connection().await.finding("key_is_secret").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_none_is_told_as_that() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let build = || RmmClient::builder().url(sandbox.rmm_url()).api_key(key.as_str(), secret.as_str()).build().unwrap();
    for (fault, kind) in [
        (Fault::status(405).content("text/html", "<html>405</html>"), ErrorKind::NotFound),
        (Fault::status(404).content("text/html", "<html>404</html>"), ErrorKind::NotFound),
        (Fault::body("application/json", "{}"), ErrorKind::Decode),
        (Fault::body("application/json", ""), ErrorKind::Decode),
        (Fault::html(), ErrorKind::Decode),
    ] {
        sandbox.clear_faults();
        sandbox.inject(fault.path_contains("/oauth/token").always());
        let rmm = build();
        let error = rmm.account().get().await.unwrap_err();
        let told = error.to_string();
        assert_eq!(error.kind(), kind, "{told}");
        assert!(told.contains("127.0.0.1/auth/oauth/token") && told.contains("not the API"), "{told}");
        assert!(!told.contains("at .") && !told.contains("check the API key"), "{told}");
        let report = rmm.check_connection().await.to_string();
        assert!(report.contains("does not answer as the API does"), "{report}");
    }
}

#[test]
fn hosts_inside_a_network_need_leave() {
    for host in ["https://10.0.0.1", "https://gateway/api", "https://rmm.internal.", "https://[64:ff9b::a00:1]"] {
        let build = || RmmClient::builder().api_key("key", "secret").url(host);
        let error = build().build().unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.hint().unwrap().contains("allow_private_host"), "{error}");
        assert!(build().allow_private_host().build().is_ok(), "{host}");
    }
}

#[tokio::test]
async fn accounts_on_one_http_client_log_in_by_a_client_that_follows_no_redirect() {
    use datto_common::reqwest;
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    // One that follows redirects, as a program may have it for other things.
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let build = || {
        let builder = RmmClient::builder().url(sandbox.rmm_url()).api_key(&*key, &*secret);
        builder.http_client(http.clone()).build().unwrap()
    };
    for rmm in [build(), build()] {
        rmm.account().get().await.unwrap();
    }
    assert_eq!(sandbox.logins(), 2);
    let elsewhere = Sandbox::builder().devices(3).start().await.unwrap();
    sandbox.inject(datto_sandbox::Fault::redirect(elsewhere.rmm_url()).path_contains("/oauth/token").always());
    assert_eq!(build().account().get().await.unwrap_err().kind(), ErrorKind::Redirect);
    assert!(elsewhere.journal().is_empty(), "the password went nowhere else");
}
