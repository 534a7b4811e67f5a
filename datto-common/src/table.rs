//! The table of operations as a page for people.

use std::fmt::Write as _;

use crate::{Bucket, Effect, Evidence, Operation};

/// ENDPOINTS.md of a product: a heading, what the columns mean, one row per operation.
#[doc(hidden)]
pub fn endpoints_page(heading: &str, about: &str, operations: &[&Operation]) -> String {
    let mut page = format!(
        "# {heading}\n\n{about}\n\n\
         Effect: what sending a call twice does. *read* changes nothing, *repeatable* leaves the same state, *once* creates, runs or resets \
         something and is never sent again unless it surely was not carried out.\n\
         Risk: what harm the wrong call can do. *low* reads, or writes what is easily set back; *high* runs something or changes how machines, \
         customers or files are treated; *destructive* deletes, ends access or may lose data.\n\
         Evidence: *official* is in the vendor's document, *observed* is used by clients of the real service, *guess* is inferred.\n\n\
         | Name | Call | Query | Effect | Risk | Limit | Evidence | Note |\n|---|---|---|---|---|---|---|---|\n"
    );
    for operation in operations {
        let Operation { name, method, path, note, .. } = operation;
        let query = operation.query.join(", ");
        let (effect, limit, evidence) =
            (effect(operation.effect), limit(operation.bucket), evidence(operation.evidence));
        let row = [
            format!("`{name}`"),
            format!("`{method} {path}`"),
            query,
            effect.into(),
            operation.risk.as_str().into(),
            limit.into(),
            evidence.into(),
            (*note).into(),
        ];
        // A `String` takes everything that is written to it.
        let _ = writeln!(page, "| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    let _ = writeln!(page, "\n{} calls.", operations.len());
    page
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Repeatable => "repeatable",
        Effect::Once => "once",
    }
}

fn limit(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Read => "read",
        Bucket::Write("") => "write",
        Bucket::Write(name) => name,
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Official => "official",
        Evidence::Observed => "observed",
        Evidence::Guess => "guess",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;

    #[test]
    fn each_operation_is_a_row() {
        static READ: Operation = Operation::read("things.list", "/v2/things").query(&["page", "max"]).note("a|b");
        static WRITE: Operation = Operation::write("things.make", Method::PUT, "/v2/thing", Effect::Once, "").guess();
        let page = endpoints_page("Things", "All of them.", &[&READ, &WRITE]);
        assert!(
            page.contains("| `things.list` | `GET /v2/things` | page, max | read | low | read | official | a\\|b |\n"),
            "{page}"
        );
        assert!(page.contains("| `things.make` | `PUT /v2/thing` |  | once | high | write | guess |  |\n"), "{page}");
        assert!(page.ends_with("\n2 calls.\n"));
    }
}
