//! Everything that only reads, but for the variables.

use std::time::Duration;

use datto_examples::tour::Tour;
use datto_rmm::models::NetworkInterface;
use datto_rmm::{
    AlertUid, ComponentUid, Device, DeviceClass, DeviceId, DeviceUid, JobUid, RmmClient, SiteUid, operations as op,
};

/// Stands where no list gives an id.
pub(crate) const PLACEHOLDER: &str = "00000000-0000-4000-8000-000000000000";
/// How far back the tour looks for a job in the activity log.
const LOOK_BACK: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What the lists gave, for the calls that need it.
pub(crate) struct Found {
    pub(crate) site: SiteUid,
    pub(crate) device: Device,
    pub(crate) alert: AlertUid,
    pub(crate) component: Option<ComponentUid>,
}

/// Calls what only reads.
pub(crate) async fn visit(rmm: &RmmClient, tour: &mut Tour) -> Found {
    system(rmm, tour).await;
    let site = sites(rmm, tour).await;
    let (computer, mac_address) = devices(rmm, tour, &site).await;
    let alert = alerts(rmm, tour, &site, &computer.uid).await;
    audits(rmm, tour, &mac_address).await;
    devices_v3(rmm, tour, &site, &computer, &mac_address).await;
    let component = rest(rmm, tour).await;
    jobs(rmm, tour, &computer.uid).await;
    Found { site, device: computer, alert, component }
}

async fn system(rmm: &RmmClient, tour: &mut Tour) {
    tour.note(&op::SYSTEM_STATUS, rmm.system().status().await, |status| text(&status.version));
    tour.note(&op::SYSTEM_REQUEST_RATE, rmm.system().request_rate().await, |rate| {
        format!("{} of {} reads", or_unknown(rate.account_count), or_unknown(rate.account_rate_limit))
    });
    tour.note(&op::SYSTEM_PAGINATION, rmm.system().pagination().await, |pages| {
        format!("at most {} a page", or_unknown(pages.max))
    });
    tour.note(&op::ACCOUNT_GET, rmm.account().get().await, |account| text(&account.name));
}

async fn sites(rmm: &RmmClient, tour: &mut Tour) -> SiteUid {
    let sites = tour.page(&op::SITES_LIST, rmm.sites().list().send().await);
    let uid = sites
        .into_iter()
        .map(|site| site.uid)
        .find(|uid| is_usable(uid.as_str()))
        .unwrap_or_else(|| PLACEHOLDER.into());
    tour.note(&op::SITES_GET, rmm.sites().get(&uid).await, |site| text(&site.name));
    tour.page(&op::SITES_NETWORK_INTERFACES, rmm.sites().network_interfaces(&uid).send().await);
    tour.page(&op::SITES_FILTERS, rmm.sites().filters(&uid).send().await);
    tour.page(&op::SITES_PATCHES, rmm.sites().patches(&uid).send().await);
    tour.note(&op::SITES_SETTINGS, rmm.sites().settings(&uid).await, |settings| {
        let recipients = settings.mail_recipients.as_ref().map(Vec::len);
        format!("{} mail recipients", recipients.map_or_else(|| "unknown".to_owned(), |count| count.to_string()))
    });
    tour.page(&op::SITES_DEVICES, rmm.sites().devices(&uid).send().await);
    uid
}

/// A computer, and a MAC address that some device has.
async fn devices(rmm: &RmmClient, tour: &mut Tour, site: &SiteUid) -> (Device, String) {
    let devices = tour.page(&op::DEVICES_LIST, rmm.devices().list().send().await);
    let usable = |device: &&Device| is_usable(device.uid.as_str()) && !device.is_deleted();
    let computer = devices.iter().filter(usable).find(|device| device.device_class == Some(DeviceClass::Device));
    let mut computer = computer.or_else(|| devices.iter().find(usable)).cloned().unwrap_or_default();
    if computer.uid.is_empty() {
        computer.uid = PLACEHOLDER.into();
        computer.site_uid = site.clone();
    }
    if computer.id.is_empty() {
        computer.id = DeviceId::from(1);
    }
    let uid = &computer.uid;
    tour.note(&op::DEVICES_GET, rmm.devices().get(uid).await, |device| text(&device.hostname));
    tour.note(&op::DEVICES_BY_ID, rmm.devices().by_id(&computer.id).await, |device| text(&device.hostname));
    tour.page(&op::DEVICES_PATCHES, rmm.devices().patches(uid).send().await);

    // The audits of the subject: each class has its own.
    let of_class = |class: DeviceClass| {
        let found = devices.iter().filter(usable).find(|device| device.device_class.as_ref() == Some(&class));
        found.map_or_else(|| uid.clone(), |device| device.uid.clone())
    };
    let audit = tour.note(&op::AUDITS_DEVICE, rmm.audits().device(uid).await, |audit| {
        audit.system_info.as_ref().map_or_else(String::new, |system| text(&system.model))
    });
    let host = of_class(DeviceClass::EsxiHost);
    tour.note(&op::AUDITS_ESXI_HOST, rmm.audits().esxi_host(host).await, |audit| {
        format!("{} guests", audit.guests.as_ref().map_or(0, Vec::len))
    });
    let printer = of_class(DeviceClass::Printer);
    tour.note(&op::AUDITS_PRINTER, rmm.audits().printer(printer).await, |audit| {
        format!("{} supplies", audit.printer_marker_supplies.as_ref().map_or(0, Vec::len))
    });
    tour.page(&op::AUDITS_SOFTWARE, rmm.audits().software(uid).send().await);
    let nics = audit.and_then(|audit| audit.nics).unwrap_or_default();
    (computer, nics.iter().find_map(mac_address).unwrap_or_else(|| "000000000000".to_owned()))
}

/// Its twelve digits, if it has them.
fn mac_address(nic: &NetworkInterface) -> Option<String> {
    let digits: String = nic.mac_address.as_ref()?.chars().filter(char::is_ascii_hexdigit).collect();
    (digits.len() == 12).then_some(digits)
}

async fn alerts(rmm: &RmmClient, tour: &mut Tour, site: &SiteUid, device: &DeviceUid) -> AlertUid {
    let open = tour.page(&op::ALERTS_OPEN, rmm.alerts().open().send().await);
    let resolved = tour.page(&op::ALERTS_RESOLVED, rmm.alerts().resolved().send().await);
    tour.page(&op::SITES_ALERTS_OPEN, rmm.sites().alerts_open(site).send().await);
    tour.page(&op::SITES_ALERTS_RESOLVED, rmm.sites().alerts_resolved(site).send().await);
    tour.page(&op::DEVICES_ALERTS_OPEN, rmm.devices().alerts_open(device).send().await);
    tour.page(&op::DEVICES_ALERTS_RESOLVED, rmm.devices().alerts_resolved(device).send().await);
    // A resolved one first: to resolve it again takes nothing away.
    let uids = resolved.into_iter().chain(open).map(|alert| alert.alert_uid);
    let uid = uids.into_iter().find(|uid| is_usable(uid.as_str())).unwrap_or_else(|| PLACEHOLDER.into());
    tour.note(&op::ALERTS_GET, rmm.alerts().get(&uid).await, |alert| alert.sentence());
    uid
}

async fn audits(rmm: &RmmClient, tour: &mut Tour, mac_address: &str) {
    tour.note(&op::AUDITS_BY_MAC_ADDRESS, rmm.audits().by_mac_address(mac_address).await, |found| count(found));
    tour.note(&op::DEVICES_BY_MAC_ADDRESS, rmm.devices().by_mac_address(mac_address).await, |found| count(found));
}

async fn devices_v3(rmm: &RmmClient, tour: &mut Tour, site: &SiteUid, computer: &Device, mac_address: &str) {
    let v3 = rmm.devices_v3();
    tour.page(&op::V3_DEVICES_LIST, v3.list().send().await);
    tour.page(&op::V3_SITES_DEVICES, v3.of_site(site).send().await);
    tour.note(&op::V3_DEVICES_GET, v3.get(&computer.uid).await, |device| text(&device.hostname));
    tour.note(&op::V3_DEVICES_BY_ID, v3.by_id(&computer.id).await, |device| text(&device.hostname));
    tour.note(&op::V3_DEVICES_BY_MAC_ADDRESS, v3.by_mac_address(mac_address).await, |found| count(found));
}

/// The lists that lead nowhere but to a component that can be run.
async fn rest(rmm: &RmmClient, tour: &mut Tour) -> Option<ComponentUid> {
    tour.page(&op::USERS_LIST, rmm.users().list().send().await);
    tour.page(&op::FILTERS_DEFAULT, rmm.filters().default().send().await);
    tour.page(&op::FILTERS_CUSTOM, rmm.filters().custom().send().await);
    tour.page(&op::NETWORK_MAPPINGS, rmm.network().mappings().send().await);
    let components = tour.page(&op::COMPONENTS_LIST, rmm.components().list().send().await);
    components.into_iter().map(|component| component.uid).find(|uid| is_usable(uid.as_str()))
}

/// No list has jobs; the activity log names them.
async fn jobs(rmm: &RmmClient, tour: &mut Tour, computer: &DeviceUid) {
    let log = rmm.activity_logs().list().last(LOOK_BACK).categories(["job"]).newest_first().send().await;
    let entries = tour.page(&op::ACTIVITY_LOGS_LIST, log);
    let named = entries.iter().filter_map(|entry| {
        let details = entry.parsed_details()?;
        let job = JobUid::from(details.text("job.uid").filter(|uid| is_usable(uid))?);
        Some((
            job,
            details.text("device.uid").filter(|uid| is_usable(uid)).map_or_else(|| computer.clone(), DeviceUid::from),
        ))
    });
    let (job, device) = named.into_iter().next().unwrap_or_else(|| (PLACEHOLDER.into(), computer.clone()));
    let api = rmm.jobs();
    tour.note(&op::JOBS_GET, api.get(&job).await, |job| text(&job.name));
    tour.page(&op::JOBS_COMPONENTS, api.components(&job).send().await);
    tour.note(&op::JOBS_RESULTS, api.results(&job, &device).await, |results| {
        results.job_deployment_status.as_ref().map_or_else(String::new, ToString::to_string)
    });
    tour.note(&op::JOBS_STDOUT, api.stdout(&job, &device).await, |found| count(found));
    tour.note(&op::JOBS_STDERR, api.stderr(&job, &device).await, |found| count(found));
}

/// Whether an id can stand in a path.
pub(crate) fn is_usable(id: &str) -> bool {
    !matches!(id, "" | "." | "..") && !id.contains(char::is_control)
}

fn count<T>(records: &[T]) -> String {
    format!("{} of them", records.len())
}

/// On one line.
fn text(text: &Option<String>) -> String {
    text.as_deref().unwrap_or("without a name").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn or_unknown(number: Option<i64>) -> String {
    number.map_or_else(|| "unknown".to_owned(), |number| number.to_string())
}
