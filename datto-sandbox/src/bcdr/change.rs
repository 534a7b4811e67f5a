//! What happens to appliances, assets and seats.

use super::World;
use super::answer::lock;
use super::fleet::{Appliance, Asset, Client, Kind, Seen};
use super::identity::Identity;
use super::seats::{self, KINDS};
use super::story::{RUNS_LISTED, Run, Story};
use super::truth::AssetCase;
use super::{Service, dtc};
use crate::change::{Change, Refused};
use crate::random::Random;

/// A service that has ended did so this many days ago: beyond the thirty days of grace.
pub(crate) const ENDED_DAYS: i64 = 40;

impl Service {
    /// Lets something happen at a moment, and gives the id of what was made or changed.
    pub(crate) fn change(&self, change: &Change, at_ms: i64) -> Result<String, Refused> {
        let now = at_ms.div_euclid(1_000);
        let mut world = lock(&self.world);
        match change {
            Change::RunBackup { volume, good } => world.on_asset(volume.as_deref(), |asset, kind| {
                asset.run(now, *good, kind);
                asset.volume.clone()
            }),
            Change::PauseAsset { volume, paused } => world.on_asset(volume.as_deref(), |asset, _| {
                asset.story.paused = *paused;
                asset.volume.clone()
            }),
            Change::ArchiveAsset { volume, archived } => world.on_asset(volume.as_deref(), |asset, _| {
                asset.story.archived = *archived;
                asset.volume.clone()
            }),
            Change::AddAsset { appliance, name } => world.add_asset(appliance.as_deref(), name.as_deref()),
            Change::RemoveAsset { volume } => {
                let volume = world.on_asset(volume.as_deref(), |asset, _| asset.volume.clone())?;
                world
                    .appliances
                    .iter_mut()
                    .for_each(|appliance| appliance.assets.retain(|asset| asset.volume != volume));
                Ok(volume)
            }
            Change::AddAppliance { client } => world.add_appliance(*client, now),
            Change::RemoveAppliance { appliance } => {
                let serial = world.on_appliance(appliance.as_deref(), |_| {})?;
                world.appliances.retain(|appliance| appliance.serial != serial);
                Ok(serial)
            }
            Change::ApplianceOnline { appliance, online } => world.on_appliance(appliance.as_deref(), |appliance| {
                appliance.seen = if *online { Seen::Ago(60) } else { Seen::At(now) };
            }),
            Change::EndService { appliance } => world.on_appliance(appliance.as_deref(), |appliance| {
                appliance.service_ended = true;
            }),
            Change::TenantGone { customer } => world.on_customer(*customer, super::saas::Customer::end),
            Change::AddSeat { customer, kind, name } => {
                let kind = kind.as_deref().unwrap_or("User");
                let known = KINDS.into_iter().find(|known| *known == kind);
                let kind = known.ok_or_else(|| Refused::unknown("type of seats", Some(kind)))?;
                let place = world.random.next();
                let mut added = String::new();
                world.on_customer(*customer, |customer| {
                    let seat = seats::added(kind, name.as_deref(), &customer.domain, now, place);
                    added.clone_from(&seat.remote_id);
                    customer.seats.push(seat);
                })?;
                Ok(added)
            }
            Change::RemoveSeat { customer, seat } => world.remove_seat(*customer, seat.as_deref()),
            Change::RunDirectToCloud { asset, good } => {
                let count = world.dtc_assets.len();
                let place = drawn(&mut world.random, count);
                let named = |known: &dtc::Asset| asset.as_deref().is_none_or(|uuid| known.uuid == uuid);
                let mut assets = world.dtc_assets.iter_mut().filter(|known| named(known));
                let found = if asset.is_some() { assets.next() } else { assets.nth(place) };
                let found = found.ok_or_else(|| Refused::unknown("Direct-to-Cloud asset", asset.as_deref()))?;
                found.run(now, *good);
                Ok(found.uuid.clone())
            }
            _ => Err(Refused::new("this does not happen in BCDR")),
        }
    }
}

/// A place in a list of this length.
fn drawn(random: &mut Random, length: usize) -> usize {
    usize::try_from(random.below(length as u64)).unwrap_or(0)
}

impl World {
    /// Does something to the asset of a volume, or to any that is neither paused nor archived.
    fn on_asset<T>(&mut self, named: Option<&str>, change: impl FnOnce(&mut Asset, Kind) -> T) -> Result<T, Refused> {
        let fits = |asset: &Asset| match named {
            Some(volume) => asset.volume.eq_ignore_ascii_case(volume),
            None => !asset.story.paused && !asset.story.archived,
        };
        let count = self.appliances.iter().flat_map(|appliance| &appliance.assets).filter(|asset| fits(asset)).count();
        let place = drawn(&mut self.random, count);
        let assets = self.appliances.iter_mut().flat_map(|appliance| {
            let kind = appliance.kind;
            appliance.assets.iter_mut().map(move |asset| (asset, kind))
        });
        let found = assets.filter(|(asset, _)| fits(asset)).nth(place);
        let (asset, kind) = found.ok_or_else(|| Refused::unknown("asset", named))?;
        Ok(change(asset, kind))
    }

    /// Does something to the appliance of a serial number, or to any ordinary one, and gives its serial number.
    fn on_appliance(&mut self, named: Option<&str>, change: impl FnOnce(&mut Appliance)) -> Result<String, Refused> {
        let fits = |appliance: &Appliance| match named {
            Some(serial) => appliance.serial.eq_ignore_ascii_case(serial),
            None => appliance.kind == Kind::Ordinary,
        };
        let count = self.appliances.iter().filter(|appliance| fits(appliance)).count();
        let place = drawn(&mut self.random, count);
        let found = self.appliances.iter_mut().filter(|appliance| fits(appliance)).nth(place);
        let appliance = found.ok_or_else(|| Refused::unknown("appliance", named))?;
        change(appliance);
        Ok(appliance.serial.clone())
    }

    fn on_customer(
        &mut self,
        named: Option<i64>,
        change: impl FnOnce(&mut super::saas::Customer),
    ) -> Result<String, Refused> {
        let place = drawn(&mut self.random, self.customers.len());
        let found = match named {
            Some(id) => self.customers.iter_mut().find(|customer| customer.id == id),
            None => self.customers.get_mut(place),
        };
        let customer = found.ok_or_else(|| Refused::unknown("SaaS customer", named))?;
        change(customer);
        Ok(customer.id.to_string())
    }

    fn add_asset(&mut self, appliance: Option<&str>, name: Option<&str>) -> Result<String, Refused> {
        let (volume, number, grain) = (self.random.hex(32), self.random.below(1_000_000), self.random.next());
        let name = name.map_or_else(|| format!("added-{number}.example.com"), str::to_owned);
        let mac = Some(format!("02005e{}", self.random.hex(6)));
        let asset = Asset {
            id: 2_000_000 + i64::try_from(number).unwrap_or_default(),
            identity: Identity { hostname: name.clone(), mac, ..Identity::default() },
            name,
            volume: volume.clone(),
            share: false,
            case: AssetCase::NeverTried,
            story: Story { runs: Some(Vec::new()), ..Story::default() },
            grain,
        };
        self.on_appliance(appliance, |appliance| appliance.assets.push(asset))?;
        Ok(volume)
    }

    fn add_appliance(&mut self, client: Option<i64>, now: i64) -> Result<String, Refused> {
        let known = |known: &&Client| client.is_none_or(|id| known.id == id);
        let client = self.clients.iter().find(known).cloned().ok_or_else(|| Refused::unknown("client", client))?;
        let serial = format!("D0509{}", self.random.hex(7).to_uppercase());
        self.appliances.push(Appliance {
            serial: serial.clone(),
            name: format!("backup-{}", self.random.below(100_000)),
            kind: Kind::Ordinary,
            client,
            seen: Seen::Ago(60),
            registered: now,
            assets: Vec::new(),
            alerts: Vec::new(),
            full: false,
            index_keyed: false,
            service_ended: false,
            local_only: false,
            grain: self.random.next(),
        });
        Ok(serial)
    }

    fn remove_seat(&mut self, customer: Option<i64>, seat: Option<&str>) -> Result<String, Refused> {
        let place = self.random.next();
        let mut removed = None;
        self.on_customer(customer, |customer| {
            let seats = &mut customer.seats;
            let place = match seat {
                Some(id) => seats.iter().position(|known| known.remote_id == id),
                None => place.checked_rem(seats.len() as u64).and_then(|place| usize::try_from(place).ok()),
            };
            removed = place.filter(|place| *place < seats.len()).map(|place| seats.remove(place).remote_id);
        })?;
        removed.ok_or_else(|| Refused::unknown("seat", seat))
    }

    /// Lets the backups run that are due in an hour of the day: each asset has its own.
    pub(super) fn run_backups(&mut self, hour: i64, now: i64) {
        let due = |grain: u64| i64::try_from(grain % 24).is_ok_and(|own| own == hour.rem_euclid(24));
        let random = &mut self.random;
        for appliance in self.appliances.iter_mut().filter(|appliance| matches!(appliance.seen, Seen::Ago(_))) {
            let kind = appliance.kind;
            for asset in appliance.assets.iter_mut().filter(|asset| due(asset.grain)) {
                let good = match asset.case {
                    _ if asset.story.paused || asset.story.archived => continue,
                    AssetCase::Stale | AssetCase::StaleWithoutRuns | AssetCase::NeverTried => continue,
                    AssetCase::Failing | AssetCase::NeverSucceeded => false,
                    _ => random.chance(97),
                };
                asset.run(now, good, kind);
            }
        }
        for asset in self.dtc_assets.iter_mut().filter(|asset| due(asset.grain)) {
            let good = asset.newest().is_none_or(|backup| backup.good);
            asset.run(now, good && random.chance(97));
        }
        for pc in self.clients.iter_mut().flat_map(|client| &mut client.pcs) {
            if random.below(24) == 0 {
                pc.last_snapshot = now;
            }
        }
    }
}

impl Asset {
    /// A backup runs. Where the service lists no runs of an asset, it lists none of this one either.
    fn run(&mut self, now: i64, good: bool, kind: Kind) {
        let story = &mut self.story;
        if let Some(runs) = story.runs.as_mut() {
            runs.insert(0, Run { at: now, good });
            runs.truncate(RUNS_LISTED);
        }
        if good {
            story.last_good = Some(now);
            // What had a copy gets another: not on a plan without a cloud, nor on a Cloud SIRIS that does not replicate.
            let copied = kind != Kind::CloudSiris || story.offsite.is_some();
            if copied && !matches!(self.case, AssetCase::NoOffsite | AssetCase::OffsiteOld) {
                story.offsite = Some(now);
            }
        }
    }
}
