//! Listings, items and the connection check.

use datto_sandbox::{Fault, ListShape, Sandbox};
use datto_workplace::{ErrorKind, Level, Metadata, WorkplaceClient};

use crate::{project, sandbox, start};

#[tokio::test]
async fn projects_and_children_come_in_every_shape() {
    for shape in [ListShape::Result, ListShape::Value, ListShape::Bare] {
        let (sandbox, files) = start(Sandbox::builder().workplace_lists(shape).workplace_projects(4)).await;
        let truth = sandbox.truth().workplace;
        let projects = files.projects().list().await.unwrap();
        let expected: Vec<_> = truth.projects.iter().map(|project| Some(project.name.clone())).collect();
        assert_eq!(projects.iter().map(|project| project.name.clone()).collect::<Vec<_>>(), expected, "{shape:?}");
        assert!(projects.iter().all(datto_workplace::Item::is_folder));
        let children = files.folders().children(&projects[0]).await.unwrap();
        assert!(children.iter().any(|item| item.name.as_deref() == Some("Many")));
        let empty = children.iter().find(|item| item.name.as_deref() == Some("Empty")).unwrap();
        assert!(files.folders().children(empty).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn metadata_brings_locks_links_and_places() {
    let (sandbox, files) = sandbox().await;
    let states = files.paths().resolve("Finance/States").await.unwrap();
    let plain = files.folders().children(&states).await.unwrap();
    assert!(plain.iter().all(|item| item.lock.is_none() && item.stored.is_none()));
    let items = files.folders().children(&states).metadata(Metadata::REVIEW).await.unwrap();
    let find = |name: &str| items.iter().find(|item| item.name.as_deref() == Some(name)).unwrap();
    assert_eq!(find("locked today.docx").lock.as_ref().unwrap().fullname.as_deref(), Some("Kim Example"));
    assert!(!find("uploading.docx").is_downloadable() && !find("archived.docx").is_downloadable());
    assert!(find("brochure.pdf").file_link.is_some());
    assert_eq!((find("Public").is_public_link, &find("Public").file_link), (Some(true), &None));
    assert_eq!(sandbox.truth().workplace.not_in_cloud.len() % 2, 0);
}

#[tokio::test]
async fn an_item_is_renamed_locked_and_deleted() {
    let (sandbox, files) = sandbox().await;
    let file = files.paths().resolve("Finance/Odd names/a+b=c?.txt").await.unwrap();
    files.files().rename(&file, "50% off & more?.txt").await.unwrap();
    assert_eq!(files.files().get(&file).await.unwrap().name.as_deref(), Some("50% off & more?.txt"));
    files.files().lock(&file).await.unwrap();
    assert!(files.files().get(&file).metadata(Metadata::REVIEW).await.unwrap().lock.is_some());
    files.files().unlock(&file).await.unwrap();
    assert!(files.files().get(&file).metadata(Metadata::REVIEW).await.unwrap().lock.is_none());
    files.files().delete(&file).await.unwrap();
    assert_eq!(files.files().get(&file).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!sandbox.workplace_tree().contains_key("Finance/Odd names/50% off & more?.txt"));
}

#[tokio::test]
async fn a_refused_delete_says_which_right_is_missing() {
    let (sandbox, files) = start(Sandbox::builder().workplace_refuse_deletes(true)).await;
    let error = files.folders().delete(project(&sandbox)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.hint().unwrap().contains("Full Access"));
}

#[tokio::test]
async fn a_delete_that_was_carried_out_unseen_succeeds() {
    let (sandbox, files) = sandbox().await;
    let file = files.paths().resolve("Finance/Odd names/no extension").await.unwrap();
    sandbox.inject(Fault::status(502).method("DELETE").after_handling());
    files.files().delete(&file).await.unwrap();
}

#[tokio::test]
async fn a_failed_list_is_never_an_empty_folder() {
    let (sandbox, files) = sandbox().await;
    let id = project(&sandbox);
    for (body, kind) in [
        ("{}", ErrorKind::Decode),
        ("null", ErrorKind::Decode),
        ("", ErrorKind::Decode),
        (r#"{"result":null}"#, ErrorKind::Decode),
        (r#"{"result":{}}"#, ErrorKind::Decode),
        (r#"{"message":"something went wrong"}"#, ErrorKind::Decode),
        (r#"{"result":[1]}"#, ErrorKind::Decode),
        (r#"{"result":[],"nextPage":"2"}"#, ErrorKind::Paging),
        ("<html><title>Maintenance</title></html>", ErrorKind::Decode),
    ] {
        sandbox.inject(Fault::body("application/json", body).path_contains("/files"));
        let error = files.folders().children(id).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
    }
}

#[tokio::test]
async fn the_connection_check_tells_causes_apart() {
    let (sandbox, files) = sandbox().await;
    let report = files.check_connection().await;
    assert!(report.is_connected() && report.to_string().contains("3 projects"), "{report}");

    let wrong = WorkplaceClient::builder()
        .endpoint(sandbox.workplace_url())
        .credentials("wrong-id-0001", "wrong-secret-0001")
        .build()
        .unwrap();
    let report = wrong.check_connection().await;
    assert!(report.finding("not_authenticated").is_some(), "{report}");
    assert!(!report.to_string().contains("wrong-secret"));

    let (id, secret) = sandbox.workplace_key();
    let cell = sandbox.workplace_url().replace("/2/", "/3/");
    let elsewhere = WorkplaceClient::builder().endpoint(cell).credentials(id, secret).build().unwrap();
    let report = elsewhere.check_connection().await;
    assert!(report.finding("not_found").is_some() && report.to_string().contains("cell"), "{report}");

    sandbox.inject(Fault::status(403));
    assert!(files.check_connection().await.finding("forbidden").is_some());

    let (_sandbox, files) = start(Sandbox::builder().workplace_nothing_shared(true)).await;
    let report = files.check_connection().await;
    let finding = report.finding("no_projects_visible").unwrap();
    assert!(report.is_connected() && finding.level == Level::Warning && report.to_string().contains("0 projects"));
}

#[tokio::test]
async fn the_service_describes_itself_with_the_calls_of_the_table() {
    let (_sandbox, files) = sandbox().await;
    let description = files.description().await.unwrap();
    let squeeze = |path: &str| path.replace("{folderId}", "{}").replace("{fileId}", "{}").replace("{fileID}", "{}");
    let described: Vec<String> = description["paths"].as_object().unwrap().keys().map(|path| squeeze(path)).collect();
    for operation in datto_workplace::operations::ALL.iter().filter(|operation| operation.name != "api.description") {
        assert!(described.contains(&squeeze(operation.path)), "{}", operation.name);
    }
}
