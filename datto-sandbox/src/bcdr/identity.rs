//! By what a protected machine is told, as the backup products tell it.

use super::World;
use super::fleet::Client;
use crate::links::{LinkTruth, ProtectionKind};
use crate::random::Random;
use crate::rmm::{Account, Device};

/// How a backup product knows a machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    pub(crate) hostname: String,
    /// Twelve hexadecimal digits in lower case.
    pub(crate) mac: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) os: Option<String>,
    /// The device of RMM that it is.
    pub(crate) device_uid: Option<String>,
}

/// Something that backs a machine up, as it is told from others.
#[derive(Debug, Clone)]
pub(crate) struct Protection<'a> {
    pub(crate) kind: ProtectionKind,
    pub(crate) asset: (String, String),
    pub(crate) device_uid: Option<&'a str>,
    pub(crate) serial: Option<&'a str>,
    pub(crate) mac: Option<&'a str>,
    pub(crate) hostname: &'a str,
    pub(crate) paused: bool,
    pub(crate) archived: bool,
}

/// The machines of RMM that wait to be backed up.
#[derive(Debug)]
pub(crate) struct Pools<'a> {
    pools: Vec<Vec<&'a Device>>,
    random: Random,
}

impl<'a> Pools<'a> {
    pub(crate) fn new(seed: u64, account: &'a Account) -> Self {
        let mut pools = account.pools();
        // Taken from the end.
        pools.iter_mut().for_each(|pool| pool.reverse());
        Self { pools, random: Random::new(seed, "bcdr identities") }
    }

    /// A machine of a client: one that RMM has, or one that it has not.
    pub(crate) fn identity(&mut self, client: &Client, hostname: &str) -> Identity {
        let pool = client.company.and_then(|company| self.pools.get_mut(company));
        let device = pool.filter(|_| self.random.chance(80)).and_then(|pool| {
            // Now and then a machine is backed up twice: its old agent was never taken away.
            if self.random.chance(4) { pool.last().copied() } else { pool.pop() }
        });
        match device {
            Some(device) => self.of(device),
            None => self.alone(hostname),
        }
    }

    fn of(&mut self, device: &Device) -> Identity {
        let random = &mut self.random;
        let (renamed, new_board) = (random.chance(4), random.chance(3));
        let name = if renamed { format!("OLD-{}", random.between(1, 99)) } else { device.hostname.clone() };
        let hostname = match (random.below(4), &device.domain) {
            (0, _) => name,
            (1, _) | (_, None) => name.to_lowercase(),
            (_, Some(domain)) => format!("{}.{domain}", name.to_lowercase()),
        };
        // One sign at least is left by which it can be told.
        let (no_serial, no_mac) = (random.chance(30), random.chance(10));
        let board = random.hex(8).to_uppercase();
        let old_mac = format!("02005e{}", random.hex(6));
        let mac = device.macs.first().map(|mac| mac.to_lowercase());
        Identity {
            hostname,
            mac: if new_board && !renamed { Some(old_mac) } else { mac.filter(|_| renamed || !no_mac) },
            serial: if new_board && !renamed {
                Some(format!("SN{board}"))
            } else {
                (renamed || !no_serial).then(|| device.serial.clone())
            },
            os: device.system.map(|system| system.trim_start_matches("Microsoft ").to_owned()),
            device_uid: Some(device.uid.clone()),
        }
    }

    fn alone(&mut self, hostname: &str) -> Identity {
        let random = &mut self.random;
        Identity {
            hostname: hostname.to_owned(),
            mac: Some(format!("02005e{}", random.hex(6))),
            serial: (!random.chance(30)).then(|| format!("SN{}", random.hex(8).to_uppercase())),
            os: None,
            device_uid: None,
        }
    }
}

impl Identity {
    fn protection(&self, kind: ProtectionKind, asset: (String, String)) -> Protection<'_> {
        Protection {
            kind,
            asset,
            device_uid: self.device_uid.as_deref(),
            serial: self.serial.as_deref(),
            mac: self.mac.as_deref(),
            hostname: &self.hostname,
            paused: false,
            archived: false,
        }
    }
}

impl World {
    /// Everything that backs a machine up.
    pub(super) fn protections(&self) -> Vec<Protection<'_>> {
        let mut protections = Vec::new();
        for appliance in &self.appliances {
            for asset in appliance.assets.iter().filter(|asset| !asset.share) {
                let place = (appliance.serial.clone(), asset.volume.clone());
                protections.push(Protection {
                    paused: asset.story.paused,
                    archived: asset.story.archived,
                    ..asset.identity.protection(ProtectionKind::Agent, place)
                });
            }
        }
        for asset in &self.dtc_assets {
            let place = (asset.client.id.to_string(), asset.uuid.clone());
            protections.push(asset.identity.protection(ProtectionKind::DirectToCloud, place));
        }
        for client in &self.clients {
            for pc in &client.pcs {
                let place = (client.id.to_string(), pc.uuid.clone());
                protections.push(pc.identity.protection(ProtectionKind::Pc, place));
            }
        }
        protections
    }

    /// Adds the clients and the customers of SaaS Protection to the companies that they are.
    pub(super) fn link_clients(&self, links: &mut LinkTruth) {
        for client in &self.clients {
            match client.company.and_then(|company| links.companies.get_mut(company)) {
                Some(company) => company.clients.push((client.id, client.name.clone())),
                None => links.clients_without_site.push(client.id),
            }
        }
        for customer in &self.customers {
            if let Some(company) = customer.client.company.and_then(|company| links.companies.get_mut(company)) {
                company.saas_customers.push((customer.id, customer.name.clone()));
            }
        }
    }
}
