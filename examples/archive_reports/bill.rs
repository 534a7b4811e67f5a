//! The storage bill as a page for people and as a document for programs.

use std::fmt::Write as _;

use datto_workplace::WorkplaceClient;
use datto_workplace::metrics::{StorageBill, storage_bill};

use crate::Report;

/// The reports of the bill, and whether nothing in it is missing.
pub(crate) async fn reports(files: &WorkplaceClient, day: &str) -> anyhow::Result<(Vec<Report>, bool)> {
    let measured = storage_bill(files).await;
    let Some(bill) = measured.value() else { anyhow::bail!("the bill could not be made: {measured:?}") };
    for missing in measured.missing() {
        datto_examples::say!("missing in the bill: {missing}");
    }
    let name = |ending: &str| format!("storage-{day}.{ending}");
    let page = Report { name: name("html"), bytes: page(bill).into_bytes() };
    let document = Report { name: name("json"), bytes: serde_json::to_vec_pretty(&measured)? };
    Ok((vec![page, document], measured.is_known()))
}

/// A page without scripts, or anything from elsewhere.
fn page(bill: &StorageBill) -> String {
    let month = escaped(&bill.month);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Storage of {month}</title>\n<style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;padding:1rem}}\
         td,th{{padding:.25rem .75rem;text-align:right}}td:first-child,th:first-child{{text-align:left}}</style></head>\n\
         <body><h1>Storage of {month}</h1>\n<p>Counted at {}.</p>\n\
         <table><thead><tr><th scope=\"col\">Project</th><th scope=\"col\">Files</th><th scope=\"col\">Bytes</th></tr></thead><tbody>\n",
        escaped(&bill.as_of.to_string())
    );
    let mut row = |name: &str, files: String, bytes: String| {
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            escaped(name),
            escaped(&files),
            escaped(&bytes)
        );
    };
    for line in &bill.lines {
        row(&line.name, line.files.to_string(), line.bytes.to_string());
    }
    row("All projects", bill.files.to_string(), bill.bytes.to_string());
    page.push_str("</tbody></table></body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
