//! SaaS Protection: customers and their applications.

use datto_common::internal::{Answer, read_all};
use datto_common::{ErrorKind, Request, Result};
use serde::Deserialize;
use serde_json::Value;

use super::switch;
use crate::{CustomerUsage, SaasCustomerId, SaasDomain, operations};

datto_common::api! {
    /// SaaS Protection, from [`BcdrClient::saas`](crate::BcdrClient::saas). Its calls take 20 to 60 seconds (observed), and have time limits of their own.
    pub struct SaasApi;
}

datto_common::call_builder! {
    /// Gets the applications of a customer: [`SaasApi::applications`].
    pub struct GetApplications -> Vec<CustomerUsage> {
        /// How many days of history to send: 10 if not set, 30 at most, 0 for none (observed).
        days_until: u32 => "daysUntil",
    }
}

impl GetApplications {
    /// Whether to send the ids of seats by type (observed in 2024; the service may not do it any more).
    pub fn include_remote_ids(mut self, include: bool) -> Self {
        self.0.call_mut().set_query("includeRemoteID", switch(include));
        self
    }
}

impl SaasApi {
    /// Lists the customers with their domains. Too slow to serve as a check of the connection.
    ///
    /// `GET /saas/domains` · read · observed · 20 to 34 s
    ///
    /// # Errors
    /// `Unauthenticated` also if the key pair is restricted to a vendor, though other calls work (observed).
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// for customer in bcdr.saas().domains().await? {
    ///     println!("{:?}: {:?} seats", customer.domain, customer.seats_used);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn domains(&self) -> Request<Vec<SaasDomain>> {
        self.core.call(&operations::SAAS_DOMAINS, []).read(|answer| read_all(answer, &operations::BARE))
    }

    /// Gets the applications of a customer, with their backups day by day.
    ///
    /// `GET /saas/{saasCustomerId}/applications` · read · observed · about 19 s
    ///
    /// # Errors
    /// `NotFound` if there is no such customer; `Paging` if the answer goes on on another page, which was never seen.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// for report in bcdr.saas().applications(4711).days_until(10).await? {
    ///     for (suite, app) in report.apps() {
    ///         println!("{:?}: {:?}", app.app_type, app.last_fully_protected_time);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn applications(&self, customer_id: impl Into<SaasCustomerId>) -> GetApplications {
        GetApplications(self.core.call(&operations::SAAS_APPLICATIONS, [customer_id.into().as_str()]).read(reports))
    }

    /// Gets the backup statistics of a customer, as they come: the only place with times by user. **Unstable**: it is not in the contract of July
    /// 2026, and may be there for some customers alone (guess).
    ///
    /// `GET /saas/{saasCustomerId}/detailedBackupStats` · read · observed in 2026-03
    ///
    /// # Errors
    /// `NotFound` where the service does not have it any more.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let stats = bcdr.saas().detailed_backup_stats(4711).await?;
    /// println!("{}", stats["backupStatusLastSevenDaysTotal"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn detailed_backup_stats(&self, customer_id: impl Into<SaasCustomerId>) -> Request<Value> {
        self.core.call(&operations::SAAS_DETAILED_BACKUP_STATS, [customer_id.into().as_str()]).json()
    }
}

/// The list of reports as it is wrapped.
#[derive(Deserialize)]
struct Envelope {
    pagination: Option<Pagination>,
    items: Vec<CustomerUsage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    total_pages: Option<u64>,
}

/// One envelope (observed) or an array of envelopes (official). A page more is an error: a report with customers left out looks healthy.
fn reports(answer: &Answer) -> Result<Vec<CustomerUsage>> {
    let is_array = answer.text()?.trim_start().starts_with('[');
    let envelopes: Vec<Envelope> = if is_array { answer.json()? } else { vec![answer.json()?] };
    if envelopes.is_empty() {
        return Err(answer.unreadable("no report in the answer"));
    }
    let pages = |envelope: &Envelope| envelope.pagination.as_ref().and_then(|pagination| pagination.total_pages);
    if envelopes.iter().filter_map(pages).any(|pages| pages > 1) {
        return Err(answer.error(ErrorKind::Paging, "the report of the customer has several pages"));
    }
    Ok(envelopes.into_iter().flat_map(|envelope| envelope.items).collect())
}
