//! ENDPOINTS.md and the docs of the methods say what the table of operations says. To write it anew: `UPDATE_ENDPOINTS=1 cargo test --test endpoints`.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use datto_common::internal::endpoints_page;
use datto_common::{Effect, Evidence, Operation};

const ABOUT: &str = "Every call of the Datto Workplace and File Protection API that this crate makes: those that programs were seen to make, \
    since there is no public document. Paths stand below `https://{domain}/{cell}/api/v1`. Printed from `src/operations.rs`.";

#[test]
fn the_page_is_that_of_the_table() {
    let page = endpoints_page("Datto Workplace: operations", ABOUT, datto_workplace::operations::ALL);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/ENDPOINTS.md");
    if std::env::var_os("UPDATE_ENDPOINTS").is_some() {
        std::fs::write(file, &page).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written == page, "ENDPOINTS.md is not up to date: run with UPDATE_ENDPOINTS=1");
}

/// The line that the docs of a method have: the call, what sending it twice does, its limit, how well it is known.
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

#[test]
fn every_operation_has_its_line_in_the_docs_of_a_method() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let files = std::fs::read_dir(format!("{source}/endpoints")).unwrap().map(|file| file.unwrap().path());
    let files = files.chain([format!("{source}/client.rs").into()]);
    let docs = files.map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>();
    let lacking: Vec<String> = datto_workplace::operations::ALL
        .iter()
        .map(|operation| line(operation))
        .filter(|line| !docs.lines().any(|doc| doc.trim_start().starts_with(line)))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}
