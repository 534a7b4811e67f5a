//! ENDPOINTS.md and the docs of the methods, held against the table of operations.

use std::path::Path;

use datto_common::internal::endpoints_page;
use datto_common::{Effect, Evidence, Operation, Risk};

/// The page of a crate is that of its table. With `UPDATE_ENDPOINTS` set it is written anew.
pub fn assert_page(crate_folder: &str, title: &str, about: &str, table: &[&Operation]) {
    let file = Path::new(crate_folder).join("ENDPOINTS.md");
    for operation in table {
        match (operation.effect, operation.method == datto_common::Method::DELETE) {
            (Effect::Read, _) => assert_eq!(operation.risk, Risk::Low, "{}", operation.name),
            (_, true) => assert_eq!(operation.risk, Risk::Destructive, "{}", operation.name),
            _ => {}
        }
    }
    let page = endpoints_page(title, about, table);
    if std::env::var_os("UPDATE_ENDPOINTS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written == page, "ENDPOINTS.md is not up to date: run with UPDATE_ENDPOINTS=1");
}

/// Every operation has its line in the docs of a method, in `endpoints` or `client.rs`.
pub fn assert_docs(crate_folder: &str, table: &[&Operation]) {
    let source = Path::new(crate_folder).join("src");
    let files = std::fs::read_dir(source.join("endpoints")).unwrap().map(|file| file.unwrap().path());
    let files = files.chain([source.join("client.rs")]);
    let docs = files.map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>();
    let has = |line: &String| docs.lines().any(|doc| doc.trim_start().starts_with(line));
    let lacking: Vec<String> = table.iter().map(|operation| line(operation)).filter(|line| !has(line)).collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

/// The call, what sending it twice does, its limit, how well it is known.
fn line(operation: &Operation) -> String {
    let limit = operation.bucket.write_name().map(|name| format!(", {name}")).unwrap_or_default();
    let effect = match operation.effect {
        Effect::Read => "read",
        Effect::Repeatable => "repeatable write",
        Effect::Once => "write, once",
    };
    let evidence = match operation.evidence {
        Evidence::Official => "official",
        Evidence::Observed => "observed",
        Evidence::Guess => "guess",
    };
    format!("/// `{} {}` · {effect}{limit} · {evidence}", operation.method, operation.path)
}
