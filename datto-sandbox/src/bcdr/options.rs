//! What a test can switch on in the BCDR service.

use std::time::Duration;

use crate::sandbox::SandboxBuilder;

/// What the key pair of the BCDR service may see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyScope {
    /// Everything.
    #[default]
    Full,
    /// Tied to a vendor: every SaaS call answers 401, all else works (observed).
    Vendor,
    /// Tied to the client of [`BcdrTruth::one_client`](crate::BcdrTruth::one_client): lists are filtered without a word (official).
    OneClient,
    /// Valid, but without the scope: 403 on every call (observed).
    Missing,
}

/// The shape of the answer to a bulk seat change: which one the service sends is not settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BulkAnswer {
    /// One object (official).
    #[default]
    Object,
    /// An array of one object (guess).
    Array,
    /// No text at all (observed).
    Empty,
}

/// The switches of the BCDR service; the default is the service as it was observed.
#[derive(Debug, Clone)]
pub struct BcdrOptions {
    pub(crate) index_keyed_assets: bool,
    pub(crate) detailed_backup_stats: bool,
    pub(crate) seats_limit: Option<usize>,
    pub(crate) bulk_percent: u8,
    pub(crate) bulk_answer: BulkAnswer,
    pub(crate) budget: Option<u64>,
    pub(crate) key_scope: KeyScope,
    pub(crate) saas_latency: Duration,
}

impl Default for BcdrOptions {
    fn default() -> Self {
        Self {
            index_keyed_assets: false,
            detailed_backup_stats: false,
            seats_limit: None,
            bulk_percent: 100,
            bulk_answer: BulkAnswer::Object,
            budget: None,
            key_scope: KeyScope::Full,
            saas_latency: Duration::ZERO,
        }
    }
}

impl SandboxBuilder {
    /// Sends the assets of every appliance as an object keyed by index; without it, only some appliances do so.
    pub fn index_keyed_assets(mut self, on: bool) -> Self {
        self.config.bcdr.index_keyed_assets = on;
        self
    }

    /// Serves `detailedBackupStats`, which most accounts answer with 404.
    pub fn detailed_backup_stats(mut self, on: bool) -> Self {
        self.config.bcdr.detailed_backup_stats = on;
        self
    }

    /// Lets a list of more than `limit` seats time out with 504, unless it is filtered to one seat type.
    pub fn seats_time_out_above(mut self, limit: usize) -> Self {
        self.config.bcdr.seats_limit = Some(limit);
        self
    }

    /// Changes only this share of the seats of a bulk change, at least one, though it answers 200.
    pub fn bulk_change_percent(mut self, percent: u8) -> Self {
        self.config.bcdr.bulk_percent = percent;
        self
    }

    /// Chooses the shape of the answer to a bulk seat change.
    pub fn bulk_answer(mut self, answer: BulkAnswer) -> Self {
        self.config.bcdr.bulk_answer = answer;
        self
    }

    /// Refuses calls with 429 once this much of the budget is used, until an hour has passed.
    pub fn bcdr_budget(mut self, calls: u64) -> Self {
        self.config.bcdr.budget = Some(calls);
        self
    }

    /// Restricts what the BCDR key pair may see.
    pub fn bcdr_key_scope(mut self, scope: KeyScope) -> Self {
        self.config.bcdr.key_scope = scope;
        self
    }

    /// Makes every SaaS call take this long.
    pub fn saas_latency(mut self, latency: Duration) -> Self {
        self.config.bcdr.saas_latency = latency;
        self
    }
}
