//! The places of each product, as the sandbox has them.
// A test fails by panicking, and so do its helpers.
#![cfg(all(feature = "rmm", feature = "bcdr", feature = "workplace"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use datto::bcdr::BcdrClient;
use datto::directory::{
    Company, Directory, MatchPolicy, PlaceKind, backup_clients, rmm_sites, saas_organisations, workplace_projects,
};
use datto::rmm::RmmClient;
use datto::workplace::WorkplaceClient;
use datto::{Measured, Timestamp};
use datto_sandbox::{Fault, Product, Sandbox};

#[tokio::test]
async fn every_place_but_those_of_the_system_is_read_and_a_failed_read_is_no_empty_list() {
    let sandbox = Sandbox::builder().devices(200).seed(11).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    let (key, secret) = sandbox.bcdr_key();
    let bcdr = BcdrClient::builder().url(sandbox.bcdr_url()).api_key(key, secret).build().unwrap();
    let (id, secret) = sandbox.workplace_key();
    let files = WorkplaceClient::builder().endpoint(sandbox.workplace_url()).credentials(id, secret).build().unwrap();

    let sites = rmm_sites(&rmm).await;
    let Measured::Known(list) = &sites.list else { panic!("{:?}", sites.list) };
    assert_eq!(list.len(), sandbox.truth().rmm.total_sites - 3, "the three of the system are no customers");

    let (clients, saas, projects) =
        (backup_clients(&bcdr).await, saas_organisations(&bcdr).await, workplace_projects(&files).await);
    for places in [&clients, &saas, &projects] {
        assert!(places.list.value().is_some_and(|list| !list.is_empty()), "{:?}", places.list);
    }
    let companies: Vec<Company> =
        list.iter().map(|site| Company::new(site.key.id.clone(), site.name.clone())).collect();
    let mut directory = Directory::default();
    directory.refresh(
        &companies,
        &[sites.clone(), clients, saas, projects],
        &MatchPolicy::default(),
        &Timestamp::now(),
    );
    let of_sites = directory.summary().kinds[&PlaceKind::RmmSite];
    assert_eq!(of_sites.linked, of_sites.all, "every site has the name of its company");

    sandbox.inject(Fault::status(503).product(Product::Rmm).path_contains("/sites").always());
    let failed = rmm_sites(&rmm).await;
    assert!(failed.list.known().is_none());
    let drift = directory.refresh(&companies, &[failed], &MatchPolicy::default(), &Timestamp::now());
    assert!(drift.changes.is_empty() && !drift.missing.is_empty(), "{drift}");
}
