//! Properties of walks over lists that stand still, through failures and over restarts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_common::internal::{Call, List};
use datto_common::{Continuation, Error, ErrorKind, Measured, Result};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Thing, list, parameter, walk};
use crate::product::core;
use crate::server::{Seen, Server, Step, answer};

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
            .map(|id| {
                if self.records[id] {
                    json!({"id": id, "uid": id.to_string()})
                } else {
                    json!({"id": format!("odd {id}")})
                }
            })
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
                list.resume(serde_json::from_str::<Continuation>(&written).unwrap());
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
