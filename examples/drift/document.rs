//! An OpenAPI document: where it comes from, and what it says of calls and schemas.
#![allow(clippy::indexing_slicing)] // a JSON value gives null for a member that it does not have

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// A call: its method in capitals and its path.
pub(crate) type Call = (String, String);

/// A document that was read.
#[derive(Debug)]
pub(crate) struct Document(Value);

impl Document {
    /// Reads it from a file, or from an address that begins with `http`.
    pub(crate) async fn read(place: &str) -> anyhow::Result<Self> {
        let text = if place.starts_with("http://") || place.starts_with("https://") {
            let answer = reqwest::get(place).await.with_context(|| format!("{place} does not answer"))?;
            answer.error_for_status().context("the address has no document")?.text().await?
        } else {
            std::fs::read_to_string(place).with_context(|| format!("{place} cannot be read"))?
        };
        Self::parse(&text)
    }

    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let document: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).context("this is no JSON")?;
        if !document["paths"].is_object() {
            bail!("this is no OpenAPI document: it has no `paths`");
        }
        Ok(Self(document))
    }

    /// The version that the document names.
    pub(crate) fn version(&self) -> &str {
        self.0["info"]["version"].as_str().unwrap_or("without a version")
    }

    /// Each call with the names of its query parameters; paths without this prefix, placeholders without their names.
    pub(crate) fn calls(&self, prefix: &str) -> BTreeMap<Call, BTreeSet<String>> {
        const METHODS: &[&str] = &["get", "put", "post", "patch", "delete"];
        let mut calls = BTreeMap::new();
        for (path, item) in self.0["paths"].as_object().into_iter().flatten() {
            let short = path.strip_prefix(prefix).unwrap_or(path);
            for method in METHODS.iter().filter(|method| item[**method].is_object()) {
                let shared = item["parameters"].as_array().into_iter().flatten();
                let own = item[*method]["parameters"].as_array().into_iter().flatten();
                let query = shared.chain(own).map(|parameter| self.resolve(parameter));
                let query = query.filter(|parameter| parameter["in"] == "query");
                let names = query.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect();
                calls.insert((method.to_uppercase(), nameless(short)), names);
            }
        }
        calls
    }

    /// The members of each schema.
    pub(crate) fn schemas(&self) -> BTreeMap<String, BTreeSet<String>> {
        let schemas = self.0["components"]["schemas"].as_object().into_iter().flatten();
        schemas.map(|(name, schema)| (name.clone(), self.members(schema, 0))).collect()
    }

    /// The members of an object, with those of the schemas that it extends.
    fn members(&self, schema: &Value, depth: u8) -> BTreeSet<String> {
        let schema = self.resolve(schema);
        let own = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
        let parts = schema["allOf"].as_array().into_iter().flatten().filter(|_| depth < 8);
        own.chain(parts.flat_map(|part| self.members(part, depth + 1))).collect()
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        reference.and_then(|pointer| self.0.pointer(pointer)).unwrap_or(value)
    }
}

/// The path with `{}` for each placeholder: what a placeholder is called is no difference.
pub(crate) fn nameless(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') && part.ends_with('}') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
