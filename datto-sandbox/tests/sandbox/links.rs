//! Who is who across the products: the truth against what the three services serve.

use std::collections::{BTreeMap, BTreeSet};

use datto_sandbox::{ProtectionKind, Sandbox};
use serde_json::Value;

use crate::client::{Rmm, request};
use crate::pair::basic;

async fn bcdr(sandbox: &Sandbox, path: &str) -> Value {
    let url = format!("{}{path}", sandbox.bcdr_url());
    request("GET", &url, &[("authorization", &basic(&sandbox.bcdr_key()))], b"").await.expect("an answer").json()
}

/// All pages of a list of BCDR.
async fn pages(sandbox: &Sandbox, path: &str, array: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for page in 1.. {
        let answer = bcdr(sandbox, &format!("{path}?_page={page}&_perPage=100")).await;
        rows.extend(answer[array].as_array().unwrap().iter().cloned());
        if answer["pagination"]["totalPages"].as_u64().unwrap() <= page {
            break;
        }
    }
    rows
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn customers_stand_in_all_products_under_names_that_differ() {
    let rmm = Rmm::start(Sandbox::builder().devices(2_000).seed(5).workplace_customer_projects(6)).await;
    let links = rmm.sandbox.truth().links;
    let sites = rmm.read("/v2/account/sites").await;
    let sites: BTreeMap<String, String> =
        sites["sites"].as_array().unwrap().iter().map(|site| (text(&site["uid"]), text(&site["name"]))).collect();
    let agents = pages(&rmm.sandbox, "/bcdr/agent", "clients").await;
    let clients: BTreeMap<i64, String> =
        agents.iter().map(|row| (row["organizationId"].as_i64().unwrap(), text(&row["organizationName"]))).collect();
    let domains = bcdr(&rmm.sandbox, "/saas/domains").await;
    let tenants: BTreeMap<i64, String> = domains
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["saasCustomerId"].as_i64().unwrap(), text(&row["saasCustomerName"])))
        .collect();
    let (mut linked_sites, mut linked_clients, mut differing) = (BTreeSet::new(), BTreeSet::new(), 0);
    for company in &links.companies {
        for (uid, name) in &company.sites {
            assert_eq!(&sites[uid], name);
            assert!(linked_sites.insert(uid));
        }
        for (id, name) in &company.clients {
            assert_eq!(&clients[id], name);
            assert!(linked_clients.insert(*id));
            differing += usize::from(*name != company.sites[0].1);
        }
        assert!(company.saas_customers.iter().all(|(id, name)| tenants[id] == *name));
    }
    assert_eq!(linked_sites.len(), sites.len() - 3, "every site but those of the system");
    assert!(links.clients_without_site.iter().all(|id| linked_clients.insert(*id)));
    assert_eq!(linked_clients.len(), clients.len());
    let count = |wanted: &dyn Fn(&datto_sandbox::PlantedCompany) -> bool| {
        links.companies.iter().filter(|company| wanted(company)).count()
    };
    assert!(differing > 15, "{differing}");
    assert!(!links.clients_without_site.is_empty());
    assert!(count(&|company| company.sites.len() == 2) >= 2);
    assert!(count(&|company| company.clients.is_empty()) > 0);
    assert!(count(&|company| !company.saas_customers.is_empty()) > 5);
    assert_eq!(count(&|company| company.projects.len() == 1), 6);
    let psa: BTreeSet<String> = links.companies.iter().map(|company| company.name.clone()).collect();
    assert_eq!(psa.len(), links.companies.len());
}

#[tokio::test(start_paused = true)]
async fn machines_are_told_by_what_both_products_say() {
    let rmm = Rmm::start(Sandbox::builder().devices(1_500).seed(8).rate_limits(false)).await;
    let links = rmm.sandbox.truth().links;
    let mut served = BTreeMap::new();
    for device in pages(&rmm.sandbox, "/bcdr/device", "items").await {
        let serial = text(&device["serialNumber"]);
        for asset in pages(&rmm.sandbox, &format!("/bcdr/device/{serial}/asset/agent"), "items").await {
            served.insert((serial.clone(), text(&asset["volume"])), asset);
        }
    }
    let agents: Vec<_> = links.links.iter().filter(|link| link.kind == ProtectionKind::Agent).collect();
    assert_eq!(agents.len(), served.len());
    let mut evidence = BTreeMap::new();
    for link in agents {
        let asset = &served[&link.asset];
        assert_eq!((asset["isPaused"] == true, asset["isArchived"] == true), (link.paused, link.archived));
        let Some(uid) = &link.device_uid else { continue };
        let device = rmm.read(&format!("/v2/device/{uid}")).await;
        let audit = rmm.read(&format!("/v2/audit/device/{uid}")).await;
        let machine = &asset["protectedMachine"];
        let same_serial = machine["serial"].is_string() && machine["serial"] == audit["bios"]["serialNumber"];
        let addresses = audit["nics"].as_array().unwrap();
        let same_address =
            addresses.iter().any(|nic| text(&nic["macAddress"]).eq_ignore_ascii_case(&text(&machine["mac"])));
        let short = |name: &Value| text(name).split('.').next().unwrap_or_default().to_uppercase();
        let same_name = short(&asset["name"]) == short(&device["hostname"]);
        assert_eq!((same_serial, same_address, same_name), (link.same_serial, link.same_address, link.same_host_name));
        assert!(same_serial || same_address || same_name, "{asset} and {device}");
        *evidence.entry((same_serial, same_address, same_name)).or_insert(0) += 1;
    }
    assert!(evidence.len() >= 5, "machines are alike in many ways: {evidence:?}");
    assert!(links.links.iter().any(|link| link.device_uid.is_none()));
    for kind in [ProtectionKind::DirectToCloud, ProtectionKind::Pc] {
        assert!(links.links.iter().any(|link| link.kind == kind && link.device_uid.is_some()), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_lacks_a_backup_and_what_is_told_twice_is_known() {
    let rmm = Rmm::start(Sandbox::builder().devices(1_200).seed(2)).await;
    let links = rmm.sandbox.truth().links;
    let protected: BTreeSet<&String> =
        links.links.iter().filter(|link| !link.archived).filter_map(|link| link.device_uid.as_ref()).collect();
    assert!(!links.servers_without_backup.is_empty());
    for uid in &links.servers_without_backup {
        assert!(!protected.contains(uid));
        assert_eq!(rmm.read(&format!("/v2/device/{uid}")).await["deviceType"]["category"], "Server");
    }
    assert!(links.shared_host_names.iter().any(|name| name == "DC01"), "{:?}", links.shared_host_names);
    assert!(links.generic_serials.iter().any(|serial| serial.starts_with("To be filled")));
    let (older, newer) = links.doubled_devices.first().expect("a machine with two records").clone();
    let older = rmm.read(&format!("/v2/device/{older}")).await;
    let newer = rmm.read(&format!("/v2/device/{newer}")).await;
    assert_eq!((&older["hostname"], &older["siteUid"]), (&newer["hostname"], &newer["siteUid"]));
    assert_eq!(older["online"], false);
}
