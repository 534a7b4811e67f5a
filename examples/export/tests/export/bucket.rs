//! A stand-in for S3: single objects and uploads in parts, in memory. An upload in parts is an object only when it is completed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;

type Objects = BTreeMap<String, Vec<u8>>;

#[derive(Debug, Default)]
struct Stored {
    objects: Objects,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
}

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) endpoint: String,
    stored: Arc<Mutex<Stored>>,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let stored = Arc::<Mutex<Stored>>::default();
        let router = Router::new().route("/{*key}", any(answer)).with_state(Arc::clone(&stored));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, stored }
    }

    pub(crate) fn objects(&self) -> Objects {
        self.stored.lock().unwrap().objects.clone()
    }
}

async fn answer(
    State(stored): State<Arc<Mutex<Stored>>>,
    Path(key): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    method: Method,
    body: Bytes,
) -> Response {
    let mut stored = stored.lock().unwrap();
    let etag = HeaderMap::from_iter([("etag".parse().unwrap(), "\"1\"".parse().unwrap())]);
    let part = query.get("partNumber").and_then(|number| number.parse().ok());
    match (method, query.get("uploadId"), part) {
        (Method::POST, None, _) if query.contains_key("uploads") => {
            stored.uploads.insert(key.clone(), BTreeMap::new());
            let id =
                format!("<InitiateMultipartUploadResult><UploadId>{key}</UploadId></InitiateMultipartUploadResult>");
            id.into_response()
        }
        (Method::PUT, Some(id), Some(number)) => {
            stored.uploads.entry(id.clone()).or_default().insert(number, body.to_vec());
            etag.into_response()
        }
        (Method::POST, Some(id), _) => {
            let parts = stored.uploads.remove(id).unwrap();
            stored.objects.insert(key, parts.into_values().flatten().collect());
            "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>".into_response()
        }
        (Method::PUT, None, _) => {
            stored.objects.insert(key, body.to_vec());
            etag.into_response()
        }
        _ => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}
