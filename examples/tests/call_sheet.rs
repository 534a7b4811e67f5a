//! The shape of the calls as it is promised: it has to compile, and to run on the sandbox.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::time::Duration;

use datto_bcdr::{Asset, BcdrClient, Device as Appliance, SaasDomain, SaasSeat};
use datto_common::Effect;
use datto_rmm::metrics::FleetSummary;
use datto_rmm::{Account, Device, DeviceUid, Measured, Method, Page, Pager, Platform, QuickJob, RmmClient};
use datto_sandbox::{Fault, Sandbox};
use datto_workplace::{Item, Upload, WorkplaceClient};

async fn sandbox() -> Sandbox {
    Sandbox::builder().devices(120).seed(7).start().await.unwrap()
}

#[test]
fn clients_are_built_without_a_runtime() {
    RmmClient::builder().platform(Platform::Merlot).api_key("key", "secret").build().unwrap();
    RmmClient::builder().url("https://vidal-rmm.centrastage.net").api_key("key", "secret").build().unwrap();
    BcdrClient::builder().api_key("public", "secret").build().unwrap();
    WorkplaceClient::builder()
        .endpoint("https://us.workplace.datto.com/5/api/v1")
        .credentials("id", "secret")
        .build()
        .unwrap();
    assert!(RmmClient::from_vars(|_| None).is_err());
    assert!(BcdrClient::from_vars(|_| None).is_err());
    assert!(WorkplaceClient::from_vars(|_| None).is_err());
}

#[tokio::test(start_paused = true)]
async fn rmm() -> datto_rmm::Result<()> {
    let sandbox = sandbox().await;
    let (key, secret) = sandbox.rmm_key();
    let rmm =
        RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).timeout(Duration::from_secs(120)).build()?;
    let report = rmm.check_connection().await;
    assert!(report.is_connected(), "{report}");
    let account: Account = rmm.account().get().await?;
    assert!(account.name.is_some());
    let page: Page<Device> = rmm.devices().list().hostname("S").page_size(100).send().await?;
    assert!(!page.items.is_empty());
    let mut devices: Pager<Device> = rmm.devices().list().concurrency(8).pager();
    while let Some(device) = devices.next().await {
        device?;
    }
    assert!(devices.continuation().is_none());
    let all: Vec<Device> = rmm.devices().list().collect().await?;
    let measured: Measured<Vec<Device>> = rmm.devices().list().collect_measured().await;
    assert!(measured.is_known());
    let uid: DeviceUid = all[0].uid.clone();
    let device: Device = rmm.devices().get(&uid).await?;
    assert_eq!(device.uid, uid);
    let found: Vec<Device> = rmm.devices().by_mac_address(sandbox.truth().rmm.shared_address).await?;
    assert!(!found.is_empty());
    let alerts = rmm.alerts().open().muted(false).pager();
    drop(alerts);
    let site = all[0].site_uid.clone();
    rmm.sites().alerts_open(&site).collect().await?;
    rmm.devices().alerts_open(&uid).collect().await?;
    let alert = rmm.alerts().open().collect().await?.remove(0);
    rmm.alerts().resolve(&alert.alert_uid).await?;
    let body: serde_json::Value = rmm.raw(Method::GET, ["v2", "account"]).await?;
    assert!(body["name"].is_string());
    rmm.raw(Method::POST, ["v2", "alert", alert.alert_uid.as_str(), "resolve"]).effect(Effect::Repeatable).await?;
    let answer = rmm.account().get().send_with_meta().await?;
    assert_eq!((answer.status.as_u16(), answer.attempts, answer.body), (200, 1, account));
    assert!(!answer.headers.is_empty() && answer.elapsed < Duration::from_secs(60));
    let fleet: Measured<FleetSummary> = datto_rmm::metrics::fleet_summary(&rmm).await;
    assert!(fleet.value().is_some());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn jobs() -> datto_rmm::Result<()> {
    let sandbox = sandbox().await;
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build()?;
    let truth = sandbox.truth().rmm;
    let uid = DeviceUid::from(truth.computers.iter().find(|uid| truth.online_devices.contains(uid)).unwrap());
    let job = rmm
        .devices()
        .quick_job(&uid, QuickJob::new("Reboot now", truth.working_component).variable("force", "1"))
        .await?;
    assert!(job.components.is_some());
    let outcome = rmm.jobs().wait(&job.uid, &uid).timeout(Duration::from_secs(600)).await?;
    assert!(outcome.succeeded());
    assert!(outcome.stdout.is_known() && outcome.stderr.is_known());
    let failing = rmm.devices().quick_job(&uid, QuickJob::new("Fails", truth.failing_component)).await?;
    assert!(!rmm.jobs().wait(&failing.uid, &uid).await?.succeeded(), "a failed job is an outcome");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn bcdr() -> datto_bcdr::Result<()> {
    let sandbox = sandbox().await;
    let (public, secret) = sandbox.bcdr_key();
    let bcdr = BcdrClient::builder().api_key(public, secret).url(sandbox.bcdr_url()).build()?;
    let report = bcdr.check_connection().await;
    assert!(report.is_connected(), "{report}");
    let mut appliances: Pager<Appliance> = bcdr.devices().list().show_hidden(false).pager();
    let device = appliances.next().await.unwrap()?;
    let assets: Vec<Asset> = bcdr.assets().list(&device.serial_number).collect().await?;
    assert!(!assets.is_empty());
    let domains: Vec<SaasDomain> = bcdr.saas().domains().await?;
    let customer_id = domains[0].saas_customer_id.clone();
    let usage = bcdr.saas().applications(&customer_id).days_until(10).await?;
    assert!(!usage.is_empty());
    let seats: Vec<SaasSeat> = bcdr.saas().seats(&customer_id).await?;
    assert!(!seats.is_empty());
    bcdr.saas().seats_or_counts(&customer_id).await?;
    let backups = datto_bcdr::metrics::backup_health(&bcdr, &datto_bcdr::metrics::BackupPolicy::default()).await;
    assert!(backups.is_known());
    Ok(())
}

#[tokio::test]
async fn workplace() -> datto_workplace::Result<()> {
    let sandbox = sandbox().await;
    let (id, secret) = sandbox.workplace_key();
    let files = WorkplaceClient::builder().endpoint(sandbox.workplace_url()).credentials(id, secret).build()?;
    let report = files.check_connection().await;
    assert!(report.is_connected(), "{report}");
    let projects: Vec<Item> = files.projects().list().await?;
    let id = projects[0].id.clone();
    let children: Vec<Item> = files.folders().children(&id).await?;
    drop(children);
    let folder =
        files.paths().ensure(format!("{}/2026/Invoices", projects[0].name.as_deref().unwrap_or_default())).await?;
    let place = tempfile::tempdir().unwrap();
    let source = place.path().join("report.pdf");
    std::fs::write(&source, b"%PDF-1.7 a report").unwrap();
    let uploaded = files.files().upload(&folder, Upload::file(&source)).await?;
    let target = place.path().join("copy.pdf");
    files.files().download(&uploaded.id).to_file(&target).await?;
    assert_eq!(std::fs::read(&target).unwrap(), std::fs::read(&source).unwrap());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_sandbox() {
    let sandbox = Sandbox::builder().devices(1_200).seed(7).start().await.unwrap();
    assert!(sandbox.rmm_url().starts_with("http://127.0.0.1:"));
    let (_, _, _) = (sandbox.bcdr_url(), sandbox.workplace_url(), sandbox.workplace_key());
    sandbox.inject(Fault::status(503));
    assert_eq!(sandbox.truth().rmm.total_devices, 1_200);
    assert!(sandbox.journal().is_empty());
}
