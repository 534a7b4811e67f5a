//! The Workplace service: projects, folders and files, with real bytes.

mod answer;
mod content;
mod description;
mod gate;
mod items;
mod options;
mod plant;
mod transfer;
mod tree;
mod truth;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::config::Config;
use crate::sandbox::Sandbox;
use answer::Refusal;
pub use options::{CreatedShape, ListShape, WorkplaceOptions};
use tree::Tree;
pub use truth::{PlantedProject, StoredItem, WorkplaceTruth};

/// Everything the service knows.
#[derive(Debug)]
pub(crate) struct Service {
    options: WorkplaceOptions,
    key: (String, String),
    tree: Mutex<Tree>,
    /// Where uploads are kept until the sandbox ends.
    disk: TempDir,
    rate: gate::Rate,
    begun: (i64, Instant),
}

impl Service {
    /// Epoch milliseconds by tokio's clock.
    fn now_ms(&self) -> i64 {
        let (at, since) = self.begun;
        at.saturating_add(i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}

impl Sandbox {
    /// What is stored in Workplace now, by its path from the project down (`Finance/2026/March/INV-001.pdf`).
    pub fn workplace_tree(&self) -> BTreeMap<String, StoredItem> {
        lock(&self.workplace_service().tree).paths()
    }
}

/// Makes the service and says what is in it.
///
/// # Errors
/// If there is no place for its files.
pub(crate) fn build(config: &Config) -> io::Result<(Router, Arc<Service>, WorkplaceTruth)> {
    let (tree, truth) = plant::plant(config.seed, config.workplace.projects, config.now_ms);
    let service = Arc::new(Service {
        options: config.workplace.clone(),
        key: config.workplace_key.clone(),
        tree: Mutex::new(tree),
        disk: tempfile::Builder::new().prefix("datto-sandbox-").tempdir()?,
        rate: gate::Rate::new(config.workplace.rate),
        begun: (config.now_ms, Instant::now()),
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
    Ok((router, service, truth))
}

/// Locks, whatever happened to the thread that held it before: the data stay whole between statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
