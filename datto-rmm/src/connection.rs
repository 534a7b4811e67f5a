//! The connection check.

use datto_common::{ConnectionReport, ErrorKind, Finding, Level};

use crate::{Account, RmmClient};

/// Asks for the account, the cheapest call that needs a working key, and names what went wrong.
pub(crate) async fn check(rmm: &RmmClient) -> ConnectionReport {
    let mut report = ConnectionReport::new("Datto RMM", rmm.core().base().host_str().unwrap_or_default());
    if let Some(platform) = rmm.platform() {
        report.push(Finding::new("platform", Level::Good, format!("platform {platform}")));
    }
    match rmm.account().get().send_with_meta().await {
        Ok(answer) => connected(&mut report, &answer.body),
        Err(error) => {
            let mut finding = Finding::from_error(&error);
            finding.message = match error.kind() {
                ErrorKind::Login => {
                    "the login was refused: wrong key or secret, or a key of another platform".to_owned()
                }
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
            report.push(finding);
        }
    }
    report
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
