//! The report as text.

use std::fmt;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use datto_bcdr::Timestamp;
use datto_bcdr::metrics::{BackupHealth, Figure, Finding};
use datto_bcdr::{Cause, ErrorKind, Measured};

use crate::report::{Client, Machine, Report};

/// So many gaps are named; one cause often lies behind many.
const GAPS: usize = 3;

pub(crate) struct Text<'a> {
    pub(crate) report: &'a Report,
    pub(crate) all: bool,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for client in self.report.clients.value().into_iter().flatten() {
            self.client(f, client)?;
        }
        if let Some(health) = self.report.fleet.value() {
            writeln!(f, "Seen with this key: {}", health.visible)?;
        }
        writeln!(f, "All clients: {}", Sums(&self.report.fleet))?;
        gaps(f, &self.report.fleet)
    }
}

impl Text<'_> {
    fn client(&self, f: &mut fmt::Formatter<'_>, client: &Client) -> fmt::Result {
        writeln!(f, "{}: {}", client.name, Sums(&client.health))?;
        for offline in evidence(client, |health| &health.offline_appliances) {
            writeln!(f, "  {offline}")?;
        }
        let mut machines = client.machines.iter().filter(|machine| self.all || machine.needs_a_look()).peekable();
        if machines.peek().is_some() {
            let mut table = Table::new();
            table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_header(["appliance", "machine", "backups", "offsite", "last good", "last failed", "message"]);
            table.add_rows(machines.map(row));
            writeln!(f, "{table}")?;
        }
        for failed in evidence(client, |health| &health.saas_failed) {
            writeln!(f, "  {failed}")?;
        }
        for unread in &client.unread {
            writeln!(f, "  not read: {unread}")?;
        }
        writeln!(f)
    }
}

/// The objects that a figure of a client counts.
fn evidence(client: &Client, figure: fn(&BackupHealth) -> &Measured<Figure>) -> &[Finding] {
    client.health.value().and_then(|health| figure(health).value()).map_or(&[], |figure| &figure.evidence)
}

fn row(machine: &Machine) -> [String; 7] {
    [
        machine.appliance.clone(),
        machine.name.clone(),
        state(&machine.state),
        state(&machine.offsite),
        time(machine.last_success.as_ref()),
        time(machine.last_failure.as_ref()),
        machine.message.clone().unwrap_or_default(),
    ]
}

fn state<T: fmt::Display>(state: &Result<T, Cause>) -> String {
    state.as_ref().map_or_else(|cause| format!("unknown: {cause}"), T::to_string)
}

fn time(time: Option<&Timestamp>) -> String {
    time.map_or_else(|| "none listed".to_owned(), Timestamp::to_string)
}

/// "3 of 40 backups failed, 1 of 38 offsite copies old, 0 of 9 SaaS applications failed"
struct Sums<'a>(&'a Measured<BackupHealth>);

impl fmt::Display for Sums<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(health) = self.0.value() else { return write!(f, "nothing is known") };
        sum(f, &health.failed_backups, "backups failed")?;
        f.write_str(", ")?;
        sum(f, &health.offsite_old, "offsite copies old")?;
        f.write_str(", ")?;
        sum(f, &health.saas_failed, "SaaS applications failed")?;
        match health.never_backed_up.value() {
            Some(never) if never.value > 0 => write!(f, "; {} never backed up", health.never_backed_up),
            _ => Ok(()),
        }
    }
}

fn sum(f: &mut fmt::Formatter<'_>, figure: &Measured<Figure>, what: &str) -> fmt::Result {
    match figure {
        Measured::Unknown { cause } if cause.kind == ErrorKind::NoData => write!(f, "no {what} to count: {cause}"),
        Measured::Unknown { .. } => write!(f, "not known how many {what}"),
        Measured::Known(value) | Measured::Partial { value, .. } => write!(f, "{figure} of {} {what}", value.rests_on),
    }
}

fn gaps(f: &mut fmt::Formatter<'_>, fleet: &Measured<BackupHealth>) -> fmt::Result {
    if let Measured::Unknown { cause } = fleet {
        return writeln!(f, "  not known: {cause}");
    }
    for gap in fleet.missing().iter().take(GAPS) {
        writeln!(f, "  not known: {gap}")?;
    }
    match fleet.missing().len().checked_sub(GAPS).filter(|more| *more > 0) {
        Some(more) => writeln!(f, "  and {more} more"),
        None => Ok(()),
    }
}
