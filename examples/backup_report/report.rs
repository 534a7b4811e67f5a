//! What the report says. The rules are the library's.

use datto_bcdr::metrics::{
    AssetState, AssetVerdict, BackupHealth, BackupHistory, BackupPolicy, ClientSnapshot, OffsiteState, OffsiteVerdict,
    Snapshot, assess,
};
use datto_bcdr::{Asset, Cause, Device, Measured, Timestamp};
use serde::Serialize;

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) simulated: bool,
    pub(crate) fleet: Measured<BackupHealth>,
    pub(crate) clients: Measured<Vec<Client>>,
}

/// What the program ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fine,
    NotAllKnown,
    Failures,
}

/// One client and its machines.
#[derive(Debug, Serialize)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) health: Measured<BackupHealth>,
    pub(crate) machines: Vec<Machine>,
    /// Appliances whose machines could not be read, and why.
    pub(crate) unread: Vec<String>,
}

/// An agent or a share.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) appliance: String,
    pub(crate) name: String,
    /// How its backups stand; else why that cannot be told.
    pub(crate) state: Result<AssetState, Cause>,
    pub(crate) offsite: Result<OffsiteState, Cause>,
    pub(crate) last_success: Option<Timestamp>,
    pub(crate) last_failure: Option<Timestamp>,
    /// What the last failed run said.
    pub(crate) message: Option<String>,
    pub(crate) currently_failing: Option<bool>,
}

impl Report {
    pub(crate) fn new(simulated: bool, snapshot: &Snapshot, policy: &BackupPolicy, now: Timestamp) -> Self {
        let of = |part: ClientSnapshot<'_>| Client::new(&part, policy, &now);
        let clients = snapshot.clients().map(|parts| parts.into_iter().map(of).collect());
        Self { simulated, fleet: assess(snapshot, policy, &now), clients }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        let Some(health) = self.fleet.value() else { return Outcome::NotAllKnown };
        let figures = [&health.failed_backups, &health.never_backed_up, &health.offsite_old, &health.saas_failed];
        if figures.iter().any(|figure| figure.value().is_some_and(|figure| figure.value > 0)) {
            Outcome::Failures
        } else if figures.iter().all(|figure| figure.is_known()) && self.clients.is_known() {
            Outcome::Fine
        } else {
            Outcome::NotAllKnown
        }
    }
}

impl Client {
    fn new(part: &ClientSnapshot<'_>, policy: &BackupPolicy, now: &Timestamp) -> Self {
        let (mut machines, mut unread) = (Vec::new(), Vec::new());
        for entry in part.devices.value().into_iter().flatten() {
            let device = &entry.device;
            let assets = entry.assets.value().into_iter().flatten();
            machines.extend(assets.map(|asset| Machine::new(device, asset, policy, now)));
            if let Measured::Unknown { cause } = &entry.assets {
                unread.push(format!("{}: {cause}", device.serial_number));
            }
            unread.extend(entry.assets.missing().iter().map(|missing| format!("{}: {missing}", device.serial_number)));
        }
        let name = part.client.as_deref().unwrap_or("without a client");
        let name = match &part.reseller {
            Some(reseller) => format!("{name} ({reseller})"),
            None => name.to_owned(),
        };
        Self { name, health: part.assess(policy, now), machines, unread }
    }
}

impl Machine {
    fn new(device: &Device, asset: &Asset, policy: &BackupPolicy, now: &Timestamp) -> Self {
        let history = BackupHistory::of(asset);
        let (last_failure, message) = history.last_failure.map(|run| (run.at, run.message)).unzip();
        Self {
            appliance: device.name.clone().unwrap_or_else(|| device.serial_number.to_string()),
            name: asset.label().to_owned(),
            state: AssetVerdict::of(device, asset, policy, now).map(|verdict| verdict.state),
            offsite: OffsiteVerdict::of(device, asset, policy, now).map(|verdict| verdict.state),
            last_success: history.last_success,
            last_failure,
            message: message.flatten(),
            currently_failing: history.currently_failing,
        }
    }

    /// Whether anybody has to look at it.
    pub(crate) fn needs_a_look(&self) -> bool {
        let backed_up = matches!(self.state, Ok(AssetState::Fine | AssetState::Paused | AssetState::Archived));
        !backed_up || matches!(self.offsite, Ok(OffsiteState::Old | OffsiteState::Missing) | Err(_))
    }
}
