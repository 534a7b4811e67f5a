//! What is to be done: pure functions over the two listings.

use crate::listing::{File, Listing};

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

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Files of the source that the target lacks, or has otherwise.
    pub(crate) work: Vec<(String, Need)>,
    /// Files and folders of the target that the source lacks, deepest first.
    pub(crate) delete: Vec<String>,
    /// How many files of the target these are.
    pub(crate) deleted_files: usize,
    /// Files that stand in the way of a folder, or the other way round.
    pub(crate) in_the_way: Vec<String>,
}

pub(crate) fn plan(direction: Direction, source: &Listing, target: &Listing) -> Plan {
    let mut plan = Plan::default();
    for (path, file) in &source.files {
        if target.folders.contains_key(path) || target.is_odd(path) || below_a_file(path, target) {
            plan.in_the_way.push(path.clone());
            continue;
        }
        let need = need(direction, file, target.files.get(path));
        if need != Need::Nothing {
            plan.work.push((path.clone(), need));
        }
    }
    let gone = |path: &&String| {
        !source.files.contains_key(*path) && !source.folders.contains_key(*path) && !source.is_odd(path)
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
        let plan = plan(Pull, &source, &target);
        assert_eq!(plan.delete, ["gone", "old/deep/x", "old/deep", "old"]);
        assert_eq!(plan.deleted_files, 2);
    }

    #[test]
    fn a_file_in_the_way_is_told_and_not_replaced() {
        let one = || file(1, None, 0);
        let source = listing(&[("a", one()), ("b/c", one())], &["b"]);
        let target = listing(&[("b", one())], &["a"]);
        assert_eq!(plan(Push, &source, &target).in_the_way, ["a", "b/c"]);
    }

    #[test]
    fn the_guard_refuses_what_looks_like_a_failed_listing() {
        let files: Vec<_> = (0..10).map(|number| number.to_string()).collect();
        let all: Vec<_> = files.iter().map(|path| (path.as_str(), file(1, None, 0))).collect();
        let target = listing(&all, &[]);
        let verdict = |source: &Listing, percent| guard(&plan(Pull, source, &target), source, &target, percent);
        assert!(verdict(&listing(&all[2..], &[]), 20).is_ok());
        assert!(verdict(&listing(&all[3..], &[]), 20).unwrap_err().contains("30 percent"));
        assert!(verdict(&listing(&[], &[]), 100).is_err());
        let mut incomplete = listing(&all[1..], &[]);
        incomplete.gaps.push("folder x".to_owned());
        assert!(verdict(&incomplete, 100).unwrap_err().contains("completely"));
    }
}
