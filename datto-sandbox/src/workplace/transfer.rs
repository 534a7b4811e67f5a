//! New folders, uploads and downloads.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use serde_json::Value;

use super::answer::{self, Refusal};
use super::content::{self, Content, Incoming};
use super::items::{Params, is_name, param};
use super::{Service, lock};

/// `POST /file/{parentID}?name=`: makes a folder; 409 where the name is taken (observed).
pub(crate) async fn create_folder(
    State(service): State<Arc<Service>>,
    Path(parent): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    let mut tree = lock(&service.tree);
    let parent = service.folder(&tree, &parent)?;
    let name =
        param(&params, "name").filter(|name| is_name(name)).ok_or_else(|| Refusal::bad_request("name is required"))?;
    let name = service.stored_name(name)?;
    if tree.child(Some(parent), &name, service.settings().workplace_names).is_some() {
        return Err(Refusal::conflict(&name));
    }
    let id = tree.add(Some(parent), &name, service.now_ms(), None);
    Ok(answer::created(id, &name, service.settings().workplace_created))
}

/// `POST /file/{folderID}/files`: stores a file, and tells the name under which it did.
///
/// A clash is solved by another name where `makeUnique` is true; else the bytes are replaced and the id is kept (guess).
pub(crate) async fn upload(
    State(service): State<Arc<Service>>,
    Path(folder): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, Refusal> {
    let form = form.map_err(|rejection| Refusal::bad_request(rejection.body_text()))?;
    // All of it is read before anything is refused, so that the sender is there to hear why.
    let Upload { content, name, make_unique } = Upload::receive(form, &service).await?;
    let content = content.ok_or_else(|| Refusal::bad_request("partData is required"))?;
    let name = name.filter(|name| is_name(name)).ok_or_else(|| Refusal::bad_request("fileName is required"))?;
    let (name, settings) = (service.stored_name(&name)?, service.settings());
    let (now, shape, rule) = (service.now_ms(), settings.workplace_created, settings.workplace_names);
    let mut tree = lock(&service.tree);
    let folder = service.folder(&tree, &folder)?;
    let name = if make_unique { tree.free_name(folder, &name, rule) } else { name };
    let Some(present) = tree.child(Some(folder), &name, rule).map(|item| item.id) else {
        let id = tree.add(Some(folder), &name, now, Some(content));
        return Ok(answer::created(id, &name, shape));
    };
    let item = tree.get_mut(present).ok_or_else(Refusal::not_found)?;
    if item.is_folder() {
        return Err(Refusal::conflict(&name));
    }
    item.content = Some(Arc::new(content));
    item.time = now;
    Ok(answer::created(present, &name, shape))
}

/// `GET /file/{fileID}/data`: the bytes. A folder has none, and what is not in the cloud cannot be had (both guesses).
pub(crate) async fn download(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let (content, kind) = {
        let tree = lock(&service.tree);
        let item = service.item(&tree, &id)?;
        let content = item.content.clone().ok_or_else(|| Refusal::bad_request("A folder has no data"))?;
        if !(item.stored && item.online) {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "The file is not in the cloud"));
        }
        (content, content_type(&item.name))
    };
    let described = service.settings().workplace_content_headers;
    let mut response = Response::new(content::body(content, described));
    if described {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    Ok(response)
}

/// The form of an upload, whatever the order of its fields.
#[derive(Debug, Default)]
struct Upload {
    content: Option<Content>,
    name: Option<String>,
    make_unique: bool,
}

impl Upload {
    async fn receive(mut form: Multipart, service: &Service) -> Result<Self, Refusal> {
        let mut upload = Self::default();
        let bad = |error: axum::extract::multipart::MultipartError| Refusal::bad_request(error.body_text());
        while let Some(mut field) = form.next_field().await.map_err(bad)? {
            match field.name() {
                Some("partData") => {
                    let mut incoming = Incoming::new(&service.spool);
                    while let Some(piece) = field.chunk().await.map_err(bad)? {
                        incoming.write(&piece).await.map_err(|error| Refusal::broken(&error))?;
                    }
                    upload.content = Some(incoming.finish().await.map_err(|error| Refusal::broken(&error))?);
                }
                Some("fileName") => upload.name = Some(field.text().await.map_err(bad)?),
                // Without it, as with "false" (guess).
                Some("makeUnique") => upload.make_unique = field.text().await.map_err(bad)? == "true",
                _ => while field.chunk().await.map_err(bad)?.is_some() {},
            }
        }
        Ok(upload)
    }
}

impl Service {
    /// The name under which something is stored, unless it is refused.
    fn stored_name(&self, name: &str) -> Result<String, Refusal> {
        let settings = self.settings();
        if settings.workplace_refuse_name.as_deref() == Some(name) {
            return Err(Refusal::forbidden());
        }
        Ok(settings.workplace_names.stored(name))
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("txt") => "text/plain",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}
