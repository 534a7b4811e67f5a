//! A tour of an API: each operation once, one line each.

use std::collections::BTreeSet;
use std::fmt;

use datto_bcdr::{Effect, Operation, Page, Result};

/// What was called, and how it went.
#[derive(Debug)]
pub struct Tour {
    all: &'static [&'static Operation],
    writes: bool,
    path_width: usize,
    called: BTreeSet<&'static str>,
    skipped: usize,
    failed: usize,
}

impl Tour {
    /// A tour of these operations; those that write are left out unless they are asked for.
    pub fn new(all: &'static [&'static Operation], writes: bool) -> Self {
        Self { all, writes, path_width: 62, called: BTreeSet::new(), skipped: 0, failed: 0 }
    }

    /// How wide the column of the paths is, where they are shorter than elsewhere.
    pub fn path_width(mut self, width: usize) -> Self {
        self.path_width = width;
        self
    }

    /// Whether it calls what writes.
    pub fn is_writing(&self) -> bool {
        self.writes
    }

    /// Whether a call of this kind is part of the tour; says so if not.
    pub fn takes(&mut self, operation: &'static Operation) -> bool {
        if self.writes || operation.effect == Effect::Read {
            return true;
        }
        self.skipped += 1;
        self.line("skipped", operation, "needs --writes");
        false
    }

    /// Notes a call; gives what it brought.
    pub fn note<T>(
        &mut self,
        operation: &'static Operation,
        result: Result<T>,
        words: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        self.called.insert(operation.name);
        match result {
            Ok(answer) => {
                self.line("ok", operation, words(&answer));
                Some(answer)
            }
            Err(error) => {
                self.failed += 1;
                self.line("error", operation, error);
                None
            }
        }
    }

    /// Notes a page; a record that could not be read is a failure.
    pub fn page<T>(&mut self, operation: &'static Operation, result: Result<Page<T>>) -> Vec<T> {
        let Some(page) = self.note(operation, result, of_page) else { return Vec::new() };
        if let Some(odd) = page.odd.first() {
            self.failed += 1;
            self.line("error", operation, format_args!("record {} cannot be read: {}", odd.index, odd.why));
        }
        page.items
    }

    /// Notes a call that the service need not have: that it is missing is no failure.
    pub fn optional<T>(&mut self, operation: &'static Operation, result: Result<T>, words: impl FnOnce(&T) -> String) {
        match result {
            Err(error) if error.is_not_found() => {
                self.called.insert(operation.name);
                self.line("absent", operation, "the service does not have it, which it need not");
            }
            other => {
                self.note(operation, other, words);
            }
        }
    }

    fn line(&self, state: &str, operation: &Operation, words: impl fmt::Display) {
        let (name, method, path) = (operation.name, operation.method.as_str(), operation.path);
        crate::say!("{state:<8} {name:<27} {method:<6} {path:<width$} {words}", width = self.path_width);
    }

    /// The last line; whether everything that was asked for was called and read.
    pub fn close(self) -> bool {
        let (all, called) = (self.all.len(), self.called.len());
        crate::say!("\n{called} of {all} operations called, {} failed, {} skipped", self.failed, self.skipped);
        self.failed == 0 && called == all - self.skipped
    }
}

fn of_page<T>(page: &Page<T>) -> String {
    match page.total {
        Some(total) => format!("{} of {total}", page.items.len()),
        None => format!("{} on the first page", page.items.len()),
    }
}
