//! A copy of a list in a database of the user's, over crashes and a list that changes while it is read.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;

use datto_rmm::{Change, Changes, Continuation, Device, Known, Reading, RmmClient, Verdict};
use datto_sandbox::{Change as InTheWorld, Sandbox};
use proptest::prelude::*;

/// What a database of the user's holds: the copy, and what is stored with it.
#[derive(Debug, Default)]
struct Database {
    copy: BTreeMap<String, Option<String>>,
    known: String,
    /// The reading under way: what it saw, and where it stands.
    seen: Vec<(String, Option<String>)>,
    place: Option<String>,
}

fn client(sandbox: &Sandbox) -> RmmClient {
    let (key, secret) = sandbox.rmm_key();
    RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap()
}

impl Database {
    /// Reads until `batches` are used up, as a process that is killed then; `None` reads to the end.
    async fn sync(&mut self, rmm: &RmmClient, batches: Option<usize>, world: impl Fn(usize)) -> Option<Verdict> {
        let place: Option<Continuation> = self.place.as_ref().map(|place| serde_json::from_str(place).unwrap());
        let mut reading = Reading::of(rmm.devices().list().page_size(10), place);
        let mut number = 0;
        while let Some(batch) = reading.next(7).await.unwrap() {
            world(number);
            number += 1;
            self.seen.extend(batch.records.into_iter().map(|device| (device.uid.to_string(), device.hostname)));
            self.place = batch.place.map(|place| serde_json::to_string(&place).unwrap());
            if batches == Some(number) {
                return None;
            }
        }
        let verdict = reading.end().await.unwrap();
        let known: Known = serde_json::from_str(&self.known).unwrap_or_default();
        let mut changes = Changes::since(known).at_most_removed(100);
        for (uid, hostname) in self.seen.drain(..) {
            let mut device = Device::default();
            device.hostname.clone_from(&hostname);
            let change = changes.see(&uid, &device).unwrap();
            if change != Change::Again {
                assert_eq!(change == Change::Same, self.copy.get(&uid) == Some(&hostname));
                self.copy.insert(uid, hostname);
            }
        }
        let ended = changes.end(&verdict);
        for uid in ended.removed.confirmed() {
            self.copy.remove(uid);
        }
        (self.known, self.place) = (serde_json::to_string(&ended.known).unwrap(), None);
        Some(verdict)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is removed, added and renamed while it is read, and wherever the process is killed: no device that was there all the time is ever
    /// deleted from the copy, and one calm reading makes it the truth.
    #[test]
    fn a_copy_never_loses_what_is_there(
        seed in any::<u64>(),
        deeds in proptest::collection::vec((0_usize..8, 0_u8..3, any::<prop::sample::Index>()), 0..6),
        kills in proptest::collection::vec(1_usize..6, 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let sandbox = Sandbox::builder().devices(50).seed(seed).start().await.unwrap();
            let (rmm, mut database) = (client(&sandbox), Database::default());
            database.sync(&rmm, None, |_| {}).await.unwrap();
            let all: Vec<String> = database.copy.keys().cloned().collect();
            let site = sandbox.truth().rmm.site_uids[0].clone();
            let mut touched = std::collections::BTreeSet::new();
            let deeds: Vec<_> = deeds
                .into_iter()
                .map(|(batch, kind, index)| {
                    let uid = index.get(&all).clone();
                    if kind == 0 {
                        touched.insert(uid.clone());
                    }
                    (batch, kind, uid)
                })
                .collect();
            let world = |number: usize| {
                for (_, kind, uid) in deeds.iter().filter(|(batch, ..)| *batch == number) {
                    // What is gone already cannot go again.
                    let _ = match kind {
                        0 => sandbox.change(InTheWorld::RemoveDevice { device: Some(uid.clone()) }),
                        1 => sandbox.change(InTheWorld::RenameDevice { device: Some(uid.clone()), hostname: Some("RENAMED".to_owned()) }),
                        _ => sandbox.change(InTheWorld::AddDevice { site: Some(site.clone()), hostname: None, place: Some(0) }),
                    };
                }
            };
            for batches in kills {
                database.sync(&rmm, Some(batches), world).await;
                assert!(all.iter().filter(|uid| !touched.contains(*uid)).all(|uid| database.copy.contains_key(uid)));
            }
            database.sync(&rmm, None, world).await;
            assert!(all.iter().filter(|uid| !touched.contains(*uid)).all(|uid| database.copy.contains_key(uid)));

            let verdict = database.sync(&rmm, None, |_| {}).await.unwrap();
            assert_eq!(verdict, Verdict::Complete);
            let there = rmm.devices().list().collect().await.unwrap();
            let there: BTreeMap<String, Option<String>> =
                there.into_iter().map(|device| (device.uid.to_string(), device.hostname)).collect();
            assert_eq!(database.copy, there);
        });
    }
}
