//! The operations of Datto RMM: one row per API call. Retries, limits, spans, ENDPOINTS.md and the comparison with the official
//! document (build 235) read this table.

use Effect::{Once, Repeatable};
use datto_common::{Echo, Effect, Method, Operation, Paging, Scheme};

/// Numbered pages from 0; the records stand under `items`. The service serves 250 at the most (official).
const fn pages(items: &'static str) -> Paging {
    Paging::new(
        items,
        "pageDetails",
        "max",
        (250, 250),
        Scheme::Link { param: "page", first: 0, next: "nextPageUrl", total: "totalCount" },
    )
    .echoing(Echo { page: "", size: "", rows: "count" })
}

const PAGE: &[&str] = &["page", "max"];
const MUTED: &[&str] = &["page", "max", "muted"];
const FILTERED: &[&str] = &["page", "max", "filterId"];
const DEVICES: &[&str] = &["page", "max", "filterId", "hostname", "deviceType", "operatingSystem", "siteName"];
const INSTALL_STATUS: &[&str] = &["page", "max", "installStatus"];

const fn list(
    name: &'static str,
    path: &'static str,
    query: &'static [&'static str],
    items: &'static str,
) -> Operation {
    Operation::read(name, path).query(query).paged(pages(items))
}

const fn put(name: &'static str, path: &'static str, effect: Effect, bucket: &'static str) -> Operation {
    Operation::write(name, Method::PUT, path, effect, bucket)
}

const fn post(name: &'static str, path: &'static str, effect: Effect, bucket: &'static str) -> Operation {
    Operation::write(name, Method::POST, path, effect, bucket)
}

const fn delete(name: &'static str, path: &'static str, bucket: &'static str) -> Operation {
    Operation::write(name, Method::DELETE, path, Repeatable, bucket).destructive()
}

datto_common::operations! {
    /// The account of the key.
    ACCOUNT_GET = Operation::read("account.get", "/v2/account");
    /// Open alerts of the account.
    ALERTS_OPEN = list("alerts.open", "/v2/account/alerts/open", MUTED, "alerts");
    /// Resolved alerts of the account.
    ALERTS_RESOLVED = list("alerts.resolved", "/v2/account/alerts/resolved", MUTED, "alerts");
    /// Components of the account.
    COMPONENTS_LIST = list("components.list", "/v2/account/components", PAGE, "components");
    /// Devices of the account.
    DEVICES_LIST = list("devices.list", "/v2/account/devices", DEVICES, "devices");
    /// Networks of Datto Networking and the sites they belong to.
    NETWORK_MAPPINGS = list("network.mappings", "/v2/account/dnet-site-mappings", PAGE, "dnetSiteMappings");
    /// Sites of the account.
    SITES_LIST = list("sites.list", "/v2/account/sites", &["page", "max", "siteName"], "sites");
    /// Users of the account.
    USERS_LIST = list("users.list", "/v2/account/users", PAGE, "users");
    /// Creates a variable of the account.
    VARIABLES_CREATE = put("variables.create", "/v2/account/variable", Once, "account-variable-create").note("answers with nothing; list to learn the id");
    /// Changes a variable of the account.
    VARIABLES_UPDATE = post("variables.update", "/v2/account/variable/{variableId}", Repeatable, "account-variable-update");
    /// Deletes a variable of the account.
    VARIABLES_DELETE = delete("variables.delete", "/v2/account/variable/{variableId}", "account-variable-delete");
    /// Variables of the account.
    VARIABLES_LIST = list("variables.list", "/v2/account/variables", PAGE, "variables");

    /// Creates a site.
    SITES_CREATE = put("sites.create", "/v2/site", Once, "site-create");
    /// One site.
    SITES_GET = Operation::read("sites.get", "/v2/site/{siteUid}").echoes("uid");
    /// Overwrites a site.
    SITES_UPDATE = post("sites.update", "/v2/site/{siteUid}", Repeatable, "site-update").note("wipes what is left out");
    /// Open alerts of a site.
    SITES_ALERTS_OPEN = list("sites.alerts_open", "/v2/site/{siteUid}/alerts/open", MUTED, "alerts");
    /// Resolved alerts of a site.
    SITES_ALERTS_RESOLVED = list("sites.alerts_resolved", "/v2/site/{siteUid}/alerts/resolved", MUTED, "alerts");
    /// Devices of a site.
    SITES_DEVICES = list("sites.devices", "/v2/site/{siteUid}/devices", FILTERED, "devices");
    /// Devices of a site with their network interfaces.
    SITES_NETWORK_INTERFACES = list("sites.network_interfaces", "/v2/site/{siteUid}/devices/network-interface", PAGE, "devices");
    /// Device filters of a site.
    SITES_FILTERS = list("sites.filters", "/v2/site/{siteUid}/filters", PAGE, "filters");
    /// Patches of a site.
    SITES_PATCHES = list("sites.patches", "/v2/site/{siteUid}/patches", INSTALL_STATUS, "patches").note("since build 235; without a status one patch can appear three times");
    /// Settings of a site.
    SITES_SETTINGS = Operation::read("sites.settings", "/v2/site/{siteUid}/settings");
    /// Sets the proxy of a site.
    SITES_SET_PROXY = post("sites.set_proxy", "/v2/site/{siteUid}/settings/proxy", Repeatable, "site-proxy-create");
    /// Removes the proxy of a site.
    SITES_DELETE_PROXY = delete("sites.delete_proxy", "/v2/site/{siteUid}/settings/proxy", "site-proxy-delete").note("204 where there was none");
    /// Creates a variable of a site.
    SITES_CREATE_VARIABLE = put("sites.create_variable", "/v2/site/{siteUid}/variable", Once, "site-variable-create").note("answers with nothing; list to learn the id");
    /// Changes a variable of a site.
    SITES_UPDATE_VARIABLE = post("sites.update_variable", "/v2/site/{siteUid}/variable/{variableId}", Repeatable, "site-variable-update");
    /// Deletes a variable of a site.
    SITES_DELETE_VARIABLE = delete("sites.delete_variable", "/v2/site/{siteUid}/variable/{variableId}", "site-variable-delete");
    /// Variables of a site.
    SITES_VARIABLES = list("sites.variables", "/v2/site/{siteUid}/variables", PAGE, "variables");

    /// One device by its numeric id.
    DEVICES_BY_ID = Operation::read("devices.by_id", "/v2/device/id/{deviceId}");
    /// Devices with a MAC address.
    DEVICES_BY_MAC_ADDRESS = Operation::read("devices.by_mac_address", "/v2/device/macAddress/{macAddress}");
    /// One device.
    DEVICES_GET = Operation::read("devices.get", "/v2/device/{deviceUid}").echoes("uid");
    /// Open alerts of a device.
    DEVICES_ALERTS_OPEN = list("devices.alerts_open", "/v2/device/{deviceUid}/alerts/open", MUTED, "alerts");
    /// Resolved alerts of a device.
    DEVICES_ALERTS_RESOLVED = list("devices.alerts_resolved", "/v2/device/{deviceUid}/alerts/resolved", MUTED, "alerts");
    /// Patches of a device.
    DEVICES_PATCHES = list("devices.patches", "/v2/device/{deviceUid}/patches", INSTALL_STATUS, "patches").note("since build 235");
    /// Runs a component on a device.
    DEVICES_QUICK_JOB = put("devices.quick_job", "/v2/device/{deviceUid}/quickjob", Once, "device-job-create");
    /// Moves a device to a site.
    DEVICES_MOVE = put("devices.move_to_site", "/v2/device/{deviceUid}/site/{siteUid}", Repeatable, "device-move");
    /// Sets user-defined fields of a device.
    DEVICES_SET_UDFS = post("devices.set_udfs", "/v2/device/{deviceUid}/udf", Repeatable, "device-udf-set").low_risk().note("only the given fields change");
    /// Sets or clears the warranty date of a device.
    DEVICES_SET_WARRANTY = post("devices.set_warranty", "/v2/device/{deviceUid}/warranty", Repeatable, "device-warranty-create").low_risk().note("null clears it");

    /// One alert.
    ALERTS_GET = Operation::read("alerts.get", "/v2/alert/{alertUid}").echoes("alertUid");
    /// Mutes an alert.
    ALERTS_MUTE = post("alerts.mute", "/v2/alert/{alertUid}/mute", Repeatable, "").low_risk().note("without effect since 8.9.0");
    /// Resolves an alert.
    ALERTS_RESOLVE = post("alerts.resolve", "/v2/alert/{alertUid}/resolve", Repeatable, "alert-resolve");
    /// Unmutes an alert.
    ALERTS_UNMUTE = post("alerts.unmute", "/v2/alert/{alertUid}/unmute", Repeatable, "").low_risk().note("without effect since 8.9.0");

    /// Audits of the devices with a MAC address.
    AUDITS_BY_MAC_ADDRESS = Operation::read("audits.by_mac_address", "/v2/audit/device/macAddress/{macAddress}");
    /// The audit of a device.
    AUDITS_DEVICE = Operation::read("audits.device", "/v2/audit/device/{deviceUid}");
    /// The software of a device.
    AUDITS_SOFTWARE = list("audits.software", "/v2/audit/device/{deviceUid}/software", PAGE, "software");
    /// The audit of an ESXi host.
    AUDITS_ESXI_HOST = Operation::read("audits.esxi_host", "/v2/audit/esxihost/{deviceUid}");
    /// The audit of a printer.
    AUDITS_PRINTER = Operation::read("audits.printer", "/v2/audit/printer/{deviceUid}");

    /// One job.
    JOBS_GET = Operation::read("jobs.get", "/v2/job/{jobUid}").echoes("uid");
    /// Components of a job.
    JOBS_COMPONENTS = list("jobs.components", "/v2/job/{jobUid}/components", PAGE, "jobComponents");
    /// Results of a job on a device.
    JOBS_RESULTS = Operation::read("jobs.results", "/v2/job/{jobUid}/results/{deviceUid}").note("may be 404 until the device has reported (guess)");
    /// What a job wrote to stderr on a device.
    JOBS_STDERR = Operation::read("jobs.stderr", "/v2/job/{jobUid}/results/{deviceUid}/stderr");
    /// What a job wrote to stdout on a device.
    JOBS_STDOUT = Operation::read("jobs.stdout", "/v2/job/{jobUid}/results/{deviceUid}/stdout");

    /// Custom device filters.
    FILTERS_CUSTOM = list("filters.custom", "/v2/filter/custom-filters", PAGE, "filters");
    /// Default device filters.
    FILTERS_DEFAULT = list("filters.default", "/v2/filter/default-filters", PAGE, "filters");

    /// The activity log.
    ACTIVITY_LOGS_LIST = Operation::read("activity_logs.list", "/v2/activity-logs")
        .query(&["size", "order", "searchAfter", "page", "from", "until", "entities", "categories", "actions", "siteIds", "userIds", "searchQuery"])
        .paged(Paging::new("activities", "pageDetails", "size", (250, 250), Scheme::Cursor { carry: &["searchAfter", "page"], next: "nextPageUrl" }).failing("error"))
        .note("the last 15 minutes, unless a window is given");

    /// Replaces the API keys of the caller.
    USERS_RESET_API_KEYS = post("users.reset_api_keys", "/v2/user/resetApiKeys", Once, "user-reset-keys").destructive().note("ends the caller's own access");

    /// The page sizes of the service.
    SYSTEM_PAGINATION = Operation::read("system.pagination", "/v2/system/pagination");
    /// How much of the limits is used.
    SYSTEM_REQUEST_RATE = Operation::read("system.request_rate", "/v2/system/request_rate");
    /// The state of the service.
    SYSTEM_STATUS = Operation::read("system.status", "/v2/system/status").anonymous();

    /// Devices of the account, with typed user-defined fields.
    V3_DEVICES_LIST = list("devices_v3.list", "/v3/account/devices", DEVICES, "devices");
    /// One device by its numeric id, with typed user-defined fields.
    V3_DEVICES_BY_ID = Operation::read("devices_v3.by_id", "/v3/device/id/{deviceId}");
    /// Devices with a MAC address, with typed user-defined fields.
    V3_DEVICES_BY_MAC_ADDRESS = Operation::read("devices_v3.by_mac_address", "/v3/device/macAddress/{macAddress}");
    /// One device, with typed user-defined fields.
    V3_DEVICES_GET = Operation::read("devices_v3.get", "/v3/device/{deviceUid}");
    /// Sets typed user-defined fields of a device.
    V3_DEVICES_SET_UDFS = post("devices_v3.set_udfs", "/v3/device/{deviceUid}/udf", Repeatable, "").low_risk().note("strict about types; marked deprecated in the document");
    /// Devices of a site, with typed user-defined fields.
    V3_SITES_DEVICES = list("devices_v3.of_site", "/v3/site/{siteUid}/devices", FILTERED, "devices");
}
