//! A list read in batches, for a database that commits each with the place where the next begins.

use serde::de::DeserializeOwned;

use crate::{Continuation, Error, Listing, Odd, Pager, Result, Verdict};

/// A list that is read in batches: what comes with each is to be stored together, and a crash costs nothing that was.
///
/// ```no_run
/// # struct Database;
/// # impl Database {
/// #     fn place(&self) -> Option<datto_common::Continuation> { None }
/// #     fn store<T>(&mut self, records: &[T], place: Option<&datto_common::Continuation>) {}
/// # }
/// use datto_common::{Listing, Reading, Result};
///
/// async fn sync<L: Listing>(list: L, database: &mut Database) -> Result<()> {
///     let mut reading = Reading::of(list, database.place());
///     while let Some(batch) = reading.next(500).await? {
///         database.store(&batch.records, batch.place.as_ref()); // in one transaction
///     }
///     if reading.end().await?.is_complete() {
///         // only now is a record that did not come gone: see `Changes`
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[must_use = "a reading reads nothing until it is asked for a batch"]
pub struct Reading<T>(Pager<T>);

/// Records to be stored together with the place where the next begin.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Batch<T> {
    /// The records.
    pub records: Vec<T>,
    /// Records that could not be read; what is stored of them is the caller's to decide.
    pub odd: Vec<Odd>,
    /// Where the next batch begins, also in another process: store it with the records. `None` at the end of the list.
    pub place: Option<Continuation>,
}

impl<T: DeserializeOwned + Send + 'static> Reading<T> {
    /// From where an earlier reading of the same list stood; `None` begins anew.
    pub fn of<L: Listing<Record = T>>(list: L, place: Option<Continuation>) -> Self {
        Self(list.resume(place).pager())
    }

    /// The next records, at most so many and at least one; `None` at the end. It ends the batch early where a record cannot be read after others
    /// were, so that nothing waits.
    ///
    /// # Errors
    /// Of a page that could not be had. What came before was handed out, and the last [`place`](Batch::place) leads on.
    ///
    /// # Cancel safety
    /// A future that is dropped may lose records that were not handed out; the last place still leads to them.
    pub async fn next(&mut self, most: usize) -> Result<Option<Batch<T>>> {
        let (mut records, mut odd) = (Vec::new(), Vec::new());
        while records.len() + odd.len() < most.max(1) {
            match self.0.next().await {
                None => break,
                Some(Ok(record)) => records.push(record),
                Some(Err(error)) => match error.record() {
                    Some(record) => odd.push(record.clone()),
                    // The pages contradict each other: the verdict says so, and there is nothing more to come.
                    None if self.0.continuation().is_none() => break,
                    None if records.is_empty() && odd.is_empty() => return Err(error),
                    // Comes again with the next call.
                    None => break,
                },
            }
        }
        let is_over = records.is_empty() && odd.is_empty();
        Ok((!is_over).then(|| Batch { records, odd, place: self.0.continuation() }))
    }

    /// Whether the whole list came. Where only a second look can prove it, the list is read once more, without its records.
    ///
    /// # Errors
    /// Of that second look. Nothing is proven then.
    pub async fn end(&mut self) -> Result<Verdict, Error> {
        self.0.look_again().await?;
        Ok(self.0.verdict())
    }
}
