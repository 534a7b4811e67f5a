//! What a document has that the client does not know, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use datto_rmm::models::schemas::{OURS_ALONE, PAIRS, WITHOUT_MODEL};
use datto_rmm::{Evidence, Operation};

use crate::document::{Document, nameless};

/// What a client knows of its service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    /// Its calls.
    pub(crate) operations: &'static [&'static Operation],
    /// What the paths of its document begin with, and the table's do not.
    pub(crate) prefix: &'static str,
    /// Whether its records are compared with the schemas too.
    pub(crate) has_schemas: bool,
}

/// Every difference, one line each.
pub(crate) fn differences(client: Client, document: &Document) -> Vec<String> {
    let mut lines = calls(client, document);
    if client.has_schemas {
        lines.extend(schemas(document));
    }
    lines
}

fn calls(client: Client, document: &Document) -> Vec<String> {
    let official = document.calls(client.prefix);
    let ours: BTreeMap<_, _> = client.operations.iter().map(|row| (key(row), *row)).collect();
    let mut lines = Vec::new();
    for ((method, path), query) in &official {
        let Some(row) = ours.get(&(method.clone(), path.clone())) else {
            lines.push(format!("new call: {method} {path}"));
            continue;
        };
        let known: BTreeSet<String> = row.query.iter().map(|name| (*name).to_owned()).collect();
        lines.extend(query.difference(&known).map(|name| format!("{}: new parameter `{name}`", row.name)));
        lines.extend(known.difference(query).map(|name| format!("{}: the parameter `{name}` is gone", row.name)));
    }
    let gone = ours.iter().filter(|(call, row)| !official.contains_key(*call) && row.evidence == Evidence::Official);
    lines.extend(gone.map(|((method, path), row)| format!("{}: {method} {path} is gone", row.name)));
    lines
}

fn key(row: &Operation) -> (String, String) {
    (row.method.to_string(), nameless(row.path))
}

fn schemas(document: &Document) -> Vec<String> {
    let mut official = document.schemas();
    let mut lines = Vec::new();
    for (model, fields, schema) in PAIRS {
        let Some(members) = official.remove(*schema) else {
            lines.push(format!("{model}: the schema `{schema}` is gone"));
            continue;
        };
        let ours: BTreeSet<String> = fields.iter().map(|field| field.wire_name()).collect();
        lines.extend(members.difference(&ours).map(|name| format!("{model}: new member `{name}`")));
        let kept = |name: &str| OURS_ALONE.iter().any(|(other, field, _)| other == model && *field == name);
        let gone = ours.difference(&members).filter(|name| !kept(name));
        lines.extend(gone.map(|name| format!("{model}: the member `{name}` is gone")));
    }
    let is_known = |name: &str| WITHOUT_MODEL.iter().any(|(other, _)| *other == name);
    let new = official.iter().filter(|(name, members)| !is_known(name) && !members.contains("pageDetails"));
    lines.extend(new.map(|(name, _)| format!("new schema `{name}`")));
    lines
}
