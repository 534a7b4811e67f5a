//! Carries a plan out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, bail};
use datto_workplace::{Conflict, FolderId, Upload, WorkplaceClient, names};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use crate::Options;
use crate::listing::{self, File, Listing};
use crate::local;
use crate::plan::{Direction, Need, Plan, Task, guard, plan};

/// What the files have in common.
struct Mirror {
    direction: Direction,
    files: WorkplaceClient,
    local: PathBuf,
    /// The path of the folder of Workplace.
    remote: String,
    options: Options,
    bar: ProgressBar,
}

/// What became of a file.
enum Done {
    Same,
    Moved,
}

/// Mirrors Workplace here; whether all is done.
pub(crate) async fn pull(
    files: &WorkplaceClient,
    remote: &str,
    local: &Path,
    options: Options,
) -> anyhow::Result<bool> {
    let root = files.paths().resolve(remote).await?;
    if !root.is_folder() && remote.contains('/') {
        bail!("{remote} is a file, not a folder");
    }
    let source = listing::remote(files, &FolderId::from(&root), options.jobs.into(), true).await;
    let target = local::list(local).await?;
    Mirror::new(Direction::Pull, files, local, remote, options).run(source, target).await
}

/// Mirrors this machine to Workplace; whether all is done.
pub(crate) async fn push(
    files: &WorkplaceClient,
    local: &Path,
    remote: &str,
    options: Options,
) -> anyhow::Result<bool> {
    let source = local::list(local).await?;
    let root = match files.paths().resolve(remote).await {
        Ok(folder) => Some(FolderId::from(folder)),
        Err(error) if error.is_not_found() && options.dry_run => None,
        Err(error) if error.is_not_found() => Some(files.paths().ensure(remote).await?),
        Err(error) => return Err(error.into()),
    };
    let target = match &root {
        Some(root) => listing::remote(files, root, options.jobs.into(), false).await,
        None => Listing::default(),
    };
    if let (Some(gap), true) = (target.gaps.first(), target.odd.contains_key("")) {
        // What is there already would be uploaded again, beside itself.
        bail!("the folder of Workplace could not be listed: {gap}");
    }
    Mirror::new(Direction::Push, files, local, remote, options).run(source, target).await
}

impl Mirror {
    fn new(direction: Direction, files: &WorkplaceClient, local: &Path, remote: &str, options: Options) -> Self {
        Self {
            direction,
            files: files.clone(),
            local: local.to_owned(),
            remote: remote.trim_matches('/').to_owned(),
            options,
            bar: ProgressBar::hidden(),
        }
    }

    async fn run(mut self, source: Listing, target: Listing) -> anyhow::Result<bool> {
        let plan = plan(self.direction, &source, &target, self.options.alike_names);
        let verdict = guard(&plan, &source, &target, self.options.max_delete);
        for gap in source.gaps.iter().chain(&target.gaps) {
            datto_examples::say!("not listed: {gap}");
        }
        for (path, why) in &source.odd {
            datto_examples::say!("left out: {path}: {why}");
        }
        for (path, why) in &plan.in_the_way {
            datto_examples::say!("left out: {path}: {why}");
        }
        if self.options.dry_run {
            return Ok(self.tell(&plan, &verdict));
        }
        self.bar = bar(source.bytes(plan.work.iter().map(|task| &task.path)));
        let mirror = Arc::new(self);
        let not_made = mirror.make_folders(&plan).await?;
        let (moved, failed) = Arc::clone(&mirror).move_all(&plan, &source, &target, &not_made).await;
        mirror.bar.finish_and_clear();
        datto_examples::say!(
            "{moved} moved, {} the same, {failed} failed",
            source.files.len() - plan.files_in_the_way - moved - failed
        );
        let gaps = source.gaps.is_empty() && source.odd.is_empty() && target.gaps.is_empty();
        let whole = failed == 0 && not_made.is_empty() && gaps && plan.in_the_way.is_empty();
        Ok(mirror.delete(&plan, &target, verdict, failed + not_made.len()).await && whole)
    }

    /// What would be done.
    fn tell(&self, plan: &Plan, verdict: &Result<(), String>) -> bool {
        plan.folders.iter().for_each(|path| datto_examples::say!("would make: {path}"));
        for Task { path, need, .. } in &plan.work {
            datto_examples::say!("{}: {path}", if *need == Need::Move { "would move" } else { "would compare" });
        }
        if self.options.delete {
            plan.delete.iter().for_each(|path| datto_examples::say!("would delete: {path}"));
            if let Err(why) = verdict {
                datto_examples::say!("but nothing would be deleted: {why}");
            }
        }
        let nothing_to_move = plan.work.is_empty() && plan.folders.is_empty() && plan.in_the_way.is_empty();
        nothing_to_move && (!self.options.delete || plan.delete.is_empty())
    }

    /// Folders of the source, empty ones too. One that cannot be made is told, and what belongs into it is left out; the others are made.
    async fn make_folders(&self, plan: &Plan) -> anyhow::Result<Vec<String>> {
        if self.direction == Direction::Pull {
            local::make_folder(self.local.clone(), String::new()).await?;
        }
        let mut not_made: Vec<String> = Vec::new();
        for path in &plan.folders {
            if is_below(path, &not_made) {
                continue;
            }
            let made = match self.direction {
                Direction::Pull => local::make_folder(self.local.clone(), path.clone()).await,
                Direction::Push => self.files.paths().ensure(self.there(path)).await.map(drop).map_err(Into::into),
            };
            if let Err(error) = made {
                datto_examples::say!("not made: {path}: {error:#}");
                not_made.push(path.clone());
            }
        }
        Ok(not_made)
    }

    /// The path in Workplace.
    fn there(&self, path: &str) -> String {
        format!("{}/{path}", self.remote)
    }

    /// Moves as many files at once as was asked for. A failure is told and the others go on.
    async fn move_all(
        self: Arc<Self>,
        plan: &Plan,
        source: &Listing,
        target: &Listing,
        not_made: &[String],
    ) -> (usize, usize) {
        let (mut moved, mut failed) = (0, 0);
        let mut running: JoinSet<(String, anyhow::Result<Done>)> = JoinSet::new();
        let mut work = plan.work.iter();
        loop {
            while running.len() < usize::from(self.options.jobs)
                && let Some(task) = work.next()
            {
                if is_below(&task.target, not_made) {
                    failed += 1; // told with its folder
                    continue;
                }
                let (mirror, task) = (Arc::clone(&self), task.clone());
                let (from, to) = (
                    source.files.get(&task.path).cloned().unwrap_or_default(),
                    target.files.get(&task.target).cloned(),
                );
                running.spawn(async move {
                    let outcome = mirror.one(&task, from, to).await;
                    (task.path, outcome)
                });
            }
            match running.join_next().await {
                None => return (moved, failed),
                Some(Ok((_, Ok(Done::Moved)))) => moved += 1,
                Some(Ok((_, Ok(Done::Same)))) => {}
                Some(Ok((path, Err(error)))) => {
                    failed += 1;
                    self.bar.suspend(|| datto_examples::say!("failed: {path}: {error:#}"));
                }
                Some(Err(error)) => {
                    failed += 1;
                    self.bar.suspend(|| datto_examples::say!("failed: {error}"));
                }
            }
        }
    }

    async fn one(&self, task: &Task, source: File, target: Option<File>) -> anyhow::Result<Done> {
        let pulls = self.direction == Direction::Pull;
        let place = self.local.join(if pulls { &task.target } else { &task.path });
        if task.need == Need::Compare {
            let remote = if pulls { Some(&source) } else { target.as_ref() };
            let hash = remote.and_then(|file| file.md5.clone()).unwrap_or_default();
            if local::md5(place.clone()).await?.eq_ignore_ascii_case(hash.trim()) {
                self.bar.inc(source.size.unwrap_or(0));
                if pulls {
                    local::set_time(place, source.time).await?;
                }
                return Ok(Done::Same);
            }
        }
        self.bar.set_message(task.path.clone());
        match self.direction {
            Direction::Pull => self.download(&task.target, place, &source).await?,
            Direction::Push => self.upload(&task.target, place, target.is_some()).await?,
        }
        Ok(Done::Moved)
    }

    async fn download(&self, path: &str, place: PathBuf, source: &File) -> anyhow::Result<()> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        local::make_folder(self.local.clone(), folder.to_owned()).await?;
        self.files.files().download(&source.id).progress(self.progress()).to_file(&place).await?;
        local::set_time(place, source.time).await
    }

    async fn upload(&self, path: &str, place: PathBuf, replaces: bool) -> anyhow::Result<()> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.files.paths().ensure(self.there(folder)).await?;
        // Where the listing showed nothing, another may have put something since: that is not replaced.
        let conflict = if replaces { Conflict::Replace } else { Conflict::MakeUnique };
        let upload = Upload::file(place).name(name).conflict(conflict);
        let uploaded = self.files.files().upload(&folder, upload).progress(self.progress()).await?;
        if uploaded.name.is_empty() || names::alike(&uploaded.name, name) {
            return Ok(()); // as the store spells it
        }
        // Another file has this name by now, or one that the store takes for the same: a copy beside it would come again with each run.
        self.files.files().delete(&uploaded).await.with_context(|| format!("a copy was left as {}", uploaded.name))?;
        bail!("the store has another file of this name, or takes another one for it")
    }

    /// Moves the bar by what came since the last call; a transfer that begins anew does not move it back.
    fn progress(&self) -> impl Fn(datto_workplace::Progress) + Send + Sync + 'static {
        let (bar, seen) = (self.bar.clone(), AtomicU64::new(0));
        move |progress| {
            let before = seen.fetch_max(progress.transferred, Ordering::Relaxed);
            bar.inc(progress.transferred.saturating_sub(before));
        }
    }

    /// Deletes what the source lacks, if that was asked for and the guard lets it; whether nothing is left to delete.
    async fn delete(&self, plan: &Plan, target: &Listing, verdict: Result<(), String>, failed: usize) -> bool {
        if !self.options.delete || plan.delete.is_empty() {
            return true;
        }
        let verdict =
            verdict.and_then(|()| if failed == 0 { Ok(()) } else { Err("a file could not be moved".to_owned()) });
        if let Err(why) = verdict {
            datto_examples::say!("nothing was deleted: {why}");
            return false;
        }
        let mut left = 0;
        for path in &plan.delete {
            if let Err(error) = self.delete_one(path, target).await {
                left += 1;
                datto_examples::say!("not deleted: {path}: {error:#}");
            }
        }
        datto_examples::say!("{} deleted", plan.delete.len() - left);
        left == 0
    }

    async fn delete_one(&self, path: &str, target: &Listing) -> anyhow::Result<()> {
        let place = self.local.join(path);
        match (self.direction, target.files.get(path), target.folders.get(path)) {
            (Direction::Pull, Some(_), _) => tokio::fs::remove_file(&place).await?,
            // Not with what is in it: that was not in the listing.
            (Direction::Pull, None, _) => tokio::fs::remove_dir(&place).await?,
            (Direction::Push, Some(file), _) => self.files.files().delete(&file.id).await?,
            (Direction::Push, None, Some(folder)) => {
                let inside = self.files.folders().children(folder).await?;
                anyhow::ensure!(inside.is_empty(), "the folder is not empty");
                self.files.folders().delete(folder).await?;
            }
            (Direction::Push, None, None) => return Err(anyhow::anyhow!("it was not listed")).context(path.to_owned()),
        }
        Ok(())
    }
}

/// Whether a path is one of these folders, or in one.
fn is_below(path: &str, folders: &[String]) -> bool {
    folders
        .iter()
        .any(|folder| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// On stderr; nothing where that is no terminal.
fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}  {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
