//! The connection check.

use std::time::Duration;

use datto_common::{ConnectionReport, Error, ErrorKind, Finding, Level, Result};

use crate::{BcdrClient, Device};

/// The list of SaaS customers takes half a minute; a refusal comes at once, since the key is looked at first (observed).
const SAAS_PATIENCE: Duration = Duration::from_secs(5);

/// Asks for appliances, the cheapest call that needs a working key, and names what went wrong.
pub(crate) async fn check(bcdr: &BcdrClient) -> ConnectionReport {
    let mut report = ConnectionReport::new("Datto BCDR", bcdr.core().base().host_str().unwrap_or_default());
    match visible(bcdr).await {
        Ok(visible) => {
            appliances(&mut report, &visible);
            hidden(&mut report, bcdr, visible.count).await;
            saas(&mut report, bcdr).await;
        }
        Err(error) => report.push(problem(&error)),
    }
    report.note_twin_secrets(&bcdr.core().credentials().secrets());
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

fn appliances(report: &mut ConnectionReport, visible: &Visible) {
    let evidence = "devices.list: 200";
    let Visible { count, only_client } = visible;
    if *count == 0 {
        report.push(
            Finding::new("no_devices_visible", Level::Warning, "0 appliances visible: the key pair works, and sees none")
                .evidence(evidence)
                .next_step(
                    "check whether the key pair is restricted to a client or vendor (Admin > Integrations > API Keys), and whether this is the right account",
                ),
        );
    } else {
        let plural = if *count == 1 { "" } else { "s" };
        let message = format!("{count} appliance{plural} visible");
        report.push(Finding::new("devices", Level::Good, message).evidence(evidence));
    }
    if let Some(client) = only_client {
        report.push(
            Finding::new("one_client_visible", Level::Warning, format!("every appliance visible belongs to {client}"))
                .evidence(evidence)
                .next_step("if you have more clients, the key pair is restricted to this one: see Admin > Integrations > API Keys"),
        );
    }
}

async fn hidden(report: &mut ConnectionReport, bcdr: &BcdrClient, visible: u64) {
    let Ok(page) = bcdr.devices().list().show_hidden(true).page_size(1).send().await else { return };
    if let Some(hidden) = page.total.and_then(|all| all.checked_sub(visible)).filter(|hidden| *hidden > 0) {
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

/// What the key pair sees.
struct Visible {
    count: u64,
    /// Whose all appliances are, if there are several of one client: a pair that is restricted to a client is filtered without a word (official).
    only_client: Option<String>,
}

/// Counts the appliances that are not hidden: by the total where the service says one that can be believed, else one by one.
async fn visible(bcdr: &BcdrClient) -> Result<Visible> {
    let page = bcdr.devices().list().show_hidden(false).send().await?;
    let count = match page.total {
        Some(total) => total,
        None => {
            let all = bcdr.devices().list().show_hidden(false).collect().await?;
            u64::try_from(all.len()).unwrap_or(u64::MAX)
        }
    };
    let whole = u64::try_from(page.items.len()) == Ok(count) && count > 1;
    let only_client = whole.then(|| only_client(&page.items)).flatten();
    Ok(Visible { count, only_client })
}

fn only_client(devices: &[Device]) -> Option<String> {
    let (first, others) = devices.split_first()?;
    let id = first.organization_id.as_ref()?;
    let one = others.iter().all(|device| device.organization_id.as_ref() == Some(id));
    one.then(|| first.client_name().map_or_else(|| format!("organization {id}"), str::to_owned))
}
