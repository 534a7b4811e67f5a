//! Everything that only reads.

use datto_bcdr::{
    Asset, AssetUuid, BcdrClient, ClientId, Device, ExternalSubscriptionId, SaasCustomerId, SaasSeat, SeatState,
    SerialNumber, Volume, operations as op,
};
use datto_examples::tour::Tour;

/// Stand where no list gives an id.
const NO_SERIAL: &str = "D00000000000";
const NO_VOLUME: &str = "00000000000000000000000000000000";
const NO_UUID: &str = "00000000-0000-4000-8000-000000000000";

/// What the lists gave, for the calls that need it.
pub(crate) struct Found {
    pub(crate) customer: SaasCustomerId,
    pub(crate) subscription: ExternalSubscriptionId,
    /// A seat that is protected already.
    pub(crate) seat: Option<SaasSeat>,
    pub(crate) dtc_asset: AssetUuid,
}

/// Calls what only reads.
pub(crate) async fn visit(bcdr: &BcdrClient, tour: &mut Tour) -> Found {
    tour.page(&op::AGENTS_LIST, bcdr.agents().list().send().await);
    let serial_number = devices(bcdr, tour).await;
    assets(bcdr, tour, &serial_number).await;
    tour.page(&op::ACTIVITY_LOG_LIST, bcdr.activity_log().list().last_days(7).send().await);
    let (customer, subscription, seat) = saas(bcdr, tour).await;
    let dtc_asset = direct_to_cloud(bcdr, tour).await;
    Found { customer, subscription, seat, dtc_asset }
}

/// The appliance with the most agents, so that the rest of the tour has something to see.
async fn devices(bcdr: &BcdrClient, tour: &mut Tour) -> SerialNumber {
    let devices = tour.page(&op::DEVICES_LIST, bcdr.devices().list().show_hidden(false).send().await);
    let largest = devices.into_iter().max_by_key(|device| device.agent_count);
    let serial_number = largest.map_or_else(|| NO_SERIAL.into(), |device| device.serial_number);
    let words = |device: &Device| format!("model {}", device.model.as_deref().unwrap_or("not known"));
    tour.note(&op::DEVICES_GET, bcdr.devices().get(&serial_number).await, words);
    tour.page(&op::DEVICES_ALERTS, bcdr.devices().alerts(&serial_number).send().await);
    tour.page(&op::DEVICES_VM_RESTORES, bcdr.devices().vm_restores(&serial_number).send().await);
    serial_number
}

async fn assets(bcdr: &BcdrClient, tour: &mut Tour, serial_number: &SerialNumber) {
    let assets = tour.page(&op::ASSETS_LIST, bcdr.assets().list(serial_number).send().await);
    tour.page(&op::ASSETS_AGENTS, bcdr.assets().agents(serial_number).send().await);
    tour.page(&op::ASSETS_SHARES, bcdr.assets().shares(serial_number).send().await);
    let pictured = |asset: &Asset| asset.last_screenshot_attempt.as_ref().is_some_and(|at| at.moment().is_some());
    let volume: Volume = assets
        .iter()
        .find(|asset| pictured(asset))
        .or(assets.first())
        .map_or_else(|| NO_VOLUME.into(), |asset| asset.volume.clone());
    let runs = |asset: &Asset| format!("{} runs", asset.backups.as_ref().map_or(0, Vec::len));
    tour.note(&op::ASSETS_GET, bcdr.assets().get(serial_number, &volume).await, runs);
    let image = bcdr.assets().screenshot(serial_number, &volume).await;
    tour.note(&op::ASSETS_SCREENSHOT, image, |image| format!("{image:?}"));
}

async fn saas(bcdr: &BcdrClient, tour: &mut Tour) -> (SaasCustomerId, ExternalSubscriptionId, Option<SaasSeat>) {
    let domains = tour.note(&op::SAAS_DOMAINS, bcdr.saas().domains().await, |all| format!("{} customers", all.len()));
    // The smallest customer: the service cannot list the seats of large ones in time.
    let smallest = domains.into_iter().flatten().min_by_key(|customer| customer.seats_used);
    let (customer, subscription) = smallest.map_or_else(
        || (0.into(), "Classic:Office365:0".into()),
        |customer| (customer.saas_customer_id, customer.external_subscription_id),
    );
    let seats =
        tour.note(&op::SAAS_SEATS, bcdr.saas().seats(&customer).await, |seats| format!("{} seats", seats.len()));
    let seat = seats
        .into_iter()
        .flatten()
        .find(|seat| seat.seat_state == Some(SeatState::Active) && !seat.remote_id.is_empty());
    let reports = bcdr.saas().applications(&customer).days_until(10).await;
    tour.note(&op::SAAS_APPLICATIONS, reports, |reports| {
        format!("{} applications", reports.iter().flat_map(|report| report.apps()).count())
    });
    let stats = bcdr.saas().detailed_backup_stats(&customer).await;
    tour.optional(&op::SAAS_DETAILED_BACKUP_STATS, stats, |_| "there".to_owned());
    (customer, subscription, seat)
}

async fn direct_to_cloud(bcdr: &BcdrClient, tour: &mut Tour) -> AssetUuid {
    let assets = tour.page(&op::DTC_ASSETS, bcdr.dtc().assets().send().await);
    let (client, uuid): (ClientId, AssetUuid) = match assets.into_iter().next() {
        Some(asset) => (asset.organization_id.unwrap_or_default().into(), asset.asset_uuid),
        None => (0.into(), NO_UUID.into()),
    };
    tour.page(&op::DTC_CLIENT_ASSETS, bcdr.dtc().client_assets(&client).send().await);
    let details = bcdr.dtc().asset(&client, &uuid).await;
    tour.note(&op::DTC_ASSET, details, |asset| asset.subscription.clone().unwrap_or_default());
    let image = bcdr.dtc().screenshot(&client, &uuid).await;
    tour.note(&op::DTC_SCREENSHOT, image, |image| format!("{image:?}"));
    tour.page(&op::DTC_RMM_TEMPLATES, bcdr.dtc().rmm_templates().send().await);
    let pools = bcdr.dtc().storage_pool().await;
    tour.note(&op::DTC_STORAGE_POOL, pools, |pools| format!("{} pools", pools.len()));
    uuid
}
