//! The operations of the partner API: one row per API call. Retries, limits, spans and ENDPOINTS.md read this table. Paths stand below `/v1`.
//!
//! The contract of July 2026 has the first 22; it names the last one no more.

use datto_common::{Echo, Effect, Method, Operation, Paging, Scheme};

/// Numbered pages from 1 (official). A page has 100 records unless asked otherwise; that it may have 250 is a guess.
const fn pages(items: &'static str) -> Paging {
    let scheme = Scheme::Count { param: "_page", first: 1, pages: "totalPages", total: "count" };
    Paging::new(items, "pagination", "_perPage", (100, 250), scheme).echoing(Echo {
        page: "page",
        size: "perPage",
        rows: "",
    })
}

/// A whole list as a bare array.
pub(crate) const BARE: Paging = pages("");

/// A whole list as a bare array, as an object keyed by index, or in an envelope.
pub(crate) const LOOSE: Paging = pages("items").loose();

/// Assets: the same, and an appliance without any answers with an empty object (observed).
pub(crate) const ASSETS: Paging = LOOSE.empty_as_object();

const PAGE: &[&str] = &["_page", "_perPage"];
const DEVICES: &[&str] = &["_page", "_perPage", "showHiddenDevices", "showChildResellerDevices"];
const ACTIVITY: &[&str] = &["_page", "_perPage", "clientName", "user", "since", "sinceUnits", "target", "targetType"];

const fn list(name: &'static str, path: &'static str, query: &'static [&'static str]) -> Operation {
    Operation::read(name, path).query(query).paged(pages("items"))
}

/// Lists whose shape varies, or was never seen: an envelope, a bare array or an object keyed by index.
const fn loose(name: &'static str, path: &'static str, query: &'static [&'static str]) -> Operation {
    Operation::read(name, path).query(query).paged(LOOSE)
}

const fn assets(name: &'static str, path: &'static str) -> Operation {
    Operation::read(name, path).query(PAGE).paged(ASSETS).note("changes its shape with the query")
}

/// SaaS calls take 20 to 60 seconds (observed).
const fn slow(operation: Operation) -> Operation {
    operation.timeouts(120, 300)
}

datto_common::operations! {
    /// Endpoint agents, by client.
    AGENTS_LIST = Operation::read("agents.list", "/bcdr/agent").query(PAGE).paged(pages("clients")).note("empty without Endpoint Backup for PCs");
    /// Appliances.
    DEVICES_LIST = list("devices.list", "/bcdr/device", DEVICES).note("hidden ones and those of child resellers are included unless told otherwise");
    /// One appliance.
    DEVICES_GET = Operation::read("devices.get", "/bcdr/device/{serialNumber}").echoes("serialNumber");
    /// Open alerts of an appliance.
    DEVICES_ALERTS = list("devices.alerts", "/bcdr/device/{serialNumber}/alert", PAGE).note("always 100 a page");
    /// Virtual machines that run from backups of an appliance.
    DEVICES_VM_RESTORES = loose("devices.vm_restores", "/bcdr/device/{serialNumber}/vm-restores", PAGE).note("shape of the list not known");
    /// Agents and shares of an appliance.
    ASSETS_LIST = assets("assets.list", "/bcdr/device/{serialNumber}/asset");
    /// Agents of an appliance.
    ASSETS_AGENTS = assets("assets.agents", "/bcdr/device/{serialNumber}/asset/agent");
    /// Shares of an appliance.
    ASSETS_SHARES = assets("assets.shares", "/bcdr/device/{serialNumber}/asset/share");
    /// One asset.
    ASSETS_GET = Operation::read("assets.get", "/bcdr/device/{serialNumber}/asset/{volume}").observed().note("an array of none or one");
    /// The last screenshot of an asset.
    ASSETS_SCREENSHOT = Operation::read("assets.screenshot", "/bcdr/device/{serialNumber}/asset/{volume}/screenshot/latest").observed().note("a JPEG image");
    /// The activity log.
    ACTIVITY_LOG_LIST = list("activity_log.list", "/report/activity-log", ACTIVITY).note("the last day unless told otherwise");
    /// Customers of SaaS Protection.
    SAAS_DOMAINS = slow(Operation::read("saas.domains", "/saas/domains")).observed().note("takes 20 to 34 s");
    /// Seats of a SaaS customer.
    SAAS_SEATS = slow(Operation::read("saas.seats", "/saas/{saasCustomerId}/seats").query(&["seatType"]).not_after_504()).observed().note("504 for large customers, however often it is asked");
    /// Applications of a SaaS customer, with their backups day by day.
    SAAS_APPLICATIONS = slow(Operation::read("saas.applications", "/saas/{saasCustomerId}/applications").query(&["daysUntil", "includeRemoteID"])).observed().note("takes about 19 s");
    /// Changes the state of many seats.
    SAAS_BULK_SEAT_CHANGE = slow(Operation::write("saas.bulk_seat_change", Method::PUT, "/saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange", Effect::Repeatable, "").destructive()).observed().note("a 200 does not mean that every seat has changed");
    /// Direct-to-Cloud assets of all clients.
    DTC_ASSETS = loose("dtc.assets", "/dtc/assets", &["_page", "_perPage", "clientId"]).note("shape of the list not known");
    /// Direct-to-Cloud assets of a client.
    DTC_CLIENT_ASSETS = loose("dtc.client_assets", "/dtc/{clientId}/assets", PAGE).note("shape of the list not known");
    /// One Direct-to-Cloud asset.
    DTC_ASSET = Operation::read("dtc.asset", "/dtc/{clientId}/assets/{assetUuid}");
    /// The last screenshot of a Direct-to-Cloud asset.
    DTC_SCREENSHOT = Operation::read("dtc.screenshot", "/dtc/{clientId}/assets/{assetUuid}/screenshot/latest").guess().note("it exists; its path is a guess");
    /// Sets how fast an agent may send.
    DTC_SET_BANDWIDTH = Operation::write("dtc.set_bandwidth", Method::PUT, "/dtc/agent/{agentUuid}/bandwidth", Effect::Repeatable, "");
    /// Templates by which an RMM installs agents.
    DTC_RMM_TEMPLATES = loose("dtc.rmm_templates", "/dtc/rmm-templates", &["_page", "_perPage", "clientId"]).note("shape of the list not known; not paged in the contract");
    /// Use of the storage pools.
    DTC_STORAGE_POOL = Operation::read("dtc.storage_pool", "/dtc/storage-pool").query(&["poolName"]).note("fields not known");
    /// Backup statistics of a SaaS customer.
    SAAS_DETAILED_BACKUP_STATS = slow(Operation::read("saas.detailed_backup_stats", "/saas/{saasCustomerId}/detailedBackupStats")).observed().note("not in the contract of July 2026: may be 404");
}
