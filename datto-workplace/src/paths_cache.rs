//! Folders that were found by their names, remembered for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Case, FolderId};

/// How long a folder that was found is taken to be still there under its name: others may rename it.
const FRESH: Duration = Duration::from_secs(60);
/// A cache of more folders begins anew.
const CACHED: usize = 10_000;

/// A folder, or the projects, and a name below it.
pub(crate) type Edge = (Option<FolderId>, String, Case);

/// Folders that were found, by parent and name.
#[derive(Debug, Default)]
pub(crate) struct PathsCache(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    folders: HashMap<Edge, (FolderId, Instant)>,
    /// How often all was forgotten: what was looked up before that is not remembered after it.
    age: u64,
}

/// When a look-up began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun(u64);

impl PathsCache {
    pub(crate) fn get(&self, edge: &Edge) -> Option<FolderId> {
        let (id, found) = self.lock().folders.get(edge)?.clone();
        (found.elapsed() < FRESH).then_some(id)
    }

    pub(crate) fn begin(&self) -> Begun {
        Begun(self.lock().age)
    }

    pub(crate) fn put(&self, edge: Edge, id: FolderId, begun: Begun) {
        let mut known = self.lock();
        if known.age != begun.0 {
            return;
        }
        if known.folders.len() >= CACHED {
            known.folders.clear();
        }
        known.folders.insert(edge, (id, Instant::now()));
    }

    pub(crate) fn forget(&self) {
        let mut known = self.lock();
        known.folders.clear();
        known.age = known.age.wrapping_add(1);
    }

    /// Forgets all, whenever it is called: for a write that has happened, or may have.
    pub(crate) fn forgetting(self: &Arc<Self>) -> impl Fn() + Send + Sync + 'static {
        let cache = Arc::clone(self);
        move || cache.forget()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
