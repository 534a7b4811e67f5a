//! Goes over the appliances and fills in their figures.

use std::borrow::Borrow;
use std::collections::HashSet;

use datto_common::{Cause, Measured, Timestamp};

use super::appliance::{
    offline_cause, offline_since, place as place_of_device, service_cause, service_ended, storage_used_percent,
    why_aside,
};
use super::asset::{AssetState, Backups, place as place_of_asset};
use super::checks::{Check, screenshot, verification, volumes};
use super::figure::{Aside, Tally};
use super::finding::{Place, Problem};
use super::offsite::OffsiteVerdict;
use super::policy::{BackupPolicy, Limits};
use super::snapshot::DeviceAssets;
use crate::fleet::assets_of;
use crate::models::{Asset, Device};

/// By what is judged.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) policy: &'a BackupPolicy,
    pub(crate) now: &'a Timestamp,
    pub(crate) now_ms: i64,
}

/// What is wrong, in words, and since when.
pub(crate) type Trouble = (Problem, String, Option<i64>);

impl<'a> Rules<'a> {
    /// Why an object is left out as a whole, if it is.
    pub(crate) fn ignored(&self, place: &Place<'_>) -> Option<&'a str> {
        self.policy.ignored(place, None, self.now_ms)
    }

    /// Counts an object that was judged, unless the policy leaves this trouble of it out.
    pub(crate) fn judged(&self, tally: &mut Tally, place: &Place<'_>, trouble: Option<Trouble>) {
        let Some((problem, what, since)) = trouble else { return tally.judged(None) };
        match self.policy.ignored(place, Some(problem), self.now_ms) {
            Some(reason) => tally.set_aside(Aside::Ignored(reason.to_owned())),
            None => tally.judged(Some(place.finding(problem, what, since))),
        }
    }

    fn checked(&self, tally: &mut Tally, place: &Place<'_>, check: Check) {
        match check {
            Check::Aside(why) => tally.set_aside(why),
            Check::Fine => tally.judged(None),
            Check::Wrong(problem, what, since) => self.judged(tally, place, Some((problem, what, since))),
        }
    }
}

const ASSETS: &str = "agents and shares";
const APPLIANCES: &str = "appliances";

/// The figures about appliances and what they protect.
pub(crate) struct ApplianceTallies {
    pub(crate) failed: Tally,
    pub(crate) never: Tally,
    pub(crate) offsite: Tally,
    pub(crate) paused: Tally,
    pub(crate) screenshots: Tally,
    pub(crate) verifications: Tally,
    pub(crate) volumes: Tally,
    pub(crate) offline: Tally,
    pub(crate) ended: Tally,
    pub(crate) storage: Tally,
}

impl ApplianceTallies {
    pub(crate) fn over<D: Borrow<DeviceAssets>>(devices: &Measured<Vec<D>>, rules: Rules<'_>) -> Self {
        let assets = || Tally::of(ASSETS);
        let appliances = || Tally::of(APPLIANCES);
        let mut tallies = Self {
            failed: assets(),
            never: assets(),
            offsite: assets(),
            paused: assets(),
            screenshots: assets(),
            verifications: assets(),
            volumes: assets(),
            offline: appliances(),
            ended: appliances(),
            storage: appliances(),
        };
        let what = "the list of appliances";
        note(devices, what, tallies.of_backups());
        note(devices, what, [&mut tallies.paused]);
        note(devices, what, tallies.of_appliances());
        let mut seen = HashSet::new();
        for entry in devices.value().into_iter().flatten().map(Borrow::borrow) {
            // A list that changes while it is read can name an appliance twice.
            let serial = entry.device.serial_number.as_str().to_ascii_uppercase();
            if serial.is_empty() || seen.insert(serial) {
                tallies.judge_device(entry, rules);
            }
        }
        tallies
    }

    /// The figures that rest on assets whose backups run.
    fn of_backups(&mut self) -> [&mut Tally; 6] {
        [
            &mut self.failed,
            &mut self.never,
            &mut self.offsite,
            &mut self.screenshots,
            &mut self.verifications,
            &mut self.volumes,
        ]
    }

    fn of_appliances(&mut self) -> [&mut Tally; 3] {
        [&mut self.offline, &mut self.ended, &mut self.storage]
    }

    fn judge_device(&mut self, entry: &DeviceAssets, rules: Rules<'_>) {
        let device = &entry.device;
        let mut place = place_of_device(device);
        let ignored = || rules.ignored(&place).map(|reason| Aside::Ignored(reason.to_owned()));
        if let Some(why) = why_aside(entry).or_else(ignored) {
            self.of_appliances().into_iter().for_each(|tally| tally.set_aside(why.clone()));
            if let Aside::Ignored(_) = why {
                let assets = entry.assets.value().into_iter().flatten();
                assets.for_each(|_| self.set_aside(&why));
            }
            return;
        }
        self.judge_storage(device, &place, rules);
        let ended = self.judge_service(device, &place, rules).map(service_cause);
        let offline = self.judge_presence(device, &place, rules).map(offline_cause);
        let root_cause = ended.or(offline);
        place.root_cause = root_cause.as_deref();
        note(&entry.assets, &assets_of(device), self.of_backups());
        note(&entry.assets, &assets_of(device), [&mut self.paused]);
        let mut seen = HashSet::new();
        for asset in entry.assets.value().into_iter().flatten() {
            // So can it an asset.
            if identity(asset).is_none_or(|identity| seen.insert(identity)) {
                let place = Place { root_cause: place.root_cause, ..place_of_asset(device, asset) };
                self.judge_asset(device, asset, &place, rules);
            }
        }
    }

    fn set_aside(&mut self, why: &Aside) {
        self.of_backups().into_iter().for_each(|tally| tally.set_aside(why.clone()));
        self.paused.set_aside(why.clone());
    }

    /// Whether the appliance is offline, and if so since when.
    fn judge_presence(&mut self, device: &Device, place: &Place<'_>, rules: Rules<'_>) -> Option<i64> {
        match offline_since(device, rules.policy, rules.now_ms) {
            Ok(since) => {
                let trouble = since.map(|since| (Problem::ApplianceOffline, offline_cause(since), Some(since)));
                rules.judged(&mut self.offline, place, trouble);
                since
            }
            // A Cloud SIRIS lacks several fields (observed).
            Err(_) if device.is_cloud_siris() && device.last_seen_date.is_none() => {
                self.offline.set_aside(Aside::NotReported);
                None
            }
            Err(cause) => {
                self.offline.lacks(format!("presence of appliance {}", device.serial_number), cause);
                None
            }
        }
    }

    /// Whether its service is over, and if so since when.
    fn judge_service(&mut self, device: &Device, place: &Place<'_>, rules: Rules<'_>) -> Option<i64> {
        match service_ended(device, rules.policy, rules.now_ms) {
            None => self.ended.set_aside(Aside::NotReported),
            Some(Ok(since)) => {
                let trouble = since.map(|since| (Problem::ServiceEnded, service_cause(since), Some(since)));
                rules.judged(&mut self.ended, place, trouble);
                return since;
            }
            Some(Err(cause)) => self.ended.lacks(format!("service of appliance {}", device.serial_number), cause),
        }
        None
    }

    fn judge_storage(&mut self, device: &Device, place: &Place<'_>, rules: Rules<'_>) {
        match storage_used_percent(device) {
            None => self.storage.set_aside(Aside::NotReported),
            Some(Ok(percent)) => {
                let full = percent >= rules.policy.storage_full_percent;
                let what = || format!("local storage is used up to {percent:.0} percent");
                rules.judged(&mut self.storage, place, full.then(|| (Problem::StorageFull, what(), None)));
            }
            Some(Err(cause)) => self.storage.lacks(format!("storage of appliance {}", device.serial_number), cause),
        }
    }

    fn judge_asset(&mut self, device: &Device, asset: &Asset, place: &Place<'_>, rules: Rules<'_>) {
        if let Some(reason) = rules.ignored(place) {
            return self.set_aside(&Aside::Ignored(reason.to_owned()));
        }
        let limits = rules.policy.limits(place);
        let verdict = match Backups::of(asset, rules.now_ms).verdict(&limits, rules.now_ms) {
            Ok(verdict) => verdict,
            Err(cause) => {
                self.lacks(device, asset, cause);
                self.paused.judged(None);
                self.judge_offsite(device, asset, &limits, place, rules);
                return self.judge_what_follows(asset, false, &limits, place, rules);
            }
        };
        let since = verdict.since.as_ref().and_then(Timestamp::moment);
        let trouble = verdict.problem().map(|(problem, what)| (problem, what, since));
        match verdict.state {
            AssetState::Archived => return self.set_aside(&Aside::Archived),
            AssetState::Paused => {
                self.of_backups().into_iter().for_each(|tally| tally.set_aside(Aside::Paused));
                return rules.judged(&mut self.paused, place, trouble);
            }
            AssetState::Fine | AssetState::Stale | AssetState::Failing | AssetState::NeverBackedUp => {
                self.paused.judged(None)
            }
        }
        let (failed, never) =
            if verdict.state == AssetState::NeverBackedUp { (None, trouble) } else { (trouble, None) };
        rules.judged(&mut self.failed, place, failed);
        rules.judged(&mut self.never, place, never);
        self.judge_offsite(device, asset, &limits, place, rules);
        self.judge_what_follows(asset, verdict.state == AssetState::Fine, &limits, place, rules);
    }

    fn lacks(&mut self, device: &Device, asset: &Asset, cause: Cause) {
        let what = format!("backups of {} on appliance {}", asset.label(), device.serial_number);
        for tally in [&mut self.failed, &mut self.never, &mut self.screenshots, &mut self.verifications] {
            tally.lacks(&what, cause.clone());
        }
    }

    fn judge_offsite(
        &mut self,
        device: &Device,
        asset: &Asset,
        limits: &Limits<'_>,
        place: &Place<'_>,
        rules: Rules<'_>,
    ) {
        let verdict = match OffsiteVerdict::by(device, asset, limits, rules.now_ms) {
            Ok(verdict) => verdict,
            Err(cause) => {
                let what = format!("offsite points of {} on appliance {}", asset.label(), device.serial_number);
                return self.offsite.lacks(what, cause);
            }
        };
        if let Some(why) = verdict.aside(asset) {
            return self.offsite.set_aside(why);
        }
        let since = verdict.newest.as_ref().and_then(Timestamp::moment);
        let trouble = verdict.problem().map(|(problem, what)| (problem, what, since));
        rules.judged(&mut self.offsite, place, trouble);
    }

    /// What follows a backup is judged where the backup is good: else there is one cause, and one finding.
    fn judge_what_follows(
        &mut self,
        asset: &Asset,
        is_good: bool,
        limits: &Limits<'_>,
        place: &Place<'_>,
        rules: Rules<'_>,
    ) {
        rules.checked(&mut self.volumes, place, volumes(asset));
        if !is_good {
            self.verifications.set_aside(Aside::WithoutGoodBackup);
            return self.screenshots.set_aside(Aside::WithoutGoodBackup);
        }
        rules.checked(&mut self.verifications, place, verification(asset, rules.now_ms));
        match screenshot(asset, limits, rules.now_ms) {
            Ok(check) => rules.checked(&mut self.screenshots, place, check),
            Err(cause) => self.screenshots.lacks(format!("screenshot of {}", asset.label()), cause),
        }
    }
}

/// What an asset is on its appliance: its volume, its id, its name. `None` if it has none of them.
pub(crate) fn identity(asset: &Asset) -> Option<String> {
    let id =
        |kind: &str, id: &str| Some(id).filter(|id| !id.is_empty()).map(|id| format!("{kind}{}", id.to_lowercase()));
    id("volume ", asset.volume.as_str())
        .or_else(|| id("id ", asset.asset_id.as_str()))
        .or_else(|| id("name ", asset.label()))
}

/// Notes for each figure that rests on a source how much of it was read.
pub(crate) fn note<T, const N: usize>(source: &Measured<Vec<T>>, what: &str, tallies: [&mut Tally; N]) {
    for tally in tallies {
        match source {
            Measured::Known(_) => {}
            Measured::Partial { missing, .. } => tally.lacks_all(missing),
            Measured::Unknown { cause } => tally.lacks(what, cause.clone()),
        }
    }
}
