//! The same report, client by client.

use std::collections::{BTreeMap, BTreeSet};

use datto_common::{Cause, ErrorKind, Measured, Missing, Timestamp};
use serde::Serialize;

use super::appliance::why_aside;
use super::figure::Aside;
use super::health::{BackupHealth, judge};
use super::policy::BackupPolicy;
use super::snapshot::{CustomerApplications, DeviceAssets, Snapshot};
use crate::ids::OrganizationId;

/// How the backups of one client stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClientHealth {
    /// Name of the client; `None` for what belongs to nobody.
    pub client: Option<String>,
    /// The reseller whose client it is, where there are several clients of this name.
    pub reseller: Option<String>,
    /// Its organization, where the service says.
    pub organization_id: Option<OrganizationId>,
    /// Its figures. Where a whole list is missing, they are no more known than those of the fleet.
    pub health: Measured<BackupHealth>,
}

/// What was read of one client: a part of a [`Snapshot`], not a copy.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ClientSnapshot<'a> {
    /// Name of the client; `None` for what belongs to nobody.
    pub client: Option<String>,
    /// The reseller whose client it is, where there are several clients of this name.
    pub reseller: Option<String>,
    /// Its organization, where the service says.
    pub organization_id: Option<OrganizationId>,
    /// Its appliances that are watched.
    pub devices: Measured<Vec<&'a DeviceAssets>>,
    /// Its customers of SaaS Protection.
    pub saas: Measured<Vec<&'a CustomerApplications>>,
}

impl ClientSnapshot<'_> {
    /// Judges what is the client's, as things stand at `now`.
    pub fn assess(&self, policy: &BackupPolicy, now: &Timestamp) -> Measured<BackupHealth> {
        judge(&self.devices, &self.saas, policy, now)
    }
}

/// Judges a snapshot client by client, in the order of their names: [`Snapshot::clients`].
pub fn by_client(snapshot: &Snapshot, policy: &BackupPolicy, now: &Timestamp) -> Measured<Vec<ClientHealth>> {
    let of = |part: ClientSnapshot<'_>| {
        let health = part.assess(policy, now);
        let ClientSnapshot { client, reseller, organization_id, .. } = part;
        ClientHealth { client, reseller, organization_id, health }
    };
    snapshot.clients().map(|clients| clients.into_iter().map(of).collect())
}

impl Snapshot {
    /// The snapshot client by client, in the order of their names.
    ///
    /// Appliances and SaaS customers are brought together by their organization, else by name, within their reseller. What has no organization and a
    /// name that several clients have is nobody's: it stands by itself, and each of those clients lacks it, since it may be theirs. A client
    /// appears if it has an appliance that is watched, or a SaaS customer, in what could be read; so the list is partial where a list was read in
    /// part, and unknown where neither could be read. What a whole list lacks, every client's part of it lacks.
    pub fn clients(&self) -> Measured<Vec<ClientSnapshot<'_>>> {
        if let (Measured::Unknown { cause }, Measured::Unknown { .. }) = (&self.devices, &self.saas) {
            return Measured::unknown(cause.clone());
        }
        let names = Names::of(self);
        let mut parts: BTreeMap<Key, Part<'_>> = BTreeMap::new();
        for entry in watched(self) {
            let owner = Owner::of_device(entry);
            names.part(&mut parts, &owner).devices.push(entry);
        }
        for entry in self.saas.value().into_iter().flatten() {
            let owner = Owner::of_customer(entry);
            names.part(&mut parts, &owner).saas.push(entry);
        }
        let doubts = names.doubts(&parts);
        let clients = parts.into_iter().map(|(key, part)| {
            let doubts = doubts.get(&key).cloned().unwrap_or_default();
            part.finish(self, doubts)
        });
        let mut clients: Vec<ClientSnapshot<'_>> = clients.collect();
        clients.sort_by(|a, b| order(a).cmp(&order(b)));
        let lacks = [lack("the list of appliances", &self.devices), lack("the list of SaaS customers", &self.saas)];
        Measured::from_parts(clients, lacks.into_iter().flatten().collect())
    }
}

fn order<'a>(client: &'a ClientSnapshot<'_>) -> impl Ord + 'a {
    (client.client.is_none(), &client.client, &client.reseller, &client.organization_id)
}

/// What a list lacks that may hold further clients.
fn lack<T>(what: &str, list: &Measured<Vec<T>>) -> Vec<Missing> {
    match list {
        Measured::Unknown { cause } => vec![Missing::new(what, cause.clone())],
        list => list.missing().to_vec(),
    }
}

fn watched(snapshot: &Snapshot) -> impl Iterator<Item = &DeviceAssets> {
    let devices = snapshot.devices.value().into_iter().flatten();
    devices.filter(|entry| !matches!(why_aside(entry), Some(Aside::Hidden | Aside::NeverSetUp)))
}

/// Whose something is, as far as it says.
#[derive(Debug, Clone, PartialEq)]
struct Owner<'a> {
    id: Option<&'a OrganizationId>,
    reseller: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Owner<'a> {
    fn of_device(entry: &'a DeviceAssets) -> Self {
        let device = &entry.device;
        let reseller = device.reseller_company_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        Self { id: known(device.organization_id.as_ref()), reseller, name: device.client_name() }
    }

    /// A customer of SaaS Protection does not say its reseller.
    fn of_customer(entry: &'a CustomerApplications) -> Self {
        let customer = &entry.customer;
        Self { id: known(customer.organization_id.as_ref()), reseller: None, name: customer.client_name() }
    }
}

fn known(id: Option<&OrganizationId>) -> Option<&OrganizationId> {
    id.filter(|id| !id.is_empty())
}

fn folded(name: Option<&str>) -> String {
    name.map(str::to_lowercase).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Id(String),
    /// Reseller and name.
    Name(String, String),
    /// Several clients have this name.
    Unattributed(String),
}

/// The clients of each name.
struct Names(BTreeMap<String, BTreeSet<(String, Option<OrganizationId>)>>);

impl Names {
    /// A client of an organization is that, whatever reseller a record names with it; one without is known by its reseller.
    fn of(snapshot: &Snapshot) -> Self {
        let mut names: BTreeMap<String, BTreeSet<(String, Option<OrganizationId>)>> = BTreeMap::new();
        let devices = watched(snapshot).map(Owner::of_device);
        let customers = snapshot.saas.value().into_iter().flatten().map(Owner::of_customer);
        for owner in devices.chain(customers).filter(|owner| owner.name.is_some()) {
            if owner.id.is_some() || owner.reseller.is_some() {
                let client = (folded(owner.reseller), owner.id.cloned());
                names.entry(folded(owner.name)).or_default().insert(client);
            }
        }
        Self(names)
    }

    /// The clients that this may belong to.
    fn candidates(&self, owner: &Owner<'_>) -> BTreeSet<Key> {
        let name = folded(owner.name);
        let clients = self.0.get(&name).into_iter().flatten();
        let reseller = folded(owner.reseller);
        let fits = |of: &str| reseller.is_empty() || of.is_empty() || *of == reseller;
        let fitting: Vec<_> = clients.filter(|(of, _)| fits(of)).collect();
        // A client with an organization may occur without it: under the same reseller both are one.
        let has_id = |of: &str| {
            fitting.iter().any(|(other, id)| id.is_some() && (other.is_empty() || of.is_empty() || other == of))
        };
        let keys = fitting.iter().filter_map(|(of, id)| match id {
            Some(id) => Some(Key::Id(id.to_string())),
            None if has_id(of) => None,
            None => Some(Key::Name(of.clone(), name.clone())),
        });
        keys.collect()
    }

    fn key(&self, owner: &Owner<'_>) -> Key {
        if let Some(id) = owner.id {
            return Key::Id(id.to_string());
        }
        let name = folded(owner.name);
        let mut candidates = self.candidates(owner);
        match (owner.name, candidates.len()) {
            (None, _) | (_, 0) => Key::Name(folded(owner.reseller), name),
            (_, 1) => candidates.pop_first().unwrap_or(Key::Unattributed(name)),
            _ => Key::Unattributed(name),
        }
    }

    fn part<'p, 'a>(&self, parts: &'p mut BTreeMap<Key, Part<'a>>, owner: &Owner<'a>) -> &'p mut Part<'a> {
        let name = folded(owner.name);
        let shared = owner.name.is_some() && self.0.get(&name).is_some_and(|clients| clients.len() > 1);
        let part = parts.entry(self.key(owner)).or_default();
        part.owner.name = part.owner.name.or(owner.name);
        part.owner.id = part.owner.id.or(owner.id);
        part.owner.reseller = part.owner.reseller.or(owner.reseller);
        part.is_shared_name |= shared;
        part
    }

    /// What each client may lack, because it may be another's of the same name.
    fn doubts(&self, parts: &BTreeMap<Key, Part<'_>>) -> BTreeMap<Key, Doubts> {
        let mut doubts: BTreeMap<Key, Doubts> = BTreeMap::new();
        for part in parts.iter().filter(|(key, _)| matches!(key, Key::Unattributed(_))).map(|(_, part)| part) {
            let missing = |what: String| {
                let message = "several clients have its name, and whose it is is not said";
                Missing::new(what, Cause::new(ErrorKind::NoData, message))
            };
            for entry in &part.devices {
                let lack = missing(format!("appliance {}", entry.device.serial_number));
                for key in self.candidates(&Owner::of_device(entry)) {
                    doubts.entry(key).or_default().devices.push(lack.clone());
                }
            }
            for entry in &part.saas {
                let lack = missing(format!("SaaS customer {}", entry.customer.saas_customer_id));
                for key in self.candidates(&Owner::of_customer(entry)) {
                    doubts.entry(key).or_default().saas.push(lack.clone());
                }
            }
        }
        doubts
    }
}

#[derive(Debug, Clone, Default)]
struct Doubts {
    devices: Vec<Missing>,
    saas: Vec<Missing>,
}

struct Part<'a> {
    owner: Owner<'a>,
    is_shared_name: bool,
    devices: Vec<&'a DeviceAssets>,
    saas: Vec<&'a CustomerApplications>,
}

impl Default for Part<'_> {
    fn default() -> Self {
        let owner = Owner { id: None, reseller: None, name: None };
        Self { owner, is_shared_name: false, devices: Vec::new(), saas: Vec::new() }
    }
}

impl<'a> Part<'a> {
    fn finish(self, of: &Snapshot, doubts: Doubts) -> ClientSnapshot<'a> {
        let Owner { id, reseller, name } = self.owner;
        ClientSnapshot {
            client: name.map(str::to_owned),
            reseller: reseller.filter(|_| self.is_shared_name).map(str::to_owned),
            organization_id: id.cloned(),
            devices: as_whole_as(&of.devices, self.devices).with_missing(doubts.devices),
            saas: as_whole_as(&of.saas, self.saas).with_missing(doubts.saas),
        }
    }
}

/// A part of a list is as whole as the list.
fn as_whole_as<T, U>(list: &Measured<Vec<T>>, part: Vec<U>) -> Measured<Vec<U>> {
    match list {
        Measured::Unknown { cause } => Measured::unknown(cause.clone()),
        list => Measured::from_parts(part, list.missing().to_vec()),
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

    fn clients(snapshot: &Snapshot) -> Vec<ClientHealth> {
        by_client(snapshot, &BackupPolicy::default(), &now()).into_value().unwrap()
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
        let clients = clients(&snapshot);
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
        assert!(
            by_client(&snapshot, &BackupPolicy::default(), &now()).known().is_none(),
            "there may be further clients"
        );
        let of_snapshot = clients(&snapshot);
        let health = of_snapshot[0].health.value().unwrap();
        assert!(health.saas_failed.value().is_none() && health.failed_backups.is_known());

        let snapshot = Snapshot::new(
            Measured::unknown(failed()),
            Measured::Known(vec![CustomerApplications::new(customer(1), Measured::Known(vec![usage(1, &[10, 10])]))]),
        );
        let of_snapshot = clients(&snapshot);
        assert!(of_snapshot[0].health.value().unwrap().failed_backups.value().is_none());

        let nothing = Snapshot::new(Measured::unknown(failed()), Measured::unknown(failed()));
        assert!(nothing.clients().value().is_none(), "no list is not a list of nobody");
    }

    fn under(serial: &str, reseller: &str, id: Option<i64>) -> DeviceAssets {
        let mut device = of(serial, "Acorn Dental", id);
        device.reseller_company_name = Some(reseller.into());
        DeviceAssets::new(device, Measured::Known(vec![backed_up("a", 60)]))
    }

    #[test]
    fn clients_of_one_name_are_kept_apart_by_their_reseller() {
        let devices = vec![under("D1", "North", None), under("D2", "South", None), under("D3", "north", None)];
        let snapshot = Snapshot::new(Measured::Known(devices), Measured::Known(vec![]));
        let clients = clients(&snapshot);
        let resellers: Vec<_> = clients.iter().map(|client| client.reseller.as_deref()).collect();
        assert_eq!(resellers, [Some("North"), Some("South")]);
        assert_eq!(failed_of(&clients, "Acorn Dental"), Some(2));
    }

    #[test]
    fn what_may_belong_to_two_clients_belongs_to_neither_and_both_say_so() {
        let domain: SaasDomain = read(json!({"saasCustomerId": 1, "saasCustomerName": "Acorn Dental", "seatsUsed": 9}));
        let saas = vec![CustomerApplications::new(domain, Measured::Known(vec![usage(1, &[9, 9])]))];
        let devices = vec![under("D1", "North", Some(17)), under("D2", "North", Some(18))];
        let snapshot = Snapshot::new(Measured::Known(devices), Measured::Known(saas));
        let clients = clients(&snapshot);
        assert_eq!(clients.len(), 3);
        for client in &clients {
            let figure = &client.health.value().unwrap().saas_failed;
            match &client.organization_id {
                None => assert_eq!(figure.known().map(|figure| figure.value), Some(1)),
                Some(_) => assert!(figure.to_string().contains("several clients have its name"), "{figure}"),
            }
        }
        // With one client of that name it is theirs.
        let devices = vec![under("D1", "North", Some(17)), under("D2", "North", None)];
        let one = Snapshot::new(Measured::Known(devices), snapshot.saas.clone());
        assert_eq!(super::by_client(&one, &BackupPolicy::default(), &now()).known().map(Vec::len), Some(1));
    }
}
