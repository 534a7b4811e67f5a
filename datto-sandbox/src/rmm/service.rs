//! The running service: the account, who may see it, and how often it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::fleet::Account;
use super::limits::Limits;
use super::token::Tokens;
use crate::config::Config;
use crate::random::Random;
use crate::sandbox::Sandbox;

/// The RMM service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(super) config: Config,
    started: Instant,
    account: Mutex<Account>,
    tokens: Mutex<Tokens>,
    limits: Mutex<Limits>,
}

impl Service {
    pub(super) fn new(config: Config, account: Account) -> Self {
        let tokens = Tokens::new(config.rmm_key.clone(), Random::new(config.seed, "rmm tokens"));
        Self {
            started: Instant::now(),
            account: Mutex::new(account),
            tokens: Mutex::new(tokens),
            limits: Mutex::new(Limits::new(config.rmm.legacy_rate_limits, config.rmm.rate_window)),
            config,
        }
    }

    /// The pair of keys that is valid now.
    pub(crate) fn key(&self) -> (String, String) {
        self.tokens().key()
    }

    /// The wall clock of the service: the configured moment and tokio's time since.
    pub(super) fn now_ms(&self) -> i64 {
        let since = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.config.now_ms.saturating_add(since)
    }

    /// When the service was started, in epoch milliseconds.
    pub(super) fn started_ms(&self) -> i64 {
        self.config.now_ms
    }

    /// The account. Never held across an await.
    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Ends every RMM token at once, as an outage of the token store would.
    pub fn expire_tokens(&self) {
        self.rmm_service().tokens().forget();
    }

    /// How many RMM tokens were handed out.
    pub fn logins(&self) -> u64 {
        self.rmm_service().tokens().logins()
    }

    /// Counts `count` reads against the limit of the RMM account, as another program would.
    pub fn spend_reads(&self, count: usize) {
        self.rmm_service().limits().spend_reads(count, Instant::now());
    }

    /// Lets a component fail from now on, on every device. An unknown uid changes nothing.
    pub fn fail_component(&self, component_uid: &str) {
        let mut account = self.rmm_service().account();
        for component in account.components.iter_mut().filter(|component| component.uid == component_uid) {
            component.fails = true;
        }
    }

    /// The time on the clock of the RMM service, in epoch milliseconds: the configured moment and tokio's time since.
    pub fn now_ms(&self) -> i64 {
        self.rmm_service().now_ms()
    }

    /// Tokio's time since the sandbox was started.
    pub fn uptime(&self) -> Duration {
        self.rmm_service().started.elapsed()
    }
}
