//! What a sandbox is made from.

use std::time::Duration;

use crate::bcdr::BcdrOptions;
use crate::rmm::RmmOptions;
use crate::workplace::WorkplaceOptions;

/// Everything the builder was told, and what was found out while starting.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) seed: u64,
    pub(crate) devices: usize,
    pub(crate) sites: Option<usize>,
    pub(crate) appliances: Option<usize>,
    pub(crate) saas_customers: Option<usize>,
    /// The wall clock at the start, in epoch milliseconds; from there tokio's clock counts on.
    pub(crate) now_ms: i64,
    pub(crate) latency: Duration,
    pub(crate) rmm_key: (String, String),
    pub(crate) bcdr_key: (String, String),
    pub(crate) workplace_key: (String, String),
    pub(crate) rmm_port: u16,
    pub(crate) bcdr_port: u16,
    pub(crate) workplace_port: u16,
    /// Origins (`http://127.0.0.1:PORT`) of the listeners, known once they are bound.
    pub(crate) origins: Origins,
    pub(crate) rmm: RmmOptions,
    pub(crate) bcdr: BcdrOptions,
    pub(crate) workplace: WorkplaceOptions,
}

/// Where the three listeners are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    pub(crate) rmm: String,
    pub(crate) bcdr: String,
    pub(crate) workplace: String,
}

impl Default for Config {
    fn default() -> Self {
        let pair = |key: &str, secret: &str| (key.to_owned(), secret.to_owned());
        Self {
            seed: 1,
            devices: 100,
            sites: None,
            appliances: None,
            saas_customers: None,
            now_ms: wall_clock(),
            latency: Duration::ZERO,
            rmm_key: pair("SANDBOXRMMKEY", "sandbox-rmm-secret"),
            bcdr_key: pair("sandbox-bcdr-public", "sandbox-bcdr-secret"),
            workplace_key: pair("sandbox-workplace-id", "sandbox-workplace-secret"),
            rmm_port: 0,
            bcdr_port: 0,
            workplace_port: 0,
            origins: Origins::default(),
            rmm: RmmOptions::default(),
            bcdr: BcdrOptions::default(),
            workplace: WorkplaceOptions::default(),
        }
    }
}

/// Epoch milliseconds. Only the dates in the data begin here; nothing waits by this clock.
fn wall_clock() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
