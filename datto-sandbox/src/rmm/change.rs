//! What happens in the RMM account by itself, or by the hand of somebody else.

use std::time::Duration;

use super::fleet::{Account, Device, Family, Site, Udfs};
use super::service::Service;
use crate::change::{Change, Refused};
use crate::text::Text;

impl Service {
    /// Lets something happen at a moment, and gives the id of what was made or changed.
    pub(crate) fn change(&self, change: &Change, at_ms: i64) -> Result<String, Refused> {
        let mut account = self.account();
        match change {
            Change::RaiseAlert { device, priority, class } => {
                account.raise_alert(device.as_deref(), priority.as_deref(), class.as_deref(), at_ms)
            }
            Change::ResolveAlert { alert } => account.resolve_alert(alert.as_deref(), at_ms),
            Change::AddDevice { site, hostname, place } => {
                account.add_device(site.as_deref(), hostname.as_deref(), *place, at_ms)
            }
            Change::MoveDevice { device, site } => {
                let uid = account.pick_device(device.as_deref(), |_| true)?;
                let site = account.pick_site(site.as_deref())?;
                account.relocate(&uid, &site, at_ms).ok_or_else(|| Refused::unknown("device", Some(&uid)))?;
                Ok(uid)
            }
            Change::RenameDevice { device, hostname } => {
                let uid = account.pick_device(device.as_deref(), |_| true)?;
                let name = hostname.clone().unwrap_or_else(|| format!("RENAMED-{}", account.random.below(100_000)));
                account.on_device(&uid, |device| device.hostname = name)
            }
            Change::DeleteDevice { device } => {
                let uid = account.pick_device(device.as_deref(), |device| device.deleted != Some(true))?;
                let deleted = account.site(&account.fixtures.deleted_devices_site).map(|site| site.id);
                account.on_device(&uid, |device| {
                    device.deleted = Some(true);
                    device.online = false;
                    device.site_id = deleted.unwrap_or(device.site_id);
                })
            }
            Change::RemoveDevice { device } => {
                let uid = account.pick_device(device.as_deref(), |_| true)?;
                account.remove_device(&uid);
                Ok(uid)
            }
            Change::DeviceOnline { device, online } => {
                let other = |device: &Device| device.online != *online && device.deleted == Some(false);
                let uid = account.pick_device(device.as_deref(), other)?;
                account.on_device(&uid, |device| {
                    device.online = *online;
                    device.last_seen = Some(at_ms);
                })
            }
            Change::ShuffleDevices {} => {
                account.shuffle_devices();
                Ok(account.uid.clone())
            }
            Change::SlowJobs { device, takes } => {
                let takes = Duration::read(takes)?;
                match device {
                    Some(uid) => {
                        account.device(uid).ok_or_else(|| Refused::unknown("device", Some(uid)))?;
                        account.slow_devices.insert(uid.clone(), takes);
                        Ok(uid.clone())
                    }
                    None => {
                        account.slow_everywhere = Some(takes);
                        Ok(account.uid.clone())
                    }
                }
            }
            Change::AddSite { name } => {
                let name = name.clone().unwrap_or_else(|| format!("New customer {}", account.random.below(100_000)));
                let site = Site { id: account.fresh_id(), uid: account.random.guid(), ..Site::bare(&name) };
                let uid = site.uid.clone();
                account.sites.push(site);
                Ok(uid)
            }
            Change::RenameSite { site, name } => {
                let uid = account.pick_site(site.as_deref())?;
                let name =
                    name.clone().unwrap_or_else(|| format!("Renamed customer {}", account.random.below(100_000)));
                account.site_mut(&uid).ok_or_else(|| Refused::unknown("site", Some(&uid)))?.name = name;
                Ok(uid)
            }
            _ => Err(Refused::new("this does not happen in RMM")),
        }
    }
}

impl Account {
    /// The device that is named, or one of those that fit.
    pub(super) fn pick_device(
        &mut self,
        named: Option<&str>,
        fits: impl Fn(&Device) -> bool,
    ) -> Result<String, Refused> {
        if let Some(uid) = named {
            return self.device(uid).map(|device| device.uid.clone()).ok_or_else(|| Refused::unknown("device", named));
        }
        // A few random places first: to look at all devices of a large fleet for each change is slow.
        for _ in 0..20 {
            let place = usize::try_from(self.random.below(self.devices.len() as u64)).unwrap_or(0);
            if let Some(device) = self.devices.get(place).filter(|device| fits(device)) {
                return Ok(device.uid.clone());
            }
        }
        let found = self.devices.iter().find(|device| fits(device)).map(|device| device.uid.clone());
        found.ok_or_else(|| Refused::unknown("device", None::<&str>))
    }

    /// The site that is named, or one of a customer.
    fn pick_site(&mut self, named: Option<&str>) -> Result<String, Refused> {
        if let Some(uid) = named {
            return self.site(uid).map(|site| site.uid.clone()).ok_or_else(|| Refused::unknown("site", named));
        }
        let customers: Vec<&Site> = self.sites.iter().skip(3).collect();
        let place = usize::try_from(self.random.below(customers.len() as u64)).unwrap_or(0);
        customers.get(place).map(|site| site.uid.clone()).ok_or_else(|| Refused::unknown("site", None::<&str>))
    }

    fn on_device(&mut self, uid: &str, change: impl FnOnce(&mut Device)) -> Result<String, Refused> {
        let device = self.device_mut(uid).ok_or_else(|| Refused::unknown("device", Some(uid)))?;
        change(device);
        Ok(device.uid.clone())
    }

    fn resolve_alert(&mut self, named: Option<&str>, at_ms: i64) -> Result<String, Refused> {
        let open: Vec<usize> = (self.alerts.iter().enumerate())
            .filter(|(_, alert)| alert.resolved.is_none() && named.is_none_or(|uid| alert.uid == uid))
            .map(|(place, _)| place)
            .collect();
        let drawn = usize::try_from(self.random.below(open.len() as u64)).unwrap_or(0);
        let place = open.get(drawn).copied();
        let alert = place.and_then(|place| self.alerts.get_mut(place));
        let alert = alert.ok_or_else(|| Refused::unknown("open alert", named))?;
        alert.resolved = Some((None, at_ms));
        Ok(alert.uid.clone())
    }

    /// A computer like another of the fleet, with names and signs of its own.
    fn add_device(
        &mut self,
        site: Option<&str>,
        hostname: Option<&str>,
        place: Option<usize>,
        at_ms: i64,
    ) -> Result<String, Refused> {
        let site_uid = self.pick_site(site)?;
        let site_id = self.site(&site_uid).map(|site| site.id).unwrap_or_default();
        let like = self.pick_device(None, |device| device.class == "device" && device.family != Family::None)?;
        let mut device = self.device(&like).cloned().ok_or_else(|| Refused::unknown("device", Some(&like)))?;
        device.id = self.fresh_id();
        device.uid = self.random.guid();
        device.site_id = site_id;
        device.hostname = hostname.map_or_else(|| format!("NEW-{:05}", self.random.below(100_000)), str::to_owned);
        device.macs = vec![format!("02{}", self.random.hex(10).to_uppercase())];
        device.serial = format!("SN{}", self.random.hex(8).to_uppercase());
        device.twin_of = None;
        device.created = at_ms;
        device.online = true;
        device.deleted = Some(false);
        device.suspended = false;
        (device.last_seen, device.last_audit, device.last_reboot) = (Some(at_ms), None, Some(at_ms));
        device.udfs = Udfs::default();
        let uid = device.uid.clone();
        let place = place.unwrap_or(usize::MAX).min(self.devices.len());
        self.devices.insert(place, device);
        self.index_devices(place);
        Ok(uid)
    }

    fn remove_device(&mut self, uid: &str) {
        if let Some(place) = self.devices_by_uid.remove(uid) {
            self.devices.remove(place);
            self.index_devices(place);
        }
    }

    fn shuffle_devices(&mut self) {
        for place in (1..self.devices.len()).rev() {
            let other = usize::try_from(self.random.below(place as u64 + 1)).unwrap_or(0);
            self.devices.swap(place, other);
        }
        self.index_devices(0);
    }

    /// Notes the places of the devices from one on.
    fn index_devices(&mut self, from: usize) {
        for (place, device) in self.devices.iter().enumerate().skip(from) {
            match self.devices_by_uid.get_mut(&device.uid) {
                Some(known) => *known = place,
                None => _ = self.devices_by_uid.insert(device.uid.clone(), place),
            }
        }
    }
}
