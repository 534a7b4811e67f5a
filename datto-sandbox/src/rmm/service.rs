//! The running service: the account, who may see it, and how often it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fleet::Account;
use super::limits::Limits;
use super::token::{self, Tokens};
use super::truth::RmmTruth;
use crate::calendar;
use crate::choice::DateForm;
use crate::config::Config;
use crate::random::Random;
use crate::sandbox::Sandbox;
use crate::settings::Settings;
use crate::state::Deed;
use axum::body::Bytes;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::{Value, json};

/// The RMM service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(super) config: Config,
    account: Mutex<Account>,
    tokens: Mutex<Tokens>,
    limits: Mutex<Limits>,
}

impl Service {
    pub(super) fn new(config: Config, account: Account) -> Self {
        let tokens = Tokens::new(config.rmm_key_pair.clone(), Random::new(config.seed, "rmm tokens"));
        Self {
            account: Mutex::new(account),
            tokens: Mutex::new(tokens),
            limits: Mutex::new(Limits::new(config.legacy_rate_limits, config.rate_limit, config.rate_window)),
            config,
        }
    }

    /// The pair of keys that is valid now.
    pub(crate) fn key(&self) -> (String, String) {
        self.tokens().key()
    }

    /// What is there now.
    pub(crate) fn truth(&self) -> RmmTruth {
        self.account().truth()
    }

    /// Whether a request is for this account: by its token, or by the key that it logs in with.
    pub(crate) fn claims(&self, parts: &Parts, body: &Bytes) -> bool {
        match bearer(parts) {
            Some(token) => self.tokens().knows(token),
            None => token::username(body).is_some_and(|username| username == self.key().0),
        }
    }

    /// The settings as they are now.
    pub(super) fn settings(&self) -> Arc<Settings> {
        self.config.live.get()
    }

    /// The wall clock of the service, in epoch milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        self.config.clock.now_ms()
    }

    /// A date of which nobody has seen how it is written.
    pub(super) fn unseen_date(&self, moment: i64) -> Value {
        match self.settings().unseen_dates {
            DateForm::Milliseconds => json!(moment),
            DateForm::Iso => json!(calendar::iso(moment)),
        }
    }

    /// The account. Never held across an await.
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn limits(&self) -> MutexGuard<'_, Limits> {
        let settings = self.settings();
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.follow(settings.legacy_rate_limits, settings.rate_limit, settings.rate_window);
        limits
    }
}

/// The token of a request.
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

impl Service {
    pub(crate) fn expire_tokens(&self) {
        self.tokens().forget();
    }

    pub(crate) fn reset_key(&self) -> (String, String) {
        self.tokens().reset_key()
    }

    pub(crate) fn fail_component(&self, uid: &str) {
        let mut account = self.account();
        for component in account.components.iter_mut().filter(|component| component.uid == uid) {
            component.fails = true;
        }
    }
}

impl Sandbox {
    /// Ends every RMM token at once, as an outage of the token store would.
    pub fn expire_tokens(&self) {
        let account = self.seen();
        account.rmm.expire_tokens();
        self.keep(&account, Deed::ExpireTokens);
    }

    /// Makes a new RMM key and secret key and gives them, as somebody would in the portal: the old pair and its tokens
    /// are dead at once.
    pub fn reset_rmm_key(&self) -> (String, String) {
        let account = self.seen();
        let pair = account.rmm.reset_key();
        self.keep(&account, Deed::ResetKey);
        pair
    }

    /// How many RMM tokens were handed out.
    pub fn logins(&self) -> u64 {
        self.seen().rmm.tokens().logins()
    }

    /// Counts `count` reads against the limit of the RMM account, as another program would.
    pub fn spend_reads(&self, count: usize) {
        let rmm = &self.seen().rmm;
        rmm.limits().spend_reads(count, rmm.config.clock.now());
    }

    /// Lets a component fail from now on, on every device. An unknown uid changes nothing.
    pub fn fail_component(&self, component_uid: &str) {
        let account = self.seen();
        account.rmm.fail_component(component_uid);
        self.keep(&account, Deed::FailComponent(component_uid.to_owned()));
    }

    /// The time on the clock of the services, in epoch milliseconds: the configured moment and the time since.
    pub fn now_ms(&self) -> i64 {
        self.seen().rmm.now_ms()
    }

    /// Tokio's time since the sandbox was started.
    pub fn uptime(&self) -> Duration {
        self.seen().rmm.config.clock.uptime()
    }
}
