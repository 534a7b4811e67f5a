//! One project: a pure function over what a walk found.

use std::time::Duration;

use datto_common::{Cause, ErrorKind, Measured, Missing, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Entry, FileId, Item, ProjectId};

/// What counts as worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReviewPolicy {
    /// A lock is old after this long; 30 days by default.
    pub lock_age: Duration,
    /// How many folders are read at once; 2 by default.
    pub concurrency: usize,
}

impl Default for ReviewPolicy {
    fn default() -> Self {
        Self { lock_age: Duration::from_secs(30 * 24 * 3_600), concurrency: 2 }
    }
}

impl ReviewPolicy {
    /// With another age at which a lock is old.
    #[must_use]
    pub fn lock_age(mut self, age: Duration) -> Self {
        self.lock_age = age;
        self
    }

    /// With another number of folders that are read at once.
    #[must_use]
    pub fn concurrency(mut self, folders: usize) -> Self {
        self.concurrency = folders;
        self
    }
}

/// What a project holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProjectReview {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// How many files it holds at any depth.
    pub files: Measured<u64>,
    /// How many folders it holds at any depth, itself not counted.
    pub folders: Measured<u64>,
    /// The size of the files together, in bytes.
    pub bytes: Measured<u64>,
    /// Files that are not wholly in the cloud, or cannot be downloaded now.
    pub not_in_cloud: Measured<Vec<Found>>,
    /// Items that are shared by a public link.
    pub public_links: Measured<Vec<Found>>,
    /// Files whose lock is older than the policy's age.
    pub old_locks: Measured<Vec<Found>>,
}

/// An item that a figure counts, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Found {
    /// Its id.
    pub id: FileId,
    /// Where it lies, from the project down.
    pub path: String,
    /// What was seen: "not online", "locked for 40 days".
    pub what: String,
}

/// What one item says to a question.
enum Verdict {
    Counts(String),
    Not,
    Silent,
}

/// Reviews a project by what a walk over it found, with [`Metadata::REVIEW`](crate::Metadata::REVIEW).
pub fn review_project(
    project: &Item,
    entries: &Measured<Vec<Entry>>,
    policy: &ReviewPolicy,
    now: &Timestamp,
) -> ProjectReview {
    let name = project.named().to_owned();
    let count = |folder: bool| {
        entries.as_ref().map(|entries| entries.iter().filter(|entry| entry.item.is_folder() == folder).count() as u64)
    };
    let find = |of_what: &str, among: fn(&Item) -> bool, verdict: &dyn Fn(&Item) -> Verdict| {
        found(entries, &name, of_what, among, verdict)
    };
    ProjectReview {
        id: project.into(),
        files: count(false),
        folders: count(true),
        bytes: bytes(entries),
        not_in_cloud: find("whether they are in the cloud", is_file, &|item| not_in_cloud(item)),
        public_links: find("public links", |_| true, &|item| public_link(item)),
        old_locks: find("locks", is_file, &|item| old_lock(item, policy.lock_age, now)),
        name,
    }
}

fn is_file(item: &Item) -> bool {
    !item.is_folder()
}

fn bytes(entries: &Measured<Vec<Entry>>) -> Measured<u64> {
    let files = |entries: &Vec<Entry>| entries.iter().filter(|entry| is_file(&entry.item)).count();
    let sized = |entries: &Vec<Entry>| {
        let sizes: Vec<u64> =
            entries.iter().filter(|entry| is_file(&entry.item)).filter_map(|entry| entry.item.size).collect();
        (sizes.len(), sizes.iter().copied().fold(0, u64::saturating_add))
    };
    gaps(entries, "their size", files, sized)
}

fn found(
    entries: &Measured<Vec<Entry>>,
    project: &str,
    of_what: &str,
    among: fn(&Item) -> bool,
    verdict: &dyn Fn(&Item) -> Verdict,
) -> Measured<Vec<Found>> {
    let asked = |entries: &Vec<Entry>| entries.iter().filter(|entry| among(&entry.item)).count();
    let told = |entries: &Vec<Entry>| {
        let (mut told, mut found) = (0, Vec::new());
        for entry in entries.iter().filter(|entry| among(&entry.item)) {
            match verdict(&entry.item) {
                Verdict::Silent => continue,
                Verdict::Not => {}
                Verdict::Counts(what) => {
                    found.push(Found { id: entry.item.id.clone(), path: format!("{project}/{}", entry.path), what });
                }
            }
            told += 1;
        }
        (told, found)
    };
    gaps(entries, of_what, asked, told)
}

/// A figure over items of which some may tell nothing: partial then, and unknown if none does.
fn gaps<T>(
    entries: &Measured<Vec<Entry>>,
    of_what: &str,
    asked: impl Fn(&Vec<Entry>) -> usize,
    told: impl Fn(&Vec<Entry>) -> (usize, T),
) -> Measured<T> {
    let Some(all) = entries.value() else {
        return entries.as_ref().map(|all| told(all).1);
    };
    let (asked, (told, value)) = (asked(all), told(all));
    let silent = asked.saturating_sub(told);
    let cause = |message: String| Cause::new(ErrorKind::Unsupported, message);
    if silent > 0 && told == 0 {
        return Measured::unknown(cause(format!("none of {asked} items tells {of_what}")));
    }
    let missing = (silent > 0).then(|| {
        Missing::new(format!("{silent} of {asked} items"), cause(format!("the service does not tell {of_what}")))
    });
    Measured::from_parts(value, entries.missing().to_vec()).with_missing(missing)
}

fn not_in_cloud(item: &Item) -> Verdict {
    match (item.stored, item.online) {
        (Some(false), _) => Verdict::Counts("not wholly stored".to_owned()),
        (_, Some(false)) => Verdict::Counts("not online".to_owned()),
        (None, None) => Verdict::Silent,
        _ => Verdict::Not,
    }
}

fn public_link(item: &Item) -> Verdict {
    match (item.is_public_link, &item.file_link) {
        (Some(true), None) => Verdict::Counts("public, the link is not told".to_owned()),
        (_, Some(_)) => Verdict::Counts("public".to_owned()),
        (Some(false), None) => Verdict::Not,
        (None, None) => Verdict::Silent,
    }
}

/// No lock and no answer look alike; an item that tells anything of the metadata tells its lock as well (observed: they come together).
fn old_lock(item: &Item, age: Duration, now: &Timestamp) -> Verdict {
    let tells = item.stored.is_some() || item.online.is_some() || item.is_public_link.is_some();
    match &item.lock {
        None if tells => Verdict::Not,
        None => Verdict::Silent,
        Some(lock) => match lock.locked_since.as_ref().and_then(|since| since.age(now)) {
            None => Verdict::Silent,
            Some(held) if held > age => Verdict::Counts(format!("locked for {} days", held.as_secs() / 86_400)),
            Some(_) => Verdict::Not,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderId;
    use serde_json::{Value, json};

    const NOW: i64 = 1_795_176_000_000;

    fn entries(items: Value) -> Measured<Vec<Entry>> {
        let items: Vec<Item> = serde_json::from_value(items).unwrap();
        let entry = |item: Item| Entry { path: item.named().to_owned(), item, parent: FolderId::from(1), depth: 0 };
        Measured::Known(items.into_iter().map(entry).collect())
    }

    fn review(entries: &Measured<Vec<Entry>>) -> ProjectReview {
        let project = serde_json::from_value(json!({"id": 1, "name": "Finance"})).unwrap();
        review_project(&project, entries, &ReviewPolicy::default(), &Timestamp::from_millis(NOW))
    }

    fn paths(found: &Measured<Vec<Found>>) -> Vec<&str> {
        found.value().unwrap_or_else(|| panic!("{found:?}")).iter().map(|found| found.path.as_str()).collect()
    }

    #[test]
    fn what_is_told_is_counted() {
        let day = 86_400_000_i64;
        let tells = |name: &str, more: Value| {
            let mut item =
                json!({"id": 7, "name": name, "size": 10, "stored": true, "online": true, "isPublicLink": false});
            item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            item
        };
        let review = review(&entries(json!([
            tells("plain", json!({})),
            tells("folder", json!({"folder": true, "isPublicLink": true})),
            tells("away", json!({"online": false})),
            tells("new lock", json!({"lock": {"lockedSince": NOW - 3 * day}})),
            tells("old lock", json!({"lock": {"lockedSince": NOW - 31 * day}})),
        ])));
        assert_eq!(
            (review.files, review.folders, review.bytes),
            (Measured::Known(4), Measured::Known(1), Measured::Known(40))
        );
        assert!(review.not_in_cloud.is_known() && review.public_links.is_known() && review.old_locks.is_known());
        assert_eq!(paths(&review.not_in_cloud), ["Finance/away"]);
        assert_eq!(paths(&review.public_links), ["Finance/folder"]);
        assert_eq!(paths(&review.old_locks), ["Finance/old lock"]);
        assert_eq!(review.old_locks.value().unwrap()[0].what, "locked for 31 days");
    }

    #[test]
    fn silence_is_never_zero() {
        let silent = review(&entries(json!([{"id": 7, "name": "a"}])));
        assert_eq!(silent.files, Measured::Known(1));
        assert!(matches!(silent.bytes, Measured::Unknown { .. }));
        assert!(matches!(silent.not_in_cloud, Measured::Unknown { .. }));
        assert!(matches!(silent.public_links, Measured::Unknown { .. }));
        assert!(matches!(silent.old_locks, Measured::Unknown { .. }));
        let half = review(&entries(json!([{"id": 7, "size": 5}, {"id": 8}])));
        assert!(matches!(half.bytes, Measured::Partial { value: 5, .. }));
        let dateless = review(&entries(
            json!([{"id": 7, "stored": true, "lock": {"fullname": "Kim"}}, {"id": 8, "stored": true}]),
        ));
        assert!(matches!(dateless.old_locks, Measured::Partial { .. }));
        let empty = review(&entries(json!([])));
        assert_eq!((empty.bytes, empty.old_locks), (Measured::Known(0), Measured::Known(vec![])));
        let absurd = review(&entries(json!([{"id": 7, "size": u64::MAX}, {"id": 8, "size": 9}])));
        assert_eq!(absurd.bytes, Measured::Known(u64::MAX));
        let failed = review(&Measured::unknown(Cause::new(ErrorKind::Timeout, "late")));
        assert!(matches!(
            (&failed.files, &failed.bytes, &failed.old_locks),
            (Measured::Unknown { .. }, Measured::Unknown { .. }, Measured::Unknown { .. })
        ));
    }
}
