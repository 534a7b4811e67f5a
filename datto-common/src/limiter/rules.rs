//! What a service allows, as data.

use std::time::Duration;

use serde_json::Value;

use crate::Operation;

/// What a service allows.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Rules {
    /// The length of the sliding window.
    pub window: Duration,
    /// The part of each limit at which the service begins to slow down.
    pub ratio: f64,
    /// Reads in a window.
    pub reads: Option<u32>,
    /// Writes in a window.
    pub writes: Option<u32>,
    /// Writes of one name in a window.
    pub each_write: fn(&str) -> Option<u32>,
    /// How to ask the service what it has counted.
    pub usage: Option<AskUsage>,
    /// Calls are kept apart: more after a refusal, less while all is well.
    pub pace: Option<Pace>,
    /// The headers that tell what is left of a budget.
    pub budget: Option<BudgetHeaders>,
}

/// The call that tells what the service has counted, and how its answer is read.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct AskUsage {
    pub operation: &'static Operation,
    pub read: fn(&Value) -> Option<Usage>,
}

/// What the service has counted for the account, whoever called.
#[doc(hidden)]
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    pub window: Option<Duration>,
    pub ratio: Option<f64>,
    pub reads: Count,
    /// `None` on older accounts, where writes count with the reads.
    pub writes: Option<Count>,
    pub each_write: Vec<(String, Count)>,
}

/// A limit and what is used of it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub limit: u32,
    pub used: u32,
}

/// A pacer: the gap between calls grows at a refusal and shrinks with each success.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The gap after the first refusal.
    pub first: Duration,
    /// The longest gap.
    pub longest: Duration,
    /// How much a success takes off it.
    pub easing: Duration,
    /// Whether a 503 means the same as a 429: go slower, all of you.
    pub after_503: bool,
}

/// The names of the headers of a budget.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct BudgetHeaders {
    pub remaining: &'static str,
    pub resets: &'static str,
    pub cost: &'static str,
}

impl Rules {
    /// No limit known.
    #[doc(hidden)]
    pub const NONE: Self = Self {
        window: Duration::from_secs(60),
        ratio: 1.0,
        reads: None,
        writes: None,
        each_write: |_| None,
        usage: None,
        pace: None,
        budget: None,
    };
}
