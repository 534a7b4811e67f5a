//! What is wrong, of all products, as one kind of event; and the desk that opens and closes each once.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Measured, Severity, Timestamp};

/// Something that is wrong, whatever product says so: what a ticket is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Incident {
    /// Stays the same as long as the problem does, whatever its details: the key for a ticket.
    pub key: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in one line. Names in it come from endpoints.
    pub what: String,
    /// Whose it is: the site or the client.
    pub customer: Option<String>,
    /// Which machine, appliance or application.
    pub place: Option<String>,
    /// Since when, where that is told.
    pub since: Option<Timestamp>,
    /// What speaks for it, a line each.
    pub evidence: Vec<String>,
}

impl Incident {
    /// Of this key, in these words.
    pub fn new(key: impl Into<String>, severity: Severity, what: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            severity,
            what: what.into(),
            customer: None,
            place: None,
            since: None,
            evidence: Vec::new(),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn customer(mut self, customer: impl Into<Option<String>>) -> Self {
        self.customer = customer.into();
        self
    }

    /// Which machine, appliance or application.
    #[must_use]
    pub fn place(mut self, place: impl Into<Option<String>>) -> Self {
        self.place = place.into();
        self
    }

    /// Since when.
    #[must_use]
    pub fn since(mut self, since: impl Into<Option<Timestamp>>) -> Self {
        self.since = since.into();
        self
    }
}

/// Where incidents go: a ticket system, a chat, a pager.
///
/// Each method may be called again with the same key after a crash, and must then do nothing more: look for the key before a ticket is made.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Why it could not be done; the desk tries again at the next reading.
    type Error: Send;

    /// Opens a ticket, unless there is an open one with this key.
    async fn open(&self, incident: &Incident) -> Result<(), Self::Error>;

    /// Its words or how much it matters are not as they were.
    async fn update(&self, incident: &Incident) -> Result<(), Self::Error>;

    /// Closes the ticket of this key, if it is open.
    async fn close(&self, key: &str) -> Result<(), Self::Error>;
}

/// What was opened and is not closed. Serialise it to keep it.
///
/// ```no_run
/// # async fn run(health: datto_common::Measured<Vec<datto_common::Incident>>, sink: &impl datto_common::Sink) {
/// use datto_common::Desk;
/// let mut desk = Desk::default(); // or as it was stored
/// let done = desk.reconcile("backups", &health, sink).await;
/// println!("{} opened, {} closed, {} failed", done.opened, done.closed, done.failed.len());
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Desk {
    /// By the source of the reading, then by key.
    open: BTreeMap<String, BTreeMap<String, (Severity, String)>>,
}

/// What a desk did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Done<E> {
    /// How many were opened.
    pub opened: usize,
    /// How many were told that they changed.
    pub updated: usize,
    /// How many were closed.
    pub closed: usize,
    /// How many are open still, though the reading did not name them: it was not whole.
    pub kept: usize,
    /// Keys of which it could not be done, and why. They come again with the next reading.
    pub failed: Vec<(String, E)>,
}

impl Desk {
    /// The keys of what is open, by its source.
    pub fn open(&self, source: &str) -> impl Iterator<Item = &str> {
        self.open.get(source).into_iter().flat_map(|open| open.keys().map(String::as_str))
    }

    /// Opens what is new in a reading of this source, tells what changed, and closes what is no more there: only where the reading is
    /// [known](Measured::Known) whole, so that a failed read closes no ticket. Incidents that share a key are one.
    ///
    /// # Cancel safety
    /// What was done is in the desk, but for the one under way: [`Sink`] says what that means.
    pub async fn reconcile<S: Sink + ?Sized>(
        &mut self,
        source: &str,
        reading: &Measured<Vec<Incident>>,
        sink: &S,
    ) -> Done<S::Error> {
        let open = self.open.entry(source.to_owned()).or_default();
        let mut done = Done { opened: 0, updated: 0, closed: 0, kept: 0, failed: Vec::new() };
        let mut named: BTreeMap<&str, &Incident> = BTreeMap::new();
        for incident in reading.value().into_iter().flatten() {
            // The gravest of those that share a key speaks for all.
            let first = named.entry(incident.key.as_str()).or_insert(incident);
            if incident.severity > first.severity {
                *first = incident;
            }
        }
        for (key, incident) in &named {
            let is = (incident.severity, incident.what.clone());
            let outcome = match open.get(*key) {
                Some(was) if *was == is => continue,
                Some(_) => sink.update(incident).await.map(|()| done.updated += 1),
                None => sink.open(incident).await.map(|()| done.opened += 1),
            };
            match outcome {
                Ok(()) => drop(open.insert((*key).to_owned(), is)),
                Err(error) => done.failed.push(((*key).to_owned(), error)),
            }
        }
        let absent: Vec<String> = open.keys().filter(|key| !named.contains_key(key.as_str())).cloned().collect();
        if !reading.is_known() {
            done.kept = absent.len();
            return done;
        }
        for key in absent {
            match sink.close(&key).await {
                Ok(()) => {
                    open.remove(&key);
                    done.closed += 1;
                }
                Err(error) => done.failed.push((key, error)),
            }
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cause, ErrorKind, Missing};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    /// Tickets by key, and which calls fail.
    #[derive(Default)]
    struct Psa {
        open: Mutex<BTreeMap<String, u32>>,
        failing: Mutex<BTreeSet<String>>,
    }

    #[async_trait]
    impl Sink for Psa {
        type Error = ();

        async fn open(&self, incident: &Incident) -> Result<(), ()> {
            if self.failing.lock().unwrap().contains(&incident.key) {
                return Err(());
            }
            *self.open.lock().unwrap().entry(incident.key.clone()).or_default() += 1;
            Ok(())
        }

        async fn update(&self, incident: &Incident) -> Result<(), ()> {
            assert!(self.open.lock().unwrap().contains_key(&incident.key));
            Ok(())
        }

        async fn close(&self, key: &str) -> Result<(), ()> {
            self.open.lock().unwrap().remove(key).map(drop).ok_or(())
        }
    }

    fn incident(key: &str, severity: Severity) -> Incident {
        Incident::new(key, severity, "is wrong")
    }

    #[tokio::test]
    async fn each_is_opened_and_closed_once() {
        let (mut desk, psa) = (Desk::default(), Psa::default());
        let known = |keys: &[&str]| {
            Measured::Known(keys.iter().map(|key| incident(key, Severity::Warning)).collect::<Vec<_>>())
        };
        let done = desk.reconcile("a", &known(&["1", "2", "2"]), &psa).await;
        assert_eq!((done.opened, psa.open.lock().unwrap().clone()), (2, [("1".into(), 1), ("2".into(), 1)].into()));
        desk = serde_json::from_str(&serde_json::to_string(&desk).unwrap()).unwrap();
        assert_eq!(desk.reconcile("a", &known(&["1", "2"]), &psa).await.opened, 0);
        // Another source closes nothing of this one.
        assert_eq!(desk.reconcile("b", &known(&[]), &psa).await.closed, 0);
        let graver = Measured::Known(vec![incident("1", Severity::Warning), incident("1", Severity::Critical)]);
        let done = desk.reconcile("a", &graver, &psa).await;
        assert_eq!((done.updated, done.closed), (1, 1));
        assert_eq!(desk.open("a").collect::<Vec<_>>(), ["1"]);
    }

    #[tokio::test]
    async fn a_reading_that_is_not_whole_closes_nothing() {
        let (mut desk, psa) = (Desk::default(), Psa::default());
        desk.reconcile("a", &Measured::Known(vec![incident("1", Severity::Notice)]), &psa).await;
        let cause = || Cause::new(ErrorKind::Server, "503");
        for reading in [
            Measured::unknown(cause()),
            Measured::Partial { value: vec![], missing: vec![Missing::new("page 2", cause())] },
        ] {
            let done = desk.reconcile("a", &reading, &psa).await;
            assert_eq!((done.closed, done.kept, psa.open.lock().unwrap().len()), (0, 1, 1));
        }
    }

    proptest! {
        /// Whatever is read, whole or not, and whatever the sink refuses: no ticket is opened twice, and after a whole reading and a sink that works the tickets are
        /// what is wrong.
        #[test]
        fn tickets_follow_the_readings(
            readings in proptest::collection::vec((proptest::collection::btree_set(0_u8..8, 0..8), any::<bool>(), proptest::collection::btree_set(0_u8..8, 0..3)), 1..20),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let (mut desk, psa) = (Desk::default(), Psa::default());
                let last = readings.last().cloned().map(|(keys, ..)| (keys, true, BTreeSet::new()));
                for (keys, whole, failing) in readings.into_iter().chain(last.clone()) {
                    *psa.failing.lock().unwrap() = failing.iter().map(u8::to_string).collect();
                    let incidents: Vec<Incident> = keys.iter().map(|key| incident(&key.to_string(), Severity::Notice)).collect();
                    let missing = if whole { vec![] } else { vec![Missing::new("x", Cause::new(ErrorKind::Server, "503"))] };
                    desk.reconcile("a", &Measured::from_parts(incidents, missing), &psa).await;
                    assert!(psa.open.lock().unwrap().values().all(|times| *times == 1));
                }
                let wrong: Vec<String> = last.unwrap().0.iter().map(u8::to_string).collect();
                assert_eq!(psa.open.lock().unwrap().keys().cloned().collect::<Vec<_>>(), wrong);
            });
        }
    }
}
