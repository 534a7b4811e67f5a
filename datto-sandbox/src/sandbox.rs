//! The sandbox and its builder.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::config::{Config, Origins};
use crate::fault::{Fault, Faults, Product};
use crate::journal::{Entry, Journal};
use crate::serve::{self, Shared};
use crate::truth::Truth;
use crate::{bcdr, rmm, workplace};

/// Three running services. Clones are the same sandbox; it ends when the last of them is dropped.
#[derive(Debug, Clone)]
pub struct Sandbox {
    running: Arc<Running>,
}

#[derive(Debug)]
struct Running {
    config: Config,
    truth: Truth,
    shared: Arc<Shared>,
    rmm: Arc<rmm::Service>,
    workplace: Arc<workplace::Service>,
    listeners: Vec<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

impl Sandbox {
    /// Begins a sandbox of 100 devices.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder { config: Config::default() }
    }

    /// The RMM host, `http://127.0.0.1:PORT`; its API is under `/api`, its tokens under `/auth`.
    pub fn rmm_url(&self) -> String {
        self.running.config.origins.rmm.clone()
    }

    /// The BCDR base, `http://127.0.0.1:PORT/v1`.
    pub fn bcdr_url(&self) -> String {
        format!("{}/v1", self.running.config.origins.bcdr)
    }

    /// The Workplace endpoint of cell 2, `http://127.0.0.1:PORT/2/api/v1`.
    pub fn workplace_url(&self) -> String {
        format!("{}/2/api/v1", self.running.config.origins.workplace)
    }

    /// The RMM API key and secret key that are valid now.
    pub fn rmm_key(&self) -> (String, String) {
        self.running.rmm.key()
    }

    /// The BCDR public and secret key.
    pub fn bcdr_key(&self) -> (String, String) {
        self.running.config.bcdr_key.clone()
    }

    /// The Workplace client id and secret.
    pub fn workplace_key(&self) -> (String, String) {
        self.running.config.workplace_key.clone()
    }

    /// What was planted.
    pub fn truth(&self) -> Truth {
        self.running.truth.clone()
    }

    /// Adds a fault to those already injected.
    pub fn inject(&self, fault: Fault) {
        self.running.shared.faults.inject(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.running.shared.faults.clear();
    }

    /// Every request so far, in the order of arrival.
    pub fn journal(&self) -> Vec<Entry> {
        self.running.shared.journal.entries()
    }

    /// Forgets the requests so far.
    pub fn clear_journal(&self) {
        self.running.shared.journal.clear();
    }

    pub(crate) fn rmm_service(&self) -> &rmm::Service {
        &self.running.rmm
    }

    pub(crate) fn workplace_service(&self) -> &workplace::Service {
        &self.running.workplace
    }
}

/// What a sandbox shall be. Every setter is optional.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct SandboxBuilder {
    pub(crate) config: Config,
}

impl SandboxBuilder {
    /// How many devices the RMM account has, those in the site "Deleted Devices" included. 100 if not set.
    pub fn devices(mut self, count: usize) -> Self {
        self.config.devices = count;
        self
    }

    /// From what the fleets are made. 1 if not set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// How many sites of customers the RMM account has, besides the three of the system. By the number of devices if
    /// not set.
    pub fn sites(mut self, count: usize) -> Self {
        self.config.sites = Some(count);
        self
    }

    /// How many BCDR appliances there are.
    pub fn appliances(mut self, count: usize) -> Self {
        self.config.appliances = Some(count);
        self
    }

    /// How many customers of SaaS Protection there are.
    pub fn saas_customers(mut self, count: usize) -> Self {
        self.config.saas_customers = Some(count);
        self
    }

    /// The port of the RMM service; any free one if not set.
    pub fn rmm_port(mut self, port: u16) -> Self {
        self.config.rmm_port = port;
        self
    }

    /// The port of the BCDR service; any free one if not set.
    pub fn bcdr_port(mut self, port: u16) -> Self {
        self.config.bcdr_port = port;
        self
    }

    /// The port of the Workplace service; any free one if not set.
    pub fn workplace_port(mut self, port: u16) -> Self {
        self.config.workplace_port = port;
        self
    }

    /// The moment, in epoch milliseconds, at which the sandbox starts and by which its data is dated. The wall clock's
    /// if not set.
    pub fn now_ms(mut self, milliseconds: i64) -> Self {
        self.config.now_ms = milliseconds;
        self
    }

    /// How long every request waits before it is carried out. Nothing if not set.
    pub fn latency(mut self, wait: Duration) -> Self {
        self.config.latency = wait;
        self
    }

    /// Opens the listeners on the loopback address and spawns their tasks on the caller's runtime.
    ///
    /// # Errors
    /// If a port or a folder for temporary files cannot be had.
    pub async fn start(self) -> std::io::Result<Sandbox> {
        let mut config = self.config;
        let (rmm_listener, rmm_origin) = bind(config.rmm_port).await?;
        let (bcdr_listener, bcdr_origin) = bind(config.bcdr_port).await?;
        let (workplace_listener, workplace_origin) = bind(config.workplace_port).await?;
        config.origins = Origins { rmm: rmm_origin, bcdr: bcdr_origin, workplace: workplace_origin };

        let (rmm_router, rmm, rmm_truth) = rmm::build(&config);
        let (bcdr_router, bcdr_truth) = bcdr::build(&config);
        let (workplace_router, workplace, workplace_truth) = workplace::build(&config)?;
        let truth = Truth { rmm: rmm_truth, bcdr: bcdr_truth, workplace: workplace_truth };

        let shared = Arc::new(Shared {
            faults: Faults::default(),
            journal: Journal::default(),
            latency: config.latency,
            started: Instant::now(),
            started_ms: config.now_ms,
        });
        let listeners = vec![
            serve::spawn(rmm_listener, Product::Rmm, rmm_router, Arc::clone(&shared)),
            serve::spawn(bcdr_listener, Product::Bcdr, bcdr_router, Arc::clone(&shared)),
            serve::spawn(workplace_listener, Product::Workplace, workplace_router, Arc::clone(&shared)),
        ];
        Ok(Sandbox { running: Arc::new(Running { config, truth, shared, rmm, workplace, listeners }) })
    }
}

async fn bind(port: u16) -> std::io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    Ok((listener, origin))
}
