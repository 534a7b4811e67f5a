use datto_workplace::{Conflict, Metadata, Upload, Verified};

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(FILES_GET, "/file/1000000003", |files| {
            let item = files.files().get(1_000_000_003).await?;
            assert_eq!((item.id.as_i64(), item.name.as_deref()), (Some(1_000_000_003), Some("INV-001.pdf")));
        }),
        case!(FILES_GET, "/file/AAAA-0000-BBBB-1111-CCCC", |files| {
            files.folders().get("AAAA-0000-BBBB-1111-CCCC").await?;
        }),
        case!(FILES_GET, "/file/7", |files| {
            files.files().get(7).metadata(Metadata::REVIEW).await?;
        })
        .query("metadata=sjGOS"),
        case!(FILES_DOWNLOAD, "/file/1000000003/data", |files| {
            let file = files.files().download(1_000_000_003).md5("900150983cd24fb0d6963f7d28e17f72").bytes().await?;
            assert!(file == "abc");
            assert_eq!((file.downloaded.size, file.downloaded.verified), (3, Verified::Md5));
            assert_eq!(file.downloaded.content_type.as_deref(), Some("application/json"));
        })
        .header("accept-encoding", "identity"),
        case!(FILES_UPLOAD, "/file/1000000002/files", |files| {
            let upload = Upload::bytes("report ü.pdf", "abc").content_type("application/pdf");
            let uploaded = files.files().upload(1_000_000_002, upload).unchecked().await?;
            assert_eq!((uploaded.id.as_i64(), uploaded.name.as_str()), (Some(1_000_000_005), "report (1).pdf"));
            assert_eq!((uploaded.size, uploaded.verified), (3, Verified::Nothing));
        })
        .form(&[
            "Content-Disposition: form-data; name=\"partData\"; filename=\"report ü.pdf\"\r\nContent-Type: application/pdf\r\n\r\nabc\r\n",
            "Content-Disposition: form-data; name=\"fileName\"\r\n\r\nreport ü.pdf\r\n",
            "Content-Disposition: form-data; name=\"makeUnique\"\r\n\r\ntrue\r\n",
        ]),
        case!(FILES_UPLOAD, "/file/1000000002/files", |files| {
            let upload = Upload::bytes("a", "").conflict(Conflict::Replace);
            files.files().upload(1_000_000_002, upload).unchecked().await?;
        })
        .form(&["name=\"partData\"; filename=\"a\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--", "name=\"makeUnique\"\r\n\r\nfalse\r\n"]),
        case!(FILES_RENAME, "/file/1000000003", |files| {
            files.files().rename(1_000_000_003, "INV-001 50% v2.pdf").await?;
        })
        .query("name=INV-001%2050%25%20v2.pdf")
        .empty(),
        case!(FILES_RENAME, "/file/1000000002", |files| {
            files.folders().rename(1_000_000_002, "a&locked=true").await?;
        })
        .query("name=a%26locked%3Dtrue")
        .empty(),
        case!(FILES_LOCK, "/file/1000000003", |files| {
            files.files().lock(1_000_000_003).await?;
        })
        .query("locked=true")
        .empty(),
        case!(FILES_LOCK, "/file/1000000003", |files| {
            files.files().unlock(1_000_000_003).await?;
        })
        .query("locked=false")
        .empty(),
        case!(FILES_DELETE, "/file/1000000003", |files| {
            files.files().delete(1_000_000_003).await?;
        })
        .empty(),
        case!(FILES_DELETE, "/file/1000000002", |files| {
            files.folders().delete(1_000_000_002).await?;
        })
        .empty(),
    ]
}
