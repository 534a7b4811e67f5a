//! What was read and is not published yet: a file of rows for each table, and how far it goes. A crash costs what came since the last commit, no more.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datto_bcdr::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::table::{Field, TableName};

/// So many gaps are named; the rest is counted.
const NAMED: usize = 1_000;

/// One day's export. Begun again on the same day, it is the same one.
#[derive(Debug)]
pub(crate) struct Run {
    folder: PathBuf,
    /// `2026-11-25`, in UTC.
    pub(crate) day: String,
    /// When it began, and from when on the activity log is read: a list that is resumed must be asked for in the same words.
    pub(crate) began: Timestamp,
    pub(crate) activity_from: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    began_ms: i64,
    activity_days: u64,
}

impl Run {
    pub(crate) fn begin(work: &Path, now: &Timestamp, activity_days: u64) -> anyhow::Result<Self> {
        let day: String = now.to_string().chars().take(10).collect();
        let folder = work.join(&day);
        fs::create_dir_all(&folder).with_context(|| format!("the folder {}", folder.display()))?;
        let file = folder.join("run.json");
        let begun = match read(&file)? {
            Some(begun) => begun,
            None => Begun { began_ms: now.as_millis().context("a clock without a time")?, activity_days },
        };
        replace(&file, &serde_json::to_vec(&begun)?)?;
        let days = i64::try_from(begun.activity_days).unwrap_or(i64::MAX);
        let from = begun.began_ms.saturating_sub(days.saturating_mul(86_400_000)).max(0);
        Ok(Self {
            folder,
            day,
            began: Timestamp::from_millis(begun.began_ms),
            activity_from: Timestamp::from_millis(from),
        })
    }

    /// Nothing is left to do: what was staged goes.
    pub(crate) fn end(&self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(&self.folder)?)
    }
}

/// How far a table is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    fields: Vec<Field>,
    /// How long the file of rows is; what lies behind was not committed.
    bytes: u64,
    rows: u64,
    /// Values that did not fit their columns; they are in the column `extra`.
    odd: u64,
    /// Where the walk over a list stands.
    place: Option<Value>,
    /// How many of several lists were read.
    next: usize,
    missing: Vec<String>,
    more_missing: u64,
    read: bool,
    published: bool,
}

/// What a published file says of itself.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    pub(crate) table: String,
    pub(crate) rows: u64,
    /// When the reading began.
    pub(crate) observed_at: String,
    /// Whether nothing is missing.
    pub(crate) complete: bool,
    pub(crate) missing: Vec<String>,
    /// How many values did not fit their columns and stand in `extra`.
    pub(crate) odd_values: u64,
}

/// The staged rows of a table.
#[derive(Debug)]
pub(crate) struct Stage {
    folder: PathBuf,
    table: TableName,
    rows: BufWriter<File>,
    state: State,
}

impl Stage {
    pub(crate) fn open(run: &Run, table: TableName) -> anyhow::Result<Self> {
        let state: Option<State> = read(&run.folder.join(format!("{table}.json")))?;
        // What was published with something missing is read anew.
        let state = state.filter(|state| !state.published || state.missing.is_empty()).unwrap_or_default();
        let path = run.folder.join(format!("{table}.rows"));
        let mut rows = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
        rows.set_len(state.bytes)?;
        rows.seek(SeekFrom::End(0))?;
        Ok(Self { folder: run.folder.clone(), table, rows: BufWriter::new(rows), state })
    }

    pub(crate) fn is_read(&self) -> bool {
        self.state.read
    }

    pub(crate) fn is_published(&self) -> bool {
        self.state.published
    }

    pub(crate) fn rows(&self) -> u64 {
        self.state.rows
    }

    pub(crate) fn fields(&self) -> &[Field] {
        &self.state.fields
    }

    /// The columns of the rows. An export that an earlier version began had others: it begins anew.
    pub(crate) fn with_fields(&mut self, fields: Vec<Field>) -> anyhow::Result<()> {
        if self.state.fields != fields {
            self.rows.flush()?;
            self.rows.get_mut().set_len(0)?;
            self.rows.get_mut().seek(SeekFrom::Start(0))?;
            self.state = State { fields, ..State::default() };
        }
        Ok(())
    }

    pub(crate) fn place<T: DeserializeOwned>(&self) -> anyhow::Result<Option<T>> {
        Ok(self.state.place.clone().map(serde_json::from_value).transpose()?)
    }

    pub(crate) fn next(&self) -> usize {
        self.state.next
    }

    pub(crate) fn push(&mut self, values: &[Value], odd: usize) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(values)?;
        line.push(b'\n');
        self.rows.write_all(&line)?;
        self.state.bytes += line.len() as u64;
        self.state.rows += 1;
        self.state.odd += odd as u64;
        Ok(())
    }

    pub(crate) fn lacks(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.state.missing.len() < NAMED {
            self.state.missing.push(what);
        } else {
            self.state.more_missing += 1;
        }
    }

    /// How many gaps are noted.
    pub(crate) fn facts_missing(&self) -> usize {
        self.state.missing.len()
    }

    /// What was pushed so far stays, and the reading goes on from here.
    pub(crate) fn commit<T: Serialize>(&mut self, place: Option<&T>, next: usize) -> anyhow::Result<()> {
        self.state.place = place.map(serde_json::to_value).transpose()?;
        self.state.next = next;
        self.save()
    }

    /// The table is read to its end.
    pub(crate) fn done(&mut self) -> anyhow::Result<()> {
        self.state.read = true;
        self.save()
    }

    pub(crate) fn published(&mut self) -> anyhow::Result<()> {
        self.state.published = true;
        self.save()
    }

    fn save(&mut self) -> anyhow::Result<()> {
        self.rows.flush()?;
        self.rows.get_ref().sync_data()?;
        replace(&self.folder.join(format!("{}.json", self.table)), &serde_json::to_vec(&self.state)?)
    }

    pub(crate) fn facts(&self, run: &Run) -> Facts {
        let mut missing = self.state.missing.clone();
        if self.state.more_missing > 0 {
            missing.push(format!("and {} more", self.state.more_missing));
        }
        Facts {
            table: self.table.to_string(),
            rows: self.state.rows,
            observed_at: run.began.to_string(),
            complete: missing.is_empty(),
            missing,
            odd_values: self.state.odd,
        }
    }

    /// Where a file that is made of it may lie until it is published.
    pub(crate) fn beside(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.table))
    }

    /// The rows, one after the other.
    pub(crate) fn each(&self) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Vec<Value>>> + use<>> {
        let file = BufReader::new(File::open(self.folder.join(format!("{}.rows", self.table)))?);
        Ok(serde_json::Deserializer::from_reader(file).into_iter().map(|row| Ok(row?)))
    }

    /// Some columns of another table of the same day, by name.
    pub(crate) fn of_table<const N: usize>(
        run: &Run,
        table: TableName,
        names: [&str; N],
    ) -> anyhow::Result<Vec<[String; N]>> {
        let stage = Self::open(run, table)?;
        anyhow::ensure!(stage.is_read(), "{table} are not read yet");
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            let found = stage.fields().iter().position(|field| field.name == name);
            *place = found.with_context(|| format!("{table} have no column {name}"))?;
        }
        stage
            .each()?
            .map(|row| {
                let row = row?;
                Ok(places.map(|place| row.get(place).and_then(Value::as_str).unwrap_or_default().to_owned()))
            })
            .collect()
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// In one step: a crash leaves the old file or the new one.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(fs::rename(beside, path)?)
}
