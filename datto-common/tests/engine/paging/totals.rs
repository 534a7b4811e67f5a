//! Pages that contradict what was asked for, or each other.

use std::sync::Mutex;

use datto_common::{Continuation, ErrorKind, Measured, Verdict};
use serde_json::{Value, json};

use super::{Thing, good, last, list, list_of, page, pages, parameter, walk};
use crate::product::{COUNTED, CURSOR, SIZED};
use crate::server::{Server, answer};

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

/// Whether a list is never called whole, and yields an error at its end.
async fn is_not_whole(server: &Server, operation: &'static datto_common::Operation, words: &str) {
    for concurrency in [1, 2, 8] {
        let mut list = list_of(server, operation);
        list.concurrency(concurrency);
        let measured = list.clone().collect_measured().await;
        assert!(!measured.is_known(), "{concurrency}: {measured:?}");
        let error = list.clone().collect().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Paging && error.message().contains(words), "{concurrency}: {error}");
        let mut pager = list.pager();
        let rows = walk(&mut pager).await;
        assert_eq!(last(&rows).kind(), ErrorKind::Paging, "{rows:?}");
        assert!(!pager.verdict().is_complete());
    }
}

#[tokio::test]
async fn a_total_that_differs_on_any_page_is_drift() {
    let server = pages(vec![
        page(&[1, 2], json!({"next": "?page=1", "total": 6})),
        page(&[3, 4], json!({"next": "?page=2", "total": 5})),
        page(&[5, 6], json!({"total": 6})),
    ])
    .await;
    is_not_whole(&server, &crate::product::LIST, "counted 6 records at first and 5 later").await;
}

#[tokio::test]
async fn a_record_that_comes_again_on_a_later_page_is_drift() {
    let server =
        pages(vec![page(&[1, 2], json!({"next": "?page=1", "total": 4})), page(&[2, 3], json!({"total": 4}))]).await;
    is_not_whole(&server, &crate::product::LIST, "came again").await;
    // On one page it is the service's own way to list it.
    let server = pages(vec![page(&[1, 1, 2], json!({"total": 3}))]).await;
    assert_eq!(list(&server).collect().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_page_that_is_not_whole_by_its_own_count_is_noticed() {
    let server = pages(vec![
        page(&[1, 2], json!({"next": "?page=1", "rows": 2})),
        page(&[3], json!({"next": "?page=2", "rows": 2})),
        page(&[4], json!({"rows": 1})),
    ])
    .await;
    is_not_whole(&server, &SIZED, "page 1 says that it has 2 records, and 1 came").await;
}

#[tokio::test]
async fn a_link_that_leaves_pages_out_is_noticed() {
    let server = pages(vec![
        page(&[1], json!({"next": "?page=2", "total": 2})),
        page(&[9], json!({"total": 2})),
        page(&[2], json!({"total": 2})),
    ])
    .await;
    is_not_whole(&server, &SIZED, "leads on to page 2").await;
}

#[tokio::test]
async fn a_page_that_was_not_asked_for_is_an_error_that_names_both() {
    let first = page(&[1, 2], json!({"number": 1, "size": 2, "pages": 3, "count": 6}));
    let server = Server::saying(answer(200, &[], first.to_string())).await;
    is_not_whole(&server, &COUNTED, "page 2 was asked for, and page 1 came").await;
    // Numbers are read as text too.
    let first = page(&[1, 2], json!({"number": "1", "size": "2", "pages": "3", "count": "6"}));
    let server = Server::saying(answer(200, &[], first.to_string())).await;
    is_not_whole(&server, &COUNTED, "page 2 was asked for, and page 1 came").await;
}

/// A list whose pages are counted, served by a size of the service's own.
async fn counted(records: u64, size: u64, said: impl Fn(u64) -> Value + Send + Sync + 'static) -> Server {
    Server::start(move |seen, _| {
        let number = parameter(seen, "page");
        let first = number.saturating_sub(1).saturating_mul(size);
        let ids: Vec<u64> = (first..first.saturating_add(size).min(records)).collect();
        answer(200, &[], page(&ids, said(number)).to_string())
    })
    .await
}

#[tokio::test]
async fn a_count_beyond_the_pages_that_are_said_leads_on() {
    // 250 counted, one page said, 100 served.
    let server = counted(25, 10, |number| json!({"number": number, "size": 10, "pages": 1, "count": 25})).await;
    assert_eq!(list_of(&server, &COUNTED).collect().await.unwrap().len(), 25);
    // Asked for 20 a page, served 10 a page: what is served decides.
    let server = counted(30, 10, |number| json!({"number": number, "size": 10, "pages": 2, "count": 30})).await;
    for concurrency in [1, 4] {
        let mut wide = list_of(&server, &COUNTED);
        wide.page_size(20);
        wide.concurrency(concurrency);
        assert_eq!(wide.collect().await.unwrap().len(), 30);
    }
    // What never comes is missing.
    let server = counted(20, 10, |number| json!({"number": number, "size": 10, "pages": 2, "count": 25})).await;
    is_not_whole(&server, &COUNTED, "counts 25 records, but its pages held 20").await;
}

#[tokio::test]
async fn a_count_of_each_page_is_no_total_and_a_second_look_proves_the_list() {
    let server = counted(
        25,
        10,
        |number| json!({"number": number, "size": 10, "pages": 3, "count": if number < 3 { 10 } else { 5 }}),
    )
    .await;
    let mut pager = list_of(&server, &COUNTED).pager();
    assert_eq!(good(&walk(&mut pager).await).len(), 25);
    assert_eq!(pager.verdict(), Verdict::Unproven);
    pager.look_again().await.unwrap();
    assert_eq!(pager.verdict(), Verdict::Complete);
    assert!(list_of(&server, &COUNTED).collect_measured().await.is_known());
}

/// A list without totals, two records a page, from which records are taken before the reads that are named.
async fn losing(ids: Vec<u64>, losses: Vec<(usize, u64)>) -> Server {
    let kept = Mutex::new(ids);
    Server::start(move |seen, read| {
        let mut kept = kept.lock().unwrap();
        kept.retain(|id| !losses.contains(&(read, *id)));
        let number = usize::try_from(parameter(seen, "page")).unwrap();
        let rows: Vec<u64> = kept.iter().copied().skip(2 * number).take(2).collect();
        let next = (2 * number + 2 < kept.len()).then(|| format!("?page={}", number + 1));
        answer(200, &[], page(&rows, json!({"next": next})).to_string())
    })
    .await
}

#[tokio::test]
async fn a_list_without_a_total_is_whole_only_after_a_second_look() {
    // The first walk (reads 0 to 2) misses 3; the second one finds it and lacks 1; the third agrees.
    let server = losing(vec![1, 2, 3, 4, 5], vec![(1, 1)]).await;
    let things = list(&server).collect().await.unwrap();
    assert_eq!(things.iter().map(|thing| thing.id).collect::<Vec<_>>(), [2, 3, 4, 5]);
    // It never stands still.
    let losses = vec![(1, 1), (4, 2), (6, 3), (7, 4)];
    let server = losing((1..12).collect(), losses.clone()).await;
    let error = list(&server).collect().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Paging && error.message().contains("several looks"), "{error}");
    let server = losing((1..12).collect(), losses).await;
    let measured = list(&server).collect_measured().await;
    assert!(
        matches!(&measured, Measured::Partial { missing, .. } if missing[0].what.contains("changes")),
        "{measured:?}"
    );
    // A stream says by its verdict what it cannot prove.
    let server = losing(vec![1, 2, 3, 4, 5], vec![(1, 1)]).await;
    let mut pager = list(&server).pager();
    assert_eq!(good(&walk(&mut pager).await), [1, 2, 4, 5]);
    assert_eq!(pager.verdict(), Verdict::Unproven);
    pager.look_again().await.unwrap();
    assert!(matches!(pager.verdict(), Verdict::Moved(_)), "{:?}", pager.verdict());
    // One page is whole by itself.
    let server = losing(vec![1, 2], vec![]).await;
    assert!(list(&server).collect_measured().await.is_known());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn pages_that_lead_to_the_next_record_need_no_second_look() {
    let server = Server::start(|seen, _| {
        let (ids, next) =
            if seen.target().contains("after=2") { ([3, 4], None) } else { ([1, 2], Some("?after=2&x=1")) };
        answer(200, &[], page(&ids, json!({"next": next})).to_string())
    })
    .await;
    assert!(list_of(&server, &CURSOR).collect_measured().await.is_known());
    assert_eq!(server.seen().len(), 2);
}

/// Serves two records a page of a list that a test changes between two walks.
async fn changed_between(before: Vec<u64>, after: Vec<u64>, reads_before: usize, counts: bool) -> Server {
    Server::start(move |seen, read| {
        let ids = if read < reads_before { &before } else { &after };
        let number = usize::try_from(parameter(seen, "page")).unwrap();
        let rows: Vec<u64> = ids.iter().copied().skip(2 * number).take(2).collect();
        let next = (2 * number + 2 < ids.len()).then(|| format!("?page={}", number + 1));
        let total = counts.then_some(ids.len());
        answer(200, &[], page(&rows, json!({"next": next, "total": total})).to_string())
    })
    .await
}

#[tokio::test]
async fn a_resumed_walk_sees_what_changed_since_its_first_part() {
    let cases: [(&str, Vec<u64>, bool); 6] = [
        ("nothing", vec![1, 2, 3, 4, 5, 6], true),
        ("one left, so that the next one slips past", vec![2, 3, 4, 5, 6], false),
        ("one left and one came", vec![2, 3, 4, 5, 6, 7], false),
        ("one of the first part moved to the end", vec![2, 3, 4, 5, 6, 1], false),
        ("two changed their places", vec![1, 5, 3, 4, 2, 6], false),
        ("only the end grew", vec![1, 2, 3, 4, 5, 6, 7], false),
    ];
    for (what, after, whole) in cases {
        for handed_out in 1_usize..5 {
            let whole = whole || (what == "two changed their places" && handed_out == 1); // all come then
            let reads = handed_out.div_ceil(2);
            let server = changed_between((1..7).collect(), after.clone(), reads, true).await;
            let mut pager = list(&server).pager();
            for _ in 0..handed_out {
                pager.next().await.unwrap().unwrap();
            }
            let written = serde_json::to_string(&pager.continuation().unwrap()).unwrap();
            let place: Continuation = serde_json::from_str(&written).unwrap();
            drop(pager);
            let mut resumed = list(&server);
            resumed.resume(place);
            let mut pager = resumed.pager();
            let rows = walk(&mut pager).await;
            assert_eq!(pager.verdict().is_complete(), whole, "{what} after {handed_out}: {:?}", pager.verdict());
            assert_eq!(rows.iter().all(Result::is_ok), whole, "{what} after {handed_out}: {rows:?}");
        }
    }
}

#[tokio::test]
async fn a_single_page_is_held_against_its_first_reading_when_it_is_resumed() {
    for (after, whole) in [(vec![1, 2], true), (vec![2, 3], false), (vec![2], false)] {
        let server = changed_between(vec![1, 2], after, 1, false).await;
        let mut pager = list(&server).pager();
        pager.next().await.unwrap().unwrap();
        let mut resumed = list(&server);
        resumed.resume(pager.continuation());
        let mut pager = resumed.pager();
        walk(&mut pager).await;
        assert_eq!(pager.verdict().is_complete(), whole, "{:?}", pager.verdict());
    }
}

#[tokio::test]
async fn an_old_continuation_is_read_and_proves_nothing() {
    let server = changed_between((1..7).collect(), vec![], usize::MAX, true).await;
    let mut pager = list(&server).pager();
    pager.next().await.unwrap().unwrap();
    let mut written = serde_json::to_value(pager.continuation().unwrap()).unwrap();
    let members = written.as_object_mut().unwrap();
    assert!(members.remove("walk").is_some() && members.remove("border").is_some());
    let mut resumed = list(&server);
    resumed.resume(serde_json::from_value::<Continuation>(written).unwrap());
    let mut pager = resumed.pager();
    assert_eq!(good(&walk(&mut pager).await), [2, 3, 4, 5, 6]);
    assert_eq!(pager.verdict(), Verdict::Unproven);
}

#[tokio::test]
async fn one_page_goes_on_where_the_continuation_stands() {
    let server = changed_between((1..5).collect(), vec![], usize::MAX, true).await;
    let mut pager = list(&server).pager();
    for _ in 0..3 {
        pager.next().await.unwrap().unwrap();
    }
    let mut resumed = list(&server);
    resumed.resume(pager.continuation());
    let page = resumed.send().await.unwrap();
    assert_eq!((page.items, page.next), (vec![Thing::new(4)], None));
    // From page to page the history is carried along.
    let first = list(&server).send().await.unwrap();
    let mut second = list(&server);
    second.resume(first.next);
    let mut pager = second.pager();
    assert_eq!(good(&walk(&mut pager).await), [3, 4]);
    assert!(pager.verdict().is_complete());
}

#[tokio::test]
async fn an_altered_continuation_adds_nothing_to_a_call() {
    let server = changed_between((1..5).collect(), vec![], usize::MAX, true).await;
    let place = serde_json::to_value(list(&server).send().await.unwrap().next.unwrap()).unwrap();
    let calls = server.seen().len();
    let alter = |name: &str, value: Value| {
        let mut place = place.clone();
        place[name] = value;
        serde_json::from_value::<Continuation>(place)
    };
    for (name, value) in [
        ("cursor", json!({"opaque": [["muted", "true"]]})),
        ("size", json!(0)),
        ("size", json!(4_000_000_000_u32)),
        ("operation", json!("other.list")),
        ("fingerprint", json!(1)),
    ] {
        let mut altered = list(&server);
        altered.resume(alter(name, value.clone()).unwrap());
        let error = altered.collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name} {value}: {error}");
    }
    assert_eq!(server.seen().len(), calls, "nothing was sent");
    // A cursor may carry what the list's links carry, and nothing else.
    let cursors = Server::saying(answer(200, &[], page(&[1], json!({"next": "?after=1"})).to_string())).await;
    let mut place = serde_json::to_value(list_of(&cursors, &CURSOR).send().await.unwrap().next.unwrap()).unwrap();
    place["cursor"] = json!({"opaque": [["after", "1"], ["size", "0"]]});
    let mut altered = list_of(&cursors, &CURSOR);
    altered.resume(serde_json::from_value::<Continuation>(place.clone()).unwrap());
    assert_eq!(altered.send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    for skip in [json!(u64::MAX), json!(7)] {
        let mut altered = list(&server);
        altered.resume(alter("skip", skip).unwrap());
        assert!(!altered.collect_measured().await.is_known());
    }
    let mut altered = list(&server);
    altered.resume(alter("cursor", json!({"number": u64::MAX})).unwrap());
    assert!(!altered.collect_measured().await.is_known());
}

#[tokio::test]
async fn the_largest_numbers_neither_panic_nor_wrap() {
    for details in [
        json!({"next": "?page=18446744073709551615", "total": u64::MAX}),
        json!({"next": "?page=1", "total": u64::MAX}),
    ] {
        let server = Server::saying(answer(200, &[], page(&[1], details.clone()).to_string())).await;
        is_not_whole(&server, &SIZED, "").await;
    }
    for details in [
        json!({"pages": u64::MAX, "count": u64::MAX}),
        json!({"pages": u64::MAX, "count": 1}),
        json!({"pages": 1, "count": u64::MAX, "size": 1}),
        json!({"pages": 1, "count": u64::MAX, "size": 0}),
    ] {
        let server = Server::saying(answer(200, &[], page(&[1], details.clone()).to_string())).await;
        for concurrency in [1, 8] {
            let mut list = list_of(&server, &COUNTED);
            list.concurrency(concurrency);
            let mut pager = list.pager();
            for _ in 0..30 {
                pager.next().await;
            }
            assert!(!pager.verdict().is_complete(), "{details}");
        }
    }
}

#[tokio::test]
async fn endless_lists_end_at_any_concurrency() {
    for concurrency in [1, 8, 64] {
        let server = Server::start(|seen, _| {
            let number = parameter(seen, "page");
            let rows: &[u64] = if number == 0 { &[1] } else { &[] };
            let details = json!({"next": format!("?page={}", number + 1), "total": 1_000_000});
            answer(200, &[], page(rows, details).to_string())
        })
        .await;
        let mut list = list(&server);
        list.concurrency(concurrency);
        let rows = walk(&mut list.pager()).await;
        assert_eq!((rows.len(), last(&rows).kind()), (2, ErrorKind::Paging));
        assert!(last(&rows).message().contains("in a row"), "{}", last(&rows));
        assert!(server.seen().len() <= 11 + 2 * concurrency, "{}", server.seen().len());
    }
}
