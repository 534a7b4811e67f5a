//! State that outlives the program: what was done to the sandbox, in order, from which it is made again.
//!
//! The same seed makes the same fleets, and what is drawn while it runs is drawn from them in order. So it is enough to
//! keep what changed something, with its moment, and to do it once more at the next start.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::change::Change;
use crate::fault::Product;
use crate::sandbox::SandboxBuilder;
use crate::schedule::When;
use crate::settings::Reach;
use crate::world::{Account, World, named};

/// Marks a request that is carried out once more: whether it may be was decided the first time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replayed;

/// Something that was done.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Milliseconds of the data's time since the start.
    at: i64,
    account: String,
    done: Deed,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// A request that was not a read, and succeeded.
    Call(Call),
    /// A read before which something was planned to happen.
    Page(String),
    Change(Change),
    Plan(When, Change),
    Set(String, String),
    Forward,
    ExpireTokens,
    ResetKey,
    FailComponent(String),
}

/// A request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    product: Product,
    method: String,
    target: String,
    content_type: Option<String>,
    /// Of a login; other requests have passed by it.
    login: Option<String>,
    body: Kept,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Text(String),
    /// What is no text or much of it, in a file of this number.
    File(u64),
}

/// Up to this size a text is kept in its line.
const IN_LINE: usize = 64 * 1_024;

/// From what the fleets are made; a state is of use to no other.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Beginning {
    now_ms: i64,
    accounts: BTreeMap<String, BTreeMap<String, String>>,
    events: String,
}

impl Beginning {
    fn of(builder: &SandboxBuilder) -> io::Result<Self> {
        let planted = |about: &&crate::Setting| about.reach == Reach::Start && about.name != "rmm_port";
        let mut events = String::new();
        let mut accounts = BTreeMap::new();
        for (name, account) in named(builder.clone())? {
            let settings = SandboxBuilder::settings().iter().filter(planted);
            let texts = settings.filter_map(|about| Some((about.name.to_owned(), account.settings.text(about.name)?)));
            accounts.insert(name, texts.collect());
            events.push_str(&format!("{:?}", account.events));
        }
        Ok(Self { now_ms: builder.settings.now_ms, accounts, events })
    }

    /// How another one differs, but for the moment.
    fn differs(&self, other: &Self) -> Option<String> {
        for (name, settings) in &self.accounts {
            let Some(others) = other.accounts.get(name) else { return Some(format!("account {name}")) };
            let differs = settings.iter().find(|(setting, text)| others.get(*setting) != Some(text));
            if let Some((setting, text)) = differs {
                return Some(format!("{setting} = {text}"));
            }
        }
        let same = self.accounts.len() == other.accounts.len() && self.events == other.events;
        (!same).then(|| "other accounts or events".to_owned())
    }
}

/// A folder with what was done.
#[derive(Debug)]
pub(crate) struct State {
    folder: PathBuf,
    beginning: Beginning,
    log: Mutex<Log>,
    /// One request at a time: they are kept in the order in which they were carried out.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Log {
    file: File,
    bodies: u64,
    /// Why something could not be kept.
    failed: Option<String>,
}

impl State {
    /// Opens a folder, which is made if it is not there, sets the builder to the moment at which its state began, and
    /// gives what was done since.
    ///
    /// # Errors
    /// If the folder cannot be used, or if its state began with other fleets.
    pub(crate) fn open(folder: &str, builder: &mut SandboxBuilder) -> io::Result<(Self, Replay)> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{folder} (--state): {error}"));
        let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("{folder} (--state): {why}"));
        let folder = PathBuf::from(folder);
        std::fs::create_dir_all(folder.join("bodies")).map_err(named)?;
        let path = folder.join("state.jsonl");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(named(error)),
        };
        // What was cut off by the end of the program, or of the machine, was not done.
        let whole = text.rfind('\n').map_or("", |end| text.get(..=end).unwrap_or_default());
        let mut lines = whole.lines();
        let mut beginning = Beginning::of(builder)?;
        if let Some(first) = lines.next() {
            let kept: Beginning = serde_json::from_str(first).map_err(|error| wrong(format!("line 1: {error}")))?;
            if let Some(what) = kept.differs(&beginning) {
                return Err(wrong(format!("it began with {what}; give the same, or another folder")));
            }
            builder.settings.now_ms = kept.now_ms;
            beginning = kept;
        }
        let lines: Vec<Line> = lines
            .enumerate()
            .map(|(index, line)| serde_json::from_str(line).map_err(|why| wrong(format!("line {}: {why}", index + 2))))
            .collect::<Result<_, _>>()?;
        let number = |line: &Line| match &line.done {
            Deed::Call(Call { body: Kept::File(number), .. }) => *number,
            _ => 0,
        };
        let bodies = lines.iter().map(number).max().unwrap_or_default();
        let file = File::options().create(true).append(true).open(&path).map_err(named)?;
        file.set_len(whole.len() as u64).map_err(named)?;
        let log = Mutex::new(Log { file, bodies, failed: None });
        let state = Self { folder, beginning, log, turn: tokio::sync::Mutex::default() };
        if whole.is_empty() {
            state.begin().map_err(named)?;
        }
        Ok((state, Replay(lines)))
    }

    fn begin(&self) -> io::Result<()> {
        let line = serde_json::to_string(&self.beginning)?;
        writeln!(self.log().file, "{line}")
    }

    /// Forgets what was done.
    pub(crate) fn clear(&self) -> io::Result<()> {
        {
            let mut log = self.log();
            log.file.set_len(0)?;
            std::fs::remove_dir_all(self.folder.join("bodies"))?;
            std::fs::create_dir_all(self.folder.join("bodies"))?;
            (log.bodies, log.failed) = (0, None);
        }
        self.begin()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why something could not be kept, if that is so.
    pub(crate) fn failed(&self) -> Option<String> {
        self.log().failed.clone()
    }

    /// Waits until no other request is carried out.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Keeps what was done.
    pub(crate) fn keep(&self, account: &Account, at: i64, done: Deed) {
        let line = Line { at, account: account.name.clone(), done };
        let written = serde_json::to_string(&line).map_err(io::Error::from);
        let mut log = self.log();
        if let Err(error) = written.and_then(|line| writeln!(log.file, "{line}")) {
            log.failed = Some(error.to_string());
        }
    }

    /// Takes a request apart, to be kept if it succeeds, and puts it together again.
    ///
    /// # Errors
    /// If its body does not come whole, or cannot be kept.
    pub(crate) async fn take(&self, product: Product, request: Request<Body>) -> io::Result<(Call, Request<Body>)> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.map_err(io::Error::other)?;
        let header =
            |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
        let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let call = Call {
            product,
            method: parts.method.to_string(),
            content_type: header(CONTENT_TYPE),
            login: header(AUTHORIZATION).filter(|_| target.starts_with("/auth/")),
            target,
            body: self.keep_body(&bytes).await?,
        };
        Ok((call, Request::from_parts(parts, Body::from(bytes))))
    }

    async fn keep_body(&self, bytes: &Bytes) -> io::Result<Kept> {
        if bytes.len() <= IN_LINE
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Ok(Kept::Text(text.to_owned()));
        }
        let number = {
            let mut log = self.log();
            log.bodies += 1;
            log.bodies
        };
        let (path, bytes) = (body_path(&self.folder, number), bytes.clone());
        spawn_blocking(move || std::fs::write(path, bytes)).await??;
        Ok(Kept::File(number))
    }
}

fn body_path(folder: &Path, number: u64) -> PathBuf {
    folder.join("bodies").join(number.to_string())
}

/// What was done, to be done once more.
#[derive(Debug)]
pub(crate) struct Replay(Vec<Line>);

impl Replay {
    /// Does it once more, and lets the clock go on from the last of it.
    pub(crate) async fn run(self, state: &State, world: &World) -> io::Result<()> {
        let last = self.0.last().map(|line| line.at);
        for Line { at, account, done } in self.0 {
            let account = Arc::clone(world.account(Some(&account)));
            world.clock.hold(at);
            match done {
                Deed::Call(call) => {
                    let product = call.product;
                    let request = request(&state.folder, call).await?;
                    account.catch_up();
                    world.carry_out(product, &account.name, request).await;
                }
                Deed::Page(target) => {
                    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
                    account.catch_up_before(path, query);
                }
                Deed::Change(change) => {
                    account.catch_up();
                    let _ = account.change(&change, world.clock.now_ms());
                }
                Deed::Plan(when, change) => account.schedule.add(when, change),
                Deed::Set(name, text) => _ = account.config.live.set(&name, &text),
                Deed::Forward => {}
                Deed::ExpireTokens => account.rmm.expire_tokens(),
                Deed::ResetKey => _ = account.rmm.reset_key(),
                Deed::FailComponent(uid) => account.rmm.fail_component(&uid),
            }
        }
        if let Some(last) = last {
            world.clock.release(last);
        }
        Ok(())
    }
}

async fn request(folder: &Path, call: Call) -> io::Result<Request<Body>> {
    let body = match call.body {
        Kept::Text(text) => Body::from(text),
        Kept::File(number) => {
            let path = body_path(folder, number);
            let named =
                |error: io::Error| io::Error::new(error.kind(), format!("{} (--state): {error}", path.display()));
            Body::from(tokio::fs::read(&path).await.map_err(named)?)
        }
    };
    let mut request = Request::builder().method(call.method.as_str()).uri(call.target).extension(Replayed);
    for (name, value) in [(CONTENT_TYPE, call.content_type), (AUTHORIZATION, call.login)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    request.body(body).map_err(io::Error::other)
}
