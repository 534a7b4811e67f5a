//! Pages: numbered from 0, at most 250 rows, with links that lose the filters.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::args::Args;
use super::problem::Problem;
use super::service::Service;
use crate::choice::Totals;

/// Default and ceiling of `max`.
pub(super) const LIMIT: i64 = 250;

/// Whether a list tells its length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Total {
    Told,
    /// As with alerts, unless the settings say otherwise.
    Untold,
}

/// One list as it is asked for.
#[derive(Debug)]
pub(super) struct Pages<'a> {
    rmm: &'a Service,
    /// Scheme and host of its links.
    origin: String,
    /// The path of the list, from `/v2` on.
    path: String,
    page: usize,
    max: usize,
    total: Total,
}

impl<'a> Pages<'a> {
    pub(super) fn new(rmm: &'a Service, path: impl Into<String>, args: &Args) -> Result<Self, Problem> {
        let page = usize::try_from(args.number("page")?.unwrap_or(0)).map_err(|_| Problem::BAD_REQUEST)?;
        let max = args.number("max")?.unwrap_or(LIMIT);
        if max < 1 {
            return Err(Problem::BAD_REQUEST);
        }
        if max > LIMIT && rmm.settings().refuse_large_pages {
            return Err(Problem::invalid(format!("max {max} exceeds the defined limit of {LIMIT}")));
        }
        let max = usize::try_from(max.min(LIMIT)).map_err(|_| Problem::BAD_REQUEST)?;
        Ok(Self { rmm, origin: args.origin(rmm), path: path.into(), page, max, total: Total::Told })
    }

    /// A list that does not tell its length.
    pub(super) fn untold(mut self) -> Self {
        self.total = Total::Untold;
        self
    }

    /// The answer, of which only the rows of this page are written.
    pub(super) fn answer<T>(self, array: &str, rows: &[T], write: impl Fn(&T) -> String) -> Response {
        self.answer_into(array, rows, |row, text| text.extend_from_slice(write(row).as_bytes()))
    }

    /// The same for rows that append themselves.
    pub(super) fn answer_into<T>(self, array: &str, rows: &[T], write: impl Fn(&T, &mut Vec<u8>)) -> Response {
        let start = self.page.saturating_mul(self.max).min(rows.len());
        let end = start.saturating_add(self.max).min(rows.len());
        let shown = rows.get(start..end).unwrap_or_default();
        let details = json!({
            "count": shown.len(),
            "totalCount": (self.total == Total::Told || self.rmm.settings().alert_totals == Totals::Number).then_some(rows.len()),
            "prevPageUrl": self.link(self.page.checked_sub(1)),
            "nextPageUrl": self.link((end < rows.len()).then_some(self.page + 1)),
        });
        let mut text = format!("{{\"pageDetails\":{details},\"{array}\":[").into_bytes();
        for (index, row) in shown.iter().enumerate() {
            if index == 1 {
                // The rest will be about as long as the first.
                text.reserve(text.len() * shown.len() * 5 / 4);
            }
            if index > 0 {
                text.push(b',');
            }
            write(row, &mut text);
        }
        text.extend_from_slice(b"]}");
        raw_json(text)
    }

    /// The link to a page, or what stands for none. The filters are not in it: the service leaves them out.
    fn link(&self, page: Option<usize>) -> Option<String> {
        let none = self.rmm.settings().blank_links.then(String::new);
        let origin = &self.origin;
        page.map(|page| format!("{origin}/api{}?max={}&page={page}", self.path, self.max)).or(none)
    }
}

/// Rows that are values.
pub(super) fn as_text(value: &Value) -> String {
    value.to_string()
}

/// An answer whose JSON is already written.
pub(super) fn raw_json(text: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "application/json")], text.into()).into_response()
}
