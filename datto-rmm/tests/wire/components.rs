use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(COMPONENTS_LIST, "/v2/account/components", |rmm| {
        let page = rmm.components().list().send().await?;
        assert_eq!(page.items[0].variables.as_ref().unwrap()[0].name.as_deref(), Some("force"));
    })]
}
