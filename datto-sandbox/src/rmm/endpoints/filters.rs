//! Saved filters.

use axum::extract::{Path, State};
use serde_json::json;

use super::{Answer, Rmm};
use crate::rmm::args::Args;
use crate::rmm::fleet::Filter;
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;

pub(in crate::rmm) async fn default(rmm: Rmm, args: Args) -> Answer {
    list(&rmm, "/v2/filter/default-filters", &args, |filter| filter.kind == "rmm_default")
}

pub(in crate::rmm) async fn custom(rmm: Rmm, args: Args) -> Answer {
    list(&rmm, "/v2/filter/custom-filters", &args, |filter| filter.kind == "custom")
}

pub(in crate::rmm) async fn of_site(rmm: Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    let id = rmm.account().site(&uid).map(|site| site.id).ok_or(Problem::NOT_FOUND)?;
    list(&rmm, &format!("/v2/site/{uid}/filters"), &args, |filter| filter.site_id == Some(id))
}

fn list(State(rmm): &Rmm, path: &str, args: &Args, wanted: impl Fn(&Filter) -> bool) -> Answer {
    let pages = Pages::new(rmm, path, args)?;
    let account = rmm.account();
    let filters: Vec<&Filter> = account.filters.iter().filter(|filter| wanted(filter)).collect();
    Ok(pages.answer("filters", &filters, |filter| {
        as_text(&json!({
            "id": filter.id,
            "name": filter.name,
            "description": null,
            "type": filter.kind,
            "dateCreate": rmm.unseen_date(filter.created),
            "lastUpdated": rmm.unseen_date(filter.created),
        }))
    }))
}
