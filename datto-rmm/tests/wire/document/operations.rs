//! The table of operations against the document.

use std::collections::{BTreeMap, BTreeSet};

use datto_rmm::operations;

use super::schema::document;

#[test]
fn the_table_has_the_calls_of_the_document_and_no_other() {
    let Some(document) = document() else { return };
    let table: BTreeSet<(String, &str)> =
        operations::ALL.iter().map(|operation| (operation.method.to_string(), operation.path)).collect();
    assert_eq!(table.len(), operations::ALL.len(), "no call stands there twice");
    let official: BTreeSet<(String, &str)> =
        document.calls().into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(table, official);
    assert_eq!(official.len(), 65);
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = operations::ALL.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), operations::ALL.len());
}

#[test]
fn each_call_takes_the_query_parameters_of_the_document() {
    let Some(document) = document() else { return };
    for operation in operations::ALL {
        let call = document.call(operation.method.as_str(), operation.path);
        let parameters = call["parameters"].as_array().into_iter().flatten();
        let official: BTreeSet<&str> = parameters
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let ours: BTreeSet<&str> = operation.query.iter().copied().collect();
        assert_eq!(ours, official, "{}", operation.name);
    }
}

#[test]
fn a_list_is_read_from_the_member_that_the_document_names() {
    let Some(document) = document() else { return };
    let mut lists = BTreeMap::new();
    for operation in operations::ALL {
        let call = document.call(operation.method.as_str(), operation.path);
        let Some(answer) = document.answer(call) else { continue };
        let members = document.properties(answer);
        let paged = members.iter().any(|(name, _)| *name == "pageDetails");
        assert_eq!(paged, operation.paging.is_some(), "{}", operation.name);
        let Some(paging) = operation.paging else { continue };
        let (name, _) = members.iter().find(|(_, schema)| schema["type"] == "array").unwrap();
        assert_eq!(*name, paging.items, "{}", operation.name);
        lists.insert(operation.name, paging.items);
    }
    let paged = operations::ALL.iter().filter(|operation| operation.paging.is_some()).count();
    assert_eq!(lists.len(), paged);
}
