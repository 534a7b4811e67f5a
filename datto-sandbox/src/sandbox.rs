//! The sandbox.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::change::{Change, Refused};
use crate::fault::Fault;
use crate::journal::Entry;
use crate::schedule::When;
use crate::serve::Shared;
use crate::settings::Settings;
use crate::state::Deed;
use crate::truth::Truth;
use crate::world::{Account, Door, World};

/// Three running services, seen as one of their accounts: the first, unless [`account`](Self::account) has chosen
/// another. Clones are the same sandbox; it ends when the last of them is dropped.
#[derive(Debug, Clone)]
pub struct Sandbox {
    running: Arc<Running>,
    /// The name of the account; the first if not set.
    name: Option<String>,
}

/// What all accounts have in common.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) shared: Arc<Shared>,
    /// The listeners and where they are.
    pub(crate) doors: BTreeMap<Door, String>,
    pub(crate) control_url: Option<String>,
    pub(crate) root: Option<String>,
    /// To what a reset leads.
    pub(crate) beginning: Mutex<SandboxBuilder>,
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Sandbox {
    /// Begins a sandbox of 100 devices.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    pub(crate) fn of(running: Arc<Running>) -> Self {
        Self { running, name: None }
    }

    /// The account as which the sandbox is seen.
    pub(crate) fn seen(&self) -> Arc<Account> {
        Arc::clone(self.running.shared.world().account(self.name.as_deref()))
    }

    /// The RMM host, `http://127.0.0.1:PORT`; its API is under `/api`, its tokens under `/auth`.
    pub fn rmm_url(&self) -> String {
        self.seen().config.origins.rmm.clone()
    }

    /// The BCDR base, `http://127.0.0.1:PORT/v1`.
    pub fn bcdr_url(&self) -> String {
        format!("{}/v1", self.seen().config.origins.bcdr)
    }

    /// The Workplace endpoint of cell 2, `http://127.0.0.1:PORT/2/api/v1`.
    pub fn workplace_url(&self) -> String {
        format!("{}/2/api/v1", self.seen().config.origins.workplace)
    }

    /// The RMM API key and secret key that are valid now.
    pub fn rmm_key(&self) -> (String, String) {
        self.seen().rmm.key()
    }

    /// The BCDR public and secret key.
    pub fn bcdr_key(&self) -> (String, String) {
        self.seen().config.bcdr_key_pair.clone()
    }

    /// The Workplace client id and secret.
    pub fn workplace_key(&self) -> (String, String) {
        self.seen().config.workplace_key_pair.clone()
    }

    /// The variables from which the three clients, and programs built on them, take where to go and as whom:
    /// `DATTO_RMM_URL`, `DATTO_RMM_API_KEY` and so on. A program under test is started with
    /// `Command::new(…).envs(sandbox.environment())`.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let (rmm, bcdr, workplace) = (self.rmm_key(), self.bcdr_key(), self.workplace_key());
        vec![
            ("DATTO_RMM_URL", self.rmm_url()),
            ("DATTO_RMM_API_KEY", rmm.0),
            ("DATTO_RMM_API_SECRET", rmm.1),
            ("DATTO_BCDR_URL", self.bcdr_url()),
            ("DATTO_BCDR_PUBLIC_KEY", bcdr.0),
            ("DATTO_BCDR_SECRET_KEY", bcdr.1),
            ("DATTO_WORKPLACE_URL", self.workplace_url()),
            ("DATTO_WORKPLACE_CLIENT_ID", workplace.0),
            ("DATTO_WORKPLACE_CLIENT_SECRET", workplace.1),
        ]
    }

    /// What is really there now, whatever the faults and the keys let a client see.
    pub fn truth(&self) -> Truth {
        let account = self.seen();
        account.catch_up();
        Truth {
            rmm: account.rmm.truth(),
            bcdr: account.bcdr.truth(),
            workplace: account.workplace.truth(),
            links: account.links(),
        }
    }

    /// The same sandbox, seen as another of its accounts; `None` if there is none of this name. The first is `main`.
    pub fn account(&self, name: &str) -> Option<Self> {
        let known = self.accounts().iter().any(|known| known == name);
        known.then(|| Self { running: Arc::clone(&self.running), name: Some(name.to_owned()) })
    }

    /// The names of the accounts.
    pub fn accounts(&self) -> Vec<String> {
        self.running.shared.world().accounts().map(|account| account.name.clone()).collect()
    }

    /// The address of the control endpoint, if there is one.
    pub fn control_url(&self) -> Option<String> {
        self.running.control_url.clone()
    }

    /// The root certificate that a client has to trust, in PEM, where the sandbox serves HTTPS.
    pub fn root_certificate(&self) -> Option<String> {
        self.running.root.clone()
    }

    /// Begins anew: fleets, keys, settings, faults, plans and clock are what they were at the start, the journal is
    /// empty, and no token is valid. Addresses stay.
    ///
    /// # Errors
    /// If the state that is kept cannot be emptied.
    pub fn reset(&self) -> io::Result<()> {
        if let Some(state) = &self.running.shared.state {
            state.clear()?;
        }
        let beginning = lock(&self.running.beginning).clone();
        self.begin(beginning)
    }

    /// Begins anew as something else, to which [`reset`](Self::reset) leads from now on. Ports, and what else is the
    /// sandbox's as a whole, stay as they are; only the clock begins as the builder says.
    ///
    /// # Errors
    /// If two accounts have the same name or keys, an account is on a platform that there was none of at the start, or
    /// the sandbox keeps its state, which began as it did.
    pub fn reset_to(&self, beginning: SandboxBuilder) -> io::Result<()> {
        if self.running.shared.state.is_some() {
            let why = "what keeps its state (--state) begins anew as it did, and as nothing else";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        self.begin(beginning)
    }

    fn begin(&self, beginning: SandboxBuilder) -> io::Result<()> {
        let world = World::plant(&beginning, &self.running.doors)?;
        let shared = &self.running.shared;
        shared.faults.replace(beginning.faults.clone());
        *lock(&shared.world) = Arc::new(world);
        shared.journal.clear();
        *lock(&self.running.beginning) = beginning;
        Ok(())
    }

    /// Keeps what was done, where state is kept.
    pub(crate) fn keep(&self, account: &Account, deed: Deed) {
        if let Some(state) = &self.running.shared.state {
            state.keep(account, account.config.clock.passed_ms(), deed);
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.running.shared
    }

    /// Adds a fault to those already injected.
    pub fn inject(&self, fault: Fault) {
        self.running.shared.faults.inject(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.running.shared.faults.clear();
    }

    /// The requests so far, in the order of arrival. The oldest are dropped where there are more than
    /// [`journal_entries`](SandboxBuilder::journal_entries) and [`journal_bytes`](SandboxBuilder::journal_bytes) allow;
    /// the number of the first then tells how many.
    pub fn journal(&self) -> Vec<Entry> {
        self.running.shared.journal.entries()
    }

    /// Forgets the requests so far.
    pub fn clear_journal(&self) {
        self.running.shared.journal.clear();
    }

    /// Changes a setting of this account while it runs, by its name and its text as the program takes them:
    /// `sandbox.set("latency", "250ms")`.
    ///
    /// # Errors
    /// If there is no such setting, if it is read at the start alone, or if the text does not fit.
    pub fn set(&self, name: &str, text: &str) -> Result<(), Refused> {
        let account = self.seen();
        account.config.live.set(name, text)?;
        self.keep(&account, Deed::Set(name.to_owned(), text.to_owned()));
        Ok(())
    }

    /// Moves the clock of the services forward: tokens end, windows and jobs go on, and the data are later. Tokio's
    /// own clock stays where it is.
    pub fn forward(&self, by: Duration) {
        let account = self.seen();
        account.config.clock.forward(by);
        self.keep(&account, Deed::Forward);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a sandbox shall be. Every setter is optional.
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until it is started"]
pub struct SandboxBuilder {
    pub(crate) settings: Settings,
    pub(crate) events: Vec<(When, Change)>,
    pub(crate) accounts: Vec<(String, SandboxBuilder)>,
    pub(crate) faults: Vec<Fault>,
}

impl SandboxBuilder {
    /// Adds an account of all three products with keys, a platform, limits and fleets of its own. Keys that are not
    /// set end in its name. What belongs to the sandbox as a whole, such as the clock, is read from the first account.
    ///
    /// ```
    /// # async fn example() -> std::io::Result<()> {
    /// use datto_sandbox::Sandbox;
    ///
    /// let north = Sandbox::builder().devices(40).seed(2).platform("vidal");
    /// let sandbox = Sandbox::builder().devices(1_200).account("north", north).start().await?;
    /// let north = sandbox.account("north").ok_or(std::io::ErrorKind::NotFound)?;
    /// assert_ne!(north.rmm_url(), sandbox.rmm_url());
    /// assert_eq!(north.truth().rmm.total_devices, 40);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn account(mut self, name: impl Into<String>, account: Self) -> Self {
        self.accounts.push((name.into(), account));
        self
    }

    /// Injects a fault from the beginning.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}
