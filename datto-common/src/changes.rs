//! The difference between what a caller knew of a list and what was read now.

use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Model;
use crate::walk::fnv;
use crate::{Error, ErrorKind, Missing, Result, Verdict};

/// What a caller knew of a list: the key of each record, and a hash of each of its fields. No value is in it. Serialise it to keep it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The names of the fields, in the order of the hashes; the last is everything else.
    fields: Vec<String>,
    records: BTreeMap<String, Vec<u64>>,
}

impl Known {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Their keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }

    /// Whether there is one with this key.
    pub fn has(&self, key: &str) -> bool {
        self.records.contains_key(key)
    }

    /// Forgets a record, as if it had never been known.
    pub fn forget(&mut self, key: &str) {
        self.records.remove(key);
    }
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is new.
    Added,
    /// These fields of it are not as they were, by their names on the wire; `""` stands for members that this version does not know.
    Changed(Vec<String>),
    /// It is as it was.
    Same,
    /// It came before in this reading.
    Again,
    /// It has no key, and cannot be told from others.
    Keyless,
}

/// The difference between what a caller knew and a reading, record by record: a pass over the list, in the memory of its keys.
///
/// ```
/// use datto_common::{Change, Changes, Known, Result, Verdict};
/// # datto_common::model! {
/// #     /// A thing.
/// #     pub struct Thing {
/// #         /// Its uid.
/// #         pub uid: Option<String>,
/// #         /// Its name.
/// #         pub name: Option<String>,
/// #     }
/// # }
/// # fn thing(uid: &str, name: &str) -> Thing { Thing { uid: Some(uid.into()), name: Some(name.into()), ..Thing::default() } }
///
/// # fn run() -> Result<()> {
/// let mut first = Changes::since(Known::new());
/// assert_eq!(first.see("a", &thing("a", "old"))?, Change::Added);
/// let known = first.end(&Verdict::Complete).known;
///
/// let mut second = Changes::since(known);
/// assert_eq!(second.see("a", &thing("a", "new"))?, Change::Changed(vec!["name".to_owned()]));
/// assert!(second.end(&Verdict::Complete).removed.confirmed().is_empty());
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
#[derive(Debug)]
pub struct Changes<T> {
    known: Known,
    now: BTreeMap<String, Vec<u64>>,
    most_removed_percent: u8,
    records: PhantomData<fn() -> T>,
}

impl<T: Model + Serialize> Changes<T> {
    /// Since what was known.
    pub fn since(mut known: Known) -> Self {
        let fields: Vec<String> = T::FIELDS.iter().map(|field| field.wire_name()).chain([String::new()]).collect();
        if known.fields != fields {
            // Written by a version that knew other fields: which of them differ cannot be told, that something does can.
            known.fields.clone_from(&fields);
            known.records.values_mut().for_each(Vec::clear);
        }
        Self { known, now: BTreeMap::new(), most_removed_percent: 10, records: PhantomData }
    }

    /// So many percent of what was known may be gone in one reading; more is doubted. 10 if not set.
    #[must_use]
    pub fn at_most_removed(mut self, percent: u8) -> Self {
        self.most_removed_percent = percent.min(100);
        self
    }

    /// Takes a record of the reading, by its key.
    ///
    /// # Errors
    /// `Internal` if the record cannot be written as JSON.
    pub fn see(&mut self, key: &str, record: &T) -> Result<Change> {
        if key.is_empty() {
            return Ok(Change::Keyless);
        }
        if self.now.contains_key(key) {
            return Ok(Change::Again);
        }
        let hashes = hashes::<T>(record)?;
        let change = match self.known.records.get(key) {
            None => Change::Added,
            Some(before) if *before == hashes => Change::Same,
            Some(before) => {
                let differs = |place: &usize| before.get(*place) != hashes.get(*place);
                let fields = (0..hashes.len()).filter(differs);
                Change::Changed(fields.filter_map(|place| self.known.fields.get(place).cloned()).collect())
            }
        };
        self.now.insert(key.to_owned(), hashes);
        Ok(change)
    }

    /// A record of this key came, and could not be read: it is there, and as it was as far as anybody knows.
    pub fn unreadable(&mut self, key: &str) {
        if let Some(before) = self.known.records.get(key) {
            self.now.entry(key.to_owned()).or_insert_with(|| before.clone());
        }
    }

    /// What is known now, and what is gone by this reading: nothing, unless its verdict is [`Complete`](Verdict::Complete).
    ///
    /// What did not come and is not confirmed to be gone stays known, so that a later reading can find it gone.
    pub fn end(self, verdict: &Verdict) -> Ended {
        let Self { mut known, now, most_removed_percent, .. } = self;
        let before = known.records.len();
        let absent: Vec<String> = known.records.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
        let share = absent.len().saturating_mul(100);
        let doubt = match verdict {
            _ if absent.is_empty() => None,
            Verdict::Complete if share > before.saturating_mul(usize::from(most_removed_percent)) => {
                Some(Doubt::TooMany { absent: absent.len(), of: before, percent: most_removed_percent })
            }
            Verdict::Complete => None,
            Verdict::Incomplete(missing) => Some(Doubt::Incomplete(missing.clone())),
            Verdict::Moved(cause) => Some(Doubt::Moved(cause.to_string())),
            Verdict::Unproven => Some(Doubt::Unproven),
        };
        if doubt.is_none() {
            absent.iter().for_each(|key| known.forget(key));
        }
        known.records.extend(now);
        Ended { known, removed: Removed { absent, doubt } }
    }
}

/// The end of a reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ended {
    /// What is known now: keep it for the next reading.
    pub known: Known,
    /// What did not come.
    pub removed: Removed,
}

/// Records that were known and did not come.
#[derive(Debug, Clone, PartialEq)]
pub struct Removed {
    absent: Vec<String>,
    doubt: Option<Doubt>,
}

/// Why absence is no proof.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Doubt {
    /// The list was not read to its end, or not all of it could be read.
    Incomplete(Vec<Missing>),
    /// The list changed while it was read.
    Moved(String),
    /// Nothing speaks against it, and nothing proves it.
    Unproven,
    /// More is absent than the caller takes for likely: an account that lost its rights reads like one that lost its devices.
    TooMany {
        /// How many records did not come.
        absent: usize,
        /// How many were known.
        of: usize,
        /// How many percent may be gone.
        percent: u8,
    },
}

impl Removed {
    /// The keys of what is gone: empty while there is any doubt.
    pub fn confirmed(&self) -> &[String] {
        if self.doubt.is_none() { &self.absent } else { &[] }
    }

    /// Why what did not come is not taken for gone; `None` where it is.
    pub fn doubt(&self) -> Option<&Doubt> {
        self.doubt.as_ref()
    }

    /// The keys of what did not come, whether gone or not. Nothing may be deleted by this list alone.
    pub fn absent(&self) -> &[String] {
        &self.absent
    }

    /// Asks for each record that did not come: it is gone where the service says that there is no such record (`NotFound`), and forgotten from
    /// what is known. Others stay.
    ///
    /// ```no_run
    /// # async fn run<D, F>(ended: datto_common::Ended, get: impl Fn(String) -> F) where F: std::future::Future<Output = datto_common::Result<D>> {
    /// let datto_common::Ended { mut known, removed, .. } = ended;
    /// let gone = removed.confirm(&mut known, |uid| get(uid)).await; // |uid| rmm.devices().get(uid)
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// It only reads. What was confirmed when it is dropped is forgotten, and comes as `Added` if it is there all the same.
    pub async fn confirm<T, F>(self, known: &mut Known, get: impl Fn(String) -> F) -> Confirmed
    where
        F: Future<Output = Result<T>>,
    {
        let mut confirmed = Confirmed::default();
        for key in self.absent {
            match get(key.clone()).await {
                Ok(_) => confirmed.still_there.push(key),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    known.forget(&key);
                    confirmed.gone.push(key);
                }
                Err(error) => confirmed.unknown.push(Missing::new(key, error)),
            }
        }
        confirmed
    }
}

/// What became of records that did not come, asked for one by one.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Confirmed {
    /// The service has no such record.
    pub gone: Vec<String>,
    /// The service has it, though the list did not.
    pub still_there: Vec<String>,
    /// It could not be asked, and why.
    pub unknown: Vec<Missing>,
}

/// A hash of each declared field, and of the rest.
fn hashes<T: Model + Serialize>(record: &T) -> Result<Vec<u64>> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(record) else {
        return Err(Error::new(ErrorKind::Internal, "the record cannot be written"));
    };
    let hash = |value: Option<Value>| value.map_or(0, |value| fnv(value.to_string().into_bytes()));
    let mut hashes: Vec<u64> = T::FIELDS.iter().map(|field| hash(members.remove(&field.wire_name()))).collect();
    hashes.push(if members.is_empty() { 0 } else { hash(Some(Value::Object(members))) });
    Ok(hashes)
}

#[cfg(test)]
#[allow(unreachable_pub)] // the macro makes public records
mod tests {
    use super::*;
    use crate::Cause;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    crate::model! {
        /// A thing.
        pub struct Thing {
            /// Its uid.
            pub uid: Option<String>,
            /// Its name.
            pub name: Option<String>,
        }
    }

    fn thing(value: Value) -> Thing {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn fields_that_differ_are_named() {
        let mut first = Changes::since(Known::new());
        let before = thing(json!({"uid": "a", "name": "x", "fresh": 1}));
        assert_eq!(first.see("a", &before).unwrap(), Change::Added);
        assert_eq!(first.see("a", &before).unwrap(), Change::Again);
        assert_eq!(first.see("", &before).unwrap(), Change::Keyless);
        let known = first.end(&Verdict::Complete).known;
        let known: Known = serde_json::from_str(&serde_json::to_string(&known).unwrap()).unwrap();
        let change = |now: Value| Changes::since(known.clone()).see("a", &thing(now)).unwrap();
        assert_eq!(change(json!({"uid": "a", "name": "x", "fresh": 1})), Change::Same);
        assert_eq!(change(json!({"uid": "a", "fresh": 1})), Change::Changed(vec!["name".into()]));
        assert_eq!(
            change(json!({"uid": "a", "name": "y", "fresh": 2})),
            Change::Changed(vec!["name".into(), String::new()])
        );
    }

    #[test]
    fn removals_need_a_whole_reading_and_a_likely_share() {
        let ended = |seen: usize, verdict: &Verdict| {
            let mut first = Changes::<Thing>::since(Known::new());
            (0..20).for_each(|key| drop(first.see(&key.to_string(), &Thing::default())));
            let mut second = Changes::<Thing>::since(first.end(&Verdict::Complete).known);
            (0..seen).for_each(|key| drop(second.see(&key.to_string(), &Thing::default())));
            second.end(verdict)
        };
        assert_eq!(ended(18, &Verdict::Complete).removed.confirmed(), ["18", "19"]);
        assert_eq!(ended(18, &Verdict::Complete).known.len(), 18);
        let many = ended(17, &Verdict::Complete);
        assert_eq!((many.removed.confirmed().len(), many.removed.absent().len(), many.known.len()), (0, 3, 20));
        assert_eq!(many.removed.doubt(), Some(&Doubt::TooMany { absent: 3, of: 20, percent: 10 }));
        for verdict in
            [Verdict::Unproven, Verdict::Moved(Cause::new(ErrorKind::Paging, "moved")), Verdict::Incomplete(vec![])]
        {
            let ended = ended(19, &verdict);
            assert!(ended.removed.confirmed().is_empty() && ended.removed.doubt().is_some() && ended.known.len() == 20);
        }
        assert_eq!(ended(20, &Verdict::Unproven).removed.doubt(), None);
    }

    #[tokio::test]
    async fn doubtful_ones_are_asked_for() {
        let mut first = Changes::<Thing>::since(Known::new());
        ["a", "b", "c"].iter().for_each(|key| drop(first.see(key, &Thing::default())));
        let Ended { mut known, removed } =
            Changes::<Thing>::since(first.end(&Verdict::Complete).known).end(&Verdict::Unproven);
        let confirmed = removed
            .confirm(&mut known, async |key| match key.as_str() {
                "a" => Err(Error::new(ErrorKind::NotFound, "no such thing")),
                "b" => Err(Error::new(ErrorKind::Server, "503")),
                _ => Ok(()),
            })
            .await;
        assert_eq!(
            (confirmed.gone, confirmed.still_there, confirmed.unknown.len()),
            (vec!["a".into()], vec!["c".into()], 1)
        );
        assert_eq!(known.keys().collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn a_record_that_cannot_be_read_is_not_gone() {
        let mut first = Changes::<Thing>::since(Known::new());
        first.see("a", &Thing::default()).unwrap();
        let mut second = Changes::<Thing>::since(first.end(&Verdict::Complete).known);
        second.unreadable("a");
        second.unreadable("never known");
        let ended = second.end(&Verdict::Complete);
        assert!(ended.removed.absent().is_empty() && ended.known.len() == 1);
    }

    proptest! {
        /// Over any history of readings, whole or not, a copy that follows the changes holds each record that is there and came, and
        /// never lost one that is there.
        #[test]
        fn a_copy_that_follows_never_loses_what_is_there(
            history in proptest::collection::vec(
                (proptest::collection::btree_map(0_u8..30, 0_u8..4, 0..30), any::<u64>(), 0_u8..3), 1..20),
        ) {
            let (mut known, mut copy) = (Known::new(), BTreeMap::<String, u8>::new());
            for (world, slips, ending) in history {
                let whole = ending == 0;
                let mut changes = Changes::<Thing>::since(known).at_most_removed(100);
                let mut seen = BTreeSet::new();
                for (key, version) in &world {
                    // An incomplete reading lets some slip.
                    if !whole && slips >> (key % 64) & 1 == 1 {
                        continue;
                    }
                    let (key, record) = (key.to_string(), Thing { name: Some(version.to_string()), ..Thing::default() });
                    let change = changes.see(&key, &record).unwrap();
                    prop_assert_eq!(change == Change::Same, copy.get(&key) == Some(version));
                    prop_assert_eq!(change == Change::Added, !copy.contains_key(&key));
                    copy.insert(key.clone(), *version);
                    seen.insert(key);
                }
                let verdict = match ending {
                    0 => Verdict::Complete,
                    1 => Verdict::Unproven,
                    _ => Verdict::Incomplete(vec![]),
                };
                let ended = changes.end(&verdict);
                for key in ended.removed.confirmed() {
                    prop_assert!(copy.remove(key).is_some());
                }
                known = ended.known;
                prop_assert_eq!(known.keys().collect::<Vec<_>>(), copy.keys().map(String::as_str).collect::<Vec<_>>());
                prop_assert!(world.keys().map(u8::to_string).filter(|key| seen.contains(key)).all(|key| copy.contains_key(&key)));
                if whole {
                    let there: BTreeMap<String, u8> = world.into_iter().map(|(key, version)| (key.to_string(), version)).collect();
                    prop_assert_eq!(&copy, &there);
                }
            }
        }
    }
}
