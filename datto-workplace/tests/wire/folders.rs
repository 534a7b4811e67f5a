use datto_workplace::Metadata;

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(FOLDERS_CHILDREN, "/file/1000000001/files", |files| {
            let children = files.folders().children(1_000_000_001).metadata(Metadata::REVIEW).await?;
            assert!(children[0].is_folder() && !children[1].is_folder());
            let file = &children[1];
            assert_eq!(file.time.as_ref().and_then(datto_workplace::Timestamp::as_millis), Some(1_774_000_000_000));
            assert_eq!((file.size, file.has_md5("900150983CD24FB0D6963F7D28E17F72")), (Some(3), Some(true)));
            assert_eq!((file.is_public_link, file.stored, file.online), (Some(true), Some(true), Some(false)));
            assert!(file.file_link.as_ref().unwrap().contains("/filelink/"));
            assert_eq!(file.changed_by_user_name.as_deref(), Some("Kim Example"));
            assert_eq!(file.lock.as_ref().unwrap().email.as_deref().map(String::as_str), Some("kim@example.com"));
        })
        .query("metadata=sjGOS"),
        case!(FOLDERS_CREATE, "/file/1000000001", |files| {
            let folder = files.folders().create(1_000_000_001, "Invoices & more").await?;
            assert_eq!((folder.id.as_i64(), folder.name.as_deref()), (Some(1_000_000_004), Some("Invoices & more")));
            assert!(folder.is_folder());
        })
        .query("name=Invoices%20%26%20more"),
    ]
}
