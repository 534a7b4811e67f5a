//! What is to be done: pure functions over the two listings.

use std::collections::{BTreeMap, BTreeSet};

use crate::listing::{File, Listing};
use crate::pairs::pairs;

/// Which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Pull,
    Push,
}

/// What a file of the source needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: the target has it.
    Nothing,
    /// To be moved.
    Move,
    /// To be moved if the MD5 of the local file is another than that of the remote one.
    Compare,
}

/// A file to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    /// Its path in the source.
    pub(crate) path: String,
    /// Its path in the target, which may be spelled otherwise.
    pub(crate) target: String,
    pub(crate) need: Need,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Folders of the source that the target lacks, as the target spells their paths; a folder comes before what is in it.
    pub(crate) folders: Vec<String>,
    /// Files of the source that the target lacks, or has otherwise.
    pub(crate) work: Vec<Task>,
    /// Files and folders of the target that the source lacks, deepest first.
    pub(crate) delete: Vec<String>,
    /// How many files of the target these are.
    pub(crate) deleted_files: usize,
    /// What has no place in the target, and why.
    pub(crate) in_the_way: BTreeMap<String, String>,
    /// How many of these are files.
    pub(crate) files_in_the_way: usize,
}

pub(crate) fn plan(direction: Direction, source: &Listing, target: &Listing, alike_names: bool) -> Plan {
    let (mut plan, pairs) = (Plan::default(), pairs(source, target, alike_names));
    let mut kept = BTreeSet::new();
    let unclear = |path: &str| {
        let above = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        above.chain([path]).find_map(|path| pairs.unclear.get(path)).cloned()
    };
    for (path, file) in &source.files {
        let there = pairs.file(path);
        let stands = target.folders.contains_key(&there) || below_a_file(&there, target);
        let why = unclear(path)
            .or_else(|| target.why_odd(&there).map(str::to_owned))
            .or_else(|| stands.then(|| "something else stands in its place".to_owned()));
        kept.insert(there.clone());
        if let Some(why) = why {
            plan.in_the_way.insert(path.clone(), why);
            plan.files_in_the_way += 1;
            continue;
        }
        let need = need(direction, file, target.files.get(&there));
        if need != Need::Nothing {
            plan.work.push(Task { path: path.clone(), target: there, need });
        }
    }
    for path in source.folders.keys().filter(|path| !source.is_odd(path)) {
        let there = pairs.folder(path);
        let stands = target.files.contains_key(&there) || below_a_file(&there, target) || target.is_odd(&there);
        kept.insert(there.clone());
        if let Some(why) = unclear(path) {
            plan.in_the_way.insert(path.clone(), why);
        } else if !stands && !target.folders.contains_key(&there) {
            plan.folders.push(there);
        }
    }
    let alike: BTreeSet<&str> = pairs.unclear.keys().map(String::as_str).collect();
    let gone = |path: &&String| {
        !kept.contains(*path)
            && !source.is_odd(path)
            && !alike.iter().any(|other| datto_workplace::names::alike(other, path))
    };
    plan.delete.extend(target.files.keys().filter(gone).cloned());
    plan.deleted_files = plan.delete.len();
    plan.delete.extend(target.folders.keys().rev().filter(gone).filter(|path| !target.is_odd(path)).cloned());
    plan
}

/// Whether a folder of this path is a file of the target.
fn below_a_file(path: &str, target: &Listing) -> bool {
    path.match_indices('/').any(|(end, _)| path.get(..end).is_some_and(|folder| target.files.contains_key(folder)))
}

fn need(direction: Direction, source: &File, target: Option<&File>) -> Need {
    let Some(target) = target else { return Need::Move };
    let (remote, local) = if direction == Direction::Pull { (source, target) } else { (target, source) };
    let same_size = match (remote.size, local.size) {
        (Some(remote), Some(local)) if remote != local => return Need::Move,
        (Some(_), Some(_)) => true,
        _ => false,
    };
    // A pulled file has the time of its original; a pushed one gets the time of its arrival.
    let same_time = remote.time.zip(local.time).is_some_and(|(remote, local)| remote / 1_000 == local / 1_000);
    match (direction, &remote.md5) {
        (Direction::Pull, _) if same_size && same_time => Need::Nothing,
        (_, Some(_)) => Need::Compare,
        (Direction::Push, None)
            if same_size && local.time.zip(remote.time).is_some_and(|(local, remote)| local <= remote) =>
        {
            Need::Nothing
        }
        _ => Need::Move,
    }
}

/// Why nothing may be deleted, if so.
pub(crate) fn guard(plan: &Plan, source: &Listing, target: &Listing, max_percent: u8) -> Result<(), String> {
    if plan.delete.is_empty() {
        return Ok(());
    }
    if let Some(gap) = source.gaps.first() {
        return Err(format!("the source could not be listed completely: {gap}"));
    }
    if source.files.is_empty() {
        return Err("the source has no file: most likely it could not be listed".to_owned());
    }
    if plan.deleted_files * 100 > target.files.len() * usize::from(max_percent) {
        let share = plan.deleted_files * 100 / target.files.len().max(1);
        return Err(format!("{share} percent of the files would go, {max_percent} are allowed (--max-delete)"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Pull, Push};

    fn file(size: u64, md5: Option<&str>, time: i64) -> File {
        File { size: Some(size), md5: md5.map(str::to_owned), time: Some(time), ..File::default() }
    }

    fn listing(files: &[(&str, File)], folders: &[&str]) -> Listing {
        Listing {
            files: files.iter().map(|(path, file)| ((*path).to_owned(), file.clone())).collect(),
            folders: folders.iter().map(|path| ((*path).to_owned(), Default::default())).collect(),
            ..Listing::default()
        }
    }

    #[test]
    fn only_what_changed_is_moved() {
        let (remote, local) = (file(5, Some("x"), 1_000), file(5, None, 1_999));
        assert_eq!(need(Pull, &remote, None), Need::Move);
        assert_eq!(need(Pull, &remote, Some(&local)), Need::Nothing);
        assert_eq!(need(Pull, &remote, Some(&file(5, None, 2_000))), Need::Compare);
        assert_eq!(need(Pull, &remote, Some(&file(6, None, 1_000))), Need::Move);
        assert_eq!(need(Pull, &file(5, None, 3_000), Some(&local)), Need::Move);
        assert_eq!(need(Push, &local, Some(&remote)), Need::Compare);
        assert_eq!(need(Push, &local, Some(&file(5, None, 9_000))), Need::Nothing);
        assert_eq!(need(Push, &local, Some(&file(5, None, 1_000))), Need::Move);
        assert_eq!(need(Push, &local, Some(&File::default())), Need::Move);
    }

    #[test]
    fn what_the_source_lacks_goes_deepest_first_and_what_is_odd_stays() {
        let one = || file(1, None, 0);
        let mut source = listing(&[("keep", one()), ("dir/keep", one())], &["dir"]);
        source.odd.insert("cloud".to_owned(), "not in the cloud".to_owned());
        let target = listing(
            &[("keep", one()), ("gone", one()), ("old/deep/x", one()), ("cloud", one())],
            &["old", "old/deep", "dir"],
        );
        let plan = plan(Pull, &source, &target, false);
        assert_eq!(plan.delete, ["gone", "old/deep/x", "old/deep", "old"]);
        assert_eq!(plan.deleted_files, 2);
    }

    #[test]
    fn a_file_in_the_way_is_told_and_not_replaced() {
        let one = || file(1, None, 0);
        let source = listing(&[("a", one()), ("b/c", one())], &["b"]);
        let target = listing(&[("b", one())], &["a"]);
        let plan = plan(Push, &source, &target, false);
        assert_eq!(plan.in_the_way.keys().collect::<Vec<_>>(), ["a", "b/c"]);
        assert_eq!(plan.files_in_the_way, 2);
    }

    #[test]
    fn the_guard_refuses_what_looks_like_a_failed_listing() {
        let files: Vec<_> = (0..10).map(|number| number.to_string()).collect();
        let all: Vec<_> = files.iter().map(|path| (path.as_str(), file(1, None, 0))).collect();
        let target = listing(&all, &[]);
        let verdict = |source: &Listing, percent| guard(&plan(Pull, source, &target, false), source, &target, percent);
        assert!(verdict(&listing(&all[2..], &[]), 20).is_ok());
        assert!(verdict(&listing(&all[3..], &[]), 20).unwrap_err().contains("30 percent"));
        assert!(verdict(&listing(&[], &[]), 100).is_err());
        let mut incomplete = listing(&all[1..], &[]);
        incomplete.gaps.push("folder x".to_owned());
        assert!(verdict(&incomplete, 100).unwrap_err().contains("completely"));
    }
}
