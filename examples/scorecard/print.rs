//! The scorecard as text.

use std::fmt;

use datto_rmm::{ErrorKind, Measured};

use crate::rows::{Counted, Number, Row, Scorecard, State};

pub(crate) struct Text<'a> {
    pub(crate) scorecard: &'a Scorecard,
    pub(crate) details: bool,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.scorecard.rows.iter().map(|row| row.title.len()).max().unwrap_or(0);
        for row in &self.scorecard.rows {
            write!(f, "{:width$}  ", row.title)?;
            line(f, row)?;
            if self.details {
                for object in evidence(row) {
                    writeln!(f, "    {object}")?;
                }
            }
        }
        for seen in &self.scorecard.seen {
            writeln!(f, "Seen with the key of {}: {}", seen.product, seen.what)?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    match &row.state {
        State::NotConfigured { how } => writeln!(f, "not configured ({how})"),
        State::Measured(Measured::Unknown { cause }) if cause.kind == ErrorKind::NoData => {
            writeln!(f, "nothing to judge: {cause}")
        }
        State::Measured(Measured::Unknown { cause }) => writeln!(f, "unknown: {cause}"),
        State::Measured(Measured::Known(counted)) => writeln!(f, "{}", Sum { at_least: "", counted, of: row.of }),
        State::Measured(Measured::Partial { value, missing }) => {
            writeln!(f, "{}", Sum { at_least: "at least ", counted: value, of: row.of })?;
            // One cause often lies behind many gaps: the first few tell enough.
            for gap in missing.iter().take(3) {
                writeln!(f, "    not known: {gap}")?;
            }
            if missing.len() > 3 {
                writeln!(f, "    and {} more", missing.len() - 3)?;
            }
            Ok(())
        }
    }
}

/// "at least 12, of 340 devices (7 more report nothing)"
struct Sum<'a> {
    at_least: &'static str,
    counted: &'a Counted,
    of: &'static str,
}

impl fmt::Display for Sum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at_least, counted, of } = self;
        let figure = match &counted.figure {
            Number::One(value) => value.to_string(),
            Number::Several(values) => {
                values.iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" / ")
            }
        };
        write!(f, "{:>14}  of {} {of}", format!("{at_least}{figure}"), counted.rests_on)?;
        if counted.silent > 0 {
            write!(f, " ({} more report nothing)", counted.silent)?;
        }
        if let Some(note) = &counted.note {
            write!(f, " ({note})")?;
        }
        Ok(())
    }
}

fn evidence(row: &Row) -> &[String] {
    match &row.state {
        State::Measured(Measured::Known(counted) | Measured::Partial { value: counted, .. }) => &counted.evidence,
        _ => &[],
    }
}
