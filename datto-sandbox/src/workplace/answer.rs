//! The answers: lists and items in each shape they were seen or expected in, and refusals.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::content::Content;
use super::tree::Item;
use crate::choice::{CreatedShape, ListShape};

/// An answer that is an error. No client ever read its body: this shape is a guess.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Permission denied")
    }

    pub(crate) fn conflict(name: &str) -> Self {
        Self::new(StatusCode::CONFLICT, format!("\"{name}\" exists"))
    }

    /// What went wrong on this side.
    pub(crate) fn broken(error: &std::io::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"message": self.message}))).into_response()
    }
}

/// Wraps a list.
pub(crate) fn list(items: Vec<Value>, shape: ListShape) -> Json<Value> {
    Json(match shape {
        ListShape::Result => json!({"result": items}),
        ListShape::Value => json!({"value": items}),
        ListShape::Bare => Value::Array(items),
    })
}

/// Tells which item was made, and under which name.
pub(crate) fn created(id: i64, name: &str, shape: CreatedShape) -> Json<Value> {
    Json(match shape {
        CreatedShape::ValueFileId => json!({"value": {"fileID": id, "fileName": name}}),
        CreatedShape::ResultId => json!({"result": {"id": id, "name": name}}),
        CreatedShape::BareFileId => json!({"fileId": id, "fileName": name}),
        CreatedShape::IdAlone => json!({"value": {"fileID": id}}),
        CreatedShape::Empty => json!({}),
    })
}

/// How much of an item is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detail {
    /// Whether the caller sent `metadata`: what its letters mean is not known, so any of them gets everything.
    pub(crate) metadata: bool,
    /// Whether the hash and the size are told in any case.
    pub(crate) hashes: bool,
}

/// An item; a file now and then leaves `folder` out.
pub(crate) fn item(item: &Item, detail: Detail) -> Value {
    let mut value = json!({"id": item.id, "name": item.name, "time": item.time});
    let Some(fields) = value.as_object_mut() else { return value };
    let mut set = |name: &str, value: Value| _ = fields.insert(name.to_owned(), value);
    if item.is_folder() || item.id % 5 != 0 {
        set("folder", json!(item.is_folder()));
    }
    if let Some(content) = item.content.as_deref().filter(|_| detail.hashes || detail.metadata) {
        set("md5", json!(Content::md5(content)));
        set("size", json!(content.size()));
    }
    if detail.metadata {
        let lock = item.lock.as_ref();
        set(
            "lock",
            lock.map_or(
                Value::Null,
                |lock| json!({"fullname": lock.name, "email": lock.email, "lockedSince": lock.since}),
            ),
        );
        set("stored", json!(item.stored));
        set("online", json!(item.online));
        set("isPublicLink", json!(item.public.is_some()));
        if let Some(Some(link)) = &item.public {
            set("fileLink", json!(link));
        }
        set("changedByUserName", json!(item.changed_by));
    }
    value
}
