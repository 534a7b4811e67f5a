//! The record of the tour: one line a call.

use std::collections::BTreeSet;
use std::fmt;

use datto_rmm::{Effect, Operation, Page, Result, operations};

/// What was called, and how it went.
pub(crate) struct Tour {
    writes: bool,
    called: BTreeSet<&'static str>,
    skipped: usize,
    failed: usize,
}

impl Tour {
    pub(crate) fn new(writes: bool) -> Self {
        Self { writes, called: BTreeSet::new(), skipped: 0, failed: 0 }
    }

    /// Whether a call of this kind is part of the tour; says so if not.
    pub(crate) fn takes(&mut self, operation: &'static Operation) -> bool {
        if self.writes || operation.effect == Effect::Read {
            return true;
        }
        self.skipped += 1;
        line("skipped", operation, "needs --writes");
        false
    }

    /// Whether it calls what writes.
    pub(crate) fn is_writing(&self) -> bool {
        self.writes
    }

    /// Notes a call; gives what it brought.
    pub(crate) fn note<T>(
        &mut self,
        operation: &'static Operation,
        result: Result<T>,
        words: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        self.called.insert(operation.name);
        match result {
            Ok(answer) => {
                line("ok", operation, words(&answer));
                Some(answer)
            }
            Err(error) => {
                self.failed += 1;
                line("error", operation, error);
                None
            }
        }
    }

    /// Notes a page; a record that could not be read is a failure.
    pub(crate) fn page<T>(&mut self, operation: &'static Operation, result: Result<Page<T>>) -> Vec<T> {
        let Some(page) = self.note(operation, result, of_page) else { return Vec::new() };
        if let Some(odd) = page.odd.first() {
            self.failed += 1;
            line("error", operation, format_args!("record {} cannot be read: {}", odd.index, odd.why));
        }
        page.items
    }

    /// The last line; whether everything that was asked for was called and read.
    pub(crate) fn close(self) -> bool {
        let asked = operations::ALL.len() - self.skipped;
        let called = self.called.len();
        println!(
            "\n{called} of {} operations called, {} failed, {} skipped",
            operations::ALL.len(),
            self.failed,
            self.skipped
        );
        self.failed == 0 && called == asked
    }
}

fn of_page<T>(page: &Page<T>) -> String {
    match page.total {
        Some(total) => format!("{} of {total}", page.items.len()),
        None => format!("{} on the first page", page.items.len()),
    }
}

fn line(state: &str, operation: &Operation, words: impl fmt::Display) {
    println!("{state:<8} {:<27} {:<6} {:<52} {words}", operation.name, operation.method.as_str(), operation.path);
}
