//! How much a problem matters, on one scale for all products.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a problem matters, on one scale for all products; a greater one matters more. The clients judge it; no service sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Somebody should know.
    Notice,
    /// Something is missing or about to be.
    Warning,
    /// Data would be lost today, or work stands still.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        })
    }
}
