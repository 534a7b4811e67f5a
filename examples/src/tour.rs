//! A tour of an API: each operation once, one line each.
#![allow(clippy::print_stdout)] // the lines are the point

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use anyhow::bail;
use datto_bcdr::{Effect, Operation, Page, Result};

/// What was called, and how it went.
#[derive(Debug)]
pub struct Tour {
    all: &'static [&'static Operation],
    writes: bool,
    called: BTreeSet<&'static str>,
    skipped: usize,
    failed: usize,
}

impl Tour {
    /// A tour of these operations; those that write are left out unless they are asked for.
    pub fn new(all: &'static [&'static Operation], writes: bool) -> Self {
        Self { all, writes, called: BTreeSet::new(), skipped: 0, failed: 0 }
    }

    /// Whether a call of this kind is part of the tour; says so if not.
    pub fn takes(&mut self, operation: &'static Operation) -> bool {
        if self.writes || operation.effect == Effect::Read {
            return true;
        }
        self.skipped += 1;
        line("skipped", operation, "needs --writes");
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
    pub fn page<T>(&mut self, operation: &'static Operation, result: Result<Page<T>>) -> Vec<T> {
        let Some(page) = self.note(operation, result, of_page) else { return Vec::new() };
        if let Some(odd) = page.odd.first() {
            self.failed += 1;
            line("error", operation, format_args!("record {} cannot be read: {}", odd.index, odd.why));
        }
        page.items
    }

    /// Notes a call that the service need not have: that it is missing is no failure.
    pub fn optional<T>(&mut self, operation: &'static Operation, result: Result<T>, words: impl FnOnce(&T) -> String) {
        match result {
            Err(error) if error.is_not_found() => {
                self.called.insert(operation.name);
                line("absent", operation, "the service does not have it, which it need not");
            }
            other => {
                self.note(operation, other, words);
            }
        }
    }

    /// The last line; whether everything that was asked for was called and read.
    pub fn close(self) -> bool {
        let (all, called) = (self.all.len(), self.called.len());
        println!("\n{called} of {all} operations called, {} failed, {} skipped", self.failed, self.skipped);
        self.failed == 0 && called == all - self.skipped
    }
}

fn of_page<T>(page: &Page<T>) -> String {
    match page.total {
        Some(total) => format!("{} of {total}", page.items.len()),
        None => format!("{} on the first page", page.items.len()),
    }
}

fn line(state: &str, operation: &Operation, words: impl fmt::Display) {
    println!("{state:<8} {:<27} {:<6} {:<62} {words}", operation.name, operation.method.as_str(), operation.path);
}

/// Writes go to this machine, or to the host that the user names.
///
/// # Errors
/// For any other host, saying what to add.
pub fn permit_writes(host: &str, named: Option<&str>, consequence: &str) -> anyhow::Result<()> {
    if is_loopback(host) || named == Some(host) {
        return Ok(());
    }
    bail!("--writes {consequence} at {host}; if you mean it, add --on-a-real-account {host}")
}

/// Whether a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_go_to_this_machine_or_to_the_host_that_is_named() {
        for (host, named, permitted) in [
            ("127.0.0.1", None, true),
            ("[::1]", None, true),
            ("localhost", None, true),
            ("api.datto.com", None, false),
            ("api.datto.com", Some("datto.com"), false),
            ("api.datto.com", Some("api.datto.com"), true),
        ] {
            assert_eq!(permit_writes(host, named, "changes the account").is_ok(), permitted, "{host} {named:?}");
        }
    }
}
