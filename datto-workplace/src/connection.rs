//! The connection check.

use datto_common::{ConnectionReport, ErrorKind, Finding, Level};

use crate::WorkplaceClient;

/// Lists the projects, the cheapest call and the one that every known program tests with, and names what went wrong.
pub(crate) async fn check(client: &WorkplaceClient) -> ConnectionReport {
    let endpoint = client.endpoint();
    let mut report = ConnectionReport::new("Datto Workplace", endpoint.domain());
    report.push(Finding::new("cell", Level::Good, format!("{}, cell {}", endpoint.label(), endpoint.cell())));
    match client.projects().list().await {
        Ok(projects) if projects.is_empty() => report.push(
            Finding::new(
                "no_projects_visible",
                Level::Warning,
                "0 projects: the pair works, nothing is shared with it",
            )
            .evidence("projects.list: 200")
            .next_step("share a project with the integration, by its name, in Workplace Online"),
        ),
        Ok(projects) => {
            let plural = if projects.len() == 1 { "" } else { "s" };
            let message = format!("{} project{plural}", projects.len());
            report.push(Finding::new("projects", Level::Good, message).evidence("projects.list: 200"));
        }
        Err(error) => {
            let mut finding = Finding::from_error(&error);
            finding.message = match error.kind() {
                ErrorKind::Login => "the login was refused: wrong client id or secret, or another token URL".to_owned(),
                ErrorKind::Unauthenticated => "the client id or its secret is refused".to_owned(),
                ErrorKind::Forbidden => "the pair works, but the integration may not list projects".to_owned(),
                ErrorKind::NotFound | ErrorKind::Decode | ErrorKind::Redirect => {
                    "this host and cell do not answer as the API does".to_owned()
                }
                ErrorKind::Connect => "the host cannot be reached".to_owned(),
                ErrorKind::Timeout => "the host does not answer in time".to_owned(),
                kind => kind.to_string(),
            };
            report.push(finding);
        }
    }
    report.note_twin_secrets(&client.core().credentials().secrets());
    report
}
