use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(API_DESCRIPTION, "/openapi.json", |files| {
        assert!(files.description().await?["paths"]["/file/projects"].is_object());
    })]
}
