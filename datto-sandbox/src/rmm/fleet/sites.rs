//! The sites: three of the system, and the customers.

use super::account::variable;
use super::{Proxy, Site};
use crate::config::Config;
use crate::estate::{Company, company_of_site};
use crate::random::Random;
use crate::rmm::truth::RmmTruth;

/// The sites by their part in the account.
pub(super) struct Sites {
    pub(super) managed: Site,
    pub(super) on_demand: Site,
    pub(super) deleted: Site,
    pub(super) customers: Vec<Site>,
}

impl Sites {
    /// All of them, those of the system first.
    pub(super) fn into_list(self) -> Vec<Site> {
        let mut list = vec![self.managed, self.on_demand, self.deleted];
        list.extend(self.customers);
        list
    }
}

/// Makes the sites and records them.
pub(super) fn plant(config: &Config, count: usize, companies: &[Company], truth: &mut RmmTruth) -> Sites {
    let mut random = Random::new(config.seed, "rmm sites");
    let sites = Sites {
        managed: bare(100_001, random.guid(), "Managed"),
        on_demand: Site { on_demand: true, ..bare(100_002, random.guid(), "OnDemand") },
        deleted: bare(100_003, format!("{}-deleted", truth.account_uid), "Deleted Devices"),
        customers: (0..count).map(|index| customer(&mut random, index, companies)).collect(),
    };
    truth.managed_site.clone_from(&sites.managed.uid);
    truth.on_demand_site.clone_from(&sites.on_demand.uid);
    truth.deleted_devices_site.clone_from(&sites.deleted.uid);
    sites
}

fn bare(id: i64, uid: String, name: &str) -> Site {
    Site { id, uid, ..Site::bare(name) }
}

fn customer(random: &mut Random, index: usize, companies: &[Company]) -> Site {
    let id = 100_101 + index as i64;
    let (place, second) = company_of_site(index);
    let company = companies.get(place);
    let name = company.map(|company| company.name.as_str()).unwrap_or("Contoso");
    let name = if second { format!("{name} - Branch") } else { name.to_owned() };
    let proxy = Proxy {
        host: Some("proxy.example.com".to_owned()),
        port: Some(3_128),
        kind: Some(random.pick(&["http", "socks4", "socks5"]).to_owned()),
        username: Some("proxy".to_owned()),
        password: random.chance(50).then(|| "synthetic-password".to_owned()),
    };
    Site {
        description: random.chance(60).then(|| random.pick(&["", "Main office", "Branch", "Two floors"]).to_owned()),
        notes: random.chance(30).then(|| "Call before noon".to_owned()),
        splashtop: random.pick(&[None, Some(true), Some(false)]),
        proxy: random.chance(15).then_some(proxy),
        autotask: company.filter(|_| random.chance(50)).map(|company| (company.legal.clone(), company.id.to_string())),
        variables: vec![
            variable(id * 10, "siteCode", &random.hex(6), false),
            variable(id * 10 + 1, "wifiKey", "synthetic-wifi-key", true),
        ],
        recipients: (0..random.below(3))
            .map(|number| (format!("Contact {number}"), format!("contact{number}@customer{index}.example.com")))
            .collect(),
        networks: (0..random.below(3)).map(|_| random.between(1_000, 9_999)).collect(),
        company: Some(place),
        ..bare(id, random.guid(), &name)
    }
}
