//! Whether a service's own description has changed since this client was written: calls, query parameters, members of records.
//!
//! ```text
//! cargo run --example drift -- rmm openapi.json
//! cargo run --example drift -- rmm https://merlot-api.centrastage.net/api/v3/api-docs
//! cargo run --example drift -- bcdr https://api.datto.com/v1/api/spec
//! cargo run --example drift -- workplace openapi.json      # GET {endpoint}/openapi.json, with the key pair
//! ```
//!
//! Exit code: 0 if nothing differs, 3 if something does, 1 if there is no document.

mod compare;
mod document;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use datto_examples::program;
use datto_examples::say;

use compare::Client;
use document::Document;

/// Whether a service's own description has changed since this client was written.
#[derive(Debug, Parser)]
struct Arguments {
    /// Whose document it is.
    product: Product,
    /// The OpenAPI document, as JSON: a file, or an address.
    document: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Product {
    Rmm,
    Bcdr,
    Workplace,
}

impl Product {
    fn client(self) -> Client {
        let (operations, prefix) = match self {
            Self::Rmm => (datto_rmm::operations::ALL, ""),
            Self::Bcdr => (datto_bcdr::operations::ALL, "/v1"),
            Self::Workplace => (datto_workplace::operations::ALL, "/api/v1"),
        };
        Client { operations, prefix, has_schemas: matches!(self, Self::Rmm) }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(async |arguments: Arguments| {
        let document = Document::read(&arguments.document).await?;
        let differences = compare::differences(arguments.product.client(), &document);
        say!("The document is {}.", document.version());
        for line in &differences {
            say!("  {line}");
        }
        say!("{} differences.", differences.len());
        Ok(program::code(differences.is_empty(), 3))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        compare::differences(Product::Workplace.client(), &Document::parse(text).unwrap())
    }

    #[test]
    fn a_new_call_and_a_new_parameter_are_told() {
        let text = r#"{"paths":{"/api/v1/file/{id}/files":{"get":{"parameters":[{"in":"query","name":"metadata"},
            {"in":"query","name":"cursor"},{"in":"path","name":"id"}]}},"/file/{id}/versions":{"get":{}}}}"#;
        assert_eq!(lines(text), ["folders.children: new parameter `cursor`", "new call: GET /file/{}/versions"]);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in ["", "<html>", "[]", r#"{"swagger":"2.0"}"#] {
            assert!(Document::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_official_document_differs_in_nothing() {
        let Some(place) = std::env::var_os("DATTO_RMM_OPENAPI") else {
            say!("skipped: set DATTO_RMM_OPENAPI to the path of the official OpenAPI document");
            return;
        };
        let document = Document::parse(&std::fs::read_to_string(place).unwrap()).unwrap();
        assert_eq!(compare::differences(Product::Rmm.client(), &document), Vec::<String>::new());
    }
}
