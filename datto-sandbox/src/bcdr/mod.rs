//! The BCDR service: appliances and their assets, SaaS Protection, Direct-to-Cloud and the activity log.

mod activity;
mod answer;
mod assets;
mod census;
mod devices;
mod dtc;
mod fleet;
mod gate;
mod options;
mod saas;
mod seats;
mod story;
mod truth;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, put};
use serde_json::{Map, Value};

use crate::config::Config;
use answer::Refusal;
pub use options::{BcdrOptions, BulkAnswer, KeyScope};
pub use truth::{AssetCase, BcdrTruth, PlantedAsset, SaasCase};

/// Everything the service knows.
#[derive(Debug)]
pub(crate) struct World {
    options: BcdrOptions,
    key: (String, String),
    /// Seconds since 1970 when the data were made.
    now: i64,
    /// The first is the one that a limited key belongs to.
    clients: Vec<fleet::Client>,
    appliances: Vec<fleet::Appliance>,
    activity: Vec<activity::Activity>,
    customers: Vec<saas::Customer>,
    dtc_assets: Vec<dtc::Asset>,
    bandwidth: Mutex<HashMap<String, Map<String, Value>>>,
    budget: gate::Budget,
}

impl World {
    fn new(config: &Config) -> (Self, BcdrTruth) {
        let (seed, now) = (config.seed, config.now_ms.div_euclid(1_000));
        let appliances = config.appliances.unwrap_or((config.devices / 25).max(3));
        let customers = config.saas_customers.unwrap_or((config.devices / 60).max(2));
        let clients = fleet::clients(seed, appliances);
        let appliances = fleet::appliances(seed, appliances, &clients, now);
        let one_client = clients.first().map(|client| client.id).unwrap_or_default();
        let mut truth = census::of_appliances(&appliances, one_client, now);
        let world = Self {
            options: config.bcdr.clone(),
            key: config.bcdr_key.clone(),
            now,
            activity: activity::log(seed, &appliances, now),
            customers: saas::customers(seed, customers, &clients, now, &mut truth),
            dtc_assets: dtc::assets(seed, &clients, now, &mut truth),
            appliances,
            clients,
            bandwidth: Mutex::default(),
            budget: gate::Budget::new(config.bcdr.budget),
        };
        (world, truth)
    }

    /// The clients that the key may see.
    fn visible_clients(&self) -> &[fleet::Client] {
        let shown = if self.options.key_scope == KeyScope::OneClient { 1 } else { self.clients.len() };
        self.clients.get(..shown).unwrap_or_default()
    }

    /// Whether the key may see what belongs to a client.
    fn may_see(&self, client: i64) -> bool {
        self.visible_clients().iter().any(|known| known.id == client)
    }
}

/// Makes the service and says what is in it.
pub(crate) fn build(config: &Config) -> (Router, BcdrTruth) {
    let (world, truth) = World::new(config);
    let world = Arc::new(world);
    let routes = routes(config.bcdr.detailed_backup_stats).into_iter();
    let router = routes.fold(Router::new(), |router, (path, route)| {
        router.route(path, route.route_layer(from_fn_with_state(Arc::clone(&world), gate::guard)))
    });
    let router = router
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(from_fn_with_state(Arc::clone(&world), gate::label))
        .with_state(world);
    (router, truth)
}

type Route = MethodRouter<Arc<World>>;

fn routes(detailed_backup_stats: bool) -> Vec<(&'static str, Route)> {
    let mut routes: Vec<(&'static str, Route)> = vec![
        ("/v1/bcdr/agent", get(devices::endpoint_agents)),
        ("/v1/bcdr/device", get(devices::list)),
        ("/v1/bcdr/device/{serial}", get(devices::get)),
        ("/v1/bcdr/device/{serial}/alert", get(devices::alerts)),
        ("/v1/bcdr/device/{serial}/vm-restores", get(devices::restores)),
        ("/v1/bcdr/device/{serial}/asset", get(assets::list)),
        ("/v1/bcdr/device/{serial}/asset/agent", get(assets::agents)),
        ("/v1/bcdr/device/{serial}/asset/share", get(assets::shares)),
        ("/v1/bcdr/device/{serial}/asset/{volume}", get(assets::by_volume)),
        ("/v1/bcdr/device/{serial}/asset/{volume}/screenshot/latest", get(assets::screenshot)),
        ("/v1/report/activity-log", get(activity::list)),
        ("/v1/saas/domains", get(saas::domains)),
        ("/v1/saas/{customer}/applications", get(saas::applications)),
        ("/v1/saas/{customer}/seats", get(seats::list)),
        ("/v1/saas/{customer}/{subscription}/bulkSeatChange", put(seats::bulk_change)),
        ("/v1/dtc/assets", get(dtc::all)),
        ("/v1/dtc/{client}/assets", get(dtc::of_client)),
        ("/v1/dtc/{client}/assets/{asset}", get(dtc::get)),
        ("/v1/dtc/{client}/assets/{asset}/screenshot/latest", get(dtc::screenshot)),
        ("/v1/dtc/agent/{asset}/bandwidth", put(dtc::set_bandwidth)),
        ("/v1/dtc/rmm-templates", get(dtc::rmm_templates)),
        ("/v1/dtc/storage-pool", get(dtc::storage_pool)),
    ];
    if detailed_backup_stats {
        routes.push(("/v1/saas/{customer}/detailedBackupStats", get(saas::detailed_backup_stats)));
    }
    routes
}

async fn unknown_route(uri: Uri) -> Refusal {
    let message = format!("No route found for \"{}\"", uri.path());
    Refusal::new(StatusCode::NOT_FOUND, "exception.notfoundhttpexception", message)
}

/// The code follows the pattern of the one that was observed (guess).
async fn unknown_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "exception.methodnotallowedhttpexception", "Method not allowed")
}
