//! The oddities of the RMM service that can be switched.

use std::time::Duration;

use crate::sandbox::SandboxBuilder;

/// The switches.
#[derive(Debug, Clone)]
pub(crate) struct RmmOptions {
    pub(crate) rate_limits: bool,
    pub(crate) rate_window: Duration,
    pub(crate) retry_after: bool,
    pub(crate) legacy_rate_limits: bool,
    pub(crate) token_lifetime: Duration,
    pub(crate) refuse_large_pages: bool,
    pub(crate) job_duration: Duration,
    pub(crate) activity_log_error: bool,
    pub(crate) odd_values: bool,
    pub(crate) old_build: bool,
    pub(crate) blank_links: bool,
}

impl Default for RmmOptions {
    fn default() -> Self {
        Self {
            rate_limits: true,
            rate_window: Duration::from_secs(60),
            retry_after: true,
            legacy_rate_limits: false,
            token_lifetime: Duration::from_secs(360_000),
            refuse_large_pages: false,
            job_duration: Duration::from_secs(5),
            activity_log_error: false,
            odd_values: true,
            old_build: false,
            blank_links: false,
        }
    }
}

impl SandboxBuilder {
    /// Whether the RMM service slows down at nine tenths of its limits and refuses beyond them. It does if not set.
    /// The calls are counted in either case.
    pub fn rate_limits(mut self, enforced: bool) -> Self {
        self.config.rmm.rate_limits = enforced;
        self
    }

    /// How long the sliding windows of the RMM limits are, in whole seconds; sixty if not set, as in the real service. A short
    /// one is for tests that cannot pause time, such as those of several processes.
    pub fn rate_window(mut self, window: Duration) -> Self {
        self.config.rmm.rate_window = Duration::from_secs(window.as_secs().max(1));
        self
    }

    /// Whether a 429 of the RMM service carries `Retry-After`. It does if not set.
    pub fn retry_after_header(mut self, sent: bool) -> Self {
        self.config.rmm.retry_after = sent;
        self
    }

    /// Makes an RMM account of the old kind: one limit for reads and writes, and no word of writes in the answer of
    /// `request_rate`.
    pub fn legacy_rate_limits(mut self, legacy: bool) -> Self {
        self.config.rmm.legacy_rate_limits = legacy;
        self
    }

    /// How long an RMM token is valid. 100 hours if not set.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.config.rmm.token_lifetime = lifetime;
        self
    }

    /// Answers 400 to a `max` above 250, instead of 250 rows. Both were observed.
    pub fn refuse_large_pages(mut self, refuse: bool) -> Self {
        self.config.rmm.refuse_large_pages = refuse;
        self
    }

    /// How long a quick job takes from its creation to its end on a device that is online. Five seconds if not set.
    pub fn job_duration(mut self, duration: Duration) -> Self {
        self.config.rmm.job_duration = duration;
        self
    }

    /// Lets the activity log answer 200 with an `error` instead of activities.
    pub fn activity_log_error(mut self, failing: bool) -> Self {
        self.config.rmm.activity_log_error = failing;
        self
    }

    /// Whether the RMM fleet has values that its document does not know: new members of enumerations, new fields. It
    /// has if not set.
    pub fn odd_values(mut self, odd: bool) -> Self {
        self.config.rmm.odd_values = odd;
        self
    }

    /// Makes the RMM service one of an older build, which knows neither the third version nor lists of patches.
    pub fn old_build(mut self, old: bool) -> Self {
        self.config.rmm.old_build = old;
        self
    }

    /// Ends RMM lists with a link that is empty text instead of null. Some clients guard against it; that it happens is
    /// a guess.
    pub fn blank_links(mut self, blank: bool) -> Self {
        self.config.rmm.blank_links = blank;
        self
    }
}
