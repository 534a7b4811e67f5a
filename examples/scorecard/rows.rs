//! The rows of the scorecard: what each figure is, and how much of it is known. The rules are the libraries'.

use datto_bcdr::metrics::BackupHealth;
use datto_rmm::metrics::FleetSummary;
use datto_rmm::{Cause, Measured, Timestamp};
use serde::Serialize;

/// What came of asking a product.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// It was asked.
    Measured(Measured<T>),
    /// There are no credentials for it; this is how to give some.
    NotConfigured(&'static str),
}

impl<T> Answer<T> {
    pub(crate) fn unknown(cause: Cause) -> Self {
        Self::Measured(Measured::unknown(cause))
    }

    /// What was read.
    fn value(&self) -> Option<&T> {
        match self {
            Self::Measured(measured) => measured.value(),
            Self::NotConfigured(_) => None,
        }
    }

    /// A row from one figure of the answer.
    fn row(
        &self,
        id: &'static str,
        title: &'static str,
        of: &'static str,
        figure: impl FnOnce(&T) -> Measured<Counted>,
    ) -> Row {
        let state = match self {
            Self::NotConfigured(how) => State::NotConfigured { how },
            Self::Measured(Measured::Unknown { cause }) => State::Measured(Measured::Unknown { cause: cause.clone() }),
            // What the whole answer lacks, each figure says for itself.
            Self::Measured(Measured::Known(value) | Measured::Partial { value, .. }) => State::Measured(figure(value)),
        };
        Row { id, title, of, state }
    }
}

/// A count and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Counted {
    /// The figure, or one for each name.
    pub(crate) figure: Number,
    /// How many objects it rests on.
    pub(crate) rests_on: u64,
    /// How many objects tell nothing about it.
    pub(crate) silent: u64,
    /// What else belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// Which objects it counts.
    pub(crate) evidence: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Number {
    One(u64),
    Several(Vec<(&'static str, u64)>),
}

/// One line of the scorecard.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What is counted, in the plural.
    pub(crate) of: &'static str,
    #[serde(flatten)]
    pub(crate) state: State,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum State {
    Measured(Measured<Counted>),
    NotConfigured {
        #[serde(rename = "not_configured")]
        how: &'static str,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Scorecard {
    pub(crate) simulated: bool,
    pub(crate) as_of: Timestamp,
    /// How much each key sees: a figure over nothing has its reason here.
    pub(crate) seen: Vec<Seen>,
    pub(crate) rows: Vec<Row>,
}

/// How much the key of a product sees.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) product: &'static str,
    /// In words.
    pub(crate) what: String,
}

impl Scorecard {
    pub(crate) fn new(simulated: bool, fleet: &Answer<FleetSummary>, backups: &Answer<BackupHealth>) -> Self {
        let rows = vec![
            backups.row("backups_failed", "BCDR backups failed for more than 48 hours", "agents and shares", failed),
            backups.row(
                "offsite_old",
                "Offsite copies (continuity) older than 7 days",
                "agents and shares",
                |health| backup(&health.offsite_old),
            ),
            backups.row("saas_failed", "SaaS backups failed for more than 48 hours", "applications", |health| {
                backup(&health.saas_failed)
            }),
            fleet.row("patches_missing", "Devices missing more than 5 patches", "devices", |fleet| {
                device(&fleet.patches.missing_patches)
            }),
            fleet.row("windows_totals", "Windows 7 / 10 / 11 devices", "devices", windows),
            fleet.row("antivirus_missing", "Devices without hosted antivirus", "devices", |fleet| {
                device(&fleet.antivirus.without_hosted)
            }),
        ];
        let fleet = fleet
            .value()
            .map(|fleet| Seen { product: "RMM", what: format!("{} sites, {} devices", fleet.sites, fleet.devices) });
        let backups = backups.value().map(|health| Seen { product: "BCDR, SaaS", what: health.visible.to_string() });
        Self { simulated, as_of: Timestamp::now(), seen: fleet.into_iter().chain(backups).collect(), rows }
    }

    /// Whether every figure that was asked for is whole.
    pub(crate) fn is_known(&self) -> bool {
        self.rows.iter().all(|row| match &row.state {
            State::Measured(measured) => measured.is_known(),
            State::NotConfigured { .. } => true,
        })
    }
}

/// Those that were never backed up have not failed; they are not fine either.
fn failed(health: &BackupHealth) -> Measured<Counted> {
    let never = match &health.never_backed_up {
        Measured::Known(never) if never.value == 0 => None,
        never => Some(format!("never backed up: {never}")),
    };
    backup(&health.failed_backups).map(|failed| Counted { note: never, ..failed })
}

fn backup(figure: &Measured<datto_bcdr::metrics::Figure>) -> Measured<Counted> {
    figure.as_ref().map(|figure| Counted {
        figure: Number::One(figure.value),
        rests_on: figure.rests_on,
        silent: 0,
        note: None,
        evidence: figure.evidence.iter().map(ToString::to_string).collect(),
    })
}

fn device(figure: &Measured<datto_rmm::metrics::Figure>) -> Measured<Counted> {
    figure.as_ref().map(|figure| counted(Number::One(figure.value), figure, &[figure]))
}

/// Three figures over the same devices in one row: known as far as all three are.
fn windows(fleet: &FleetSummary) -> Measured<Counted> {
    let windows = &fleet.windows;
    let (seven, ten, eleven) = match (&windows.windows_7, &windows.windows_10, &windows.windows_11) {
        (Measured::Unknown { cause }, _, _)
        | (_, Measured::Unknown { cause }, _)
        | (_, _, Measured::Unknown { cause }) => return Measured::unknown(cause.clone()),
        (seven, ten, eleven) => (seven, ten, eleven),
    };
    let figures: Vec<_> = [seven, ten, eleven].into_iter().filter_map(Measured::value).collect();
    let [a, b, c] = figures.as_slice() else {
        return Measured::unknown(Cause::new(datto_rmm::ErrorKind::Internal, "a figure is lacking"));
    };
    let number = Number::Several(vec![("Windows 7", a.value), ("Windows 10", b.value), ("Windows 11", c.value)]);
    Measured::from_parts(counted(number, a, &figures), seven.missing().to_vec())
}

fn counted(figure: Number, base: &datto_rmm::metrics::Figure, all: &[&datto_rmm::metrics::Figure]) -> Counted {
    let evidence = all.iter().flat_map(|figure| &figure.evidence);
    let evidence = evidence.map(|device| {
        let (site, host) =
            (device.site_name.as_deref().unwrap_or("no site"), device.hostname.as_deref().unwrap_or("no name"));
        format!("{site}, {host} ({}): {}", device.device_uid, device.what)
    });
    Counted { figure, rests_on: base.rests_on, silent: base.silent, note: None, evidence: evidence.collect() }
}
