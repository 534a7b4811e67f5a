//! The fields of every model against the schemas of the document.

use std::collections::{BTreeMap, BTreeSet};

use datto_common::internal::Field;
use datto_rmm::models::schemas::{OTHER_TYPE, OURS_ALONE, PAIRS, WITHOUT_MODEL};
use serde_json::Value;

use super::schema::document;

#[test]
fn models_have_the_fields_of_the_document_and_no_other() {
    let Some(document) = document() else { return };
    for &(model, fields, schema) in PAIRS {
        let official: BTreeMap<&str, &Value> = document.properties(document.schema(schema)).into_iter().collect();
        let mut ours: BTreeSet<String> = fields.iter().map(Field::wire_name).collect();
        assert_eq!(ours.len(), fields.len(), "{model}: no two fields have one name");
        for (_, field, _) in OURS_ALONE.iter().filter(|(other, ..)| *other == model) {
            assert!(ours.remove(*field), "{model}.{field} is not in the model, so it is no difference");
            assert!(!official.contains_key(field), "{model}.{field} is in the document, so it is no difference");
        }
        let official_names: BTreeSet<String> = official.keys().map(|name| (*name).to_owned()).collect();
        assert_eq!(ours, official_names, "{model}");
        for field in fields {
            let Some(schema) = official.get(field.wire_name().as_str()) else { continue };
            let fits = fits(field.kind, document.resolve(schema));
            let differs = OTHER_TYPE.iter().any(|(other, name, _)| *other == model && *name == field.wire_name());
            assert_eq!(fits, !differs, "{model}.{}: {} for {schema}", field.name, field.kind);
        }
    }
}

#[test]
fn every_schema_has_a_model_or_a_reason() {
    let Some(document) = document() else { return };
    let modelled: BTreeSet<&str> = PAIRS.iter().map(|(_, _, schema)| *schema).collect();
    for (name, _) in document.schemas() {
        let page = name.contains("Page")
            && document.properties(document.schema(name)).iter().any(|(name, _)| *name == "pageDetails");
        let excused = WITHOUT_MODEL.iter().any(|(other, _)| other == name);
        assert!(page || excused || modelled.contains(name.as_str()), "{name} has no model");
        assert!(!(excused && modelled.contains(name.as_str())), "{name} has a model, so it is no exception");
    }
}

/// Whether a field of this type can hold what the schema describes.
fn fits(kind: &str, schema: &Value) -> bool {
    let kind: String = kind.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut inner = kind.as_str();
    for wrapper in ["Option<", "Sensitive<"] {
        inner = inner.strip_prefix(wrapper).and_then(|rest| rest.strip_suffix('>')).unwrap_or(inner);
    }
    let is_id = inner.ends_with("Id") || inner.ends_with("Uid");
    match schema["type"].as_str() {
        Some("boolean") => inner == "bool",
        Some("integer") => inner == "i64" || is_id,
        Some("number") => inner == "f64" || inner == "Number",
        Some("array") => {
            inner.strip_prefix("Vec<").is_some_and(|item| fits(item.trim_end_matches('>'), &schema["items"]))
        }
        Some("string") if schema["enum"].is_array() => !matches!(inner, "String" | "bool" | "i64" | "f64"),
        Some("string") if schema["format"] == "date-time" => inner == "Timestamp",
        Some("string") => inner == "String" || is_id,
        _ => !matches!(inner, "String" | "bool" | "i64" | "f64" | "Timestamp"),
    }
}
