//! The BCDR service: appliances and their assets, SaaS Protection, Direct-to-Cloud and the activity log.

mod activity;
mod answer;
mod assets;
mod census;
mod change;
mod devices;
mod dtc;
mod fleet;
mod gate;
mod identity;
mod saas;
mod seats;
mod story;
mod truth;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, put};
use serde_json::{Map, Value};

use crate::basic;
use crate::choice::KeyScope;
use crate::clock::Clock;
use crate::config::Config;
use crate::links::LinkTruth;
use crate::random::Random;
use crate::rmm::Account;
use crate::settings::{Live, Settings};
use answer::Refusal;
use identity::Pools;
pub(crate) use identity::Protection;
pub use truth::{AssetCase, BcdrTruth, PlantedAsset, SaasCase};

/// The running service.
#[derive(Debug)]
pub(crate) struct Service {
    budget: gate::Budget,
    world: Mutex<World>,
    live: Arc<Live>,
    clock: Arc<Clock>,
}

impl Service {
    /// The settings as they are now.
    fn settings(&self) -> Arc<Settings> {
        self.live.get()
    }

    /// Lets the backups run that are due in an hour.
    pub(crate) fn run_backups(&self, hour: i64, at_ms: i64) {
        self.world().run_backups(hour, at_ms.div_euclid(1_000));
    }

    /// Adds the clients to the companies that they are.
    pub(crate) fn link_clients(&self, links: &mut LinkTruth) {
        self.world().link_clients(links);
    }

    /// Shows everything that backs a machine up.
    pub(crate) fn with_protections(&self, show: impl FnOnce(&[Protection<'_>])) {
        show(&self.world().protections());
    }

    /// Whether a request is for this account.
    pub(crate) fn claims(&self, parts: &Parts) -> bool {
        basic::carries(&self.settings().bcdr_key_pair, &parts.headers)
    }

    /// What the service knows. Never held across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        answer::lock(&self.world)
    }

    /// What is there now.
    pub(crate) fn truth(&self) -> BcdrTruth {
        self.world().truth()
    }
}

/// Everything the service knows.
#[derive(Debug)]
pub(crate) struct World {
    live: Arc<Live>,
    clock: Arc<Clock>,
    /// The first is the one that a limited key belongs to.
    clients: Vec<fleet::Client>,
    appliances: Vec<fleet::Appliance>,
    activity: Vec<activity::Activity>,
    customers: Vec<saas::Customer>,
    dtc_assets: Vec<dtc::Asset>,
    bandwidth: HashMap<String, Map<String, Value>>,
    /// For what happens while the sandbox runs.
    random: Random,
}

impl World {
    fn new(config: &Config, account: &Account) -> Self {
        let (seed, now) = (config.seed, config.now_ms.div_euclid(1_000));
        let appliances = config.appliances.unwrap_or((config.devices / 25).max(3));
        let customers = config.saas_customers.unwrap_or((config.devices / 60).max(2));
        let mut pools = Pools::new(seed, account);
        let mut clients = fleet::clients(seed, appliances, &account.companies);
        let mut appliances = fleet::appliances(seed, appliances, &clients, now);
        for appliance in &mut appliances {
            for asset in appliance.assets.iter_mut().filter(|asset| !asset.share) {
                asset.identity = pools.identity(&appliance.client, &asset.name);
                asset.name.clone_from(&asset.identity.hostname);
            }
        }
        let mut dtc_assets = dtc::assets(seed, &clients, now);
        for asset in &mut dtc_assets {
            asset.identity = pools.identity(&asset.client, &format!("{}.example.com", asset.name));
        }
        for client in &mut clients {
            client.pcs = devices::pcs(client, now, &mut pools);
        }
        Self {
            live: Arc::clone(&config.live),
            clock: Arc::clone(&config.clock),
            activity: activity::log(seed, &appliances, now),
            customers: saas::customers(seed, customers, &clients, &account.companies, now),
            dtc_assets,
            appliances,
            clients,
            bandwidth: HashMap::new(),
            random: Random::new(seed, "bcdr while running"),
        }
    }

    fn settings(&self) -> Arc<Settings> {
        self.live.get()
    }

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        self.clock.now_ms().div_euclid(1_000)
    }

    /// The moment in seconds by which appliances that are online have checked in: they do so every five minutes.
    fn checked_in(&self) -> i64 {
        self.clock.start_ms().div_euclid(1_000) + self.clock.passed_ms() / 300_000 * 300
    }

    fn truth(&self) -> BcdrTruth {
        let one_client = self.clients.first().map(|client| client.id).unwrap_or_default();
        let mut truth = census::of_appliances(&self.appliances, one_client, self.now());
        self.customers.iter().for_each(|customer| saas::note(&mut truth, customer));
        self.dtc_assets.iter().for_each(|asset| dtc::note(&mut truth, asset));
        truth
    }

    /// The clients that the key may see.
    fn visible_clients(&self) -> &[fleet::Client] {
        let shown = if self.settings().bcdr_key_scope == KeyScope::OneClient { 1 } else { self.clients.len() };
        self.clients.get(..shown).unwrap_or(&self.clients)
    }

    /// Whether the key may see what belongs to a client.
    fn may_see(&self, client: i64) -> bool {
        self.visible_clients().iter().any(|known| known.id == client)
    }
}

/// Makes the service.
pub(crate) fn build(config: &Config, account: &Account) -> (Router, Arc<Service>) {
    let service = Arc::new(Service {
        budget: gate::Budget::default(),
        world: Mutex::new(World::new(config, account)),
        live: Arc::clone(&config.live),
        clock: Arc::clone(&config.clock),
    });
    let router = routes().into_iter().fold(Router::new(), |router, (path, route)| {
        router.route(path, route.route_layer(from_fn_with_state(Arc::clone(&service), gate::guard)))
    });
    let router = router
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(from_fn_with_state(Arc::clone(&service), gate::label))
        .with_state(Arc::clone(&service));
    (router, service)
}

type Route = MethodRouter<Arc<Service>>;

fn routes() -> Vec<(&'static str, Route)> {
    vec![
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
        ("/v1/saas/{customer}/detailedBackupStats", get(saas::detailed_backup_stats)),
    ]
}

async fn unknown_route(uri: Uri) -> Refusal {
    no_route(&uri)
}

fn no_route(uri: &Uri) -> Refusal {
    let message = format!("No route found for \"{}\"", uri.path());
    Refusal::new(StatusCode::NOT_FOUND, "exception.notfoundhttpexception", message)
}

/// The code follows the pattern of the one that was observed (guess).
async fn unknown_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "exception.methodnotallowedhttpexception", "Method not allowed")
}
