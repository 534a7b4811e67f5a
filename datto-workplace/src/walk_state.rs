//! Where a walk stands.

use datto_common::{Error, ErrorKind, Missing};
use serde::{Deserialize, Serialize};

use crate::FolderId;
use crate::walk::{Entry, Folder, Walk};

/// Where a walk stands, from [`Walk::state`]: serialise it, and go on later or in another process with [`Walk::resume`]. It holds names and
/// ids, no secret and no content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WalkState {
    root: FolderId,
    /// To be read: not begun, under way, or failed.
    waiting: Vec<Folder>,
    /// Read, and not handed out.
    ready: Vec<Entry>,
    seen: Vec<FolderId>,
    /// What another look would not change.
    missing: Vec<(String, Missing)>,
    full: bool,
}

impl WalkState {
    /// How many folders are still to be read, as far as they are known.
    pub fn folders_left(&self) -> usize {
        self.waiting.len()
    }

    /// Whether everything was read and handed out.
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.ready.is_empty()
    }
}

impl Walk {
    /// Where the walk stands: no item that was handed out comes again after [`resume`](Self::resume), and none is left out. A folder whose
    /// reading failed is read again then.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient, project: datto_workplace::Item) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut walk = files.walk(&project);
    /// let first = walk.next().await;
    /// let stored = serde_json::to_string(&walk.state())?;
    /// // Later, perhaps in another process:
    /// let mut walk = files.walk(&project).resume(serde_json::from_str(&stored)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn state(&self) -> WalkState {
        let mut seen: Vec<FolderId> = self.seen.iter().cloned().collect();
        seen.sort_by(|one, other| one.as_str().cmp(other.as_str())); // the same walk is written alike
        WalkState {
            root: self.root.clone(),
            waiting: [self.waiting.as_slice(), &self.under_way, &self.failed].concat(),
            ready: self.ready.iter().filter_map(|entry| entry.as_ref().ok()).cloned().collect(),
            seen,
            missing: self.unmendable.clone(),
            full: self.full,
        }
    }

    /// Goes on where an earlier walk over the same folder stood. If it was over another folder, the first item is an error and nothing is
    /// read.
    pub fn resume(mut self, state: WalkState) -> Self {
        if state.root != self.root {
            let wrong = Error::new(ErrorKind::InvalidInput, "the state belongs to a walk over another folder");
            self.waiting.clear();
            self.missing.push(Missing::new(format!("folder {}", self.root), &wrong));
            self.ready.push_back(Err(wrong));
            return self;
        }
        self.waiting = state.waiting;
        self.ready = state.ready.into_iter().map(Ok).collect();
        self.seen = state.seen.into_iter().collect();
        self.missing = state.missing.iter().map(|(_, missing)| missing.clone()).collect();
        self.unmendable = state.missing;
        self.full = state.full;
        self
    }
}
