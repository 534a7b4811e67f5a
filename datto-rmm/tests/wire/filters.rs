use datto_rmm::models::FilterKind;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(FILTERS_CUSTOM, "/v2/filter/custom-filters", |rmm| {
            let page = rmm.filters().custom().send().await?;
            assert_eq!(page.items[0].kind, Some(FilterKind::Default));
        }),
        case!(FILTERS_DEFAULT, "/v2/filter/default-filters", |rmm| {
            let page = rmm.filters().default().page_size(9_999).send().await?;
            assert_eq!(page.items[0].name.as_deref(), Some("All servers"));
        }),
    ]
}
