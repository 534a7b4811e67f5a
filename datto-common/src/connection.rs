//! What `check_connection` finds out: which of the usual causes it is when a connection does not work.

use std::fmt;

use serde::Serialize;

use crate::scrub::harmless;
use crate::{Error, ErrorKind, Secret};

/// The outcome of a connection check. `Display` is what a person reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConnectionReport {
    /// The product, in its own spelling.
    pub product: &'static str,
    /// The host that was asked.
    pub host: String,
    /// Whether it works.
    pub state: ConnectionState,
    /// What was found, the most important first.
    pub findings: Vec<Finding>,
}

/// Whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionState {
    /// The credentials work.
    Connected,
    /// They do not, or the service cannot be reached.
    Failed,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// A stable word for it: `wrong_key`, `no_devices_visible`.
    pub code: &'static str,
    /// How bad it is.
    pub level: Level,
    /// One sentence for a person.
    pub message: String,
    /// What it rests on: the call and its answer.
    pub evidence: String,
    /// What to do next; empty if nothing.
    pub next_step: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// As it should be.
    Good,
    /// It works, with something to know.
    Warning,
    /// It does not work.
    Problem,
}

impl ConnectionReport {
    #[doc(hidden)]
    pub fn new(product: &'static str, host: impl Into<String>) -> Self {
        Self { product, host: harmless(host.into()), state: ConnectionState::Connected, findings: Vec::new() }
    }

    #[doc(hidden)]
    pub fn push(&mut self, finding: Finding) {
        if finding.level == Level::Problem {
            self.state = ConnectionState::Failed;
        }
        self.findings.push(finding);
    }

    /// Says so if the key is its own secret: one of them was pasted twice. `secrets` are those of the credentials.
    #[doc(hidden)]
    pub fn note_twin_secrets(&mut self, secrets: &[Secret]) {
        let twins = secrets.iter().enumerate().any(|(at, secret)| secrets.iter().take(at).any(|other| other == secret));
        if twins {
            let finding = Finding::new("key_is_secret", Level::Warning, "the key and its secret are the same")
                .evidence("compared before anything was sent")
                .next_step("copy both again: one of them was pasted twice");
            self.findings.insert(0, finding);
        }
    }

    /// Whether it works.
    pub fn is_connected(&self) -> bool {
        self.state == ConnectionState::Connected
    }

    /// The finding of this code, if there is one.
    pub fn finding(&self, code: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.code == code)
    }
}

impl Finding {
    #[doc(hidden)]
    pub fn new(code: &'static str, level: Level, message: impl Into<String>) -> Self {
        Self { code, level, message: harmless(message.into()), evidence: String::new(), next_step: String::new() }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn evidence(mut self, evidence: impl Into<String>) -> Self {
        self.evidence = harmless(evidence.into());
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = harmless(step.into());
        self
    }

    /// A problem from a failed call; the code names the kind.
    #[doc(hidden)]
    pub fn from_error(error: &Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Login => "wrong_key",
            ErrorKind::Unauthenticated => "not_authenticated",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::Blocked => "blocked",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Connect => "no_connection",
            ErrorKind::Timeout => "timed_out",
            ErrorKind::RateLimited => "rate_limited",
            ErrorKind::Decode => "unreadable_answer",
            ErrorKind::Redirect => "redirected",
            ErrorKind::Server => "service_failed",
            _ => "failed",
        };
        let finding = Self::new(code, Level::Problem, error.kind().to_string()).evidence(error.summary());
        match error.hint() {
            Some(hint) => finding.next_step(hint),
            None => finding,
        }
    }
}

impl fmt::Display for ConnectionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            ConnectionState::Connected => "connected",
            ConnectionState::Failed => "not connected",
        };
        write!(f, "{} at {}: {state}", self.product, self.host)?;
        for finding in &self.findings {
            let mark = match finding.level {
                Level::Good => "ok",
                Level::Warning => "note",
                Level::Problem => "problem",
            };
            write!(f, "\n  {mark}: {}", finding.message)?;
            if !finding.evidence.is_empty() {
                write!(f, " [{}]", finding.evidence)?;
            }
            if !finding.next_step.is_empty() {
                write!(f, "\n    next: {}", finding.next_step)?;
            }
        }
        Ok(())
    }
}
