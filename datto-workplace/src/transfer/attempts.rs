//! Whether a transfer that broke off in the middle begins anew.

use datto_common::internal::Core;
use datto_common::{Error, ErrorKind, Result, RetryPolicy};

/// The attempts at one transfer. What could not even be opened went through the core's own attempts and does not count here.
#[derive(Debug)]
pub(super) struct Attempts {
    policy: RetryPolicy,
    made: u32,
    /// What came was not what should have come. Once that may be a change meanwhile; twice it is the file, or what is expected.
    other_bytes: bool,
}

impl Attempts {
    pub(super) fn of(core: &Core) -> Self {
        Self { policy: core.retry(), made: 0, other_bytes: false }
    }

    /// Waits for the next attempt, or gives the error back if there is none: the policy allows no more, or it cannot help.
    pub(super) async fn after(&mut self, error: Error) -> Result<()> {
        self.made += 1;
        let passing = match error.kind() {
            ErrorKind::Transport | ErrorKind::Timeout => true,
            ErrorKind::Integrity => !std::mem::replace(&mut self.other_bytes, true),
            _ => false,
        };
        if !passing || self.made >= self.policy.attempts {
            return Err(error);
        }
        let doubled = self.policy.first_wait.saturating_mul(2_u32.saturating_pow(self.made - 1));
        tokio::time::sleep(doubled.min(self.policy.longest_wait)).await;
        Ok(())
    }
}
