//! Walks over whole trees.

use datto_sandbox::Fault;
use datto_workplace::{ErrorKind, Measured, Metadata};

use crate::{project, sandbox};

#[tokio::test]
async fn a_walk_meets_everything_once_at_any_concurrency() {
    let (sandbox, files) = sandbox().await;
    let expected: Vec<String> =
        sandbox.workplace_tree().keys().filter_map(|path| path.strip_prefix("Finance/").map(str::to_owned)).collect();
    for concurrency in [1, 2, 16] {
        let mut walk = files.walk(project(&sandbox)).concurrency(concurrency).metadata(Metadata::REVIEW);
        let mut paths = Vec::new();
        while let Some(entry) = walk.next().await {
            let entry = entry.unwrap();
            assert_eq!(entry.depth, entry.path.matches('/').count());
            paths.push(entry.path);
        }
        paths.sort();
        assert_eq!(paths, expected, "{concurrency}");
        assert!(walk.is_complete());
        assert!(walk.next().await.is_none());
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_is_an_error_and_the_rest_goes_on() {
    let (sandbox, files) = sandbox().await;
    let broken = files.paths().resolve("Finance/2025").await.unwrap();
    sandbox.inject(Fault::status(403).path_contains(format!("/file/{}/files", broken.id)).always());
    let mut walk = files.walk(project(&sandbox));
    let (mut paths, mut errors) = (Vec::new(), Vec::new());
    while let Some(entry) = walk.next().await {
        match entry {
            Ok(entry) => paths.push(entry.path),
            Err(error) => errors.push(error),
        }
    }
    assert!(!walk.is_complete());
    assert_eq!((errors.len(), errors[0].kind()), (1, ErrorKind::Forbidden));
    assert!(errors[0].to_string().contains("\"2025\""), "{}", errors[0]);
    assert!(walk.missing()[0].what.contains("2025"));
    assert!(paths.iter().any(|path| path.starts_with("2026/")) && !paths.iter().any(|path| path.starts_with("2025/")));

    let measured = files.walk(project(&sandbox)).collect_measured().await;
    assert!(
        matches!(measured, Measured::Partial { value, missing } if value.len() == paths.len() && missing.len() == 1)
    );
    assert_eq!(files.walk(project(&sandbox)).collect().await.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_walk_of_nothing_is_unknown() {
    let (_sandbox, files) = sandbox().await;
    assert!(matches!(files.walk(1).collect_measured().await, Measured::Unknown { .. }));
    assert!(matches!(files.walk("").collect_measured().await, Measured::Unknown { .. }));
}

#[tokio::test]
async fn a_folder_inside_itself_ends_the_walk_and_is_told() {
    let (sandbox, files) = sandbox().await;
    let id = project(&sandbox);
    let body = format!(r#"{{"result":[{{"id":{id},"name":"again","folder":true}}]}}"#);
    sandbox.inject(Fault::body("application/json", body).path_contains("/files").always());
    let mut walk = files.walk(id);
    let mut errors = 0;
    while let Some(entry) = walk.next().await {
        errors += usize::from(entry.is_err());
    }
    assert_eq!(errors, 1);
    assert!(!walk.is_complete());
}

/// Each folder holds two new ones: without a bound this would never end.
#[tokio::test]
async fn a_tree_without_an_end_ends_the_walk_and_is_told() {
    use std::sync::atomic::{AtomicU64, Ordering};
    use wiremock::matchers::method;
    use wiremock::{Mock, MockServer, Request, ResponseTemplate};

    let (server, next) = (MockServer::start().await, AtomicU64::new(10));
    let answer = move |_: &Request| {
        let id = next.fetch_add(2, Ordering::Relaxed);
        let folder = |id: u64| format!(r#"{{"id":{id},"name":"{id}","folder":true}}"#);
        let body = format!(r#"{{"result":[{},{}]}}"#, folder(id), folder(id + 1));
        ResponseTemplate::new(200).set_body_raw(body, "application/json")
    };
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    let files = datto_workplace::WorkplaceClient::builder()
        .endpoint(format!("{}/2/api/v1", server.uri()))
        .credentials("id-0001", "secret-0001");
    let files = files.build().unwrap();
    let walked = async |walk: datto_workplace::Walk| {
        let (mut walk, mut errors, mut items) = (walk, Vec::new(), 0);
        while let Some(entry) = walk.next().await {
            match entry {
                Ok(_) => items += 1,
                Err(error) => errors.push(error.message().to_owned()),
            }
        }
        assert!(!walk.is_complete() && walk.missing().len() == errors.len());
        (items, errors)
    };
    let (items, errors) = walked(files.walk(1).max_folders(100)).await;
    assert_eq!((items, errors.len()), (200, 1));
    assert!(errors[0].contains("more than 100 folders"), "{errors:?}");
    let (items, errors) = walked(files.walk(2).max_depth(3)).await;
    assert_eq!((items, errors.len()), (2 + 4 + 8 + 16, 16));
    assert!(errors[0].contains("below 3 folders"), "{errors:?}");
}

/// Wherever it is stopped, whatever fails meanwhile: each item comes once.
#[tokio::test]
async fn a_walk_goes_on_in_another_process_where_it_stood() {
    let (sandbox, files) = sandbox().await;
    let id = project(&sandbox);
    let mut expected: Vec<String> =
        files.walk(id).collect().await.unwrap().into_iter().map(|entry| entry.path).collect();
    expected.sort();
    for (concurrency, stop) in [(1, 0), (1, 1), (2, 7), (4, 23), (16, 40), (3, expected.len())] {
        let mut walk = files.walk(id).concurrency(concurrency);
        let mut paths = Vec::new();
        // One folder fails before the stop, and is read again after it.
        sandbox.inject(Fault::status(403).path_contains("/files").after(2).times(1));
        while paths.len() < stop {
            match walk.next().await {
                Some(Ok(entry)) => paths.push(entry.path),
                Some(Err(error)) => assert_eq!(error.kind(), ErrorKind::Forbidden),
                None => break,
            }
        }
        sandbox.clear_faults();
        let stored = serde_json::to_string(&walk.state()).unwrap();
        drop(walk);
        assert!(!stored.contains("secret"));
        let mut walk = files.walk(id).concurrency(concurrency).resume(serde_json::from_str(&stored).unwrap());
        assert_eq!(walk.state(), serde_json::from_str(&stored).unwrap());
        while let Some(entry) = walk.next().await {
            paths.push(entry.unwrap().path);
        }
        paths.sort();
        assert_eq!(paths, expected, "{concurrency} {stop}");
        assert!(walk.is_complete() && walk.state().is_over());
    }
    let state = files.walk(id).state();
    assert_eq!((state.folders_left(), state.is_over()), (1, false));
    let mut other = files.walk(7).resume(state);
    assert_eq!(other.next().await.unwrap().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(other.next().await.is_none() && !other.is_complete());
}
