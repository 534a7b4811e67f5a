//! Copies and moves by way of the client.

use datto_sandbox::{Fault, Sandbox};
use datto_workplace::{ErrorKind, Upload, Verified};

use crate::{bytes, calls, project, sandbox, start};

#[tokio::test]
async fn a_copy_has_the_bytes_and_an_id_of_its_own() {
    for described in [true, false] {
        let (sandbox, files) = start(Sandbox::builder().workplace_content_headers(described)).await;
        let content = bytes(3_000_000);
        let source = files.files().upload(project(&sandbox), Upload::bytes("big.bin", content.clone())).await.unwrap();
        let folder = files.paths().ensure("Finance/Copies").await.unwrap();
        let copy = files.files().copy_via_client(&source, &folder).await.unwrap();
        assert_ne!(copy.id, source.id);
        assert_eq!((copy.verified, copy.size, &copy.md5), (Verified::Md5, 3_000_000, &source.md5));
        let again = files.files().copy_via_client(&source, &folder).await.unwrap();
        assert_eq!(again.name, "big (1).bin");
        let tree = sandbox.workplace_tree();
        assert_eq!(tree["Finance/big.bin"].md5, tree["Finance/Copies/big (1).bin"].md5);
    }
}

#[tokio::test]
async fn a_copy_whose_download_breaks_off_begins_anew_and_leaves_no_half() {
    let (sandbox, files) = sandbox().await;
    let source = files.files().upload(project(&sandbox), Upload::bytes("a.bin", bytes(2_500_000))).await.unwrap();
    let folder = files.paths().ensure("Finance/Copies").await.unwrap();
    sandbox.inject(Fault::cut_body(700_000).path_contains("/data").times(2));
    let copy = files.files().copy_via_client(&source, &folder).await.unwrap();
    assert_eq!((copy.name.as_str(), copy.verified), ("a.bin", Verified::Md5));
    assert_eq!(sandbox.workplace_tree().keys().filter(|path| path.starts_with("Finance/Copies/")).count(), 1);
}

#[tokio::test]
async fn a_copy_that_fails_names_the_half_that_did() {
    let (sandbox, files) = sandbox().await;
    let source = files.paths().resolve("Finance/Odd names/no extension").await.unwrap();
    let folder = files.paths().ensure("Finance/Copies").await.unwrap();
    sandbox.clear_journal();
    sandbox.inject(Fault::status(503).path_contains("/data").always());
    let error = files.files().copy_via_client(&source, &folder).await.unwrap_err();
    assert_eq!((error.operation(), error.attempts()), (Some("files.download"), 4), "{error}");
    assert!(!error.may_have_happened() && calls(&sandbox, "POST", "/files") == 0, "{error}");
    sandbox.clear_faults();
    sandbox.inject(Fault::status(403).method("POST"));
    let error = files.files().copy_via_client(&source, &folder).await.unwrap_err();
    assert_eq!((error.operation(), error.attempts(), error.kind()), (Some("files.upload"), 1, ErrorKind::Forbidden));
}

#[tokio::test]
async fn a_copy_that_may_have_been_stored_is_not_repeated() {
    let (sandbox, files) = sandbox().await;
    let source = files.paths().resolve("Finance/Odd names/no extension").await.unwrap();
    let folder = files.paths().ensure("Finance/Copies").await.unwrap();
    sandbox.inject(Fault::reset().method("POST").after_handling());
    let error = files.files().copy_via_client(&source, &folder).await.unwrap_err();
    assert!(error.may_have_happened());
    assert_eq!(error.marker(), Some("no extension"));
    assert_eq!(sandbox.workplace_tree().keys().filter(|path| path.starts_with("Finance/Copies/")).count(), 1);
}

#[tokio::test]
async fn a_move_deletes_the_source_once_the_copy_is_verified() {
    let (sandbox, files) = sandbox().await;
    let source = files.paths().resolve("Finance/Odd names/no extension").await.unwrap();
    let folder = files.paths().ensure("Finance/Moved").await.unwrap();
    let moved = files.files().move_via_client(&source, &folder).await.unwrap();
    assert_eq!(moved.old_id, source.id);
    let tree = sandbox.workplace_tree();
    assert!(!tree.contains_key("Finance/Odd names/no extension"));
    assert_eq!(Some(&tree["Finance/Moved/no extension"].md5), source.md5.as_ref());
}

#[tokio::test]
async fn a_move_keeps_the_source_unless_the_copy_is_surely_right() {
    let (sandbox, files) = sandbox().await;
    let source = files.paths().resolve("Finance/Odd names/no extension").await.unwrap();
    let folder = files.paths().ensure("Finance/Moved").await.unwrap();
    // The service shows no hash of the copy: the item is read twice before, for its name and for what should come.
    let bare = r#"{"id":1,"name":"no extension"}"#;
    sandbox.inject(Fault::body("application/json", bare).method("GET").path_contains("/file/1").after(3).always());
    let error = files.files().move_via_client(&source, &folder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
    assert!(error.may_have_happened());
    assert!(sandbox.workplace_tree().contains_key("Finance/Odd names/no extension"));
    sandbox.clear_faults();

    // The source changes while it is copied: read for its name, for what should come, for its bytes, and at the end.
    let changed = r#"{"id":1,"name":"no extension","md5":"00000000000000000000000000000000"}"#;
    let path = format!("/file/{}", source.id);
    sandbox.inject(Fault::body("application/json", changed).method("GET").path_contains(path).after(3));
    let error = files.files().move_via_client(&source, &folder).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Integrity && error.message().contains("not what was copied"), "{error}");
    assert!(sandbox.workplace_tree().contains_key("Finance/Odd names/no extension"));
    sandbox.clear_faults();

    // The delete is refused: both are there, and the error names the copy.
    sandbox.inject(Fault::status(403).method("DELETE"));
    let error = files.files().move_via_client(&source, &folder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let copy = error.marker().unwrap().to_owned();
    assert!(files.files().get(copy.as_str()).await.is_ok() && files.files().get(&source).await.is_ok());
}
