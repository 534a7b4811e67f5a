use datto_workplace::Metadata;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(PROJECTS_LIST, "/file/projects", |files| {
            let projects = files.projects().list().await?;
            assert_eq!(projects.len(), 2);
            assert_eq!((projects[0].id.as_i64(), projects[0].name.as_deref()), (Some(1_000_000_001), Some("Finance")));
            assert_eq!(projects[0].extra["teamColour"], "blue");
            assert!(projects[1].is_folder());
        }),
        case!(PROJECTS_LIST, "/file/projects", |files| {
            files.projects().list().metadata(Metadata::new("sj")).await?;
        })
        .query("metadata=sj"),
    ]
}
