//! Carries a plan out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, bail};
use datto_workplace::{Conflict, FolderId, Upload, WorkplaceClient};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use crate::Options;
use crate::listing::{self, File, Listing};
use crate::local;
use crate::plan::{Direction, Need, Plan, guard, plan};

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
    if let Some(gap) = target.gaps.first() {
        // What is there already would be uploaded again, beside itself.
        bail!("the folder of Workplace could not be listed completely: {gap}");
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
        let plan = plan(self.direction, &source, &target);
        let verdict = guard(&plan, &source, &target, self.options.max_delete);
        for gap in source.gaps.iter().chain(&target.gaps) {
            println!("not listed: {gap}");
        }
        for (path, why) in &source.odd {
            println!("left out: {path}: {why}");
        }
        for path in &plan.in_the_way {
            println!("left out: {path}: something else stands in its place");
        }
        if self.options.dry_run {
            return Ok(self.tell(&plan, &verdict));
        }
        self.bar = bar(source.bytes(plan.work.iter().map(|(path, _)| path)));
        let mirror = Arc::new(self);
        mirror.make_folders(&source, &target, &plan).await?;
        let (moved, failed) = Arc::clone(&mirror).move_all(&plan, &source, &target).await;
        mirror.bar.finish_and_clear();
        println!(
            "{moved} moved, {} the same, {failed} failed",
            source.files.len() - plan.in_the_way.len() - moved - failed
        );
        let whole = failed == 0 && source.gaps.is_empty() && source.odd.is_empty() && plan.in_the_way.is_empty();
        Ok(mirror.delete(&plan, &target, verdict, failed).await && whole)
    }

    /// What would be done.
    fn tell(&self, plan: &Plan, verdict: &Result<(), String>) -> bool {
        for (path, need) in &plan.work {
            println!("{}: {path}", if *need == Need::Move { "would move" } else { "would compare" });
        }
        if self.options.delete {
            plan.delete.iter().for_each(|path| println!("would delete: {path}"));
            if let Err(why) = verdict {
                println!("but nothing would be deleted: {why}");
            }
        }
        plan.work.is_empty() && plan.in_the_way.is_empty() && (!self.options.delete || plan.delete.is_empty())
    }

    /// Folders of the source, empty ones too.
    async fn make_folders(&self, source: &Listing, target: &Listing, plan: &Plan) -> anyhow::Result<()> {
        if self.direction == Direction::Pull {
            local::make_folder(self.local.clone(), String::new()).await?;
        }
        let wanted = source.folders.keys().filter(|path| {
            !target.folders.contains_key(*path)
                && !source.is_odd(path)
                && !target.files.contains_key(*path)
                && !plan.in_the_way.iter().any(|other| other.starts_with(&format!("{path}/")))
        });
        for path in wanted {
            match self.direction {
                Direction::Pull => local::make_folder(self.local.clone(), path.clone()).await?,
                Direction::Push => _ = self.files.paths().ensure(format!("{}/{path}", self.remote)).await?,
            }
        }
        Ok(())
    }

    /// Moves as many files at once as was asked for. A failure is told and the others go on.
    async fn move_all(self: Arc<Self>, plan: &Plan, source: &Listing, target: &Listing) -> (usize, usize) {
        let (mut moved, mut failed) = (0, 0);
        let mut running: JoinSet<(String, anyhow::Result<Done>)> = JoinSet::new();
        let mut work = plan.work.iter();
        loop {
            while running.len() < usize::from(self.options.jobs)
                && let Some((path, need)) = work.next()
            {
                let (mirror, path, need) = (Arc::clone(&self), path.clone(), *need);
                let (from, to) =
                    (source.files.get(&path).cloned().unwrap_or_default(), target.files.get(&path).cloned());
                running.spawn(async move {
                    let outcome = mirror.one(&path, need, from, to).await;
                    (path, outcome)
                });
            }
            match running.join_next().await {
                None => return (moved, failed),
                Some(Ok((_, Ok(Done::Moved)))) => moved += 1,
                Some(Ok((_, Ok(Done::Same)))) => {}
                Some(Ok((path, Err(error)))) => {
                    failed += 1;
                    self.bar.suspend(|| println!("failed: {path}: {error:#}"));
                }
                Some(Err(error)) => {
                    failed += 1;
                    self.bar.suspend(|| println!("failed: {error}"));
                }
            }
        }
    }

    async fn one(&self, path: &str, need: Need, source: File, target: Option<File>) -> anyhow::Result<Done> {
        let place = self.local.join(path);
        if need == Need::Compare {
            let remote = if self.direction == Direction::Pull { Some(&source) } else { target.as_ref() };
            let hash = remote.and_then(|file| file.md5.clone()).unwrap_or_default();
            if local::md5(place.clone()).await?.eq_ignore_ascii_case(hash.trim()) {
                self.bar.inc(source.size.unwrap_or(0));
                if self.direction == Direction::Pull {
                    local::set_time(place, source.time).await?;
                }
                return Ok(Done::Same);
            }
        }
        self.bar.set_message(path.to_owned());
        match self.direction {
            Direction::Pull => self.download(path, place, &source).await?,
            Direction::Push => self.upload(path, place, target.is_some()).await?,
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
        let folder = self.files.paths().ensure(format!("{}/{folder}", self.remote)).await?;
        // Where the listing showed nothing, another may have put something since: that is not replaced.
        let conflict = if replaces { Conflict::Replace } else { Conflict::MakeUnique };
        let upload = Upload::file(place).name(name).conflict(conflict);
        let uploaded = self.files.files().upload(&folder, upload).progress(self.progress()).await?;
        if uploaded.name != name {
            bail!("another file has this name since; it was stored as {}", uploaded.name);
        }
        Ok(())
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
            println!("nothing was deleted: {why}");
            return false;
        }
        let mut left = 0;
        for path in &plan.delete {
            if let Err(error) = self.delete_one(path, target).await {
                left += 1;
                println!("not deleted: {path}: {error:#}");
            }
        }
        println!("{} deleted", plan.delete.len() - left);
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

/// On stderr; nothing where that is no terminal.
fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}  {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
