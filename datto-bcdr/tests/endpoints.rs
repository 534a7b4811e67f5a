//! ENDPOINTS.md and the docs of the methods say what the table of operations says. To write it anew: `UPDATE_ENDPOINTS=1 cargo test --test endpoints`.

use datto_test_support::endpoints::{assert_docs, assert_page};

const ABOUT: &str = "Every call of the Datto partner API that this crate makes: the 22 of the contract of July 2026, and one that only older \
    contracts have. Paths stand below `https://api.datto.com/v1`. Printed from `src/operations.rs`.";

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_page_is_that_of_the_table() {
    assert_page(CRATE, "Datto partner API: operations", ABOUT, datto_bcdr::operations::ALL);
}

#[test]
fn every_operation_has_its_line_in_the_docs_of_a_method() {
    assert_docs(CRATE, datto_bcdr::operations::ALL);
}
