//! Goes over a snapshot and fills in the figures.

use std::collections::HashSet;

use datto_common::{Measured, Timestamp};

use super::appliance::{is_watched, offline_since, root_cause, storage_used_percent};
use super::asset::{AssetState, AssetVerdict, screenshot_failed};
use super::figure::{Place, Problem, Tally};
use super::offsite::OffsiteVerdict;
use super::policy::BackupPolicy;
use super::saas::{ProtectionAge, SaasState, degradation, failure};
use super::snapshot::{CustomerApplications, DeviceAssets};
use super::times::unclear;
use crate::fleet::assets_of;
use crate::models::{Asset, AssetKind, CustomerUsage, Device, SaasApp, SaasDomain};

/// By what is judged.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) policy: &'a BackupPolicy,
    pub(crate) now: &'a Timestamp,
    pub(crate) now_ms: i64,
}

/// The figures about appliances and what they protect.
#[derive(Default)]
pub(crate) struct ApplianceTallies {
    pub(crate) failed: Tally,
    pub(crate) never: Tally,
    pub(crate) offsite: Tally,
    pub(crate) paused: Tally,
    pub(crate) screenshots: Tally,
    pub(crate) offline: Tally,
    pub(crate) storage: Tally,
}

impl ApplianceTallies {
    pub(crate) fn over(devices: &Measured<Vec<DeviceAssets>>, rules: Rules<'_>) -> Self {
        let mut tallies = Self::default();
        let what = "the list of appliances";
        note(devices, what, tallies.of_assets());
        note(devices, what, [&mut tallies.offline, &mut tallies.storage]);
        let mut seen = HashSet::new();
        for entry in devices.value().into_iter().flatten().filter(|entry| is_watched(&entry.device)) {
            // A list that changes while it is read can name an appliance twice.
            let serial = entry.device.serial_number.as_str().to_ascii_uppercase();
            if serial.is_empty() || seen.insert(serial) {
                tallies.judge_device(entry, rules);
            }
        }
        tallies
    }

    /// The figures that rest on assets.
    fn of_assets(&mut self) -> [&mut Tally; 5] {
        [&mut self.failed, &mut self.never, &mut self.offsite, &mut self.paused, &mut self.screenshots]
    }

    fn judge_device(&mut self, entry: &DeviceAssets, rules: Rules<'_>) {
        let device = &entry.device;
        let mut place = Place {
            client: device.client_name().map(str::to_owned),
            serial_number: Some(device.serial_number.clone()),
            device: device.name.as_deref().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            ..Place::default()
        };
        self.judge_storage(device, &place, rules);
        place.root_cause = self.judge_presence(device, &place, rules).map(root_cause);
        note(&entry.assets, &assets_of(device), self.of_assets());
        for asset in entry.assets.value().into_iter().flatten() {
            let place =
                Place { volume: Some(asset.volume.clone()), asset: Some(asset.label().to_owned()), ..place.clone() };
            self.judge_asset(device, asset, &place, rules);
        }
    }

    /// Whether the appliance is offline, and if so since when.
    fn judge_presence(&mut self, device: &Device, place: &Place, rules: Rules<'_>) -> Option<i64> {
        match offline_since(device, rules.policy, rules.now_ms) {
            Ok(since) => {
                let finding =
                    since.map(|since| place.finding(Problem::ApplianceOffline, root_cause(since), Some(since)));
                self.offline.judged(finding);
                since
            }
            // A Cloud SIRIS lacks several fields (observed).
            Err(_) if device.is_cloud_siris() && device.last_seen_date.is_none() => None,
            Err(cause) => {
                self.offline.lacks(format!("presence of appliance {}", device.serial_number), cause);
                None
            }
        }
    }

    fn judge_storage(&mut self, device: &Device, place: &Place, rules: Rules<'_>) {
        match storage_used_percent(device) {
            None => self.storage.nothing_to_judge(),
            Some(Ok(percent)) => {
                let full = percent >= rules.policy.storage_full_percent;
                let what = || format!("local storage is used up to {percent:.0} percent");
                self.storage.judged(full.then(|| place.finding(Problem::StorageFull, what(), None)));
            }
            Some(Err(cause)) => self.storage.lacks(format!("storage of appliance {}", device.serial_number), cause),
        }
    }

    fn judge_asset(&mut self, device: &Device, asset: &Asset, place: &Place, rules: Rules<'_>) {
        let of = |what: &str| format!("{what} of {} on appliance {}", asset.label(), device.serial_number);
        let verdict = match AssetVerdict::of(asset, rules.policy, rules.now) {
            Ok(verdict) => verdict,
            Err(cause) => {
                self.failed.lacks(of("backups"), cause.clone());
                self.never.lacks(of("backups"), cause);
                self.paused.judged(None);
                self.judge_offsite(device, asset, place, rules);
                return self.judge_screenshot(asset, place, rules);
            }
        };
        let since = verdict.since.as_ref().and_then(Timestamp::moment);
        let finding = verdict.problem().map(|(problem, what)| place.finding(problem, what, since));
        match verdict.state {
            AssetState::Archived => {
                for tally in self.of_assets() {
                    tally.nothing_to_judge();
                }
                return;
            }
            AssetState::Paused => {
                for tally in self.of_assets() {
                    tally.nothing_to_judge();
                }
                return self.paused.judged(finding);
            }
            AssetState::Fine | AssetState::Stale | AssetState::Failing | AssetState::NeverBackedUp => {
                self.paused.judged(None)
            }
        }
        let (failed, never) =
            if verdict.state == AssetState::NeverBackedUp { (None, finding) } else { (finding, None) };
        self.failed.judged(failed);
        self.never.judged(never);
        self.judge_offsite(device, asset, place, rules);
        self.judge_screenshot(asset, place, rules);
    }

    fn judge_offsite(&mut self, device: &Device, asset: &Asset, place: &Place, rules: Rules<'_>) {
        match OffsiteVerdict::of(device, asset, rules.policy, rules.now) {
            Ok(verdict) if verdict.counts() => {
                let since = verdict.newest.as_ref().and_then(Timestamp::moment);
                self.offsite.judged(verdict.problem().map(|(problem, what)| place.finding(problem, what, since)));
            }
            Ok(_) => self.offsite.nothing_to_judge(),
            Err(cause) => {
                let what = format!("offsite points of {} on appliance {}", asset.label(), device.serial_number);
                self.offsite.lacks(what, cause);
            }
        }
    }

    fn judge_screenshot(&mut self, asset: &Asset, place: &Place, rules: Rules<'_>) {
        let tried = if asset.kind == Some(AssetKind::Share) { None } else { screenshot_failed(asset, rules.now_ms) };
        match tried {
            None => self.screenshots.nothing_to_judge(),
            Some(Ok(failed)) => {
                let what = "the last screenshot of the started backup failed";
                self.screenshots.judged(failed.map(|at| place.finding(Problem::ScreenshotFailed, what, Some(at))));
            }
            Some(Err(cause)) => self.screenshots.lacks(format!("screenshot of {}", asset.label()), cause),
        }
    }
}

/// The figures about SaaS Protection.
#[derive(Default)]
pub(crate) struct SaasTallies {
    pub(crate) failed: Tally,
    pub(crate) degraded: Tally,
    pub(crate) uningested: Tally,
}

impl SaasTallies {
    pub(crate) fn over(customers: &Measured<Vec<CustomerApplications>>, rules: Rules<'_>) -> Self {
        let mut tallies = Self::default();
        note(customers, "the list of SaaS customers", tallies.all());
        let mut seen = HashSet::new();
        for entry in customers.value().into_iter().flatten() {
            let id = &entry.customer.saas_customer_id;
            // A customer with several domains has one report.
            if id.is_empty() || seen.insert(id) {
                tallies.judge_customer(entry, rules);
            }
        }
        tallies
    }

    fn all(&mut self) -> [&mut Tally; 3] {
        [&mut self.failed, &mut self.degraded, &mut self.uningested]
    }

    fn judge_customer(&mut self, entry: &CustomerApplications, rules: Rules<'_>) {
        let customer = &entry.customer;
        let name = customer.client_name().unwrap_or(customer.saas_customer_id.as_str());
        let what = format!("applications of SaaS customer {name}");
        if matches!(&entry.usage, Measured::Known(reports) if reports.is_empty()) && customer.seats_used != Some(0) {
            let cause = unclear("the answer holds no report, though the customer uses seats");
            return self.all().into_iter().for_each(|tally| tally.lacks(&what, cause.clone()));
        }
        note(&entry.usage, &what, self.all());
        for report in entry.usage.value().into_iter().flatten() {
            let whole =
                report.suites.as_ref().is_some_and(|suites| suites.iter().all(|suite| suite.app_types.is_some()));
            let names_none = report.apps().next().is_none() && customer.seats_used != Some(0);
            if !whole || names_none {
                let lack = if whole {
                    "the report names no application, though the customer uses seats"
                } else {
                    "the answer lacks its list of suites or applications"
                };
                for tally in self.all() {
                    tally.lacks(&what, unclear(lack));
                }
            }
            if whole && has_stopped(report, customer) {
                let place = Place {
                    client: customer.client_name().map(str::to_owned),
                    customer_id: Some(customer.saas_customer_id.clone()),
                    ..Place::default()
                };
                let words = format!("no service is active, though {} seats are used", customer.seats_used.unwrap_or(0));
                self.failed.judged(Some(place.finding(Problem::SaasStopped, words, None)));
            }
            for (_, app) in report.apps() {
                let kind = app.app_type.as_ref().map_or("application", |kind| kind.as_str());
                let place = Place {
                    client: customer.client_name().map(str::to_owned),
                    customer_id: Some(customer.saas_customer_id.clone()),
                    app: Some(kind.to_owned()),
                    ..Place::default()
                };
                self.judge_app(app, &place, &format!("{kind} of SaaS customer {name}"), rules);
            }
        }
    }

    fn judge_app(&mut self, app: &SaasApp, place: &Place, what: &str, rules: Rules<'_>) {
        let finding = |(problem, words, since)| place.finding(problem, words, since);
        match SaasState::of(app) {
            Ok(state) if state.counts() => {
                let failed = state == SaasState::Failed;
                self.failed.judged(failed.then(|| finding(failure(app))));
                self.judge_protection(app, failed, place, what, rules);
            }
            Ok(_) => {
                self.failed.nothing_to_judge();
                self.degraded.nothing_to_judge();
            }
            Err(cause) => {
                self.failed.lacks(what, cause);
                self.judge_protection(app, false, place, what, rules);
            }
        }
        match app.uningested_service_count {
            Some(count) => {
                let words = format!("{count} services are not yet taken in");
                self.uningested.judged((count > 0).then(|| finding((Problem::SaasUningested, words, None))));
            }
            None => self.uningested.lacks(what, unclear("how many services are not yet taken in is not said")),
        }
    }

    /// What has failed is not called degraded as well.
    fn judge_protection(&mut self, app: &SaasApp, failed: bool, place: &Place, what: &str, rules: Rules<'_>) {
        if failed {
            return self.degraded.judged(None);
        }
        match ProtectionAge::of(app, rules.policy, rules.now) {
            Ok(age) => {
                let old = (age == ProtectionAge::Old).then(|| degradation(app));
                self.degraded.judged(old.map(|(problem, words, since)| place.finding(problem, words, since)));
            }
            Err(cause) => self.degraded.lacks(what, cause),
        }
    }
}

/// A customer whose tenant is gone, disabled or unlicensed has seats and no active service: then "nothing fails", since nothing is tried (official: what
/// the help pages of SaaS Protection say of archived seats).
fn has_stopped(report: &CustomerUsage, customer: &SaasDomain) -> bool {
    let mut apps = report.apps().peekable();
    let has_apps = apps.peek().is_some();
    has_apps
        && customer.seats_used.is_some_and(|seats| seats > 0)
        && apps.all(|(_, app)| SaasState::of(app) == Ok(SaasState::NoActiveService))
}

/// Notes for each figure that rests on a source how much of it was read.
pub(crate) fn note<T, const N: usize>(source: &Measured<Vec<T>>, what: &str, tallies: [&mut Tally; N]) {
    for tally in tallies {
        match source {
            Measured::Known(records) if records.is_empty() => tally.nothing_to_judge(),
            Measured::Known(_) => {}
            Measured::Partial { missing, .. } => tally.lacks_all(missing),
            Measured::Unknown { cause } => tally.lacks(what, cause.clone()),
        }
    }
}
