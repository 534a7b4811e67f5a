//! The same report, client by client.

use std::collections::BTreeMap;

use datto_common::{Measured, Timestamp};
use serde::Serialize;

use super::appliance::is_watched;
use super::health::{BackupHealth, assess};
use super::policy::BackupPolicy;
use super::snapshot::{CustomerApplications, DeviceAssets, Snapshot};
use crate::ids::OrganizationId;

/// How the backups of one client stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClientHealth {
    /// Name of the client; `None` for what belongs to nobody.
    pub client: Option<String>,
    /// Its organization, where the service says.
    pub organization_id: Option<OrganizationId>,
    /// Its figures. Where a whole list is missing, they are no more known than those of the fleet.
    pub health: Measured<BackupHealth>,
}

/// What was read of one client.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ClientSnapshot {
    /// Name of the client; `None` for what belongs to nobody.
    pub client: Option<String>,
    /// Its organization, where the service says.
    pub organization_id: Option<OrganizationId>,
    /// Its appliances and SaaS customers.
    pub snapshot: Snapshot,
}

/// Judges a snapshot client by client, in the order of their names.
pub fn by_client(snapshot: &Snapshot, policy: &BackupPolicy, now: &Timestamp) -> Vec<ClientHealth> {
    let judged = snapshot.clients().into_iter().map(|part| {
        let health = assess(&part.snapshot, policy, now);
        ClientHealth { client: part.client, organization_id: part.organization_id, health }
    });
    judged.collect()
}

impl Snapshot {
    /// The snapshot client by client, in the order of their names.
    ///
    /// Appliances and SaaS customers are brought together by their organization, else by name. A client appears if it has an appliance that is
    /// watched, or a SaaS customer, in what could be read. What a whole list lacks, every client's part of it lacks: it may be theirs.
    pub fn clients(&self) -> Vec<ClientSnapshot> {
        let mut parts: BTreeMap<Key, Part> = BTreeMap::new();
        let ids = Ids::of(self);
        for entry in self.devices.value().into_iter().flatten().filter(|entry| is_watched(&entry.device)) {
            let device = &entry.device;
            ids.part(&mut parts, device.organization_id.as_ref(), device.client_name()).devices.push(entry.clone());
        }
        for entry in self.saas.value().into_iter().flatten() {
            let customer = &entry.customer;
            ids.part(&mut parts, customer.organization_id.as_ref(), customer.client_name()).saas.push(entry.clone());
        }
        let of_part = |part: Part| {
            let devices = self.devices.as_ref().map(|_| part.devices);
            let saas = self.saas.as_ref().map(|_| part.saas);
            ClientSnapshot { client: part.name, organization_id: part.id, snapshot: Snapshot::new(devices, saas) }
        };
        let mut clients: Vec<ClientSnapshot> = parts.into_values().map(of_part).collect();
        clients.sort_by(|a, b| (a.client.is_none(), &a.client).cmp(&(b.client.is_none(), &b.client)));
        clients
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Id(String),
    Name(String),
}

#[derive(Default)]
struct Part {
    name: Option<String>,
    id: Option<OrganizationId>,
    devices: Vec<DeviceAssets>,
    saas: Vec<CustomerApplications>,
}

/// The organizations of names that occur with an id somewhere.
struct Ids(BTreeMap<String, OrganizationId>);

impl Ids {
    fn of(snapshot: &Snapshot) -> Self {
        let devices = snapshot.devices.value().into_iter().flatten().map(|entry| &entry.device);
        let customers = snapshot.saas.value().into_iter().flatten().map(|entry| &entry.customer);
        let named = devices
            .map(|device| (device.client_name(), &device.organization_id))
            .chain(customers.map(|customer| (customer.client_name(), &customer.organization_id)));
        Self(
            named
                .filter_map(|(name, id)| Some((name?.to_lowercase(), id.clone().filter(|id| !id.is_empty())?)))
                .collect(),
        )
    }

    fn part<'a>(
        &self,
        parts: &'a mut BTreeMap<Key, Part>,
        id: Option<&OrganizationId>,
        name: Option<&str>,
    ) -> &'a mut Part {
        let folded = name.map(str::to_lowercase).unwrap_or_default();
        let id = id.filter(|id| !id.is_empty()).or_else(|| self.0.get(&folded));
        let key = id.map_or(Key::Name(folded), |id| Key::Id(id.to_string()));
        let part = parts.entry(key).or_default();
        part.name = part.name.take().or_else(|| name.map(str::to_owned));
        part.id = part.id.take().or_else(|| id.cloned());
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{backed_up, customer, device, failed, now, read, usage};
    use crate::models::{Device, SaasDomain};
    use serde_json::json;

    fn of(serial: &str, client: &str, id: Option<i64>) -> Device {
        read(json!({"serialNumber": serial, "clientCompanyName": client, "organizationId": id, "lastSeenDate": now()}))
    }

    fn failed_of(clients: &[ClientHealth], name: &str) -> Option<u64> {
        let client = clients.iter().find(|client| client.client.as_deref() == Some(name)).unwrap();
        client.health.value().unwrap().failed_backups.known().map(|figure| figure.value)
    }

    #[test]
    fn appliances_and_saas_customers_of_a_client_come_together() {
        let domain: SaasDomain =
            read(json!({"saasCustomerId": 1, "organizationName": "acorn dental ", "organizationId": 17}));
        let snapshot = Snapshot::new(
            Measured::Known(vec![
                DeviceAssets::new(of("D1", "Acorn Dental", None), Measured::Known(vec![backed_up("a", 60)])),
                DeviceAssets::new(of("D2", "Birch", Some(18)), Measured::Known(vec![backed_up("b", 1)])),
                DeviceAssets::new(
                    of("D3", "Birch Ltd", Some(18)),
                    Measured::Known(vec![backed_up("c", 60), backed_up("d", 60)]),
                ),
                DeviceAssets::new(of("D4", " ", None), Measured::Known(vec![])),
            ]),
            Measured::Known(vec![CustomerApplications::new(domain, Measured::Known(vec![usage(1, &[9, 9])]))]),
        );
        let clients = by_client(&snapshot, &BackupPolicy::default(), &now());
        let names: Vec<_> = clients.iter().map(|client| client.client.as_deref()).collect();
        assert_eq!(names, [Some("Acorn Dental"), Some("Birch"), None]);
        assert_eq!((failed_of(&clients, "Acorn Dental"), failed_of(&clients, "Birch")), (Some(1), Some(2)));
        let saas = clients[0].health.value().unwrap().saas_failed.known().unwrap();
        assert_eq!((saas.value, clients[0].organization_id.as_ref().unwrap().as_i64()), (1, Some(17)));
    }

    #[test]
    fn what_a_whole_list_lacks_every_client_lacks() {
        let snapshot = Snapshot::new(
            Measured::Known(vec![DeviceAssets::new(device("D1"), Measured::Known(vec![backed_up("a", 60)]))]),
            Measured::unknown(failed()),
        );
        let clients = by_client(&snapshot, &BackupPolicy::default(), &now());
        let health = clients[0].health.value().unwrap();
        assert!(health.saas_failed.value().is_none() && health.failed_backups.is_known());

        let snapshot = Snapshot::new(
            Measured::unknown(failed()),
            Measured::Known(vec![CustomerApplications::new(customer(1), Measured::Known(vec![usage(1, &[10, 10])]))]),
        );
        let clients = by_client(&snapshot, &BackupPolicy::default(), &now());
        assert!(clients[0].health.value().unwrap().failed_backups.value().is_none());
    }
}
