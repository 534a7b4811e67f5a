//! By what a machine is told: serial number, addresses, host name. None of them is as unique as it should be.

use super::{Account, Device};
use crate::config::Config;
use crate::random::Random;

/// What boards say whose maker has left it open.
const GENERIC: [&str; 4] = ["To be filled by O.E.M.", "0", "Default string", "System Serial Number"];
/// What servers of many customers are called.
const ROLES: [&str; 6] = ["DC01", "FS01", "SQL01", "APP01", "RDS01", "HV01"];
const DAY: i64 = 86_400_000;

/// A machine that RMM knows and that is not deleted, as it is told from others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine<'a> {
    pub(crate) uid: &'a str,
    pub(crate) site_id: i64,
    pub(crate) hostname: &'a str,
    pub(crate) macs: &'a [String],
    pub(crate) serial: &'a str,
    pub(crate) server: bool,
    pub(crate) twin_of: Option<&'a str>,
}

/// Gives the devices serial numbers, some servers a name that others have too, and a few machines a second record.
pub(super) fn plant(config: &Config, deleted_site: i64, devices: &mut [Device]) {
    let mut random = Random::new(config.seed, "rmm identities");
    for device in devices.iter_mut() {
        device.serial = if random.chance(4) {
            random.pick(&GENERIC).to_owned()
        } else {
            format!("SN{}", random.hex(8).to_uppercase())
        };
        let named_by_role = device.category == Some("Server") && random.chance(15);
        if named_by_role && device.site_id != deleted_site {
            device.hostname = random.pick(&ROLES).to_owned();
        }
    }
    // Once in three hundred, a machine was set up anew and has come as a second device of its site.
    for index in (250..devices.len()).step_by(300) {
        let Some((before, rest)) = devices.split_at_mut_checked(index) else { return };
        let Some(newer) = rest.first_mut().filter(|device| device.class == "device" && device.deleted == Some(false))
        else {
            continue;
        };
        let older = before.iter_mut().rev().find(|device| {
            device.site_id == newer.site_id
                && device.class == "device"
                && device.deleted == Some(false)
                && device.category == newer.category
        });
        let Some(older) = older else { continue };
        older.online = false;
        older.last_seen = Some(config.now_ms - random.between(40, 90) * DAY);
        newer.serial.clone_from(&older.serial);
        newer.macs.clone_from(&older.macs);
        newer.hostname.clone_from(&older.hostname);
        newer.twin_of = Some(older.uid.clone());
    }
}

impl Account {
    /// The machines that are not deleted, of class `device`.
    pub(crate) fn machines(&self) -> Vec<Machine<'_>> {
        let deleted = self.site(&self.fixtures.deleted_devices_site).map(|site| site.id);
        let here = |device: &&Device| {
            device.class == "device" && device.deleted != Some(true) && Some(device.site_id) != deleted
        };
        self.devices.iter().filter(here).map(Device::machine).collect()
    }

    /// The devices of each company's sites that can be backed up, servers first.
    pub(crate) fn pools(&self) -> Vec<Vec<&Device>> {
        let companies: std::collections::HashMap<i64, usize> =
            self.sites.iter().filter_map(|site| Some((site.id, site.company?))).collect();
        let mut pools = vec![Vec::new(); self.companies.len()];
        for device in self.devices.iter().filter(|device| device.class == "device" && device.deleted == Some(false)) {
            if let Some(pool) = companies.get(&device.site_id).and_then(|company| pools.get_mut(*company)) {
                pool.push(device);
            }
        }
        pools
            .iter_mut()
            .for_each(|pool: &mut Vec<&Device>| pool.sort_by_key(|device| device.category != Some("Server")));
        pools
    }

    /// Uid and name of the sites that stand for a company.
    pub(crate) fn sites_of_company(&self, company: usize) -> Vec<(String, String)> {
        let sites = self.sites.iter().filter(|site| site.company == Some(company));
        sites.map(|site| (site.uid.clone(), site.name.clone())).collect()
    }
}

impl Device {
    fn machine(&self) -> Machine<'_> {
        Machine {
            uid: &self.uid,
            site_id: self.site_id,
            hostname: &self.hostname,
            macs: &self.macs,
            serial: &self.serial,
            server: self.category == Some("Server"),
            twin_of: self.twin_of.as_deref(),
        }
    }
}
