//! The API's own description: the ten calls, without their answers.

use axum::Json;
use serde_json::{Map, Value, json};

/// Method, path, what it does, and the names of its query parameters.
const CALLS: [(&str, &str, &str, &[&str]); 10] = [
    ("get", "/file/projects", "List projects", &["metadata"]),
    ("get", "/file/{fileID}/files", "List children", &["metadata"]),
    ("post", "/file/{fileID}/files", "Upload a file", &[]),
    ("get", "/file/{fileID}", "Get an item", &["metadata"]),
    ("post", "/file/{fileID}", "Create a folder", &["name"]),
    ("patch", "/file/{fileID}", "Rename an item", &["name"]),
    ("patch", "/file/{fileID}", "Lock or unlock an item", &["locked"]),
    ("delete", "/file/{fileID}", "Delete an item", &[]),
    ("get", "/file/{fileID}/data", "Download a file", &[]),
    ("get", "/openapi.json", "Describe the API", &[]),
];

/// `GET /openapi.json`
pub(crate) async fn openapi() -> Json<Value> {
    let mut paths: Map<String, Value> = Map::new();
    for (method, path, summary, query) in CALLS {
        let mut parameters: Vec<Value> =
            query.iter().map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}})).collect();
        if path.contains("{fileID}") {
            parameters.push(json!({"name": "fileID", "in": "path", "required": true, "schema": {"type": "integer", "format": "int64"}}));
        }
        let calls = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(present) = calls.get_mut(method) {
            merge(present, summary, parameters);
        } else if let Some(calls) = calls.as_object_mut() {
            let call =
                json!({"summary": summary, "parameters": parameters, "responses": {"200": {"description": "Done"}}});
            calls.insert(method.to_owned(), call);
        }
    }
    Json(json!({"openapi": "3.0.1", "info": {"title": "Workplace (sandbox)", "version": "v1"}, "paths": paths}))
}

/// Two calls of one method and path differ by their query alone.
fn merge(call: &mut Value, summary: &str, parameters: Vec<Value>) {
    let text = format!("{}; {summary}", call.get("summary").and_then(Value::as_str).unwrap_or_default());
    if let Some(known) = call.get_mut("parameters").and_then(Value::as_array_mut) {
        let new: Vec<Value> = parameters.into_iter().filter(|parameter| !known.contains(parameter)).collect();
        known.extend(new);
    }
    if let Some(call) = call.as_object_mut() {
        call.insert("summary".to_owned(), json!(text));
    }
}
