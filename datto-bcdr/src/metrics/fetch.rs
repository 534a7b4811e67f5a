//! Reads what the rules need.

use datto_common::{Measured, Timestamp};
use futures_util::future::join;

use super::health::{BackupHealth, assess};
use super::policy::BackupPolicy;
use super::snapshot::Snapshot;
use crate::BcdrClient;

/// Days of history that are asked for. The rules need two; with more, it can be said since when an application fails.
const HISTORY_DAYS: u32 = 10;

impl Snapshot {
    /// Reads appliances with their assets, and SaaS customers with their applications. Never fails: what could not be read is in it.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn read(bcdr: &BcdrClient) -> Self {
        let fleet = bcdr.fleet();
        let (devices, saas) = join(fleet.assets(), fleet.applications(HISTORY_DAYS)).await;
        Self::new(devices, saas)
    }
}

/// Reads the fleet and judges it: how its backups stand now.
///
/// Never fails: what could not be read is missing from the figures that rest on it, and they say so.
///
/// # Cancel safety
/// It only reads.
///
/// ```no_run
/// # async fn run(bcdr: datto_bcdr::BcdrClient) {
/// use datto_bcdr::metrics::{BackupPolicy, backup_health};
/// let health = backup_health(&bcdr, &BackupPolicy::default()).await;
/// if let Some(health) = health.value() {
///     println!("failed: {}", health.failed_backups);
///     println!("offsite too old: {}", health.offsite_old);
///     println!("SaaS failed: {}", health.saas_failed);
/// }
/// # }
/// ```
pub async fn backup_health(bcdr: &BcdrClient, policy: &BackupPolicy) -> Measured<BackupHealth> {
    assess(&Snapshot::read(bcdr).await, policy, &Timestamp::now())
}
