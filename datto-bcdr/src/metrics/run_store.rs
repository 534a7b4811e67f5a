//! Where runs are kept between readings.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use datto_common::{Timestamp, async_trait};

use super::run_log::{RunLog, StoredRun};
use super::snapshot::Snapshot;

/// Where runs are kept between readings. Implement it for a database, with the asset's key and the time as primary key.
#[async_trait]
pub trait RunStore: Send + Sync {
    /// Keeps these runs; they come again with every reading.
    ///
    /// # Errors
    /// If they may not have been kept.
    async fn put(&self, runs: Vec<StoredRun>) -> io::Result<()>;

    /// The runs since then, in any order; doubled ones do no harm.
    ///
    /// # Errors
    /// If they cannot be read.
    async fn since(&self, since: &Timestamp) -> io::Result<Vec<StoredRun>>;
}

impl RunLog {
    /// Keeps the runs of a reading, and gives all that are kept since then.
    ///
    /// # Errors
    /// Of the store.
    ///
    /// # Cancel safety
    /// What was kept stays kept; a run that is kept again is no other one.
    ///
    /// ```no_run
    /// use datto_bcdr::metrics::{RunFile, RunLog, Snapshot};
    /// use datto_bcdr::Timestamp;
    ///
    /// async fn nightly(bcdr: datto_bcdr::BcdrClient) -> std::io::Result<RunLog> {
    ///     let (store, snapshot) = (RunFile::new("/var/lib/backups/runs.jsonl"), Snapshot::read(&bcdr).await);
    ///     let a_month_ago = Timestamp::from_seconds(1_787_643_495);
    ///     RunLog::remember(&store, &snapshot, &a_month_ago, &Timestamp::now()).await
    /// }
    /// ```
    pub async fn remember<S>(store: &S, snapshot: &Snapshot, since: &Timestamp, now: &Timestamp) -> io::Result<Self>
    where
        S: RunStore + ?Sized,
    {
        store.put(snapshot.stored_runs(now)).await?;
        let mut log = Self::default();
        log.merge(store.since(since).await?);
        Ok(log)
    }
}

/// Keeps runs in memory.
#[derive(Debug, Default)]
pub struct RunsInMemory(Mutex<RunLog>);

#[async_trait]
impl RunStore for RunsInMemory {
    async fn put(&self, runs: Vec<StoredRun>) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).merge(runs);
        Ok(())
    }

    async fn since(&self, since: &Timestamp) -> io::Result<Vec<StoredRun>> {
        let since = since.as_millis().unwrap_or(i64::MIN);
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(log.runs().filter(|run| run.at_ms >= since).cloned().collect())
    }
}

/// Keeps runs in a file, a line of JSON each.
///
/// A line that was torn by a crash, or that cannot be read, costs itself alone. Only runs that are not in the file yet are added; one process at
/// a time writes it.
#[derive(Debug, Clone)]
pub struct RunFile(PathBuf);

impl RunFile {
    /// Of this path; the file is made with the first run.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Writes the file anew with the runs since then alone, in one step.
    ///
    /// # Errors
    /// If the file cannot be read or written; it is as before then.
    pub async fn forget_before(&self, since: &Timestamp) -> io::Result<()> {
        let (path, since) = (self.0.clone(), since.clone());
        off_the_runtime(move || {
            let mut log = read(&path)?;
            log.forget_before(&since);
            let beside = path.with_extension("new");
            let written = File::create(&beside).and_then(|mut file| {
                file.write_all(&lines(log.runs())?)?;
                file.sync_all()
            });
            let moved = written.and_then(|()| std::fs::rename(&beside, &path));
            if moved.is_err() {
                let _ = std::fs::remove_file(&beside);
            }
            moved
        })
        .await
    }
}

#[async_trait]
impl RunStore for RunFile {
    async fn put(&self, runs: Vec<StoredRun>) -> io::Result<()> {
        let path = self.0.clone();
        off_the_runtime(move || append(&path, runs)).await
    }

    async fn since(&self, since: &Timestamp) -> io::Result<Vec<StoredRun>> {
        let (path, since) = (self.0.clone(), since.as_millis().unwrap_or(i64::MIN));
        off_the_runtime(move || Ok(read(&path)?.runs().filter(|run| run.at_ms >= since).cloned().collect())).await
    }
}

async fn off_the_runtime<T: Send + 'static>(act: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(act).await.map_err(io::Error::other)?
}

fn read(path: &Path) -> io::Result<RunLog> {
    let mut log = RunLog::default();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(log),
        Err(error) => return Err(error),
    };
    for line in BufReader::new(file).split(b'\n') {
        log.merge(serde_json::from_slice::<StoredRun>(&line?).ok());
    }
    Ok(log)
}

/// Adds what the file does not say yet.
fn append(path: &Path, runs: Vec<StoredRun>) -> io::Result<()> {
    let kept = read(path)?;
    let mut log = kept.clone();
    log.merge(runs);
    let is_new = |run: &&StoredRun| kept.asset(&run.key).and_then(|runs| runs.runs.get(&run.at_ms)) != Some(*run);
    let mut news = lines(log.runs().filter(is_new))?;
    if news.is_empty() {
        return Ok(());
    }
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    if ends_torn(&mut file)? {
        news.insert(0, b'\n');
    }
    file.write_all(&news)?;
    file.sync_data()
}

/// Whether the last line was not written to its end.
fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

fn lines<'a>(runs: impl Iterator<Item = &'a StoredRun>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for run in runs {
        serde_json::to_writer(&mut bytes, run)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::history::RunOutcome;

    fn run(at_ms: i64, outcome: RunOutcome) -> StoredRun {
        StoredRun {
            key: "datto:D1:0a".into(),
            serial_number: "D1".into(),
            asset: "dc-01".into(),
            client: None,
            at_ms,
            outcome,
            message: None,
        }
    }

    async fn is_a_store(store: &dyn RunStore) {
        let all = Timestamp::from_millis(0);
        assert!(store.since(&all).await.unwrap().is_empty());
        store.put(vec![run(1, RunOutcome::Running), run(2, RunOutcome::Failed)]).await.unwrap();
        store.put(vec![run(1, RunOutcome::Failed), run(3, RunOutcome::Succeeded)]).await.unwrap();
        let mut log = RunLog::default();
        log.merge(store.since(&all).await.unwrap());
        let outcomes: Vec<RunOutcome> = log.runs().map(|run| run.outcome).collect();
        assert_eq!(outcomes, [RunOutcome::Failed, RunOutcome::Failed, RunOutcome::Succeeded]);
        assert_eq!(store.since(&Timestamp::from_millis(3)).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn both_stores_keep_runs() {
        is_a_store(&RunsInMemory::default()).await;
        let folder = std::env::temp_dir().join(format!("datto-runs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("runs.jsonl");
        let store = RunFile::new(&path);
        is_a_store(&store).await;

        // What is known is not written again.
        let length = std::fs::metadata(&path).unwrap().len();
        store.put(vec![run(3, RunOutcome::Succeeded)]).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), length);

        // A crash in the middle of a line costs that line.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"key":"datto:D1:0a","at"#).unwrap();
        store.put(vec![run(4, RunOutcome::Failed)]).await.unwrap();
        assert_eq!(store.since(&Timestamp::from_millis(0)).await.unwrap().len(), 4);

        store.forget_before(&Timestamp::from_millis(3)).await.unwrap();
        assert_eq!(store.since(&Timestamp::from_millis(0)).await.unwrap().len(), 2);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
