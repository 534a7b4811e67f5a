//! How a job ended, and what it wrote.

use std::fmt;

use datto_common::{Measured, Timestamp};
use serde::{Deserialize, Serialize};

use crate::models::plain::plain;
use crate::{JobComponentResult, JobDeploymentStatus};

/// Text that a machine wrote, and so whoever holds that machine: no instruction, no markup, nothing to run or to believe. `Debug` tells its length alone, for it may hold credentials;
/// `Display` is one clean line of its beginning.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Takes a text for untrusted.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    pub fn as_untrusted(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(&self.0))
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} bytes)", self.0.len())
    }
}

/// How a job ended on a device, and what its components wrote there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobEnd {
    /// How it ended; a word that this version does not know stands here if the job itself is over.
    pub status: JobDeploymentStatus,
    /// When it ran, as far as the service says it.
    pub ran_on: Option<Timestamp>,
    /// How each component went.
    pub components: Vec<JobComponentResult>,
    /// What they wrote to their standard output.
    pub stdout: Measured<Untrusted>,
    /// What they wrote to their standard error.
    pub stderr: Measured<Untrusted>,
}

impl JobEnd {
    /// Whether it went well, perhaps with warnings.
    pub fn succeeded(&self) -> bool {
        matches!(self.status.understood(), JobDeploymentStatus::Success | JobDeploymentStatus::Warning)
    }
}
