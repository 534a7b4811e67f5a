//! Who is who across the products: the truth that no product tells.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::bcdr::Protection;
use crate::rmm::Machine;

/// A customer, by whatever name a product has for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlantedCompany {
    /// Its id in the provider's own books, which RMM sites may carry as `autotaskCompanyId`.
    pub id: i64,
    /// Its name in the provider's own books, with its legal form.
    pub name: String,
    /// What people call it.
    pub short_name: String,
    /// Its domains on the internet.
    pub domains: Vec<String>,
    /// Its RMM sites, uid and name.
    pub sites: Vec<(String, String)>,
    /// Its clients in the backup portal, id and name.
    pub clients: Vec<(i64, String)>,
    /// Its customers of SaaS Protection, id and name.
    pub saas_customers: Vec<(i64, String)>,
    /// Its Workplace projects, id and name.
    pub projects: Vec<(i64, String)>,
}

/// What backs a machine up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProtectionKind {
    /// An agent on an appliance.
    #[default]
    Agent,
    /// An agent of Direct-to-Cloud.
    DirectToCloud,
    /// An agent of Endpoint Backup for PCs.
    Pc,
}

/// Something that backs a machine up, and the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlantedLink {
    /// What kind of protection it is.
    pub kind: ProtectionKind,
    /// Its place: serial number of the appliance and volume of an agent, client id and asset uuid of Direct-to-Cloud,
    /// client id and agent uuid of a PC.
    pub asset: (String, String),
    /// The uid of the RMM device; `None` if RMM does not have the machine.
    pub device_uid: Option<String>,
    /// Whether both tell the same serial number, which may be one that many machines have.
    pub same_serial: bool,
    /// Whether the protection tells a hardware address that the device has.
    pub same_address: bool,
    /// Whether the host names agree, case and domain left aside.
    pub same_host_name: bool,
    /// Whether the protection is paused.
    pub paused: bool,
    /// Whether the protection is archived: it backs nothing up any more.
    pub archived: bool,
}

/// Who is who across the products.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LinkTruth {
    /// Every customer that an RMM site stands for.
    pub companies: Vec<PlantedCompany>,
    /// Clients of the backup portal that no RMM site stands for.
    pub clients_without_site: Vec<i64>,
    /// Every agent, Direct-to-Cloud asset and PC agent.
    pub links: Vec<PlantedLink>,
    /// RMM devices that are servers, not deleted, with nothing that backs them up; one whose protection is archived is
    /// among them, one whose protection is paused is not.
    pub servers_without_backup: Vec<String>,
    /// Pairs of RMM devices that are one machine: the older record and the newer.
    pub doubled_devices: Vec<(String, String)>,
    /// Host names that machines of several customers have, in capitals.
    pub shared_host_names: Vec<String>,
    /// Serial numbers that several machines have.
    pub generic_serials: Vec<String>,
}

impl LinkTruth {
    /// Tells links, gaps and doubles from the machines of RMM and from what protects them.
    pub(crate) fn of_machines(&mut self, machines: &[Machine<'_>], protections: &[Protection<'_>]) {
        let by_uid: BTreeMap<&str, &Machine<'_>> = machines.iter().map(|machine| (machine.uid, machine)).collect();
        for protection in protections {
            let machine = protection.device_uid.and_then(|uid| by_uid.get(uid));
            self.links.push(link(protection, machine.copied()));
        }
        let active = self.links.iter().filter(|link| !link.archived);
        let protected: BTreeSet<&str> = active.filter_map(|link| link.device_uid.as_deref()).collect();
        let bare = machines.iter().filter(|machine| machine.server && !protected.contains(machine.uid));
        self.servers_without_backup = bare.map(|machine| machine.uid.to_owned()).collect();
        let mut names: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        let mut serials: BTreeMap<&str, usize> = BTreeMap::new();
        for machine in machines {
            names.entry(short(machine.hostname)).or_default().insert(machine.site_id);
            if let Some(older) = machine.twin_of {
                self.doubled_devices.push((older.to_owned(), machine.uid.to_owned()));
            } else {
                *serials.entry(machine.serial).or_default() += 1;
            }
        }
        self.shared_host_names = names.into_iter().filter(|(_, sites)| sites.len() > 1).map(|(name, _)| name).collect();
        let generic = serials.into_iter().filter(|(_, count)| *count > 1);
        self.generic_serials = generic.map(|(serial, _)| serial.to_owned()).collect();
    }
}

fn link(protection: &Protection<'_>, machine: Option<&Machine<'_>>) -> PlantedLink {
    let address =
        |mac: &str| machine.is_some_and(|machine| machine.macs.iter().any(|known| known.eq_ignore_ascii_case(mac)));
    PlantedLink {
        kind: protection.kind,
        asset: protection.asset.clone(),
        device_uid: protection.device_uid.filter(|_| machine.is_some()).map(str::to_owned),
        same_serial: protection.serial.is_some_and(|serial| machine.is_some_and(|machine| machine.serial == serial)),
        same_address: protection.mac.is_some_and(address),
        same_host_name: machine.is_some_and(|machine| short(machine.hostname) == short(protection.hostname)),
        paused: protection.paused,
        archived: protection.archived,
    }
}

/// A host name without its domain, in capitals.
fn short(hostname: &str) -> String {
    hostname.split('.').next().unwrap_or_default().to_uppercase()
}
