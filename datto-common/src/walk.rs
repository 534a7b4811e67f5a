//! What the pages of a walk said so far, and whether they fit together.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Cause, ErrorKind, Missing};

/// So many marks are kept over a restart; what would hold more is not proven whole when it is resumed.
const MOST_KEPT: usize = 200_000;
/// How many bytes of a mark there are.
const MARK: usize = 6;

/// Whether a walk over a list saw all of it, and so whether a record's absence means that it is gone.
///
/// What no answer shows cannot be told: where a record leaves the list and another comes during one walk, so that the total stays,
/// and no record comes twice, a third one may have slipped past between two pages. Where a single page holds the whole list, or
/// each page carries a cursor to the record after it, nothing can slip past.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The whole list came: what is absent was not in it.
    Complete,
    /// Something is missing: the walk is not over, a page or a record could not be read, or fewer came than the service counts.
    Incomplete(Vec<Missing>),
    /// The pages contradict each other: the list changed while it was read, and records may be missing or doubled.
    Moved(Cause),
    /// Nothing speaks against it, and nothing proves it: several pages of a list whose size the service does not tell, or a walk that
    /// was resumed without what its first part had seen. A second look can prove it; see [`Pager::look_again`](crate::Pager::look_again).
    Unproven,
}

impl Verdict {
    /// Whether the whole list came.
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }
}

/// What the pages of a walk said so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Walk {
    pub(crate) pages: u32,
    /// Readable or not.
    pub(crate) rows: u64,
    /// Of these, how many could not be read.
    pub(crate) odd: u64,
    pub(crate) empty_in_a_row: u32,
    pub(crate) first_total: Option<u64>,
    pub(crate) last_total: Option<u64>,
    /// The first total that is not as the first one.
    pub(crate) other_total: Option<u64>,
    /// A page came without a total.
    pub(crate) uncounted: bool,
    /// What contradicts that the list stood still.
    pub(crate) moved: Option<String>,
    /// What says that a page was not whole.
    pub(crate) short: Option<String>,
    /// A second look found the same records.
    pub(crate) proven: bool,
    pub(crate) seen: Seen,
}

/// A page, as far as it counts for the walk.
#[derive(Debug, Default)]
pub(crate) struct PageFacts {
    pub(crate) rows: u64,
    pub(crate) total: Option<u64>,
    pub(crate) marks: Marks,
    /// What says that the page itself is not whole.
    pub(crate) short: Option<String>,
}

impl Walk {
    /// Of which nothing is known but that it did not begin at the first record.
    pub(crate) fn blind() -> Self {
        Self { uncounted: true, seen: Seen { forgotten: true, ..Seen::default() }, ..Self::default() }
    }

    /// Takes a page into account. `earlier` holds the marks of all pages before it.
    pub(crate) fn accept(&mut self, page: &PageFacts, earlier: &mut HashSet<u64>) {
        self.pages = self.pages.saturating_add(1);
        self.rows = self.rows.saturating_add(page.rows);
        self.empty_in_a_row = if page.rows == 0 { self.empty_in_a_row.saturating_add(1) } else { 0 };
        match (page.total, self.first_total) {
            (None, _) => self.uncounted = true,
            (Some(total), None) => (self.first_total, self.last_total) = (Some(total), Some(total)),
            (Some(total), Some(first)) => {
                self.last_total = Some(total);
                if total != first {
                    self.other_total.get_or_insert(total);
                }
            }
        }
        if self.short.is_none() {
            self.short.clone_from(&page.short);
        }
        // A page that names one record twice does so at one moment; only what comes again on a later page has moved.
        if page.marks.iter().any(|mark| earlier.contains(&mark)) {
            self.note_moved("a record came again on a later page: the list changed during the walk".to_owned());
        }
        earlier.extend(page.marks.iter());
        self.seen.push(&page.marks);
    }

    /// Keeps what a later state of the same walk knew against the list, though its last page is to be read again.
    pub(crate) fn remember(&mut self, later: &Self) {
        (self.first_total, self.other_total) = (later.first_total, later.other_total);
        self.uncounted |= later.uncounted;
        self.moved.clone_from(&later.moved);
        self.short.clone_from(&later.short);
    }

    /// The first contradiction stands.
    pub(crate) fn note_moved(&mut self, why: String) {
        self.moved.get_or_insert(why);
    }

    /// The first total and the first that differs from it.
    pub(crate) fn drift(&self) -> Option<(u64, u64)> {
        Some((self.first_total?, self.other_total?))
    }

    /// What contradicts that the list stood still during the walk, which is over.
    pub(crate) fn moved(&self) -> Option<String> {
        if let Some((first, other)) = self.drift() {
            return Some(format!(
                "the service counted {first} records at first and {other} later: the list changed during the walk"
            ));
        }
        self.moved.clone().or_else(|| {
            let total = self.last_total.filter(|total| self.rows > *total && !self.uncounted)?;
            Some(format!("the service counts {total} records, but its pages held {}", self.rows))
        })
    }

    /// What says that fewer came than there are, in a walk that is over.
    pub(crate) fn shortfall(&self) -> Option<String> {
        self.short.clone().or_else(|| {
            let total = self.last_total.filter(|total| self.rows < *total && !self.uncounted)?;
            Some(format!("the service counts {total} records, but its pages held {}", self.rows))
        })
    }

    /// What the walk over `name`, which is over, proves. `by_cursor`: each page leads to the record after it, so that what comes and
    /// goes elsewhere shifts nothing.
    pub(crate) fn verdict(&self, name: &str, by_cursor: bool) -> Verdict {
        let cause = |message: String| Cause::new(ErrorKind::Paging, message);
        if let Some(moved) = self.moved() {
            return Verdict::Moved(cause(moved));
        }
        let mut missing = Vec::new();
        if let Some(short) = self.shortfall() {
            missing.push(Missing::new(format!("records of {name}"), cause(short)));
        }
        if self.odd > 0 {
            let message = format!("{} records could not be read", self.odd);
            missing.push(Missing::new(format!("records of {name}"), Cause::new(ErrorKind::Decode, message)));
        }
        if !missing.is_empty() {
            return Verdict::Incomplete(missing);
        }
        let counted = self.pages <= 1 || !self.uncounted || by_cursor || self.proven;
        if counted && !self.seen.forgotten { Verdict::Complete } else { Verdict::Unproven }
    }
}

/// What a page held, as a short mark for each record, by its id; and one for the page as a whole where a record has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// In the order of the page; 0 where a record has no id. Empty where the list's records have none.
    pub(crate) rows: Vec<u64>,
    /// Of the bytes of the page.
    pub(crate) body: Option<u64>,
}

impl Marks {
    fn iter(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().copied().filter(|mark| *mark != 0).chain(self.body)
    }

    /// Of the first records of the page; of all of it where they cannot be told apart.
    pub(crate) fn border(&self, rows: u64) -> u64 {
        if let Some(body) = self.body {
            return body;
        }
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        mark_of(self.rows.iter().take(rows).flat_map(|mark| mark.to_le_bytes()))
    }
}

/// The mark of an id; 0 of the empty one.
pub(crate) fn mark(id: &str) -> u64 {
    if id.is_empty() { 0 } else { mark_of(id.bytes()) }
}

/// Six bytes, never 0: among 100,000 records two share one by chance in one walk of 50,000.
pub(crate) fn mark_of(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let hash = fnv(bytes);
    // The low bits of FNV-1a mix less than its high ones.
    ((hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 16).max(1)
}

/// The marks of the pages so far. A clone shares them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pages: Arc<Vec<Arc<[u64]>>>,
    /// There were too many to keep over a restart.
    forgotten: bool,
}

impl Seen {
    fn push(&mut self, marks: &Marks) {
        Arc::make_mut(&mut self.pages).push(marks.iter().collect());
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> {
        self.pages.iter().flat_map(|page| page.iter().copied())
    }

    pub(crate) fn is_forgotten(&self) -> bool {
        self.forgotten
    }

    fn len(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }

    /// Whether all of these came again in `later`, which has none twice.
    pub(crate) fn is_within(&self, later: &Self) -> bool {
        let later: HashSet<u64> = later.iter().collect();
        self.iter().all(|mark| later.contains(&mark))
    }
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        self.forgotten == other.forgotten && self.iter().eq(other.iter())
    }
}

impl Eq for Seen {}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.forgotten || self.len() > MOST_KEPT {
            return serializer.serialize_none();
        }
        let bytes: Vec<u8> = self.iter().flat_map(|mark| mark.to_le_bytes().into_iter().take(MARK)).collect();
        serializer.serialize_some(&BASE64.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(Self { forgotten: true, ..Self::default() });
        };
        let bytes = BASE64.decode(text).map_err(serde::de::Error::custom)?;
        let marks: Arc<[u64]> = bytes
            .chunks(MARK)
            .map(|chunk| chunk.iter().rev().fold(0, |mark, byte| (mark << 8) | u64::from(*byte)))
            .collect();
        let pages = if marks.is_empty() { Vec::new() } else { vec![marks] };
        Ok(Self { pages: Arc::new(pages), forgotten: false })
    }
}

/// FNV-1a: the same in every version and process, since what it gives is stored.
pub(crate) fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests;
