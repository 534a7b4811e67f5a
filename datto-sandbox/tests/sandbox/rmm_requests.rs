//! Every request against the official OpenAPI document, whose path the variable `DATTO_RMM_OPENAPI` gives: what it
//! declares is taken, looked at, and missed where it is required.

use datto_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::Rmm;
use crate::rmm_operations;

fn document() -> Option<Value> {
    let Ok(path) = std::env::var("DATTO_RMM_OPENAPI") else {
        println!("skipped: DATTO_RMM_OPENAPI is not set");
        return None;
    };
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/"));
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

/// A value that fits a schema.
fn good(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(members) = schema["enum"].as_array() {
        return members[0].clone();
    }
    match schema["type"].as_str() {
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(1),
        Some("array") => json!([]),
        Some("object") => {
            let properties = schema["properties"].as_object().unwrap();
            properties.iter().map(|(name, schema)| (name.clone(), good(document, schema))).collect()
        }
        _ => json!("text"),
    }
}

/// The body that an operation takes, with everything in it that it may have.
fn whole(document: &Value, schema: &Value, given: &Value) -> Value {
    let schema = resolved(document, schema);
    let mut body = given.clone();
    // Of three hundred fields a few stand for all.
    let properties = schema["properties"].as_object().unwrap().iter();
    for (name, schema) in properties.filter(|(name, _)| !name.starts_with("udf") || name.as_str() == "udf300") {
        if body.get(name).is_none() {
            body[name] = good(document, schema);
        }
    }
    body
}

/// Pointers to everything in a body, the innermost included.
fn pointers(body: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match body {
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect()
        }
        _ => Vec::new(),
    };
    inner.iter().flat_map(|(at, value)| [vec![at.clone()], pointers(value, at)].concat()).collect()
}

#[tokio::test(start_paused = true)]
async fn bodies_are_taken_as_declared_and_looked_at() {
    let Some(document) = document() else { return };
    let rmm = Rmm::start(Sandbox::builder().devices(300).seed(4)).await;
    let mut wrong = Vec::new();
    let mut bodies = 0;
    for call in rmm_operations::all(&rmm).await.into_iter().filter(|call| call.template != "/v2/user/resetApiKeys") {
        let operation = &document["paths"][call.template][call.method.to_lowercase()];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(given) = &call.body else {
            assert!(schema.is_null(), "{} {} has a body", call.method, call.template);
            continue;
        };
        bodies += 1;
        let send = async |body: &Value| rmm.send(call.method, &call.path, Some(body)).await.status;
        let body = whole(&document, schema, given);
        let place = format!("{} {}", call.method, call.template);
        if send(&body).await != 200 {
            wrong.push(format!("{place}: {body} is not taken"));
        }
        for pointer in pointers(&body, "") {
            let mut spoiled = body.clone();
            let value = spoiled.pointer_mut(&pointer).unwrap();
            *value = if value.is_array() { json!("text") } else { json!([["spoiled"]]) };
            if send(&spoiled).await != 400 {
                wrong.push(format!("{place}: {pointer} is not looked at"));
            }
        }
        for name in resolved(&document, schema)["required"].as_array().into_iter().flatten() {
            let mut short = body.clone();
            short.as_object_mut().unwrap().remove(name.as_str().unwrap());
            if send(&short).await != 400 {
                wrong.push(format!("{place}: {name} is not missed"));
            }
        }
    }
    assert_eq!((wrong, bodies), (Vec::<String>::new(), 11));
}

#[tokio::test(start_paused = true)]
async fn queries_are_taken_as_declared_and_looked_at() {
    let Some(document) = document() else { return };
    let rmm = Rmm::start(Sandbox::builder().devices(300).seed(4).rate_limits(false)).await;
    let filter = rmm.read("/v2/filter/custom-filters").await["filters"][0]["id"].clone();
    let mut wrong = Vec::new();
    let mut parameters = 0;
    for call in rmm_operations::all(&rmm).await.into_iter().filter(|call| call.method == "GET") {
        let operation = &document["paths"][call.template]["get"];
        let declared = operation["parameters"].as_array().into_iter().flatten();
        for parameter in declared.filter(|parameter| parameter["in"] == "query") {
            parameters += 1;
            let name = parameter["name"].as_str().unwrap();
            let schema = resolved(&document, &parameter["schema"]);
            let members = schema["enum"].as_array().or(schema["items"]["enum"].as_array());
            let fits = match (name, schema["type"].as_str(), members) {
                ("filterId", ..) => filter.to_string(),
                ("searchAfter", ..) => "1,id".to_owned(),
                ("from" | "until", ..) => "2026-01-01T00:00:00Z".to_owned(),
                (_, Some("integer"), _) => "1".to_owned(),
                (_, Some("boolean"), _) => "true".to_owned(),
                (_, _, Some(members)) => members[0].as_str().unwrap().to_owned(),
                _ => "x".to_owned(),
            };
            let ask = async |value: &str| rmm.get(&format!("{}?{name}={value}", call.path)).await;
            let place = format!("{} {name}", call.template);
            if ask(&fits).await.status != 200 {
                wrong.push(format!("{place}: {fits} is not taken"));
            }
            // What cannot be read is refused; a text that fits nothing selects nothing.
            let plain = rmm.get(&call.path).await.body;
            let other = ask("no-such-thing").await;
            if other.status == 200 && other.body == plain {
                wrong.push(format!("{place} is not looked at"));
            }
            let typed = matches!(schema["type"].as_str(), Some("integer" | "boolean"));
            if typed && other.status != 400 {
                wrong.push(format!("{place}: {} to a word", other.status));
            }
        }
    }
    assert_eq!((wrong, parameters), (Vec::<String>::new(), 81));
}
