//! What a program can see of the limits.

use std::time::Duration;

/// How much of the limits is used, as far as the client knows. `rate_info()` of a client gives it; nothing is sent for it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RateInfo {
    /// The sliding windows that anything was sent under: reads first, then writes, then single write operations by name.
    pub windows: Vec<WindowInfo>,
    /// What is left of a budget, where the service tells.
    pub budget: Option<BudgetInfo>,
    /// How far calls are kept apart at the moment.
    pub gap: Duration,
    /// For how long all calls wait, since the service asked for it.
    pub paused_for: Option<Duration>,
    /// For how long all calls fail, since the service blocked the address.
    pub blocked_for: Option<Duration>,
}

/// One sliding window.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowInfo {
    /// `read`, `write`, or the service's name of a write operation.
    pub name: String,
    /// How many calls the service allows in a window; `None` where that is not known.
    pub limit: Option<u32>,
    /// How many calls in a window this client holds the whole account to.
    pub held_to: Option<u32>,
    /// How many calls of ours are in the window.
    pub ours: u32,
    /// How many calls of others of the same account were in it when the service was last asked.
    pub others: u32,
}

/// A budget that the service counts down.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BudgetInfo {
    /// What is left, in the service's units.
    pub remaining: f64,
    /// How long until it is filled again; `None` where that is not known.
    pub resets_in: Option<Duration>,
    /// What the dearest recent call cost.
    pub cost: f64,
}
