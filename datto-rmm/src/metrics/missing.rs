//! The patches themselves that a fleet lacks.

use std::collections::BTreeMap;

use datto_common::{Measured, Missing};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::RmmClient;
use crate::models::{PatchInstallStatus, PatchSeverity, Site, SiteKind, SitePatch};

/// A patch that devices lack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MissingPatch {
    /// Its title.
    pub title: String,
    /// The article of the knowledge base about it.
    pub kb_article_id: Option<String>,
    /// How grave it is, by its maker.
    pub severity: Option<PatchSeverity>,
    /// Devices on which it waits to be installed.
    pub approved: u64,
    /// Devices on which nobody approved it.
    pub not_approved: u64,
    /// The sites that lack it, by name.
    pub sites: Vec<String>,
}

impl MissingPatch {
    /// Devices that lack it.
    pub fn devices(&self) -> u64 {
        self.approved.saturating_add(self.not_approved)
    }
}

/// Reads which patches the devices of these sites lack, the most widespread first: two lists a site, so many sites at once. Never fails: a site that
/// could not be read is named. Where a platform does not have this call yet (official since build 235), all are.
///
/// `GET /v2/site/{siteUid}/patches` · read · official
///
/// # Cancel safety
/// Only reads: it can be dropped at any time.
///
/// ```no_run
/// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
/// let sites = rmm.sites().list().collect().await?;
/// let missing = datto_rmm::metrics::missing_patches(&rmm, &sites, 4).await;
/// for patch in missing.value().into_iter().flatten().take(10) {
///     println!("{} devices lack {}", patch.devices(), patch.title);
/// }
/// # Ok(())
/// # }
/// ```
pub async fn missing_patches(rmm: &RmmClient, sites: &[Site], at_once: usize) -> Measured<Vec<MissingPatch>> {
    let real = sites.iter().filter(|site| site.kind() != SiteKind::DeletedDevices && !site.uid.is_empty());
    let lists: Vec<_> = real
        .flat_map(|site| {
            let statuses = [PatchInstallStatus::ApprovedPending, PatchInstallStatus::NotApproved];
            statuses.map(|status| (site.name.clone().unwrap_or_else(|| site.uid.to_string()), site.uid.clone(), status))
        })
        .map(|(name, uid, status)| {
            let list = rmm.sites().patches(uid).install_status(status.clone());
            async move { (name, status, list.collect_measured().await) }
        })
        .collect();
    let asked = lists.len();
    let mut answers = stream::iter(lists).buffered(at_once.clamp(1, 64));
    let (mut patches, mut missing, mut first) = (ByPatch::new(), Vec::new(), None);
    while let Some((site, status, read)) = answers.next().await {
        match read {
            Measured::Unknown { cause } => {
                first.get_or_insert_with(|| cause.clone());
                missing.push(Missing::new(format!("patches of site {site}"), cause));
            }
            read => {
                missing.extend(read.missing().iter().cloned());
                add(&mut patches, &site, &status, read.value().into_iter().flatten());
            }
        }
    }
    match first {
        Some(cause) if missing.len() >= asked && patches.is_empty() => Measured::unknown(cause),
        _ => {
            missing.dedup_by(|a, b| a.what == b.what);
            Measured::from_parts(most_widespread_first(patches), missing)
        }
    }
}

type ByPatch = BTreeMap<String, MissingPatch>;

fn add<'a>(patches: &mut ByPatch, site: &str, status: &PatchInstallStatus, read: impl Iterator<Item = &'a SitePatch>) {
    for patch in read {
        let title = patch.title.clone().unwrap_or_default();
        let key = if patch.patch_id.is_empty() { format!("title {title}") } else { patch.patch_id.to_string() };
        let of_all = patches.entry(key).or_insert_with(|| MissingPatch {
            title,
            kb_article_id: patch.kb_article_id.clone(),
            severity: patch.severity.clone(),
            approved: 0,
            not_approved: 0,
            sites: Vec::new(),
        });
        // The service says what a list was filtered by; where it does not, the filter counts.
        let status = patch.install_status.as_ref().unwrap_or(status);
        let devices = patch.total_devices.and_then(|devices| u64::try_from(devices).ok()).unwrap_or(0);
        match status {
            PatchInstallStatus::ApprovedPending => of_all.approved = of_all.approved.saturating_add(devices),
            PatchInstallStatus::NotApproved => of_all.not_approved = of_all.not_approved.saturating_add(devices),
            _ => continue,
        }
        if devices > 0 && of_all.sites.last().is_none_or(|last| last != site) {
            of_all.sites.push(site.to_owned());
        }
    }
}

fn most_widespread_first(patches: ByPatch) -> Vec<MissingPatch> {
    let mut patches: Vec<MissingPatch> = patches.into_values().filter(|patch| patch.devices() > 0).collect();
    patches.sort_by(|a, b| b.devices().cmp(&a.devices()).then_with(|| a.title.cmp(&b.title)));
    patches
}
