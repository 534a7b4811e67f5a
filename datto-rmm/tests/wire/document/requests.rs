//! Every request against the document.

use serde_json::Value;

use super::schema::document;
use crate::case::{Case, Server};

/// What the document forbids and the service wants, and why.
const WANTED_ALL_THE_SAME: &[(&str, &str)] =
    &[("devices.set_warranty", "observed: an explicit null clears the date; the schema has text alone")];

#[tokio::test]
async fn every_request_is_one_that_the_document_allows() {
    let Some(document) = document() else { return };
    for case in crate::cases() {
        let server = Server::start().await;
        server.answer(case.good()).await;
        (case.call)(server.client()).await.unwrap();
        let sent = server.sent(case.operation).await.remove(0);
        let call = document.call(sent.method.as_str(), case.operation.path);
        let parameters: Vec<&Value> = call["parameters"].as_array().into_iter().flatten().collect();
        for (name, value) in sent.url.query_pairs() {
            let known = parameters.iter().find(|parameter| parameter["in"] == "query" && parameter["name"] == *name);
            let schema = &known.unwrap_or_else(|| panic!("{case}: {name} is no parameter of the document"))["schema"];
            let faults = document.faults(schema, &typed(&value, schema), &name);
            assert!(faults.is_empty(), "{case}: {faults:?}");
        }
        let body = if sent.body.is_empty() { None } else { Some(serde_json::from_slice::<Value>(&sent.body).unwrap()) };
        match (document.body(call), body) {
            (None, None) => {}
            (Some(schema), Some(body)) => {
                let faults = document.faults(schema, &body, "body");
                let excused = body["warrantyDate"].is_null() && is_excused(&case);
                assert!(excused || faults.is_empty(), "{case}: {faults:?}");
            }
            (official, ours) => panic!("{case}: {official:?} in the document, {ours:?} sent"),
        }
        server.stop().await;
    }
}

/// The whole of each body is set by some case: a field that no case sends would be one that nobody can set.
#[test]
fn every_field_of_every_body_can_be_set() {
    let Some(document) = document() else { return };
    for operation in datto_rmm::operations::ALL {
        let call = document.call(operation.method.as_str(), operation.path);
        let Some(schema) = document.body(call) else { continue };
        let cases: Vec<Value> = crate::cases()
            .iter()
            .filter(|case| case.operation.name == operation.name)
            .filter_map(Case::sent_body)
            .collect();
        for (field, _) in
            document.properties(schema).into_iter().filter(|(name, _)| !name.starts_with("udf") || *name == "udfs")
        {
            let set = cases.iter().any(|body| body.get(field).is_some());
            assert!(set, "{}: no case sets {field}", operation.name);
        }
    }
}

fn is_excused(case: &Case) -> bool {
    WANTED_ALL_THE_SAME.iter().any(|(name, _)| *name == case.operation.name)
}

/// A text of the query as the type that the document gives it; several values stand with commas between them (official).
fn typed(text: &str, schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from),
        Some("array") => text.split(',').map(|text| typed(text, &schema["items"])).collect(),
        _ => Value::from(text),
    }
}
