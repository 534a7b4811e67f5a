//! The places of each product, read by its client.

use super::place::{Place, PlaceKind, Places};

#[cfg(feature = "bcdr")]
pub use bcdr::{backup_clients, backup_clients_of, saas_organisations, saas_organisations_of};
#[cfg(feature = "rmm")]
pub use rmm::{rmm_sites, rmm_sites_of};
#[cfg(feature = "workplace")]
pub use workplace::{workplace_projects, workplace_projects_of};

#[cfg(feature = "rmm")]
mod rmm {
    use datto_rmm::{RmmClient, Site, SiteKind};

    use super::super::company::System;
    use super::{Place, PlaceKind, Places};

    /// The customers' sites of an account. The sites of the system ("Managed", "OnDemand", "Deleted Devices") are nobody's, and are left out.
    ///
    /// `GET /v2/account/sites` · read · official
    pub async fn rmm_sites(rmm: &RmmClient) -> Places {
        let sites = rmm.sites().list().collect_measured().await;
        Places::new(PlaceKind::RmmSite, sites.map(|sites| rmm_sites_of(&sites)))
    }

    /// The customers' sites among these.
    pub fn rmm_sites_of(sites: &[Site]) -> Vec<Place> {
        sites.iter().filter_map(place).collect()
    }

    fn place(site: &Site) -> Option<Place> {
        let name = site.name.as_deref().unwrap_or_default().trim();
        let system = ["managed", "ondemand", "deleted devices"].contains(&name.to_lowercase().as_str());
        if site.kind() != SiteKind::Customer || system {
            return None;
        }
        let mut place = Place::new(PlaceKind::RmmSite, site.uid.as_str(), name);
        if let Some(id) = site.autotask_company_id.as_deref().map(str::trim).filter(|id| !id.is_empty() && *id != "0") {
            place = place.known_id(System::autotask(), id);
        }
        match site.autotask_company_name.as_deref().map(str::trim) {
            Some(other) if !other.is_empty() && other != name => Some(place.also_named(other)),
            _ => Some(place),
        }
    }
}

#[cfg(feature = "bcdr")]
mod bcdr {
    use std::collections::BTreeMap;

    use datto_bcdr::{BcdrClient, BcdrClientAgents, Device, DtcAsset, Measured, Missing, SaasDomain};
    use futures_util::future::join3;

    use super::super::company::System;
    use super::super::normal::fold;
    use super::{Place, PlaceKind, Places};

    /// The clients of the backup portal: those that own an appliance, a Direct-to-Cloud asset or PC agents. There is no list of clients, so a client
    /// without any of them is not seen.
    ///
    /// `GET /bcdr/device`, `/dtc/assets`, `/bcdr/agent` · read
    pub async fn backup_clients(bcdr: &BcdrClient) -> Places {
        let (devices, agents, assets) = join3(
            bcdr.devices().list().collect_measured(),
            bcdr.agents().list().collect_measured(),
            bcdr.dtc().assets().collect_measured(),
        )
        .await;
        let mut missing = Vec::new();
        lacks(&devices, "appliances", &mut missing);
        lacks(&agents, "PC agents", &mut missing);
        lacks(&assets, "Direct-to-Cloud assets", &mut missing);
        let clients = backup_clients_of(of(&devices), of(&agents), of(&assets));
        let list = match (&devices, &agents, &assets) {
            (Measured::Unknown { cause }, Measured::Unknown { .. }, Measured::Unknown { .. }) => {
                Measured::unknown(cause.clone())
            }
            _ => Measured::from_parts(clients, missing),
        };
        Places::new(PlaceKind::BackupClient, list)
    }

    fn of<T>(read: &Measured<Vec<T>>) -> &[T] {
        read.value().map_or(&[], Vec::as_slice)
    }

    fn lacks<T>(read: &Measured<Vec<T>>, what: &str, missing: &mut Vec<Missing>) {
        match read {
            Measured::Unknown { cause } => missing.push(Missing::new(what, cause.clone())),
            read => missing.extend_from_slice(read.missing()),
        }
    }

    /// The clients that these belong to, each once.
    pub fn backup_clients_of(devices: &[Device], agents: &[BcdrClientAgents], assets: &[DtcAsset]) -> Vec<Place> {
        let mut clients = Clients::default();
        for device in devices.iter().filter(|device| !device.is_unconfigured()) {
            let id = device.organization_id.as_ref().map(|id| id.as_str());
            clients.add(id, [device.client_company_name.as_deref(), device.organization_name.as_deref()]);
        }
        for client in agents.iter().filter(|client| client.agents.as_ref().is_some_and(|agents| !agents.is_empty())) {
            let id = client.organization_id.as_ref().map(|id| id.as_str());
            clients.add(id, [client.client_name.as_deref(), client.organization_name.as_deref()]);
        }
        for asset in assets {
            let id = asset.organization_id.as_ref().map(|id| id.as_str());
            clients.add(id, [asset.organization_name.as_deref(), None]);
        }
        clients.places.into_values().collect()
    }

    /// Places by their id; an owner without an organization is known by name alone.
    #[derive(Default)]
    struct Clients {
        places: BTreeMap<String, Place>,
    }

    impl Clients {
        fn add(&mut self, organization: Option<&str>, names: [Option<&str>; 2]) {
            let mut names = names.into_iter().flatten().map(str::trim).filter(|name| !name.is_empty());
            let organization = organization.filter(|id| !id.is_empty());
            let first = names.next().unwrap_or_default();
            let id = match organization {
                Some(id) => id.to_owned(),
                None if first.is_empty() => return,
                None => super::super::client_without_organization(&fold(first)),
            };
            let place = self.places.entry(id.clone()).or_insert_with(|| {
                let place = Place::new(PlaceKind::BackupClient, id, first);
                match organization {
                    Some(id) => place.known_id(System::datto_organization(), id),
                    None => place,
                }
            });
            for name in std::iter::once(first).chain(names) {
                if place.name.is_empty() {
                    place.name = name.to_owned();
                } else if place.name != name
                    && !name.is_empty()
                    && !place.further_names.iter().any(|other| other == name)
                {
                    place.further_names.push(name.to_owned());
                }
            }
        }
    }

    /// The customers of SaaS Protection.
    ///
    /// `GET /saas/domains` · read · observed
    pub async fn saas_organisations(bcdr: &BcdrClient) -> Places {
        let domains: Measured<Vec<SaasDomain>> = bcdr.saas().domains().send().await.into();
        Places::new(PlaceKind::SaasOrganisation, domains.map(|domains| saas_organisations_of(&domains)))
    }

    /// The customers that these domains belong to, each once.
    pub fn saas_organisations_of(domains: &[SaasDomain]) -> Vec<Place> {
        let mut places: BTreeMap<&str, Place> = BTreeMap::new();
        for domain in domains.iter().filter(|domain| !domain.saas_customer_id.is_empty()) {
            let id = domain.saas_customer_id.as_str();
            let name = domain.saas_customer_name.as_deref().map(str::trim).unwrap_or_default();
            let place = places.entry(id).or_insert_with(|| Place::new(PlaceKind::SaasOrganisation, id, name));
            if let Some(organization) = domain.organization_id.as_ref().filter(|id| !id.is_empty()) {
                place.known_ids.insert(System::datto_organization(), organization.to_string());
            }
            let owner = domain.organization_name.as_deref().map(str::trim).filter(|other| !other.is_empty());
            if let Some(other) = owner {
                if place.name.is_empty() {
                    place.name = other.to_owned();
                } else if place.name != other && !place.further_names.iter().any(|known| known == other) {
                    place.further_names.push(other.to_owned());
                }
            }
            place.domains.extend(domain.domain.clone().filter(|domain| !domain.is_empty()));
        }
        places.into_values().collect()
    }
}

#[cfg(feature = "workplace")]
mod workplace {
    use datto_workplace::{Item, Measured, WorkplaceClient};

    use super::{Place, PlaceKind, Places};

    /// The projects that are shared with the integration.
    ///
    /// `GET /file/projects` · read · observed
    pub async fn workplace_projects(files: &WorkplaceClient) -> Places {
        let projects: Measured<Vec<Item>> = files.projects().list().send().await.into();
        Places::new(PlaceKind::WorkplaceProject, projects.map(|projects| workplace_projects_of(&projects)))
    }

    /// These projects as places.
    pub fn workplace_projects_of(projects: &[Item]) -> Vec<Place> {
        let named = projects.iter().filter(|project| !project.id.is_empty());
        named
            .map(|project| {
                Place::new(PlaceKind::WorkplaceProject, project.id.as_str(), project.name.clone().unwrap_or_default())
            })
            .collect()
    }
}
