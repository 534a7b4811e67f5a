//! The Workplace service: projects, folders and files, with real bytes.

mod answer;
mod change;
mod content;
mod description;
mod gate;
mod items;
mod plant;
mod spool;
mod transfer;
mod tree;
mod truth;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::basic;
use crate::clock::Clock;
use crate::config::Config;
use crate::estate::Company;
use crate::sandbox::Sandbox;
use crate::settings::{Live, Settings};
use answer::Refusal;
use spool::Spool;
use tree::Tree;
pub use truth::{PlantedProject, StoredItem, WorkplaceTruth};

/// Everything the service knows.
#[derive(Debug)]
pub(crate) struct Service {
    live: Arc<Live>,
    clock: Arc<Clock>,
    tree: Mutex<Tree>,
    /// Projects of customers: id, and the place of the customer in the list of companies.
    owners: Vec<(i64, usize)>,
    /// Where uploads are kept until the sandbox ends.
    spool: Arc<Spool>,
    rate: gate::Rate,
}

impl Service {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// What is there now.
    pub(crate) fn truth(&self) -> WorkplaceTruth {
        lock(&self.tree).truth(self.now_ms())
    }

    /// Id and name of the projects of a company.
    pub(crate) fn projects_of_company(&self, company: usize) -> Vec<(i64, String)> {
        let tree = lock(&self.tree);
        let own = self.owners.iter().filter(|(_, owner)| *owner == company);
        own.filter_map(|(id, _)| Some((*id, tree.get(*id)?.name.clone()))).collect()
    }

    /// Whether a request is for this team.
    pub(crate) fn claims(&self, parts: &Parts) -> bool {
        basic::carries(&self.settings().workplace_key_pair, &parts.headers)
    }

    fn settings(&self) -> Arc<Settings> {
        self.live.get()
    }
}

impl Sandbox {
    /// What is stored in Workplace now, by its path from the project down (`Finance/2026/March/INV-001.pdf`).
    pub fn workplace_tree(&self) -> BTreeMap<String, StoredItem> {
        lock(&self.seen().workplace.tree).paths()
    }
}

/// Makes the service.
pub(crate) fn build(config: &Config, companies: &[Company]) -> (Router, Arc<Service>) {
    let mut tree = plant::plant(config.seed, config.workplace_projects, config.now_ms);
    let owners = plant::plant_customers(config, companies, &mut tree);
    let service = Arc::new(Service {
        live: Arc::clone(&config.live),
        clock: Arc::clone(&config.clock),
        tree: Mutex::new(tree),
        owners,
        spool: Arc::default(),
        rate: gate::Rate::default(),
    });
    let api = Router::new()
        .route("/file/projects", get(items::projects))
        .route("/file/{id}", get(items::get).post(transfer::create_folder).patch(items::update).delete(items::delete))
        .route("/file/{id}/files", get(items::children).post(transfer::upload))
        .route("/file/{id}/data", get(transfer::download))
        .route("/openapi.json", get(description::openapi))
        .layer(DefaultBodyLimit::disable())
        .route_layer(from_fn_with_state(Arc::clone(&service), gate::guard))
        .with_state(Arc::clone(&service));
    // Any other cell is another data centre, which knows nothing of this team.
    let router = Router::new().nest("/2/api/v1", api).fallback(async || Refusal::not_found());
    (router, service)
}

/// Locks, whatever happened to the thread that held it before: the data stay whole between statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
