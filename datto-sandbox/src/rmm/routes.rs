//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

use super::endpoints::{
    account, activity, alerts, audit, devices, filters, jobs, patches, sites, system, udf, variables,
};
use super::gate::gate;
use super::problem::Problem;
use super::service::Service;
use super::token;

/// The whole service behind its gate.
pub(super) fn router(service: &Arc<Service>) -> Router {
    Router::new()
        .route("/auth/oauth/token", post(token::grant))
        .merge(account_routes())
        .merge(site_routes())
        .merge(device_routes())
        .merge(other_routes())
        .fallback(|| async { Problem::NoResource })
        .method_not_allowed_fallback(|| async { Problem::Status(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(from_fn_with_state(Arc::clone(service), gate))
        .with_state(Arc::clone(service))
}

fn account_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/api/v2/account", get(account::account))
        .route("/api/v2/account/alerts/open", get(alerts::of_account_open))
        .route("/api/v2/account/alerts/resolved", get(alerts::of_account_resolved))
        .route("/api/v2/account/components", get(account::components))
        .route("/api/v2/account/devices", get(devices::of_account))
        .route("/api/v2/account/dnet-site-mappings", get(account::dnet_site_mappings))
        .route("/api/v2/account/sites", get(sites::of_account))
        .route("/api/v2/account/users", get(account::users))
        .route("/api/v2/account/variable", put(variables::create_of_account))
        .route(
            "/api/v2/account/variable/{variable}",
            post(variables::update_of_account).delete(variables::delete_of_account),
        )
        .route("/api/v2/account/variables", get(variables::of_account))
        .route("/api/v3/account/devices", get(devices::of_account_v3))
}

fn site_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/api/v2/site", put(sites::create))
        .route("/api/v2/site/{site}", get(sites::get).post(sites::update))
        .route("/api/v2/site/{site}/alerts/open", get(alerts::of_site_open))
        .route("/api/v2/site/{site}/alerts/resolved", get(alerts::of_site_resolved))
        .route("/api/v2/site/{site}/devices", get(devices::of_site))
        .route("/api/v2/site/{site}/devices/network-interface", get(devices::interfaces_of_site))
        .route("/api/v2/site/{site}/filters", get(filters::of_site))
        .route("/api/v2/site/{site}/patches", get(patches::of_site))
        .route("/api/v2/site/{site}/settings", get(sites::settings))
        .route("/api/v2/site/{site}/settings/proxy", post(sites::set_proxy).delete(sites::delete_proxy))
        .route("/api/v2/site/{site}/variable", put(variables::create_of_site))
        .route(
            "/api/v2/site/{site}/variable/{variable}",
            post(variables::update_of_site).delete(variables::delete_of_site),
        )
        .route("/api/v2/site/{site}/variables", get(variables::of_site))
        .route("/api/v3/site/{site}/devices", get(devices::of_site_v3))
}

fn device_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/api/v2/device/id/{id}", get(devices::by_id))
        .route("/api/v2/device/macAddress/{address}", get(devices::by_address))
        .route("/api/v2/device/{device}", get(devices::get))
        .route("/api/v2/device/{device}/alerts/open", get(alerts::of_device_open))
        .route("/api/v2/device/{device}/alerts/resolved", get(alerts::of_device_resolved))
        .route("/api/v2/device/{device}/patches", get(patches::of_device))
        .route("/api/v2/device/{device}/quickjob", put(jobs::create))
        .route("/api/v2/device/{device}/site/{site}", put(devices::relocate))
        .route("/api/v2/device/{device}/udf", post(udf::set))
        .route("/api/v2/device/{device}/warranty", post(devices::set_warranty))
        .route("/api/v3/device/id/{id}", get(devices::by_id_v3))
        .route("/api/v3/device/macAddress/{address}", get(devices::by_address_v3))
        .route("/api/v3/device/{device}", get(devices::get_v3))
        .route("/api/v3/device/{device}/udf", post(udf::set_typed))
        .route("/api/v2/audit/device/macAddress/{address}", get(audit::by_address))
        .route("/api/v2/audit/device/{device}", get(audit::device))
        .route("/api/v2/audit/device/{device}/software", get(audit::software))
        .route("/api/v2/audit/esxihost/{device}", get(audit::esxi_host))
        .route("/api/v2/audit/printer/{device}", get(audit::printer))
}

fn other_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/api/v2/alert/{alert}", get(alerts::get))
        .route("/api/v2/alert/{alert}/mute", post(alerts::mute))
        .route("/api/v2/alert/{alert}/resolve", post(alerts::resolve))
        .route("/api/v2/alert/{alert}/unmute", post(alerts::mute))
        .route("/api/v2/job/{job}", get(jobs::get))
        .route("/api/v2/job/{job}/components", get(jobs::components))
        .route("/api/v2/job/{job}/results/{device}", get(jobs::results))
        .route("/api/v2/job/{job}/results/{device}/stderr", get(jobs::stderr))
        .route("/api/v2/job/{job}/results/{device}/stdout", get(jobs::stdout))
        .route("/api/v2/filter/custom-filters", get(filters::custom))
        .route("/api/v2/filter/default-filters", get(filters::default))
        .route("/api/v2/activity-logs", get(activity::logs))
        .route("/api/v2/user/resetApiKeys", post(account::reset_api_keys))
        .route("/api/v2/system/pagination", get(system::pagination))
        .route("/api/v2/system/request_rate", get(system::request_rate))
        .route("/api/v2/system/status", get(system::status))
}
