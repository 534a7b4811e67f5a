//! Reading what a summary rests on.

use datto_common::{Measured, Timestamp};
use futures_util::future::join3;

use super::{FleetPolicy, FleetSummary, summarise};
use crate::RmmClient;

/// How many pages of devices are read at once: a page of 250 takes the service seconds.
const PAGES_AT_ONCE: usize = 4;

/// Reads sites, devices and open alerts, and sums them up by the default policy. Never fails: what could not be read is
/// unknown in the summary, with its cause.
///
/// `GET /v2/account/sites`, `/v2/account/devices`, `/v2/account/alerts/open` · read · official
///
/// # Cancel safety
/// Only reads: it can be dropped at any time.
///
/// ```no_run
/// # async fn run(rmm: datto_rmm::RmmClient) {
/// let fleet = datto_rmm::metrics::fleet_summary(&rmm).await;
/// if let Some(fleet) = fleet.value() {
///     println!("devices: {}", fleet.devices);
///     println!("missing patches: {}", fleet.patches.missing_patches);
/// }
/// # }
/// ```
pub async fn fleet_summary(rmm: &RmmClient) -> Measured<FleetSummary> {
    fleet_summary_with(rmm, &FleetPolicy::default()).await
}

/// As [`fleet_summary`], by a policy of one's own.
///
/// # Cancel safety
/// Only reads: it can be dropped at any time.
pub async fn fleet_summary_with(rmm: &RmmClient, policy: &FleetPolicy) -> Measured<FleetSummary> {
    let (sites, devices, alerts) = join3(
        rmm.sites().list().collect_measured(),
        rmm.devices().list().concurrency(PAGES_AT_ONCE).collect_measured(),
        rmm.alerts().open().collect_measured(),
    )
    .await;
    summarise(sites, devices, alerts, policy, &Timestamp::now())
}
