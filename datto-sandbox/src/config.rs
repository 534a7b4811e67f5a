//! What a service is made from.

use std::ops::Deref;
use std::sync::Arc;

use crate::clock::Clock;
use crate::settings::{Live, Settings};

/// The settings at the start, and what they become; the clock and the address.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) settings: Arc<Settings>,
    pub(crate) live: Arc<Live>,
    pub(crate) clock: Arc<Clock>,
    /// The moment of the start, in epoch milliseconds.
    pub(crate) now_ms: i64,
    pub(crate) origins: Arc<Origins>,
}

/// Where the three listeners are (`http://127.0.0.1:PORT`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    pub(crate) rmm: String,
    pub(crate) bcdr: String,
    pub(crate) workplace: String,
}

impl Config {
    pub(crate) fn new(settings: Settings, clock: Arc<Clock>, origins: Arc<Origins>) -> Self {
        let live = Arc::new(Live::new(settings.clone()));
        Self { settings: Arc::new(settings), live, now_ms: clock.start_ms(), clock, origins }
    }
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}
