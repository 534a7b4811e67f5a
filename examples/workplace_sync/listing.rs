//! What lies on one side: files and folders by their paths, and whether that is all.

use std::collections::{BTreeMap, BTreeSet};

use datto_workplace::{Entry, FileId, FolderId, Metadata, WorkplaceClient};
use indicatif::{ProgressBar, ProgressStyle};

/// One side.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) folders: BTreeMap<String, FileId>,
    /// What could not be read: then the listing is not whole.
    pub(crate) gaps: Vec<String>,
    /// What is there and cannot be mirrored, and why; it is never deleted on the other side.
    pub(crate) odd: BTreeMap<String, String>,
}

/// A file as its side tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) id: FileId,
    pub(crate) size: Option<u64>,
    pub(crate) md5: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) time: Option<i64>,
}

impl Listing {
    /// The bytes of these files together, as far as told.
    pub(crate) fn bytes<'a>(&self, paths: impl IntoIterator<Item = &'a String>) -> u64 {
        paths.into_iter().filter_map(|path| self.files.get(path)?.size).fold(0, u64::saturating_add)
    }

    /// Whether something of this path, or around it, is there without being listed as a file or folder.
    pub(crate) fn is_odd(&self, path: &str) -> bool {
        self.why_odd(path).is_some()
    }

    /// The same, with the reason.
    pub(crate) fn why_odd(&self, path: &str) -> Option<&str> {
        let within = |outer: &str, inner: &str| {
            inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        };
        let odd = self.odd.iter().find(|(odd, _)| within(odd, path) || within(path, odd));
        odd.map(|(_, why)| why.as_str())
    }

    fn set_odd(&mut self, path: &str, why: &str) {
        self.files.remove(path);
        self.folders.remove(path);
        self.odd.insert(path.to_owned(), why.to_owned());
    }
}

/// Walks over a folder of Workplace. `here` says whether the paths shall be possible on this machine.
pub(crate) async fn remote(files: &WorkplaceClient, root: &FolderId, jobs: usize, here: bool) -> Listing {
    let mut listing = Listing::default();
    let mut walk = files.walk(root).metadata(Metadata::REVIEW).concurrency(jobs);
    let (mut spellings, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let spinner = ProgressBar::new_spinner().with_message("items listed");
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg}  {elapsed}") {
        spinner.set_style(style);
    }
    while let Some(entry) = walk.next().await {
        spinner.inc(1);
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                listing.gaps.push(error.to_string());
                continue;
            }
        };
        let path = entry.path.clone();
        if !seen.insert(path.clone()) {
            listing.set_odd(&path, "several items have this name");
            continue;
        }
        let spelling = path.split('/').map(datto_workplace::names::key).collect::<Vec<_>>().join("/");
        let other: &mut String = spellings.entry(spelling).or_insert_with(|| path.clone());
        if here && *other != path && FOLDS_NAMES {
            let (other, why) =
                (other.clone(), "another item differs in spelling alone, which this machine does not tell apart");
            listing.set_odd(&other, why);
            listing.set_odd(&path, why);
            continue;
        }
        take(&mut listing, &entry, here);
    }
    spinner.finish_and_clear();
    for folder in walk.unread() {
        // What lies in it is not known: nothing is put there, and nothing taken away.
        listing.odd.insert(folder.to_owned(), "its folder could not be listed".to_owned());
    }
    // Below an odd folder nothing has a place.
    let odd: Vec<String> = listing.files.keys().filter(|path| listing.is_odd(path)).cloned().collect();
    odd.iter().for_each(|path| listing.set_odd(path, "its folder cannot be mirrored"));
    listing
}

fn take(listing: &mut Listing, entry: &Entry, here: bool) {
    let (item, path) = (&entry.item, &entry.path);
    let name = item.name.as_deref().unwrap_or_default();
    if item.id.is_empty() {
        listing.set_odd(path, "the service tells no id");
    } else if here && !is_possible(name) {
        listing.set_odd(path, "its name is not possible on this machine");
    } else if item.is_folder() {
        listing.folders.insert(path.clone(), item.id.clone());
    } else if here && !item.is_downloadable() {
        listing.set_odd(path, "it is not in the cloud now");
    } else {
        let time = item.time.as_ref().and_then(datto_workplace::Timestamp::as_millis);
        let file = File { id: item.id.clone(), size: item.size, md5: item.md5.clone(), time };
        listing.files.insert(path.clone(), file);
    }
}

const FOLDS_NAMES: bool = cfg!(any(windows, target_os = "macos"));

/// Whether a name can be one on this machine, and is one name only: a path in it would lead elsewhere.
fn is_possible(name: &str) -> bool {
    let forbidden: &[char] = if cfg!(windows) { &['/', '\\', '<', '>', ':', '"', '|', '?', '*'] } else { &['/'] };
    let ends_oddly = cfg!(windows) && name.ends_with(['.', ' ']);
    !name.is_empty()
        && name != "."
        && name != ".."
        && name.len() <= 255
        && !ends_oddly
        && !name.contains(forbidden)
        && !name.chars().any(char::is_control)
        && !crate::local::is_part(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name() {
        for name in ["", ".", "..", "a/b", "a\nb", ".x.0123.datto-part"] {
            assert!(!is_possible(name), "{name:?}");
        }
        assert!(is_possible("50% größer.txt") && is_possible(".hidden"));
    }

    #[test]
    fn what_is_odd_covers_what_is_below_and_above() {
        let mut listing = Listing::default();
        listing.set_odd("a/b", "odd");
        for (path, odd) in [("a/b", true), ("a/b/c", true), ("a", true), ("a/bc", false), ("b", false)] {
            assert_eq!(listing.is_odd(path), odd, "{path}");
        }
    }
}
