//! Components, filters and networks: one list each.

use datto_rmm::models::FilterKind;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(COMPONENTS_LIST, "/v2/account/components", |rmm| {
            let page = rmm.components().list().send().await?;
            assert_eq!(page.items[0].variables.as_ref().unwrap()[0].name.as_deref(), Some("force"));
        }),
        case!(FILTERS_CUSTOM, "/v2/filter/custom-filters", |rmm| {
            let page = rmm.filters().custom().send().await?;
            assert_eq!(page.items[0].kind, Some(FilterKind::Default));
        }),
        case!(FILTERS_DEFAULT, "/v2/filter/default-filters", |rmm| {
            let page = rmm.filters().default().page_size(9_999).send().await?;
            assert_eq!(page.items[0].name.as_deref(), Some("All servers"));
        }),
        case!(NETWORK_MAPPINGS, "/v2/account/dnet-site-mappings", |rmm| {
            let page = rmm.network().mappings().send().await?;
            assert_eq!(page.items[0].datto_networking_network_ids.as_deref(), Some(&[9_001, 9_002][..]));
        }),
    ]
}
