//! A small PSA: tickets in a file, found by the key of what they are about.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use datto_bcdr::{Desk, Incident, Measured, async_trait};
use datto_rmm::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ticket {
    number: usize,
    /// Who told: tickets of one source are closed by it alone.
    source: String,
    incident: Incident,
    open: bool,
    opened: Timestamp,
    closed: Option<Timestamp>,
}

#[derive(Debug)]
pub(crate) struct Psa {
    file: PathBuf,
    tickets: Mutex<Vec<Ticket>>,
}

impl Psa {
    pub(crate) fn open(file: &Path) -> anyhow::Result<Self> {
        let tickets = match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| file.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        Ok(Self { file: file.to_path_buf(), tickets: Mutex::new(tickets) })
    }

    fn tickets(&self) -> MutexGuard<'_, Vec<Ticket>> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count_open(&self) -> usize {
        self.tickets().iter().filter(|ticket| ticket.open).count()
    }

    /// The PSA as the sink of one source.
    pub(crate) fn of<'a>(&'a self, source: &'a str) -> Sink<'a> {
        Sink { psa: self, source }
    }

    /// Lets a desk know what is open already.
    pub(crate) async fn remind(&self, desk: &mut Desk) {
        let open: Vec<Ticket> = self.tickets().iter().filter(|ticket| ticket.open).cloned().collect();
        let mut sources: Vec<String> = open.iter().map(|ticket| ticket.source.clone()).collect();
        sources.dedup();
        for source in sources {
            let of_source = open.iter().filter(|ticket| ticket.source == source).map(|ticket| ticket.incident.clone());
            // To open what is open does nothing.
            desk.reconcile(&source, &Measured::Known(of_source.collect()), &self.of(&source)).await;
        }
    }

    /// Changes the tickets and keeps them, in one step.
    fn change(&self, change: impl FnOnce(&mut Vec<Ticket>) -> bool) -> anyhow::Result<()> {
        let mut tickets = self.tickets();
        let mut changed = tickets.clone();
        if change(&mut changed) {
            let beside = self.file.with_extension("new");
            std::fs::write(&beside, serde_json::to_vec_pretty(&changed)?)?;
            std::fs::rename(beside, &self.file)?;
            *tickets = changed;
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Sink<'a> {
    psa: &'a Psa,
    source: &'a str,
}

impl Sink<'_> {
    fn on_open(&self, key: &str, act: impl FnOnce(&mut Ticket)) -> anyhow::Result<()> {
        self.psa.change(|tickets| {
            let of_key =
                |ticket: &&mut Ticket| ticket.open && ticket.source == self.source && ticket.incident.key == key;
            tickets.iter_mut().find(of_key).map(act).is_some()
        })
    }
}

#[async_trait]
impl datto_bcdr::Sink for Sink<'_> {
    type Error = anyhow::Error;

    async fn open(&self, incident: &Incident) -> anyhow::Result<()> {
        self.psa.change(|tickets| {
            let is_it =
                |ticket: &Ticket| ticket.open && ticket.source == self.source && ticket.incident.key == incident.key;
            if tickets.iter().any(is_it) {
                return false;
            }
            tickets.push(Ticket {
                number: tickets.len() + 1,
                source: self.source.to_owned(),
                incident: incident.clone(),
                open: true,
                opened: Timestamp::now(),
                closed: None,
            });
            true
        })
    }

    async fn update(&self, incident: &Incident) -> anyhow::Result<()> {
        self.on_open(&incident.key, |ticket| ticket.incident = incident.clone())
    }

    async fn close(&self, key: &str) -> anyhow::Result<()> {
        self.on_open(key, |ticket| (ticket.open, ticket.closed) = (false, Some(Timestamp::now())))
    }
}
