//! Pages, links and records that are not as they should be.

use datto_common::{Continuation, ErrorKind, Measured};
use serde_json::json;

use super::{Thing, good, last, list, page, pages, parameter, walk};
use crate::server::{Server, answer};

#[tokio::test]
async fn links_in_a_circle_are_an_error() {
    for next in [0, 1, 2] {
        let server = pages(vec![
            page(&[1], json!({"next": "?page=1"})),
            page(&[2], json!({"next": "?page=2"})),
            page(&[3], json!({"next": format!("?page={next}")})),
        ])
        .await;
        let rows = walk(&mut list(&server).pager()).await;
        assert_eq!(good(&rows), [1, 2, 3]);
        assert_eq!(last(&rows).kind(), ErrorKind::Paging);
        assert!(last(&rows).message().contains("circle"));
        assert_eq!(list(&server).collect().await.unwrap_err().kind(), ErrorKind::Paging);
        let measured = list(&server).collect_measured().await;
        assert!(matches!(&measured, Measured::Partial { value, missing } if value.len() == 3 && missing.len() == 1));
    }
}

#[tokio::test]
async fn empty_pages_without_end_are_an_error_and_a_few_are_not() {
    let server = Server::start(|seen, _| {
        let number = parameter(seen, "page");
        answer(200, &[], page(&[], json!({"next": format!("?page={}", number + 1)})).to_string())
    })
    .await;
    let rows = walk(&mut list(&server).pager()).await;
    assert_eq!((rows.len(), last(&rows).kind(), server.seen().len()), (1, ErrorKind::Paging, 10));
    let server = pages(vec![
        page(&[], json!({"next": "?page=1"})),
        page(&[], json!({"next": "?page=2"})),
        page(&[7], json!({"next": ""})),
    ])
    .await;
    assert_eq!(list(&server).collect().await.unwrap(), [Thing::new(7)]);
}

#[tokio::test]
async fn only_the_number_is_taken_from_a_link_and_its_host_is_never_called() {
    let trap = Server::saying(answer(200, &[], page(&[666], json!({})).to_string())).await;
    for link in [
        format!("{}/things?max=2&page=1", trap.origin),
        format!("{}/things?page=1&amp;max=2", trap.origin),
        format!("//{}/?page=1#page=9", trap.origin.trim_start_matches("http://")),
        "?page=1".to_owned(),
        "http://user:pass@[::1]:1/?page=1".to_owned(),
        "file:///etc/passwd?page=1".to_owned(),
    ] {
        let server = pages(vec![page(&[1], json!({"next": link})), page(&[2], json!({"next": null}))]).await;
        let things = list(&server).collect().await.unwrap();
        assert_eq!(things, [Thing::new(1), Thing::new(2)], "{link}");
        assert!(server.seen().iter().all(|seen| seen.target().starts_with("/things?") && parameter(seen, "max") == 10));
    }
    for link in ["http://127.0.0.1:1/", "?page=", "?page=-1", "?page=x", "?max=1", "page 2"] {
        let server = pages(vec![page(&[1], json!({"next": link}))]).await;
        assert_eq!(list(&server).collect().await.unwrap_err().kind(), ErrorKind::Paging, "{link}");
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn a_list_that_is_not_there_is_never_an_empty_one() {
    for (body, words) in [
        (json!({"details": {}}), "no `things`"),
        (json!({"details": {"total": 0}}), "no `things`"),
        (json!({}), "no `things`"),
        (json!({"things": null, "details": {}}), "is null"),
        (json!({"things": null}), "is null"),
        (json!({"things": {}, "details": {}}), "array"),
        (json!({"things": "", "details": {}}), "array"),
        (json!(null), "things"),
        (json!("things"), "things"),
    ] {
        let server = pages(vec![body.clone()]).await;
        for error in [list(&server).send().await.unwrap_err(), list(&server).collect().await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Decode, "{body}: {error}");
            assert!(error.message().contains(words), "{body}: {error}");
        }
        assert!(matches!(list(&server).collect_measured().await, Measured::Unknown { .. }), "{body}");
    }
    // A page without its details is good as a page; what lies behind it is not known, and so it is no whole list.
    // So are records that come bare.
    let bare = json!([{"id": 1}]);
    for body in [json!({"things": []}), json!({"things": [{"id": 1}]}), json!({"things": [], "details": null}), bare] {
        let server = pages(vec![body.clone()]).await;
        let page = list(&server).send().await.unwrap();
        let mut behind = list(&server);
        behind.resume(page.next.unwrap());
        let error = behind.send().await.unwrap_err();
        for error in [error, list(&server).collect().await.unwrap_err()] {
            assert!(error.kind() == ErrorKind::Paging && error.message().contains("no `details`"), "{body}: {error}");
        }
        assert!(!list(&server).collect_measured().await.is_known(), "{body}");
    }
    let twice = r#"{"things": [{"id": 1}], "things": [], "details": {}}"#;
    let server = Server::saying(answer(200, &[], twice)).await;
    let error = list(&server).collect().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && error.message().contains("duplicate"), "{error}");
}

#[tokio::test]
async fn an_empty_list_that_says_so_is_empty() {
    for body in [
        json!({"things": [], "details": {}}),
        json!({"things": null, "details": {"count": 0}}),
        json!({"things": [], "details": {"total": 0, "next": "  "}}),
    ] {
        let server = pages(vec![body.clone()]).await;
        assert_eq!(list(&server).collect().await.unwrap(), [], "{body}");
        assert_eq!(list(&server).collect_measured().await, Measured::Known(Vec::new()), "{body}");
    }
}

#[tokio::test]
async fn a_record_nested_too_deep_is_odd_and_kept_as_text() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let body = format!(r#"{{"things":[{{"id":1}},{{"id":{deep}}},{{"id":3}}],"details":{{}}}}"#);
    let server = Server::saying(answer(200, &[], body)).await;
    let page = list(&server).send().await.unwrap();
    assert_eq!((page.items.len(), page.odd.len(), page.odd[0].index), (2, 1, 1));
    assert!(page.odd[0].raw.as_str().unwrap().contains(&deep));
}

#[tokio::test]
async fn a_continuation_fits_its_list_alone() {
    let server = pages(vec![page(&[1, 2], json!({}))]).await;
    let mut pager = list(&server).pager();
    pager.next().await.unwrap().unwrap();
    let place = pager.continuation().unwrap();
    let mut other = list(&server);
    other.call_mut().set_query("filter", "x");
    other.resume(place);
    let error = other.collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(serde_json::from_str::<Continuation>(r#"{"operation":"x"}"#).is_err());
}

#[tokio::test]
async fn a_list_of_more_than_ten_thousand_pages_does_not_end_and_is_stopped() {
    let server = Server::start(|seen, _| {
        let number = parameter(seen, "page");
        answer(200, &[], page(&[number], json!({"next": format!("?page={}", number + 1)})).to_string())
    })
    .await;
    let (mut pager, mut rows, mut error) = (list(&server).pager(), 0, None);
    while let Some(row) = pager.next().await {
        match row {
            Ok(_) => rows += 1,
            Err(failed) => error = Some(failed),
        }
    }
    let error = error.unwrap();
    assert_eq!((rows, error.kind()), (10_000, ErrorKind::Paging));
    assert!(error.message().contains("10000 pages"), "{error}");
}

#[tokio::test]
async fn an_odd_record_is_told_from_a_page_and_names_itself() {
    let server = pages(vec![
        json!({"things": [{"id": 1, "uid": "a"}, {"id": "x", "uid": "b"}, 7, {"id": [], "uid": 9}], "details": {"next": "?page=1"}}),
    ])
    .await;
    let rows = walk(&mut list(&server).pager()).await;
    let odd: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
    let named: Vec<_> = odd
        .iter()
        .map(|error| error.record().map(|record| (record.index, record.id.as_deref(), error.json_path())))
        .collect();
    assert_eq!(
        named,
        [
            Some((1, Some("b"), Some("things[1].id"))),
            Some((2, None, Some("things[2]"))),
            Some((3, Some("9"), Some("things[3].id"))),
            None,
        ]
    );
    assert_eq!(odd[0].record().unwrap().raw, datto_common::Sensitive(json!({"id": "x", "uid": "b"})));
    assert_eq!(odd[0].message(), "record 1 of the page: id: expected u64");
    assert_eq!(odd[3].kind(), ErrorKind::NotFound, "the page");
    // All of one page share the words of the service.
    let words: Vec<*const u8> = odd.iter().take(3).map(|error| error.body_snippet().unwrap().as_ptr()).collect();
    assert!(words.iter().all(|other| *other == words[0]), "{words:?}");
}

#[tokio::test]
async fn a_page_of_very_many_odd_records_costs_as_its_bytes_do_and_lets_others_run() {
    let rows = 50_000;
    let body = format!(r#"{{"things":[{}1],"details":{{}}}}"#, "1,".repeat(rows - 1));
    let server = Server::saying(answer(200, &[], body)).await;
    let ticks = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&ticks);
    let ticker = tokio::spawn(async move {
        loop {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let (mut pager, mut odd) = (list(&server).pager(), 0);
    while let Some(row) = pager.next().await {
        assert!(row.unwrap_err().record().is_some());
        odd += 1;
    }
    assert_eq!(odd, rows);
    assert!(ticks.load(std::sync::atomic::Ordering::Relaxed) > rows / 1_000);
    ticker.abort();
    match list(&server).collect_measured().await {
        Measured::Partial { value, missing } => {
            assert!(value.is_empty() && missing.len() == 101, "{}", missing.len());
            assert!(missing[100].what.contains("49900 more records"), "{}", missing[100]);
        }
        other => panic!("{other:?}"),
    }
    let error = list(&server).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && error.message().contains("10000 records"), "{error}");
}
