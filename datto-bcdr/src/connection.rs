//! The connection check.

use std::time::Duration;

use datto_common::{ConnectionReport, Error, ErrorKind, Finding, Level, Result};

use crate::BcdrClient;

/// The list of SaaS customers takes half a minute; a refusal comes at once, since the key is looked at first (observed).
const SAAS_PATIENCE: Duration = Duration::from_secs(5);

/// Asks for appliances, the cheapest call that needs a working key, and names what went wrong.
pub(crate) async fn check(bcdr: &BcdrClient) -> ConnectionReport {
    let mut report = ConnectionReport::new("Datto BCDR", bcdr.core().base().host_str().unwrap_or_default());
    match count(bcdr, false).await {
        Ok(visible) => {
            let all = count(bcdr, true).await;
            appliances(&mut report, visible, all);
            saas(&mut report, bcdr).await;
        }
        Err(error) => report.push(problem(&error)),
    }
    report
}

fn problem(error: &Error) -> Finding {
    let mut finding = Finding::from_error(error);
    let (code, message) = match error.kind() {
        ErrorKind::Unauthenticated => ("wrong_key", "the key pair is refused: wrong, deactivated or regenerated"),
        ErrorKind::Forbidden => ("missing_scope", "the key pair is valid, but may not read appliances"),
        ErrorKind::NotFound => ("wrong_url", "this URL is not the API: the path of the appliances must exist there"),
        ErrorKind::Decode | ErrorKind::Redirect => ("wrong_url", "this host does not answer as the API does"),
        ErrorKind::Connect => (finding.code, "the host cannot be reached"),
        ErrorKind::Timeout => (finding.code, "the host does not answer in time"),
        _ => (finding.code, ""),
    };
    finding.code = code;
    if !message.is_empty() {
        finding.message = message.to_owned();
    }
    if error.kind() == ErrorKind::NotFound {
        finding.next_step = "use https://api.datto.com/v1, or leave the URL out; a wrong key is never a 404".to_owned();
    }
    finding
}

fn appliances(report: &mut ConnectionReport, visible: u64, all: Result<u64>) {
    let evidence = "devices.list: 200";
    if visible == 0 {
        report.push(
            Finding::new("no_devices_visible", Level::Warning, "0 appliances visible: the key pair works, and sees none")
                .evidence(evidence)
                .next_step(
                    "check whether the key pair is restricted to a client or vendor (Admin > Integrations > API Keys), and whether this is the right account",
                ),
        );
    } else {
        let plural = if visible == 1 { "" } else { "s" };
        let message = format!("{visible} appliance{plural} visible");
        report.push(Finding::new("devices", Level::Good, message).evidence(evidence));
    }
    if let Some(hidden) = all.ok().and_then(|all| all.checked_sub(visible)).filter(|hidden| *hidden > 0) {
        report.push(Finding::new("hidden_devices", Level::Good, format!("{hidden} more are hidden in the portal")));
    }
}

/// A pair that is restricted to a vendor is shut out of SaaS alone (observed).
async fn saas(report: &mut ConnectionReport, bcdr: &BcdrClient) {
    match bcdr.saas().domains().with_timeout(SAAS_PATIENCE).send().await {
        Ok(customers) => {
            report.push(Finding::new("saas", Level::Good, format!("{} SaaS customers visible", customers.len())));
        }
        Err(error) if error.kind() == ErrorKind::Unauthenticated => report.push(
            Finding::new(
                "saas_refused",
                Level::Warning,
                "SaaS Protection refuses the key pair, though appliances do not",
            )
            .evidence(error.to_string())
            .next_step("the pair is restricted to a vendor: make one without, at Admin > Integrations > API Keys"),
        ),
        Err(error) if error.kind() == ErrorKind::Forbidden => report.push(
            Finding::new("saas_refused", Level::Warning, "the key pair may not read SaaS Protection")
                .evidence(error.to_string()),
        ),
        Err(error) => report.push(
            Finding::new(
                "saas_not_checked",
                Level::Good,
                "SaaS Protection did not refuse the key pair; it was not waited for",
            )
            .evidence(error.kind().to_string()),
        ),
    }
}

/// How many appliances there are: by the total where the service says one that can be believed, else by counting.
async fn count(bcdr: &BcdrClient, hidden: bool) -> Result<u64> {
    let page = bcdr.devices().list().show_hidden(hidden).page_size(1).send().await?;
    match page.total {
        Some(total) => Ok(total),
        None => {
            let all = bcdr.devices().list().show_hidden(hidden).collect().await?;
            Ok(u64::try_from(all.len()).unwrap_or(u64::MAX))
        }
    }
}
