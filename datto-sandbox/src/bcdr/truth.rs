//! What was planted in the BCDR fleet, so that a test can compare an answer with it.

use std::collections::BTreeMap;

use serde::Serialize;

/// The story of one asset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssetCase {
    /// Good backups until now, offsite too; a run may have failed in between.
    #[default]
    Fine,
    /// Good backups until now, but no list of runs.
    FineWithoutRuns,
    /// The last good backup is old, and nothing was tried since.
    Stale,
    /// The last good backup is old, and there is no list of runs.
    StaleWithoutRuns,
    /// The last good backup is old, and every run since has failed.
    Failing,
    /// Never backed up, and never tried.
    NeverTried,
    /// Never backed up, though tried for a week.
    NeverSucceeded,
    /// Added today; the first runs failed.
    New,
    /// Paused, with old data.
    Paused,
    /// Archived, with old data.
    Archived,
    /// Good local backups for a month, and no offsite point.
    NoOffsite,
    /// Good local backups, and an old offsite point.
    OffsiteOld,
}

impl AssetCase {
    /// Every case.
    pub const ALL: [Self; 12] = [
        Self::Fine,
        Self::FineWithoutRuns,
        Self::Stale,
        Self::StaleWithoutRuns,
        Self::Failing,
        Self::NeverTried,
        Self::NeverSucceeded,
        Self::New,
        Self::Paused,
        Self::Archived,
        Self::NoOffsite,
        Self::OffsiteOld,
    ];
}

/// The story of one application type of a SaaS customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SaasCase {
    /// Every service was backed up in every window.
    #[default]
    Fine,
    /// Services are missing in the two newest windows.
    Failed,
    /// Services are missing in the newest window alone.
    FailedOnce,
    /// No active service.
    NoService,
    /// Too new to be judged.
    InsufficientHistory,
    /// Backed up in every window, but not perfectly for a long time.
    Degraded,
    /// Fine, with services that were not taken in yet.
    Uningested,
    /// The tenant is gone: no active service, every seat archived. Not planted; it happens.
    Gone,
}

impl SaasCase {
    /// Every case that is planted.
    pub const ALL: [Self; 7] = [
        Self::Fine,
        Self::Failed,
        Self::FailedOnce,
        Self::NoService,
        Self::InsufficientHistory,
        Self::Degraded,
        Self::Uningested,
    ];
}

/// One asset of the fleet and its story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlantedAsset {
    /// Serial number of its appliance.
    pub serial: String,
    /// Its volume, which is the key in a path.
    pub volume: String,
    /// Its story, as seen from the time at which its appliance was last seen.
    pub case: AssetCase,
    /// Whether it is a share; else it is an agent.
    pub share: bool,
}

/// What is there now, told from what was planted and what became of it, never read back from an answer.
///
/// Assets are named by the serial number of their appliance and their volume. An asset is *watched* when its appliance is not hidden and it is neither archived nor paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BcdrTruth {
    /// Serial numbers of the appliances that are not hidden.
    pub devices_visible: Vec<String>,
    /// Serial numbers of the hidden appliances.
    pub devices_hidden: Vec<String>,
    /// Serial numbers of the appliances of child resellers, hidden or not.
    pub devices_of_child_resellers: Vec<String>,
    /// Serial numbers of the appliances that were last seen days ago.
    pub devices_offline: Vec<String>,
    /// Serial numbers of the appliances, hidden or not, whose service contract ended more than a month ago.
    pub devices_service_ended: Vec<String>,
    /// Serial numbers of the appliances without any asset.
    pub devices_empty: Vec<String>,
    /// Serial numbers of the appliances, hidden or not, whose local storage is 97 percent full; all others use at most half of it.
    pub devices_full: Vec<String>,
    /// The client that a key limited by [`KeyScope::OneClient`](crate::KeyScope::OneClient) belongs to.
    pub one_client: i64,
    /// Serial numbers of the appliances of that client, hidden or not.
    pub devices_of_one_client: Vec<String>,
    /// Every asset, on hidden appliances too.
    pub assets: Vec<PlantedAsset>,
    /// How many assets are on appliances that are not hidden.
    pub assets_visible: usize,
    /// How many assets are watched: what the figures about backups rest on.
    pub assets_watched: usize,
    /// Watched assets whose last good backup is older than 48 hours, or which have none while a failed run is older than that or three failed.
    pub failed_backups: Vec<(String, String)>,
    /// Watched assets without a good backup and without any run.
    pub never_backed_up: Vec<(String, String)>,
    /// Watched assets without a good backup whose failed runs, two at most, are younger than 48 hours.
    pub first_backup_pending: Vec<(String, String)>,
    /// Paused assets on appliances that are not hidden.
    pub paused: Vec<(String, String)>,
    /// How many watched assets have an offsite point, or one to expect: with a good backup for some days, not on a Cloud SIRIS, and not on a plan
    /// without a cloud.
    pub offsite_expected: usize,
    /// Those of them without an offsite point of the last 7 days.
    pub offsite_old: Vec<(String, String)>,
    /// How many watched agents with a good backup tried a screenshot.
    pub screenshots_tried: usize,
    /// Those of them whose last screenshot failed.
    pub screenshots_failed: Vec<(String, String)>,
    /// Those of them whose last screenshot was good and is weeks old.
    pub screenshots_overdue: Vec<(String, String)>,
    /// Watched assets with a good backup whose newest one failed its check on the appliance.
    pub verifications_failed: Vec<(String, String)>,
    /// Watched assets with volumes that are not backed up.
    pub volumes_unprotected: Vec<(String, String)>,
    /// How many alerts are open on appliances that are not hidden.
    pub alerts_visible: usize,
    /// The SaaS customers.
    pub saas_customers: Vec<i64>,
    /// How many application types all customers have together.
    pub saas_apps: usize,
    /// How many of them can be judged: with an active service, and old enough.
    pub saas_apps_judged: usize,
    /// Every application type of every customer, and its story.
    pub saas_cases: Vec<(i64, String, SaasCase)>,
    /// Customer and application type where services were missing in both of the two newest windows.
    pub saas_failed: Vec<(i64, String)>,
    /// Customer and application type that is backed up, but not perfectly for a long time.
    pub saas_degraded: Vec<(i64, String)>,
    /// Customer and application type with services that were not taken in yet.
    pub saas_uningested: Vec<(i64, String)>,
    /// Customer and application type of tenants that are gone.
    pub saas_gone: Vec<(i64, String)>,
    /// How many seats each customer has.
    pub saas_seats: BTreeMap<i64, usize>,
    /// How many of them are billed: users that are active, paused or archived.
    pub saas_seats_billed: BTreeMap<i64, u64>,
    /// How many Direct-to-Cloud assets there are.
    pub dtc_assets: usize,
    /// Asset identifiers of the Direct-to-Cloud assets whose last backup failed.
    pub dtc_failed: Vec<String>,
}
