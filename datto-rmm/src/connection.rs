//! The connection check.

use std::time::Duration;

use datto_common::{ConnectionReport, Error, ErrorKind, Finding, Level};
use futures_util::future::join_all;
use url::Url;

use crate::client::login_url;
use crate::{Account, Platform, RmmClient};

/// How long the question may take whether the host is an API at all.
const STATUS_TIMEOUT: Duration = Duration::from_secs(15);

/// Asks for the account, the cheapest call that needs a working key, and names what went wrong.
pub(crate) async fn check(rmm: &RmmClient) -> ConnectionReport {
    examine(rmm).await.0
}

/// The same; where the key is not known to this platform, or the host is none, asks the other platforms for it.
pub(crate) async fn check_at(rmm: &RmmClient, platforms: Vec<(Platform, Url)>) -> ConnectionReport {
    use ErrorKind::{Connect, Decode, Login, NotFound, Redirect, Timeout};
    let (mut report, failed) = examine(rmm).await;
    // A block or a limit is no reason to knock at other doors.
    if failed.is_some_and(|kind| matches!(kind, Connect | Decode | Login | NotFound | Redirect | Timeout)) {
        probe(rmm, platforms, &mut report).await;
    }
    report
}

/// The report, and the kind of the failure if there was one.
async fn examine(rmm: &RmmClient) -> (ConnectionReport, Option<ErrorKind>) {
    let mut report = ConnectionReport::new("Datto RMM", rmm.core().base().host_str().unwrap_or_default());
    let failed = match rmm.account().get().send_with_meta().await {
        Ok(answer) => {
            connected(&mut report, &answer.body);
            None
        }
        Err(error) => {
            report.push(failure(&error));
            if is_answered(error.kind()) {
                report.push(reachability(rmm).await);
            }
            Some(error.kind())
        }
    };
    report.note_twin_secrets(&rmm.core().credentials().secrets());
    if let Some(portal) = rmm.portal() {
        let api = rmm.core().base().host_str().unwrap_or_default();
        report.push(Finding::new("portal_host", Level::Good, format!("{portal} is the portal; its API is at {api}")));
    }
    if let Some(platform) = rmm.platform() {
        report.push(Finding::new("platform", Level::Good, format!("platform {platform}")));
    }
    (report, failed)
}

fn failure(error: &Error) -> Finding {
    let mut finding = Finding::from_error(error);
    finding.message = match error.kind() {
        ErrorKind::Login => "the login was refused: wrong key or secret, or a key of another platform".to_owned(),
        ErrorKind::Unauthenticated => "the token is refused".to_owned(),
        ErrorKind::Forbidden => "the key works, but its user may not use the API".to_owned(),
        ErrorKind::Blocked => "this address is blocked for a while".to_owned(),
        ErrorKind::NotFound | ErrorKind::Decode | ErrorKind::Redirect => {
            "this host does not answer as the API does".to_owned()
        }
        ErrorKind::Connect => "the host cannot be reached".to_owned(),
        ErrorKind::Timeout => "the host does not answer in time".to_owned(),
        kind => kind.to_string(),
    };
    finding
}

/// Whether something answered, so that it is worth asking whether that was the API.
fn is_answered(kind: ErrorKind) -> bool {
    use ErrorKind::{Decode, Forbidden, Login, NotFound, Redirect, Server, Unauthenticated};
    matches!(kind, Decode | Forbidden | Login | NotFound | Redirect | Server | Unauthenticated)
}

/// The state of the service is told without a key (official): it parts a wrong key from a wrong host.
async fn reachability(rmm: &RmmClient) -> Finding {
    match rmm.system().status().with_timeout(STATUS_TIMEOUT).await {
        Ok(status) => {
            let version = status.version.as_deref().unwrap_or("unknown");
            Finding::new("api_reachable", Level::Good, "the API answers where no key is needed")
                .evidence(format!("system.status: 200, version {version}"))
        }
        Err(error) => {
            Finding::new("api_not_reachable", Level::Problem, "the API does not answer, even where no key is needed")
                .evidence(error.summary())
                .next_step("check the URL, and what stands between: proxy, firewall, maintenance")
        }
    }
}

fn connected(report: &mut ConnectionReport, account: &Account) {
    let name = account.name.as_deref().unwrap_or("an account without a name");
    report.push(Finding::new("account", Level::Good, format!("account {name}")).evidence("account.get: 200"));
    let devices = account.devices_status.as_ref().and_then(|status| status.number_of_devices);
    match devices {
        Some(0) => report.push(
            Finding::new("no_devices_visible", Level::Warning, "the account shows no device")
                .evidence("account.get: devicesStatus.numberOfDevices is 0")
                .next_step(
                    "check the device visibility of the user's security level, and whether this is the right account",
                ),
        ),
        Some(count) => report.push(Finding::new("devices", Level::Good, format!("{count} devices"))),
        None => report.push(Finding::new(
            "devices_unknown",
            Level::Warning,
            "the account does not say how many devices it has",
        )),
    }
}

/// Logs in at each platform but the one that was asked already; what is found stands first in the report.
async fn probe(rmm: &RmmClient, platforms: Vec<(Platform, Url)>, report: &mut ConnectionReport) {
    let credentials = rmm.core().credentials();
    let asked = rmm.core().base().origin();
    let logins: Vec<_> = platforms
        .into_iter()
        .filter(|(_, base)| base.origin() != asked)
        .filter_map(|(platform, base)| Some((platform, credentials.login_at(&login_url(&base))?)))
        .collect();
    if logins.is_empty() {
        let message = "no other platform was asked: the client has no key that another login could be tried with";
        report.push(Finding::new("platforms_not_asked", Level::Warning, message));
        return;
    }
    let outcomes =
        join_all(logins.iter().map(|(platform, login)| async move { (*platform, login.login().await) })).await;
    let (mut refused, mut silent) = (Vec::new(), Vec::new());
    for (platform, outcome) in outcomes {
        match outcome {
            Ok(_) => report.findings.insert(0, key_of(platform)),
            Err(error) if error.kind() == ErrorKind::Login => refused.push(platform.name()),
            Err(error) => silent.push(format!("{}: {}", platform.name(), error.summary())),
        }
    }
    let found = report.finding("key_of_other_platform").is_some();
    if !refused.is_empty() && !found {
        let message = match silent.is_empty() {
            true => "no other platform knows the key either: the key or its secret is wrong, or was regenerated",
            false => "of the other platforms that answered, none knows the key",
        };
        let finding = Finding::new("key_of_no_platform", Level::Problem, message)
            .evidence(format!("login refused by {}", refused.join(", ")))
            .next_step("generate a new pair at Setup > Users, and check that it was copied whole");
        report.findings.insert(0, finding);
    }
    if !silent.is_empty() && !found {
        let message = "whether these platforms know the key is not known";
        report.push(Finding::new("platforms_silent", Level::Warning, message).evidence(silent.join("; ")));
    }
}

fn key_of(platform: Platform) -> Finding {
    Finding::new("key_of_other_platform", Level::Problem, format!("the key belongs to platform {platform}"))
        .evidence(format!("login accepted by {}", platform.name()))
        .next_step(format!("use Platform::{platform}, or set DATTO_RMM_PLATFORM={}", platform.name()))
}
