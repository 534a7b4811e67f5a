//! Walks over lists whose service serves oddly.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_common::internal::{Call, List};
use datto_common::{Continuation, Error, ErrorKind, Measured, Pager, Result};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::product::{LIST, core};
use crate::server::{Seen, Server, Step, answer};

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Thing {
    id: u64,
}

fn list(server: &Server) -> List<Thing> {
    List::new(&core(&server.origin), Call::new(&LIST, &[]))
}

fn parameter(seen: &Seen, name: &str) -> u64 {
    let url = url::Url::parse("http://host").unwrap().join(seen.target()).unwrap();
    let value = url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned());
    value.unwrap().parse().unwrap()
}

fn ids(things: &[u64]) -> Value {
    things.iter().map(|id| json!({"id": id})).collect()
}

/// Serves these pages, whatever their size is asked to be.
async fn pages(pages: Vec<Value>) -> Server {
    Server::start(move |seen, _| {
        let page = pages.get(usize::try_from(parameter(seen, "page")).unwrap());
        page.map_or_else(|| answer(404, &[], ""), |page| answer(200, &[], page.to_string()))
    })
    .await
}

/// A page of these things, with what the details say.
fn page(things: &[u64], details: Value) -> Value {
    json!({"things": ids(things), "details": details})
}

/// What a walk yields to its end.
async fn walk(pager: &mut Pager<Thing>) -> Vec<Result<u64, Error>> {
    let mut rows = Vec::new();
    while let Some(row) = pager.next().await {
        rows.push(row.map(|thing| thing.id));
        assert!(rows.len() < 1_000, "it ends");
    }
    assert!(pager.next().await.is_none(), "and stays ended");
    rows
}

fn good(rows: &[Result<u64, Error>]) -> Vec<u64> {
    rows.iter().filter_map(|row| row.as_ref().ok().copied()).collect()
}

fn last(rows: &[Result<u64, Error>]) -> &Error {
    rows.last().unwrap().as_ref().unwrap_err()
}

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
    assert_eq!(list(&server).collect().await.unwrap(), [Thing { id: 7 }]);
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
        assert_eq!(things, [Thing { id: 1 }, Thing { id: 2 }], "{link}");
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
        (json!([{"id": 1}]), "things"),
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
    for body in [json!({"things": []}), json!({"things": [{"id": 1}]}), json!({"things": [], "details": null})] {
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
async fn fewer_records_than_were_counted_are_an_error() {
    let server =
        pages(vec![page(&[1, 2], json!({"next": "?page=1", "total": 5})), page(&[3], json!({"total": 5}))]).await;
    let rows = walk(&mut list(&server).pager()).await;
    assert_eq!(good(&rows), [1, 2, 3]);
    assert!(last(&rows).kind() == ErrorKind::Paging && last(&rows).message().contains("5 records"), "{rows:?}");
    assert!(matches!(list(&server).collect_measured().await, Measured::Partial { .. }));
}

#[tokio::test]
async fn a_total_that_changes_is_reported() {
    let server =
        pages(vec![page(&[1, 2], json!({"next": "?page=1", "total": 4})), page(&[4], json!({"total": 3}))]).await;
    let mut pager = list(&server).pager();
    assert_eq!(good(&walk(&mut pager).await), [1, 2, 4]);
    assert_eq!((pager.drift(), pager.total()), (Some((4, 3)), Some(3)));
    match list(&server).collect_measured().await {
        Measured::Partial { value, missing } => {
            assert_eq!(value.len(), 3);
            assert!(
                missing[0].what.contains("changes") && missing[0].cause.message.contains("counted 4"),
                "{missing:?}"
            );
        }
        whole => panic!("{whole:?}"),
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

/// A service of a list for the property: what it holds, and what goes wrong with which page.
#[derive(Debug, Clone)]
struct Plan {
    /// Each record: whether it can be read.
    records: Vec<bool>,
    served: usize,
    asked: u32,
    concurrency: usize,
    /// Page, status, and how often.
    faults: Vec<(u64, u16, usize)>,
    counts: bool,
    /// Where the walk is broken off and resumed in another process, by number of records.
    broken_off: usize,
}

fn plan() -> impl Strategy<Value = Plan> {
    let fault = (0_u64..12, proptest::sample::select(vec![500, 502, 503, 404, 400]), 1_usize..9);
    (
        prop::collection::vec(prop::bool::weighted(0.9), 0..40),
        1_usize..9,
        1_u32..11,
        1_usize..6,
        prop::collection::vec(fault, 0..4),
        any::<bool>(),
        0_usize..40,
    )
        .prop_map(|(records, served, asked, concurrency, faults, counts, broken_off)| Plan {
            records,
            served,
            asked,
            concurrency,
            faults,
            counts,
            broken_off,
        })
}

impl Plan {
    /// Serves the list; each fault strikes as often as it says.
    async fn serve(&self, faulty: bool) -> Server {
        let plan = self.clone();
        let left = Arc::new(Mutex::new(if faulty { self.faults.clone() } else { Vec::new() }));
        Server::start(move |seen, _| plan.answer(seen, &left)).await
    }

    fn answer(&self, seen: &Seen, left: &Mutex<Vec<(u64, u16, usize)>>) -> Vec<Step> {
        let number = parameter(seen, "page");
        let mut left = left.lock().unwrap();
        if let Some((_, status, times)) = left.iter_mut().find(|(page, _, times)| *page == number && *times > 0) {
            *times -= 1;
            return answer(*status, &[], "");
        }
        let size = self.served.min(usize::try_from(parameter(seen, "max")).unwrap());
        let first = size * usize::try_from(number).unwrap();
        let rows: Vec<Value> = (first..(first + size).min(self.records.len()))
            .map(|id| if self.records[id] { json!({"id": id}) } else { json!({"id": format!("odd {id}")}) })
            .collect();
        let next = (first + size < self.records.len()).then(|| format!("http://other.test/?page={}", number + 1));
        let total = self.counts.then_some(self.records.len());
        answer(200, &[], json!({"things": rows, "details": {"next": next, "total": total}}).to_string())
    }

    fn list(&self, server: &Server) -> List<Thing> {
        let mut list = list(server);
        list.page_size(self.asked);
        list.concurrency(self.concurrency);
        list
    }

    /// What a calm walk yields.
    fn whole(&self) -> Vec<Option<u64>> {
        (0..).zip(&self.records).map(|(id, readable)| readable.then_some(id)).collect()
    }
}

/// The records as they came; odd ones as nothing.
fn rows(rows: &[Result<u64, Error>]) -> Vec<Option<u64>> {
    rows.iter().map(|row| row.as_ref().ok().copied()).collect()
}

fn run<T>(case: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), case).await.expect("it ends") })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_records_are_named_and_cost_nothing_else(plan in plan()) {
        run(async {
            let server = plan.serve(false).await;
            let mut pager = plan.list(&server).pager();
            let seen = walk(&mut pager).await;
            prop_assert_eq!(rows(&seen), plan.whole());
            let named = |error: &Error| {
                let message = error.message();
                error.kind() == ErrorKind::Decode && message.starts_with("record ") && message.contains("id: expected u64")
            };
            prop_assert!(seen.iter().filter_map(|row| row.as_ref().err()).all(named));
            prop_assert!(pager.continuation().is_none() && pager.drift().is_none());
            let odd = plan.records.iter().filter(|readable| !**readable).count();
            let page = plan.list(&server).send().await.unwrap();
            prop_assert_eq!(page.items.len() + page.odd.len(), plan.records.len().min(plan.served).min(plan.asked as usize));
            prop_assert_eq!(plan.list(&server).collect().await.is_ok(), odd == 0);
            match plan.list(&server).collect_measured().await {
                Measured::Known(things) => prop_assert!(odd == 0 && things.len() == plan.records.len()),
                Measured::Partial { value, missing } => {
                    prop_assert_eq!((value.len(), missing.len()), (plan.records.len() - odd, odd));
                    prop_assert!(odd > 0);
                }
                Measured::Unknown { cause } => prop_assert!(false, "{}", cause),
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_walk_broken_off_anywhere_is_resumed_without_loss(plan in plan()) {
        run(async {
            let server = plan.serve(false).await;
            let mut pager = plan.list(&server).pager();
            let mut seen = Vec::new();
            while seen.len() < plan.broken_off {
                let Some(row) = pager.next().await else { break };
                seen.push(row.map(|thing| thing.id));
            }
            if let Some(place) = pager.continuation() {
                let written = serde_json::to_string(&place).unwrap();
                let mut list = plan.list(&server);
                list.page_size(1 + plan.asked % 10); // of the continuation, else rows would shift
                list.resume(serde_json::from_str(&written).unwrap());
                seen.extend(walk(&mut list.pager()).await);
            }
            prop_assert_eq!(rows(&seen), plan.whole());
            Ok(())
        })?;
    }

    #[test]
    fn a_walk_through_failures_is_whole_or_ends_where_it_can_be_resumed(plan in plan()) {
        run(async {
            let server = plan.serve(true).await;
            let mut seen = Vec::new();
            let mut pager = plan.list(&server).pager();
            for round in 0.. {
                prop_assert!(round < 40, "each round uses up a fault");
                let mut part = walk(&mut pager).await;
                let Some(place) = pager.continuation() else {
                    seen.extend(part);
                    break;
                };
                let failed = part.pop().unwrap().unwrap_err();
                prop_assert!(matches!(failed.kind(), ErrorKind::Server | ErrorKind::NotFound | ErrorKind::Api), "{}", failed);
                seen.extend(part);
                let mut list = plan.list(&server);
                list.resume(place);
                pager = list.pager();
            }
            prop_assert_eq!(rows(&seen), plan.whole());
            Ok(())
        })?;
    }

    #[test]
    fn a_page_of_any_json_is_read_or_refused(body in json_text(), loose in any::<bool>()) {
        run(async {
            let server = Server::saying(answer(200, &[], &body)).await;
            let mut list = list(&server);
            if loose {
                list = List::new(&core(&server.origin), Call::new(&crate::product::LOOSE, &[]));
            }
            if let Err(error) = list.send().await {
                prop_assert!(matches!(error.kind(), ErrorKind::Decode | ErrorKind::Paging), "{}: {}", body, error);
            }
            Ok(())
        })?;
    }
}

/// Any JSON, members that a page has among its keys.
fn json_text() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        proptest::sample::select(vec!["things", "details", "next", "total", "count", "id", "0", "1", "01"])
            .prop_map(str::to_owned),
        "[a-z]{0,5}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "\\?page=[0-9]{0,3}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let things =
        (value.clone(), value.clone()).prop_map(|(things, details)| json!({"things": things, "details": details}));
    prop_oneof![value, things].prop_map(|value| value.to_string())
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
