//! Walks over lists whose service serves oddly.

mod oddities;
mod totals;
mod walks;

use datto_common::internal::{Call, List};
use datto_common::{Error, Operation, Pager, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::product::{LIST, core};
use crate::server::{Seen, Server, answer};

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Thing {
    id: u64,
    #[serde(default)]
    uid: String,
}

impl Thing {
    fn new(id: u64) -> Self {
        Self { id, uid: id.to_string() }
    }
}

fn list(server: &Server) -> List<Thing> {
    list_of(server, &LIST)
}

/// A list whose records are told apart by their `uid`.
fn list_of(server: &Server, operation: &'static Operation) -> List<Thing> {
    List::new(&core(&server.origin), Call::new(operation, &[]))
        .by(|thing: &Thing| thing.uid.as_str(), || "uid".to_owned())
}

fn parameter(seen: &Seen, name: &str) -> u64 {
    let url = url::Url::parse("http://host").unwrap().join(seen.target()).unwrap();
    let value = url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned());
    value.unwrap().parse().unwrap()
}

fn ids(things: &[u64]) -> Value {
    things.iter().map(|id| json!({"id": id, "uid": id.to_string()})).collect()
}

/// Serves these pages, whatever their size is asked to be.
async fn pages(pages: Vec<Value>) -> Server {
    Server::start(move |seen, _| {
        let page = pages.get(usize::try_from(parameter(seen, "page")).unwrap());
        page.map_or_else(|| answer(404, &[], ""), |page| answer(200, &[], page.to_string()))
    })
    .await
}

/// A page of these things, with what the details say.
fn page(things: &[u64], details: Value) -> Value {
    json!({"things": ids(things), "details": details})
}

/// What a walk yields to its end.
async fn walk(pager: &mut Pager<Thing>) -> Vec<Result<u64, Error>> {
    let mut rows = Vec::new();
    while let Some(row) = pager.next().await {
        rows.push(row.map(|thing| thing.id));
        assert!(rows.len() < 1_000, "it ends");
    }
    assert!(pager.next().await.is_none(), "and stays ended");
    rows
}

fn good(rows: &[Result<u64, Error>]) -> Vec<u64> {
    rows.iter().filter_map(|row| row.as_ref().ok().copied()).collect()
}

fn last(rows: &[Result<u64, Error>]) -> &Error {
    rows.last().unwrap().as_ref().unwrap_err()
}
