//! The official document: looking things up in it, and checking a value against it.

use serde_json::{Map, Value};

/// The document that `DATTO_RMM_OPENAPI` names; `None` if it is not set. It belongs to its vendor and is not part of this project.
pub(crate) fn document() -> Option<Document> {
    let Some(path) = std::env::var_os("DATTO_RMM_OPENAPI") else {
        println!("skipped: set DATTO_RMM_OPENAPI to the path of the official OpenAPI document");
        return None;
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(Document(serde_json::from_str(&text).unwrap()))
}

pub(crate) struct Document(Value);

impl Document {
    /// Each call: method in capitals, path, description of the call.
    pub(crate) fn calls(&self) -> Vec<(String, &str, &Value)> {
        let paths = self.0["paths"].as_object().unwrap();
        let calls =
            paths.iter().flat_map(|(path, calls)| calls.as_object().unwrap().iter().map(move |call| (path, call)));
        calls.map(|(path, (method, call))| (method.to_uppercase(), path.as_str(), call)).collect()
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> &Value {
        &self.0["paths"][path][method.to_lowercase()]
    }

    pub(crate) fn schemas(&self) -> &Map<String, Value> {
        self.0["components"]["schemas"].as_object().unwrap()
    }

    pub(crate) fn schema(&self, name: &str) -> &Value {
        self.schemas().get(name).unwrap_or_else(|| panic!("the document has no schema {name}"))
    }

    /// The schema itself, where it refers to another one.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolve(self.schema(reference.rsplit('/').next().unwrap())),
            None => schema,
        }
    }

    /// The members of an object, with those of the schemas that it extends.
    pub(crate) fn properties<'a>(&'a self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let schema = self.resolve(schema);
        let own = schema["properties"].as_object().into_iter().flatten().map(|(name, schema)| (name.as_str(), schema));
        let extended = schema["allOf"].as_array().into_iter().flatten().flat_map(|part| self.properties(part));
        own.chain(extended).collect()
    }

    /// The schema of the body of a good answer.
    pub(crate) fn answer<'a>(&'a self, call: &'a Value) -> Option<&'a Value> {
        content(&call["responses"]["200"])
    }

    /// The schema of the body that a call takes.
    pub(crate) fn body<'a>(&'a self, call: &'a Value) -> Option<&'a Value> {
        content(&call["requestBody"])
    }

    /// What the schema forbids in a value; empty if nothing. Stricter than the document: a member that it does not know is wrong.
    pub(crate) fn faults(&self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        let schema = self.resolve(schema);
        let wrong = |what: &str| vec![format!("{place}: {value} is not {what}")];
        // On an array the document's enum means its items, as no array could be one of its values.
        if let Some(values) = schema["enum"].as_array()
            && schema["type"] != "array"
            && !values.contains(value)
        {
            return wrong("one of the values");
        }
        match schema["type"].as_str() {
            Some("string") if !value.is_string() => wrong("text"),
            Some("boolean") if !value.is_boolean() => wrong("a boolean"),
            Some("integer") if !(value.is_i64() || value.is_u64()) => wrong("an integer"),
            Some("number") if !value.is_number() => wrong("a number"),
            Some("array") => match value.as_array() {
                Some(items) => items
                    .iter()
                    .enumerate()
                    .flat_map(|(index, item)| self.faults(&schema["items"], item, &format!("{place}[{index}]")))
                    .collect(),
                None => wrong("an array"),
            },
            Some("object") | None => match value.as_object() {
                Some(members) => self.member_faults(schema, members, place),
                None => wrong("an object"),
            },
            _ => Vec::new(),
        }
    }

    fn member_faults(&self, schema: &Value, members: &Map<String, Value>, place: &str) -> Vec<String> {
        let properties = self.properties(schema);
        let mut faults = Vec::new();
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(required) {
                faults.push(format!("{place}: {required} is missing"));
            }
        }
        for (name, value) in members {
            match properties.iter().find(|(known, _)| known == name) {
                Some((_, schema)) => faults.extend(self.faults(schema, value, &format!("{place}.{name}"))),
                None => faults.push(format!("{place}: {name} is not in the document")),
            }
        }
        faults
    }
}

fn content(holder: &Value) -> Option<&Value> {
    holder["content"].as_object()?.values().next().map(|media| &media["schema"])
}
