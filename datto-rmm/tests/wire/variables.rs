use datto_rmm::{NewVariable, VariableUpdate};
use serde_json::json;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(VARIABLES_LIST, "/v2/account/variables", |rmm| {
            let page = rmm.variables().list().send().await?;
            assert_eq!(page.items[0].value.as_ref().unwrap().as_str(), "0");
        }),
        case!(VARIABLES_CREATE, "/v2/account/variable", |rmm| {
            let created = rmm.variables().create(NewVariable::new("licence", "0000").masked(false)).await;
            if let Err(error) = &created
                && error.may_have_happened()
            {
                assert_eq!(error.marker(), Some("licence"));
            }
            created?;
        })
        .body(json!({"name": "licence", "value": "0000", "masked": false}))
        .empty(),
        case!(VARIABLES_UPDATE, "/v2/account/variable/7", |rmm| {
            rmm.variables().update(7, VariableUpdate::new("licence", "1111")).await?;
        })
        .body(json!({"name": "licence", "value": "1111"}))
        .empty(),
        case!(VARIABLES_DELETE, "/v2/account/variable/7", |rmm| {
            rmm.variables().delete(7).await?;
        })
        .empty(),
    ]
}
