//! ENDPOINTS.md and the docs of the methods say what the table of operations says. To write it anew: `UPDATE_ENDPOINTS=1 cargo test --test endpoints`.

use datto_test_support::endpoints::{assert_docs, assert_page};

const ABOUT: &str = "Every call of the Datto RMM API that this crate makes: all of the official document, build 235. \
    Paths stand below `https://{platform}-api.centrastage.net/api`. Printed from `src/operations.rs`.";

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_page_is_that_of_the_table() {
    assert_page(CRATE, "Datto RMM: operations", ABOUT, datto_rmm::operations::ALL);
}

#[test]
fn every_operation_has_its_line_in_the_docs_of_a_method() {
    assert_docs(CRATE, datto_rmm::operations::ALL);
}
