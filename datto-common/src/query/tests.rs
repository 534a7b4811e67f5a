//! Walks over lists that change while they are read, without a network: 10,000 of them take seconds.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::profile::{Failure, Profile};
use crate::setup::Setup;
use crate::{Basic, Measured, Operation, Pager, Verdict};

static PROFILE: Profile = Profile {
    product: "Test",
    user_agent: "test",
    wait_headers: &["retry-after"],
    hint: |_: &Failure<'_>, _: ErrorKind| None,
    is_block: |_: &Failure<'_>| false,
    limits: || crate::limiter::Rules::NONE,
};

static LIST: Operation = Operation::read("things.list", "/things").paged(Paging::new(
    "things",
    "details",
    "max",
    (10, 100),
    Scheme::Link { param: "page", first: 0, next: "next", total: "total" },
));

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Thing {
    uid: String,
}

/// A change of the list before one of its pages is read.
#[derive(Debug, Clone, Copy)]
enum Change {
    Remove(usize),
    Insert(usize),
    Move(usize, usize),
    Swap(usize, usize),
    Reverse,
}

/// A list that changes while it is read.
#[derive(Debug, Clone)]
pub(crate) struct Service(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    list: Vec<u32>,
    /// Those that were there from the beginning.
    always: HashSet<u32>,
    newest: u32,
    counts: bool,
    /// Before which read, and what.
    changes: Vec<(usize, Change)>,
    reads: usize,
    /// What was served: the number of the page and the total.
    served: Vec<(usize, usize)>,
}

impl State {
    fn change(&mut self, change: Change) {
        let length = self.list.len();
        match change {
            Change::Insert(at) => {
                self.newest += 1;
                self.list.insert(at % (length + 1), self.newest);
            }
            _ if length == 0 => {}
            Change::Remove(at) => {
                let gone = self.list.remove(at % length);
                self.always.remove(&gone);
            }
            Change::Move(from, to) => {
                let moved = self.list.remove(from % length);
                self.list.insert(to % length, moved);
            }
            Change::Swap(one, other) => self.list.swap(one % length, other % length),
            Change::Reverse => self.list.reverse(),
        }
    }

    fn page(&mut self, number: usize, size: usize) -> String {
        let (due, later) = std::mem::take(&mut self.changes).into_iter().partition(|(before, _)| *before <= self.reads);
        self.changes = later;
        let due: Vec<(usize, Change)> = due;
        due.into_iter().for_each(|(_, change)| self.change(change));
        self.reads += 1;
        let rows: Vec<u32> = self.list.iter().copied().skip(number * size).take(size).collect();
        let mut body = String::from(r#"{"things":["#);
        for (index, uid) in rows.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(body, r#"{comma}{{"uid":"{uid}"}}"#).unwrap();
        }
        body.push_str(r#"],"details":{"#);
        if (number + 1) * size < self.list.len() {
            write!(body, r#""next":"?page={}","#, number + 1).unwrap();
        }
        write!(body, r#""total":{}}}}}"#, if self.counts { self.list.len().to_string() } else { "null".to_owned() })
            .unwrap();
        self.served.push((number, self.list.len()));
        body
    }
}

impl Service {
    pub(super) async fn answer(&self, core: &Core, call: &Call) -> Answer {
        let value = |name: &str| call.query.iter().find(|(other, _)| other == name).unwrap().1.parse().unwrap();
        let (number, size) = (value("page"), value("max"));
        // Pages that are under way at once are served in any order.
        let reads = self.0.lock().unwrap().reads;
        for _ in 0..(number * 7 + reads * 5) % 4 {
            tokio::task::yield_now().await;
        }
        let body = self.0.lock().unwrap().page(number, size);
        Answer::new(StatusCode::OK, HeaderMap::new(), body.into(), (1, Duration::ZERO), core.origin(call, None))
    }
}

#[derive(Debug, Clone)]
struct Plan {
    records: u32,
    size: u32,
    concurrency: usize,
    counts: bool,
    changes: Vec<(usize, Change)>,
    /// After so many records the walk is broken off and resumed.
    broken_off: Option<usize>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let places = (0_usize..60, 0_usize..60);
    let change = (0_u8..12, places).prop_map(|(kind, (one, other))| match kind {
        0..=3 => Change::Remove(one),
        4..=6 => Change::Insert(one),
        7..=8 => Change::Move(one, other),
        9..=10 => Change::Swap(one, other),
        _ => Change::Reverse,
    });
    let changes = prop::collection::vec((0_usize..14, change), 0..5);
    (0_u32..50, 1_u32..12, 1_usize..9, any::<bool>(), changes, prop::option::weighted(0.4, 0_usize..50)).prop_map(
        |(records, size, concurrency, counts, changes, broken_off)| Plan {
            records,
            size,
            concurrency,
            counts,
            changes,
            broken_off,
        },
    )
}

fn core() -> Core {
    let base = url::Url::parse("http://127.0.0.1:1").unwrap();
    let mut setup = Setup::default();
    setup.check(&base).unwrap();
    setup.configure = Some(Box::new(|http| http.tls_certs_only([])));
    let http = setup.http(&base, &PROFILE).unwrap();
    setup.finish(&PROFILE, base, http, Arc::new(Basic::new("user", "password")))
}

impl Plan {
    fn query(&self, core: &Core, service: &Service, resume: Option<Continuation>) -> Query<Thing> {
        let identity = Identity { of: |thing: &Thing| thing.uid.as_str(), member: || "uid".to_owned() };
        let call = Call::new(&LIST, &[]);
        let paging = LIST.paging.unwrap();
        let mut query = Query::new(core.clone(), call, paging, Some(identity), (self.size, self.concurrency), resume);
        query.service = Some(service.clone());
        query
    }

    fn service(&self) -> Service {
        let list: Vec<u32> = (0..self.records).collect();
        let state = State {
            always: list.iter().copied().collect(),
            newest: self.records,
            list,
            counts: self.counts,
            changes: self.changes.clone(),
            ..State::default()
        };
        Service(Arc::new(Mutex::new(state)))
    }

    /// What a list holds that is said to be whole.
    async fn whole(&self, core: &Core, service: &Service) -> Option<Vec<Thing>> {
        let Some(broken_off) = self.broken_off else {
            return match Pager::collect_measured(self.query(core, service, None)).await {
                Measured::Known(things) => Some(things),
                _ => None,
            };
        };
        let mut pager = Pager::new(Arc::new(self.query(core, service, None)));
        let mut things = Vec::new();
        while things.len() < broken_off {
            let Some(thing) = pager.next().await else { break };
            things.push(thing.ok()?);
        }
        if let Some(place) = pager.continuation() {
            // What was fetched ahead is lost with the process.
            let page = things.len().saturating_sub(1) / self.size as usize;
            service.0.lock().unwrap().served.retain(|(number, _)| *number <= page);
            let written = serde_json::to_string(&place).unwrap();
            pager = Pager::new(Arc::new(self.query(core, service, serde_json::from_str(&written).unwrap())));
        }
        while let Some(thing) = pager.next().await {
            things.push(thing.ok()?);
        }
        if pager.verdict() == Verdict::Unproven {
            pager.look_again().await.unwrap();
        }
        pager.verdict().is_complete().then_some(things)
    }
}

impl State {
    /// Whether a list that stood still would have given the very same answers: then nobody can tell.
    fn looks_still(&self, things: &[Thing]) -> bool {
        let distinct: HashSet<&str> = things.iter().map(|thing| thing.uid.as_str()).collect();
        let total = self.served.first().map_or(0, |(_, total)| *total);
        self.counts
            && self.served.iter().all(|(_, other)| *other == total)
            && distinct.len() == things.len()
            && things.len() == total
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_called_whole_lacks_nothing_that_was_there_all_the_time(plan in plan()) {
        thread_local! {
            static CORE: Core = core();
            static RUNTIME: tokio::runtime::Runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        }
        let (core, service) = (CORE.with(Clone::clone), plan.service());
        let whole = RUNTIME.with(|runtime| runtime.block_on(plan.whole(&core, &service)));
        let state = service.0.lock().unwrap();
        let changed = state.changes.len() < plan.changes.len();
        match whole {
            None => prop_assert!(changed, "a list that stood still is whole"),
            Some(things) => {
                let came: HashSet<u32> = things.iter().map(|thing| thing.uid.parse().unwrap()).collect();
                let lacks = !state.always.is_subset(&came);
                prop_assert!(!lacks || state.looks_still(&things), "{:?} of {:?}", came, state.served);
                // Where records only leave, or only come, it is never so.
                let one_way = |kind: fn(&Change) -> bool| plan.changes.iter().all(|(_, change)| kind(change));
                let removed = one_way(|change| matches!(change, Change::Remove(_)));
                let inserted = one_way(|change| matches!(change, Change::Insert(_)));
                prop_assert!(!lacks || !(removed || inserted));
            }
        }
    }
}
