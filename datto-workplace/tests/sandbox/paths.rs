//! Paths: resolve, exists, ensure.

use datto_sandbox::{CreatedShape, Fault, NameRule, Sandbox};
use datto_workplace::{Case, ErrorKind, Upload};

use crate::{calls, sandbox, start};

#[tokio::test]
async fn awkward_names_are_found_as_they_are() {
    let (sandbox, files) = sandbox().await;
    for (path, stored) in sandbox.workplace_tree().iter().filter(|(path, _)| path.starts_with("Finance/Odd names")) {
        let found = files.paths().resolve(path).await.unwrap();
        assert_eq!(found.id.as_i64(), Some(stored.id), "{path}");
    }
    let project = files.paths().resolve("/Finance/").await.unwrap();
    assert_eq!(project.id.as_i64(), Some(crate::project(&sandbox)));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let (sandbox, files) = sandbox().await;
    let paths = files.paths();
    let error = paths.resolve("Finance/2026/Nothing/x.pdf").await.unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("Finance/2026/Nothing"), "{error}");
    assert!(!paths.exists("Nowhere").await.unwrap());
    assert!(paths.exists("Finance/2026/March").await.unwrap());
    sandbox.inject(Fault::status(500).always());
    assert_eq!(paths.exists("Finance/x").await.unwrap_err().kind(), ErrorKind::Server);
    for path in ["", "//", "Finance/../x", "a\nb"] {
        assert_eq!(paths.resolve(path).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{path:?}");
    }
}

#[tokio::test]
async fn case_is_the_callers_choice() {
    let (_sandbox, files) = sandbox().await;
    let insensitive = files.paths().case(Case::Insensitive);
    assert!(!files.paths().exists("finance/2026").await.unwrap());
    assert!(insensitive.exists("finance/MANY/SCAN-000.png").await.unwrap());
    // Report.txt and report.txt: the one that is spelled alike, and no guess at another spelling.
    let one = insensitive.resolve("Finance/Odd names/Report.txt").await.unwrap();
    let other = insensitive.resolve("Finance/Odd names/report.txt").await.unwrap();
    assert_ne!(one.id, other.id);
    let error = insensitive.resolve("Finance/Odd names/REPORT.txt").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn ensure_makes_what_is_missing_and_nothing_twice() {
    for shape in [CreatedShape::ValueFileId, CreatedShape::ResultId, CreatedShape::BareFileId, CreatedShape::Empty] {
        let (sandbox, files) = start(Sandbox::builder().workplace_created(shape)).await;
        let folder = files.paths().ensure("Finance/2026/Invoices/50% äöü?").await.unwrap();
        assert_eq!(sandbox.workplace_tree()["Finance/2026/Invoices/50% äöü?"].id.to_string(), folder.to_string());
        assert_eq!(files.paths().ensure("Finance/2026/Invoices/50% äöü?").await.unwrap(), folder, "{shape:?}");
        files.paths().forget();
        assert_eq!(files.paths().ensure("Finance/2026/Invoices/50% äöü?").await.unwrap(), folder);
        assert_eq!(sandbox.journal().iter().filter(|entry| entry.method == "POST").count(), 2);
    }
}

#[tokio::test]
async fn ensure_takes_a_folder_that_another_made_first() {
    let (_sandbox, files) = sandbox().await;
    let others = (0..8).map(|_| {
        let files = files.clone();
        tokio::spawn(async move { files.paths().ensure("Finance/New/Deep/Er").await })
    });
    let mut ids = Vec::new();
    for other in others.collect::<Vec<_>>() {
        ids.push(other.await.unwrap().unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn ensure_finds_a_folder_whose_making_was_not_answered() {
    let (sandbox, files) = sandbox().await;
    sandbox.inject(Fault::reset().method("POST").after_handling());
    let folder = files.paths().ensure("Finance/Unanswered").await.unwrap();
    assert_eq!(sandbox.workplace_tree()["Finance/Unanswered"].id.to_string(), folder.to_string());
    assert_eq!(sandbox.journal().iter().filter(|entry| entry.method == "POST").count(), 1);
}

#[tokio::test]
async fn ensure_stops_at_a_file_and_at_an_unknown_project() {
    let (sandbox, files) = sandbox().await;
    files.files().upload(crate::project(&sandbox), Upload::bytes("plain", "x")).await.unwrap();
    let error = files.paths().ensure("Finance/plain/below").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let error = files.paths().ensure("Unknown/below").await.unwrap_err();
    assert!(error.is_not_found() && error.hint().unwrap().contains("Workplace Online"));
}

#[tokio::test]
async fn what_is_remembered_spares_calls_and_is_dropped_when_it_proves_stale() {
    let (sandbox, files) = sandbox().await;
    let paths = files.paths();
    let march = paths.resolve("Finance/2026/March").await.unwrap();
    paths.exists("Finance/2026/March/x").await.unwrap();
    sandbox.clear_journal();
    assert!(!paths.exists("Finance/2026/March/x").await.unwrap_or(true));
    // One look at the remembered folder; that it is not there is worth a fresh look from the top.
    assert_eq!(calls(&sandbox, "GET", "/file/projects"), 1);

    // Another program deletes the folder and makes it anew.
    let other = crate::client(&sandbox);
    other.folders().delete(&march).await.unwrap();
    let anew = other.paths().ensure("Finance/2026/March").await.unwrap();
    other.files().upload(&anew, Upload::bytes("x", "x")).await.unwrap();
    assert!(paths.exists("Finance/2026/March/x").await.unwrap());
    assert_eq!(paths.ensure("Finance/2026/March").await.unwrap(), anew);

    // The client's own renames are known at once.
    files.folders().rename(&anew, "April").await.unwrap();
    assert!(!paths.exists("Finance/2026/March/x").await.unwrap());
    assert!(paths.exists("Finance/2026/April/x").await.unwrap());
}

#[tokio::test]
async fn a_folder_that_an_upload_does_not_find_is_forgotten() {
    let (sandbox, files) = sandbox().await;
    let folder = files.paths().ensure("Finance/Short-lived").await.unwrap();
    crate::client(&sandbox).folders().delete(&folder).await.unwrap();
    let remembered = files.paths().ensure("Finance/Short-lived").await.unwrap();
    assert_eq!(remembered, folder);
    let error = files.files().upload(&remembered, Upload::bytes("a", "x")).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let anew = files.paths().ensure("Finance/Short-lived").await.unwrap();
    assert!(files.files().upload(&anew, Upload::bytes("a", "x")).await.is_ok() && anew != folder);
}

/// A rename that takes its time: what was looked up meanwhile is not remembered beyond it.
#[tokio::test]
async fn the_paths_are_forgotten_when_a_rename_has_happened_not_when_it_was_built() {
    for raw in [false, true] {
        let (_sandbox, files) = sandbox().await;
        let old = files.paths().ensure("Finance/Invoices").await.unwrap();
        let rename = async || match raw {
            false => files.folders().rename(&old, "Archive").await.unwrap(),
            true => {
                let path = ["file", old.as_str()];
                files.raw(datto_workplace::Method::PATCH, path).query("name", "Archive").await.map(drop).unwrap();
            }
        };
        let built = files.folders().rename(&old, "Archive");
        // Looked up between the two.
        assert_eq!(files.paths().ensure("Finance/Invoices").await.unwrap(), old);
        drop(built);
        rename().await;
        assert_ne!(files.paths().ensure("Finance/Invoices").await.unwrap(), old, "raw: {raw}");
    }
}

#[tokio::test]
async fn the_paths_are_forgotten_when_a_delete_may_have_happened() {
    let (sandbox, files) = sandbox().await;
    let old = files.paths().ensure("Finance/Invoices").await.unwrap();
    sandbox.inject(Fault::stall().method("DELETE").after_handling());
    let delete = files.folders().delete(&old).send();
    tokio::time::timeout(std::time::Duration::from_millis(300), delete).await.unwrap_err();
    assert_ne!(files.paths().ensure("Finance/Invoices").await.unwrap(), old);
}

/// A look-up that began before a rename does not put back what the rename made stale.
#[tokio::test]
async fn a_look_up_under_way_is_not_remembered_over_a_rename() {
    let (sandbox, files) = sandbox().await;
    let old = files.paths().ensure("Finance/Invoices").await.unwrap();
    files.paths().forget();
    sandbox.inject(Fault::delay(std::time::Duration::from_millis(400)).path_contains("/files").after_handling());
    let (looking, other) = (files.clone(), crate::client(&sandbox));
    let look_up = tokio::spawn(async move { looking.paths().ensure("Finance/Invoices").await });
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    files.folders().rename(&old, "Archive").await.unwrap();
    assert_eq!(look_up.await.unwrap().unwrap(), old, "as it was when it was looked up");
    let anew = files.paths().ensure("Finance/Invoices").await.unwrap();
    assert_ne!(anew, old);
    assert_eq!(other.paths().resolve("Finance/Invoices").await.unwrap().id.as_str(), anew.as_str());
}

#[tokio::test]
async fn a_name_is_found_in_either_form_of_unicode() {
    let (sandbox, files) = start(Sandbox::builder().workplace_names(NameRule::Nfc)).await;
    let (composed, decomposed) = ("Finance/B\u{fc}ro/\u{c4}rger.txt", "Finance/Bu\u{308}ro/A\u{308}rger.txt");
    files.paths().upload(decomposed, Upload::bytes("x", "abc")).await.unwrap();
    assert!(sandbox.workplace_tree().contains_key(composed));
    for path in [composed, decomposed] {
        assert_eq!(
            files.paths().resolve(path).await.unwrap().md5.unwrap(),
            "900150983cd24fb0d6963f7d28e17f72",
            "{path}"
        );
        files.paths().forget();
    }
    let folder = files.paths().ensure("Finance/B\u{fc}ro").await.unwrap();
    files.paths().forget();
    assert_eq!(files.paths().ensure("Finance/Bu\u{308}ro").await.unwrap(), folder, "not made twice");
}

#[tokio::test]
async fn a_folder_that_the_store_takes_for_the_same_is_taken() {
    let (sandbox, files) = start(Sandbox::builder().workplace_names(NameRule::FoldsCase)).await;
    let folder = files.paths().ensure("Finance/Invoices").await.unwrap();
    files.paths().forget();
    assert_eq!(files.paths().ensure("Finance/INVOICES").await.unwrap(), folder);
    drop(sandbox);
    let (_sandbox, files) = start(Sandbox::builder().workplace_names(NameRule::Replaces)).await;
    let folder = files.paths().ensure("Finance/a: b?").await.unwrap();
    files.paths().forget();
    assert_eq!(files.paths().ensure("Finance/a: b?").await.unwrap(), folder);
}

#[tokio::test]
async fn an_upload_without_an_id_is_found_under_the_name_that_the_store_gave_it() {
    for (rule, name, stored) in [
        (NameRule::Nfc, "Bu\u{308}ro.pdf", "B\u{fc}ro.pdf"),
        (NameRule::Replaces, "a: b?.pdf", "a_ b_.pdf"),
        (NameRule::AsSent, "Bu\u{308}ro.pdf", "Bu\u{308}ro.pdf"),
    ] {
        let (_sandbox, files) =
            start(Sandbox::builder().workplace_names(rule).workplace_created(CreatedShape::Empty)).await;
        let uploaded = files.paths().upload(format!("Finance/New/{name}"), Upload::bytes("x", "abc")).await.unwrap();
        assert_eq!((uploaded.name.as_str(), uploaded.verified), (stored, datto_workplace::Verified::Md5), "{rule:?}");
    }
}

#[tokio::test]
async fn files_and_folders_are_told_apart() {
    let (sandbox, files) = sandbox().await;
    let paths = files.paths();
    for (path, file, folder) in [
        ("Finance", false, true),
        ("Finance/2026", false, true),
        ("Finance/Odd names/no extension", true, false),
        ("Finance/nothing", false, false),
        ("Nowhere", false, false),
    ] {
        assert_eq!(
            (paths.is_file(path).await.unwrap(), paths.is_folder(path).await.unwrap()),
            (file, folder),
            "{path}"
        );
    }
    sandbox.inject(Fault::status(500).always());
    assert_eq!(paths.is_file("Finance/x").await.unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(paths.is_folder("Finance/x").await.unwrap_err().kind(), ErrorKind::Server);
}

#[tokio::test]
async fn an_upload_goes_to_a_path() {
    let (sandbox, files) = sandbox().await;
    let upload = || Upload::bytes("other.txt", "abc").conflict(datto_workplace::Conflict::Replace);
    let first = files.paths().upload("Finance/Reports/2026/a.txt", upload()).await.unwrap();
    let again = files.paths().upload("Finance/Reports/2026/a.txt", upload()).await.unwrap();
    assert_eq!((first.id, first.name.as_str()), (again.id, "a.txt"));
    assert!(sandbox.workplace_tree().contains_key("Finance/Reports/2026/a.txt"));
    sandbox.clear_journal();
    for path in ["a.txt", "", "/"] {
        assert_eq!(files.paths().upload(path, upload()).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{path:?}");
    }
    assert!(sandbox.journal().is_empty());
}

/// A store that keeps alike names apart: what is remembered of one does not stand for the other.
#[tokio::test]
async fn folders_of_alike_names_are_remembered_apart() {
    let (sandbox, files) = sandbox().await;
    let project = crate::project(&sandbox);
    let mut ids = Vec::new();
    for name in ["B\u{fc}ro", "Bu\u{308}ro", "b\u{fc}ro"] {
        let folder = files.folders().create(project, name).await.unwrap();
        files.files().upload(&folder, Upload::bytes("x", name.as_bytes().to_vec())).await.unwrap();
        ids.push((name, folder.id));
    }
    for case in [Case::Sensitive, Case::Insensitive] {
        let paths = files.paths().case(case);
        for (name, id) in ids.iter().chain(&ids) {
            let folder = paths.ensure(format!("Finance/{name}")).await.unwrap();
            assert_eq!(folder.as_str(), id.as_str(), "{name} {case:?}");
            let file = paths.resolve(format!("Finance/{name}/x")).await.unwrap();
            assert_eq!(file.size, Some(name.len() as u64), "{name} {case:?}");
        }
    }
}
