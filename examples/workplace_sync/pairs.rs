//! Which path of the target a path of the source is: a store may spell names otherwise than they were sent.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use datto_workplace::names::key;

use crate::listing::Listing;

/// Where the paths of the source are in the target.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    folders: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    /// Paths of the source that have no place of their own, and why.
    pub(crate) unclear: BTreeMap<String, String>,
}

impl Pairs {
    /// The path in the target of a file of the source.
    pub(crate) fn file(&self, path: &str) -> String {
        self.files.get(path).cloned().unwrap_or_else(|| self.below(path))
    }

    /// The path in the target of a folder of the source.
    pub(crate) fn folder(&self, path: &str) -> String {
        self.folders.get(path).cloned().unwrap_or_else(|| self.below(path))
    }

    /// The path in the target, if nothing is there yet: in the folder that its folder is.
    fn below(&self, path: &str) -> String {
        match path.rsplit_once('/') {
            None => path.to_owned(),
            Some((folder, name)) => format!("{}/{name}", self.folder(folder)),
        }
    }
}

/// Pairs the paths of two sides: those that are spelled alike first, then those that some store takes for the same. `apart` says that the
/// target is known to keep such names apart.
pub(crate) fn pairs(source: &Listing, target: &Listing, apart: bool) -> Pairs {
    let apart = apart || keeps_alike_names_apart(target);
    let mut pairs = Pairs::default();
    // Parents come first in the order of paths: what is in a folder is looked for where the folder is.
    let folders = source.folders.keys();
    pair(folders, &target.folders, apart, &mut pairs, |pairs| &mut pairs.folders);
    pair(source.files.keys(), &target.files, apart, &mut pairs, |pairs| &mut pairs.files);
    pairs
}

fn pair<'a, T>(
    paths: impl Iterator<Item = &'a String> + Clone,
    there: &BTreeMap<String, T>,
    apart: bool,
    pairs: &mut Pairs,
    list: fn(&mut Pairs) -> &mut BTreeMap<String, String>,
) {
    let mut by_key: HashMap<String, Vec<&String>> = HashMap::new();
    there.keys().for_each(|path| by_key.entry(path_key(path)).or_default().push(path));
    // For folders each depth is settled before the next.
    let deepest = paths.clone().map(|path| path.matches('/').count()).max().unwrap_or(0);
    for depth in 0..=deepest {
        let level: Vec<&String> = paths.clone().filter(|path| path.matches('/').count() == depth).collect();
        let place = |pairs: &Pairs, path: &String| pairs.below(path);
        let taken: BTreeSet<String> =
            level.iter().map(|path| place(pairs, path)).filter(|place| there.contains_key(place)).collect();
        let mut wanting: HashMap<String, usize> = HashMap::new();
        for path in &level {
            let place = place(pairs, path);
            if !taken.contains(&place) {
                *wanting.entry(path_key(&place)).or_default() += 1;
            }
        }
        for path in level {
            let place = place(pairs, path);
            if taken.contains(&place) {
                list(pairs).insert(path.clone(), place);
                continue;
            }
            let key = path_key(&place);
            let alike = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
            let free: Vec<&&String> = alike.iter().filter(|other| !taken.contains(**other)).collect();
            match (free.as_slice(), wanting.get(&key)) {
                ([one], Some(1)) => _ = list(pairs).insert(path.clone(), (**one).clone()),
                ([], _) if alike.is_empty() || apart => {}
                ([], _) => {
                    let why =
                        "another spelling of its name is there, which the store may take for the same (--alike-names)";
                    pairs.unclear.insert(path.clone(), why.to_owned());
                }
                _ => {
                    let why = "several names are there or here that differ in their spelling alone";
                    pairs.unclear.insert(path.clone(), why.to_owned());
                }
            }
        }
    }
}

/// Whether two names stand in one folder that differ in their spelling alone: then the store does not take them for one.
fn keeps_alike_names_apart(listing: &Listing) -> bool {
    let mut seen = BTreeSet::new();
    listing.files.keys().chain(listing.folders.keys()).any(|path| !seen.insert(path_key(path)))
}

fn path_key(path: &str) -> String {
    path.split('/').map(key).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::File;

    fn listing(files: &[&str], folders: &[&str]) -> Listing {
        Listing {
            files: files.iter().map(|path| ((*path).to_owned(), File::default())).collect(),
            folders: folders.iter().map(|path| ((*path).to_owned(), Default::default())).collect(),
            ..Listing::default()
        }
    }

    #[test]
    fn a_path_is_found_in_whatever_spelling_the_store_keeps() {
        let source =
            listing(&["Bu\u{308}ro/a: b?.TXT", "Bu\u{308}ro/new", "plain"], &["Bu\u{308}ro", "Bu\u{308}ro/Deep"]);
        let target = listing(&["B\u{fc}ro/a_ b_.txt", "plain"], &["B\u{fc}ro", "B\u{fc}ro/deep"]);
        let pairs = pairs(&source, &target, false);
        assert_eq!(pairs.file("Bu\u{308}ro/a: b?.TXT"), "B\u{fc}ro/a_ b_.txt");
        assert_eq!(pairs.file("Bu\u{308}ro/new"), "B\u{fc}ro/new");
        assert_eq!(pairs.folder("Bu\u{308}ro/Deep"), "B\u{fc}ro/deep");
        assert_eq!(pairs.file("plain"), "plain");
        assert!(pairs.unclear.is_empty());
    }

    #[test]
    fn names_that_differ_in_spelling_alone_are_paired_as_they_are_spelled_or_left_out() {
        let both = listing(&["Report.txt", "report.txt"], &[]);
        assert!(pairs(&both, &both, false).unclear.is_empty());
        assert!(pairs(&both, &listing(&[], &[]), false).unclear.is_empty(), "a first run finds out");
        let folded = pairs(&both, &listing(&["Report.txt"], &[]), false);
        assert_eq!(folded.unclear.keys().collect::<Vec<_>>(), ["report.txt"]);
        assert!(pairs(&both, &listing(&["Report.txt"], &[]), true).unclear.is_empty());
        // The store keeps such names apart, as it shows elsewhere.
        assert!(pairs(&both, &listing(&["Report.txt", "x", "X"], &[]), false).unclear.is_empty());
        let unclear = pairs(&both, &listing(&["REPORT.txt"], &[]), false).unclear;
        assert_eq!(unclear.len(), 2, "whose it is cannot be told");
    }
}
