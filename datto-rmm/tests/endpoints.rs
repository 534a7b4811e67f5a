//! ENDPOINTS.md says what the table of operations says. To write it anew: `UPDATE_ENDPOINTS=1 cargo test --test endpoints`.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use datto_common::internal::endpoints_page;

const ABOUT: &str = "Every call of the Datto RMM API that this crate makes: all of the official document, build 235. \
    Paths stand below `https://{platform}-api.centrastage.net/api`. Printed from `src/operations.rs`.";

#[test]
fn the_page_is_that_of_the_table() {
    let page = endpoints_page("Datto RMM: operations", ABOUT, datto_rmm::operations::ALL);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/ENDPOINTS.md");
    if std::env::var_os("UPDATE_ENDPOINTS").is_some() {
        std::fs::write(file, &page).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written == page, "ENDPOINTS.md is not up to date: run with UPDATE_ENDPOINTS=1");
}
