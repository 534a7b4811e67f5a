//! What is billed, client by client.

use std::collections::{BTreeMap, HashSet};

use datto_common::{Cause, ErrorKind, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::clients::ClientSnapshot;
use super::endpoints::is_pc;
use super::snapshot::Snapshot;
use crate::StorageSize;
use crate::models::{AssetKind, DtcAsset};

/// What one client is billed for, as it stands when it was read: the services keep no past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientBill {
    /// The month: `2026-11`.
    pub month: String,
    /// Name of the client; `None` for what belongs to nobody.
    pub client: Option<String>,
    /// The reseller whose client it is, where there are several clients of this name.
    pub reseller: Option<String>,
    /// Appliances that are watched.
    pub appliances: Measured<u64>,
    /// Agents that are not archived.
    pub agents: Measured<u64>,
    /// Shares that are not archived.
    pub shares: Measured<u64>,
    /// Archived agents and shares: they are not backed up, and still take space.
    pub archived: Measured<u64>,
    /// Storage in use in the cloud, in bytes.
    pub offsite_bytes: Measured<u64>,
    /// Seats of SaaS Protection in use, by the list of customers; see [`SeatsOrCounts::billed`](crate::SeatsOrCounts::billed) for the same seat by seat.
    pub saas_seats: Measured<u64>,
    /// Servers of Direct-to-Cloud, and what does not say that it is a PC.
    pub dtc_servers: Measured<u64>,
    /// PCs of Direct-to-Cloud.
    pub dtc_pcs: Measured<u64>,
}

/// What each client is billed for, in the order of their names. The month is that of `now` on clocks that are so many seconds ahead of UTC.
///
/// A count is partial, a lower bound, where something of the client could not be read. Assets of Direct-to-Cloud go to the client of their name; one
/// that no list of the appliances knows has a line of its own.
pub fn bill(
    snapshot: &Snapshot,
    dtc: &Measured<Vec<DtcAsset>>,
    now: &Timestamp,
    seconds_ahead: i32,
) -> Measured<Vec<ClientBill>> {
    let month = Day::of(now.as_millis().unwrap_or(0), seconds_ahead).month();
    let mut by_name = dtc_by_name(dtc);
    snapshot.clients().map(|clients| {
        let mut bills: Vec<ClientBill> = clients
            .iter()
            .map(|client| {
                let theirs = by_name.remove(&folded(client.client.as_deref())).unwrap_or_default();
                of_client(&month, client, dtc, theirs)
            })
            .collect();
        let alone = by_name.into_values().map(|theirs| {
            let of_nobody = ClientSnapshot {
                client: theirs.name.clone(),
                reseller: None,
                organization_id: None,
                devices: snapshot.devices.as_ref().map(|_| Vec::new()),
                saas: snapshot.saas.as_ref().map(|_| Vec::new()),
            };
            of_client(&month, &of_nobody, dtc, theirs)
        });
        bills.extend(alone);
        bills.sort_by(|a, b| {
            (folded(a.client.as_deref()), &a.reseller).cmp(&(folded(b.client.as_deref()), &b.reseller))
        });
        bills
    })
}

/// The Direct-to-Cloud assets of a client.
#[derive(Debug, Default)]
struct Dtc {
    name: Option<String>,
    servers: u64,
    pcs: u64,
}

fn folded(name: Option<&str>) -> String {
    name.unwrap_or_default().trim().to_lowercase()
}

fn dtc_by_name(dtc: &Measured<Vec<DtcAsset>>) -> BTreeMap<String, Dtc> {
    let (mut by_name, mut seen) = (BTreeMap::<String, Dtc>::new(), HashSet::new());
    for asset in dtc.value().into_iter().flatten() {
        let id = asset.asset_uuid.as_str().to_ascii_lowercase();
        if id.is_empty() || seen.insert(id) {
            let name = asset.organization_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let theirs = by_name.entry(folded(name)).or_default();
            theirs.name = name.map(str::to_owned);
            *if is_pc(asset) { &mut theirs.pcs } else { &mut theirs.servers } += 1;
        }
    }
    by_name
}

fn of_client(month: &str, client: &ClientSnapshot<'_>, dtc: &Measured<Vec<DtcAsset>>, theirs: Dtc) -> ClientBill {
    let as_read = |count: u64| dtc.as_ref().map(|_| count);
    ClientBill {
        month: month.to_owned(),
        client: client.client.clone(),
        reseller: client.reseller.clone(),
        appliances: client.devices.as_ref().map(|devices| devices.len() as u64),
        agents: assets(client, |is_share, is_archived| !is_share && !is_archived),
        shares: assets(client, |is_share, is_archived| is_share && !is_archived),
        archived: assets(client, |_, is_archived| is_archived),
        offsite_bytes: offsite(client),
        saas_seats: seats(client),
        dtc_servers: as_read(theirs.servers),
        dtc_pcs: as_read(theirs.pcs),
    }
}

fn assets(client: &ClientSnapshot<'_>, counts: impl Fn(bool, bool) -> bool) -> Measured<u64> {
    sum(&client.devices, |device, missing| {
        let what = || crate::fleet::assets_of(&device.device);
        match &device.assets {
            Measured::Unknown { cause } => missing.push(Missing::new(what(), cause.clone())),
            assets => missing.extend_from_slice(assets.missing()),
        }
        let mut seen = HashSet::new();
        let assets = device.assets.value().into_iter().flatten();
        let each =
            assets.filter(|asset| asset.volume.is_empty() || seen.insert(asset.volume.as_str().to_ascii_lowercase()));
        each.filter(|asset| counts(asset.kind == Some(AssetKind::Share), asset.is_archived == Some(true))).count()
            as u64
    })
}

fn offsite(client: &ClientSnapshot<'_>) -> Measured<u64> {
    sum(&client.devices, |device, missing| {
        let bytes = device.device.offsite_storage_used.as_ref().and_then(StorageSize::bytes);
        bytes.unwrap_or_else(|| {
            let cause = Cause::new(ErrorKind::NoData, "the appliance does not say it with its unit");
            missing.push(Missing::new(format!("offsite storage of appliance {}", device.device.serial_number), cause));
            0
        })
    })
}

fn seats(client: &ClientSnapshot<'_>) -> Measured<u64> {
    sum(&client.saas, |customer, missing| {
        let used = customer.customer.seats_used.and_then(|used| u64::try_from(used).ok());
        used.unwrap_or_else(|| {
            let cause = Cause::new(ErrorKind::NoData, "the service does not say how many are used");
            missing.push(Missing::new(format!("seats of SaaS customer {}", customer.customer.saas_customer_id), cause));
            0
        })
    })
}

/// The sum over a list, which lacks what the list lacks.
fn sum<T>(list: &Measured<Vec<&T>>, count: impl Fn(&T, &mut Vec<Missing>) -> u64) -> Measured<u64> {
    let Some(records) = list.value() else {
        return list.cause().map_or_else(|| Measured::Known(0), |cause| Measured::unknown(cause.clone()));
    };
    let mut missing = list.missing().to_vec();
    let total = records.iter().map(|record| count(record, &mut missing)).fold(0, u64::saturating_add);
    Measured::from_parts(total, missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{asset, customer, device, failed, now, read};
    use crate::metrics::{CustomerApplications, DeviceAssets};
    use serde_json::json;

    #[test]
    fn each_client_is_billed_for_what_is_theirs() {
        let assets = vec![
            asset(json!({"volume": "a", "type": "agent"})),
            asset(json!({"volume": "A", "type": "agent"})),
            asset(json!({"volume": "b", "type": "share"})),
            asset(json!({"volume": "c", "type": "agent", "isArchived": true})),
        ];
        let mut unit = device("D1");
        unit.offsite_storage_used = Some(StorageSize::new(5, "KB"));
        let devices = vec![
            DeviceAssets::new(unit, Measured::Known(assets)),
            DeviceAssets::new(device("D2"), Measured::unknown(failed())),
        ];
        let mut seats = customer(1);
        seats.seats_used = Some(12);
        let saas = vec![CustomerApplications::new(seats, Measured::unknown(failed()))];
        let snapshot = Snapshot::new(Measured::Known(devices), Measured::Known(saas));
        let dtc = Measured::Known(vec![
            read(json!({"assetUuid": "1", "type": "server", "organizationName": "ACORN DENTAL "})),
            read(json!({"assetUuid": "1", "type": "server", "organizationName": "ACORN DENTAL "})),
            read(json!({"assetUuid": "2", "type": "laptop", "organizationName": "Zeta"})),
        ]);
        let bills = bill(&snapshot, &dtc, &now(), 0);
        let [acorn, zeta] = bills.value().unwrap().as_slice() else { panic!("{bills:?}") };
        assert_eq!((acorn.client.as_deref(), acorn.month.as_str()), (Some("Acorn Dental"), "2026-08"));
        assert_eq!(acorn.appliances, Measured::Known(2));
        for (count, shown) in [
            (&acorn.agents, "at least 1"),
            (&acorn.shares, "at least 1"),
            (&acorn.archived, "at least 1"),
            (&acorn.offsite_bytes, "at least 5120"),
            (&acorn.saas_seats, "12"),
            (&acorn.dtc_servers, "1"),
            (&acorn.dtc_pcs, "0"),
            (&zeta.dtc_pcs, "1"),
            (&zeta.agents, "0"),
        ] {
            assert_eq!(count.to_string(), shown);
        }
        let unread = bill(&snapshot, &Measured::unknown(failed()), &now(), 0);
        assert!(unread.value().unwrap()[0].dtc_servers.value().is_none());
    }
}
