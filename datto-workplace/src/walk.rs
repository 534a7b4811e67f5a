//! A walk over everything below a folder.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use datto_common::{Cause, Error, ErrorKind, Measured, Missing, Result};
use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};

use crate::{FolderId, Item, Metadata, WorkplaceClient};

/// How many folders are read at once if nothing else is said: more meets the limit of the service sooner (observed).
const CONCURRENCY: usize = 2;
/// Where a walk stops if nothing else is said: a service that makes up folders would keep it going for ever.
const DEPTH: usize = 256;
const FOLDERS: usize = 1_000_000;

/// A walk over everything below a folder, from [`WorkplaceClient::walk`]: a stream of items and of errors.
///
/// A folder that cannot be read is an error in the stream, and the walk goes on with the others: nothing is left out
/// silently. At the end [`is_complete`](Self::is_complete) says whether all was read, and [`missing`](Self::missing) what was
/// not. Items come as their folders are read; with a concurrency above 1 the order is not fixed.
#[must_use = "a walk does nothing until its items are asked for"]
pub struct Walk {
    client: WorkplaceClient,
    metadata: Option<Metadata>,
    concurrency: usize,
    max_depth: usize,
    max_folders: usize,
    pub(crate) root: FolderId,
    pub(crate) waiting: Vec<Folder>,
    /// Those of `reading`.
    pub(crate) under_way: Vec<Folder>,
    pub(crate) failed: Vec<Folder>,
    reading: FuturesUnordered<Pin<Box<dyn Future<Output = Read> + Send>>>,
    pub(crate) ready: VecDeque<Result<Entry>>,
    pub(crate) seen: HashSet<FolderId>,
    pub(crate) missing: Vec<Missing>,
    /// Of these, with its path, what another look would not change.
    pub(crate) unmendable: Vec<(String, Missing)>,
    /// As many folders as may be read were found.
    pub(crate) full: bool,
    ended: bool,
}

/// An item that a walk came upon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Where it lies below the folder at which the walk began: `2026/INV-001.pdf`.
    pub path: String,
    /// The item.
    pub item: Item,
    /// The folder that it lies in.
    pub parent: FolderId,
    /// How many folders are between it and the beginning.
    pub depth: usize,
}

/// A folder to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Folder {
    id: FolderId,
    path: String,
    depth: usize,
}

/// A folder and what is in it.
struct Read {
    folder: Folder,
    children: Result<Vec<Item>>,
}

impl Walk {
    pub(crate) fn new(client: &WorkplaceClient, root: FolderId) -> Self {
        Self {
            client: client.clone(),
            metadata: None,
            concurrency: CONCURRENCY,
            max_depth: DEPTH,
            max_folders: FOLDERS,
            waiting: vec![Folder { id: root.clone(), path: String::new(), depth: 0 }],
            under_way: Vec::new(),
            failed: Vec::new(),
            seen: HashSet::from([root.clone()]),
            root,
            reading: FuturesUnordered::new(),
            ready: VecDeque::new(),
            missing: Vec::new(),
            unmendable: Vec::new(),
            full: false,
            ended: false,
        }
    }

    /// How many folders are read at once; 2 if not set.
    pub fn concurrency(mut self, folders: usize) -> Self {
        self.concurrency = folders.max(1);
        self
    }

    /// How many folders may be between an item and the beginning; 256 if not set. A folder below that is an error in the stream, and
    /// is not read.
    pub fn max_depth(mut self, folders: usize) -> Self {
        self.max_depth = folders;
        self
    }

    /// How many folders are read in all; a million if not set. Where there are more, the walk ends with an error that says so.
    pub fn max_folders(mut self, folders: usize) -> Self {
        self.max_folders = folders.max(1);
        self
    }

    /// Asks for more fields of each item.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// The next item or error; `None` at the end. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Entry>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Whether the walk is at its end and every folder was read.
    pub fn is_complete(&self) -> bool {
        self.ended && self.missing.is_empty()
    }

    /// The folders that could not be read so far, and why.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The paths of the folders that could not be read so far, as in [`Entry::path`]; the folder at which the walk began is the empty one.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let failed = self.failed.iter().map(|folder| folder.path.as_str());
        failed.chain(self.unmendable.iter().map(|(path, _)| path.as_str()))
    }

    /// Everything, or the first error.
    ///
    /// # Errors
    /// That of the first folder that cannot be read.
    ///
    /// # Cancel safety
    /// Dropping it changes nothing.
    pub async fn collect(mut self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        while let Some(entry) = self.next().await {
            entries.push(entry?);
        }
        Ok(entries)
    }

    /// Everything that can be read, and what cannot: partial if a folder is missing, unknown if it is the first one.
    ///
    /// # Cancel safety
    /// Dropping it changes nothing.
    pub async fn collect_measured(mut self) -> Measured<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut first_failure = None;
        while let Some(entry) = self.next().await {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => _ = first_failure.get_or_insert(error),
            }
        }
        match first_failure {
            Some(error) if entries.is_empty() => Measured::unknown(error),
            _ => Measured::from_parts(entries, self.missing),
        }
    }

    fn read(&self, folder: Folder) -> Pin<Box<dyn Future<Output = Read> + Send>> {
        let mut list = self.client.folders().children(&folder.id);
        if let Some(metadata) = &self.metadata {
            list = list.metadata(metadata.clone());
        }
        Box::pin(async move { Read { folder, children: list.await } })
    }

    fn take(&mut self, Read { folder, children }: Read) {
        self.under_way.retain(|other| *other != folder);
        match children {
            Ok(children) => children.into_iter().for_each(|item| self.take_item(&folder, item)),
            Err(error) => {
                self.miss(&folder.path, error);
                self.failed.push(folder);
            }
        }
    }

    fn take_item(&mut self, folder: &Folder, item: Item) {
        let name = item.named();
        let path = if folder.path.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.path) };
        let depth = folder.depth;
        if item.is_folder() {
            let id = FolderId::from(&item);
            let refuse = |why: String| Error::new(ErrorKind::Paging, why);
            if depth >= self.max_depth {
                let why = format!("it lies below {} folders: `max_depth` reads deeper", self.max_depth);
                self.leave_out(&path, refuse(why));
            } else if self.seen.contains(&id) {
                // Walking on would not end, or count twice.
                self.leave_out(&path, refuse("this folder came up before, elsewhere in the tree".to_owned()));
            } else if self.seen.len() >= self.max_folders {
                if !std::mem::replace(&mut self.full, true) {
                    let why = format!("more than {} folders: `max_folders` reads more", self.max_folders);
                    self.leave_out(&path, refuse(why));
                }
            } else {
                self.seen.insert(id.clone());
                self.waiting.push(Folder { id, path: path.clone(), depth: depth + 1 });
            }
        }
        self.ready.push_back(Ok(Entry { path, item, parent: folder.id.clone(), depth }));
    }

    /// Another look would not change it.
    fn leave_out(&mut self, path: &str, error: Error) {
        self.miss(path, error);
        self.unmendable.extend(self.missing.last().map(|missing| (path.to_owned(), missing.clone())));
    }

    fn miss(&mut self, path: &str, error: Error) {
        let what = if path.is_empty() { format!("folder {}", self.root) } else { format!("folder {path:?}") };
        self.missing.push(Missing::new(what.clone(), Cause::from(&error)));
        let message = format!("{what}: {}", error.message());
        self.ready.push_back(Err(error.with_message(message)));
    }
}

impl Stream for Walk {
    type Item = Result<Entry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Poll::Ready(Some(entry));
            }
            while self.reading.len() < self.concurrency {
                let Some(folder) = self.waiting.pop() else { break };
                let read = self.read(folder.clone());
                self.under_way.push(folder);
                self.reading.push(read);
            }
            match Pin::new(&mut self.reading).poll_next(cx) {
                Poll::Ready(Some(read)) => self.take(read),
                Poll::Ready(None) => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("root", &self.root)
            .field("waiting", &self.waiting.len())
            .field("reading", &self.reading.len())
            .field("missing", &self.missing.len())
            .finish_non_exhaustive()
    }
}
