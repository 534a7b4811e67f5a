//! Listing, reading, renaming, locking and deleting: what projects, folders and files have in common.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::answer::{self, Detail, Refusal};
use super::tree::{Item, Lock, Tree};
use super::{Service, lock};

/// The query of a call, repeated parameters included.
pub(crate) type Params = Query<Vec<(String, String)>>;

/// The value of a query parameter.
pub(crate) fn param<'a>(Query(params): &'a Params, name: &str) -> Option<&'a str> {
    params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// `GET /file/projects`: only what is shared with the integration; nothing shared is an empty list, no error (guess).
pub(crate) async fn projects(State(service): State<Arc<Service>>, params: Params) -> Json<Value> {
    service.list(None, &params)
}

/// `GET /file/{folderID}/files`: all children at once; there are no pages (observed).
pub(crate) async fn children(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    let id = service.folder(&lock(&service.tree), &id)?;
    Ok(service.list(Some(id), &params))
}

/// `GET /file/{fileID}`: the item alone, without a wrapper.
pub(crate) async fn get(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    let tree = lock(&service.tree);
    let item = service.item(&tree, &id)?;
    Ok(Json(answer::item(item, service.detail(&params))))
}

/// `PATCH /file/{fileID}`: a new name, a lock, or both. What it answers is not known; here the item (guess).
pub(crate) async fn update(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    let settings = service.settings();
    let mut tree = lock(&service.tree);
    let found = service.item(&tree, &id)?;
    let (id, parent, old) = (found.id, found.parent, found.name.clone());
    let (name, locked) = (param(&params, "name"), param(&params, "locked"));
    if parent.is_none() {
        // Projects are made and managed elsewhere.
        return Err(Refusal::forbidden());
    }
    let locked = match locked {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Refusal::bad_request("locked must be true or false")),
    };
    match name {
        None if locked.is_none() => return Err(Refusal::bad_request("name or locked is required")),
        Some(name) if !is_name(name) => return Err(Refusal::bad_request("not a name")),
        Some(name) if Some(name) == settings.workplace_refuse_name.as_deref() => return Err(Refusal::forbidden()),
        _ => {}
    }
    let name = name.map(|name| settings.workplace_names.stored(name));
    if let Some(name) = name.as_deref().filter(|name| *name != old)
        && tree.child(parent, name, settings.workplace_names).is_some_and(|other| other.id != id)
    {
        // What the service does about a name that is taken is not known (guess).
        return Err(Refusal::conflict(name));
    }
    let item = tree.get_mut(id).ok_or_else(Refusal::not_found)?;
    if let Some(name) = name {
        item.name = name;
        item.time = service.now_ms();
    }
    if let Some(locked) = locked {
        let since = service.now_ms();
        item.lock = locked.then_some(Lock { name: "Sandbox Integration", email: "integration@example.com", since });
    }
    Ok(Json(answer::item(item, service.detail(&params))))
}

/// `DELETE /file/{fileID}`: with all that lies under it; projects are deleted elsewhere (official).
pub(crate) async fn delete(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let mut tree = lock(&service.tree);
    let item = service.item(&tree, &id)?;
    if service.settings().workplace_refuse_deletes || item.parent.is_none() {
        return Err(Refusal::forbidden());
    }
    let id = item.id;
    tree.remove(id);
    Ok(StatusCode::OK)
}

/// Whether an item can be called so. The service sets no limit on letters (official); a separator cannot be part of a name (guess).
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}

impl Service {
    /// The item of an id, if it is shared with the integration.
    pub(crate) fn item<'a>(&self, tree: &'a Tree, id: &str) -> Result<&'a Item, Refusal> {
        let id = id.parse().map_err(|_| Refusal::not_found())?;
        tree.get(id).filter(|_| !self.settings().workplace_nothing_shared).ok_or_else(Refusal::not_found)
    }

    /// The id of a folder.
    pub(crate) fn folder(&self, tree: &Tree, id: &str) -> Result<i64, Refusal> {
        self.item(tree, id).and_then(|item| if item.is_folder() { Ok(item.id) } else { Err(Refusal::not_found()) })
    }

    pub(crate) fn detail(&self, params: &Params) -> Detail {
        Detail { metadata: param(params, "metadata").is_some(), hashes: self.settings().workplace_plain_hashes }
    }

    fn list(&self, parent: Option<i64>, params: &Params) -> Json<Value> {
        let tree = lock(&self.tree);
        let shown = tree.children(parent).filter(|_| !self.settings().workplace_nothing_shared);
        let items = shown.map(|item| answer::item(item, self.detail(params))).collect();
        answer::list(items, self.settings().workplace_lists)
    }
}
