//! The tables, their columns, and what a file is.

use std::fmt;

use clap::ValueEnum;
use datto_common::{ColumnKind, Columnar, Columns, Scalar};
use serde::{Deserialize, Serialize};

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum TableName {
    Devices,
    Sites,
    Alerts,
    AlertsResolved,
    Patches,
    Software,
    Activity,
    BackupRuns,
    Seats,
}

impl TableName {
    pub(crate) const ALL: [Self; 9] = [
        Self::Devices,
        Self::Sites,
        Self::Alerts,
        Self::AlertsResolved,
        Self::Patches,
        Self::Software,
        Self::Activity,
        Self::BackupRuns,
        Self::Seats,
    ];

    pub(crate) fn is_of_rmm(self) -> bool {
        !matches!(self, Self::BackupRuns | Self::Seats)
    }

    /// Whether it takes a call for each device.
    pub(crate) fn is_of_each_device(self) -> bool {
        matches!(self, Self::Patches | Self::Software)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Devices => "devices",
            Self::Sites => "sites",
            Self::Alerts => "alerts",
            Self::AlertsResolved => "alerts_resolved",
            Self::Patches => "patches",
            Self::Software => "software",
            Self::Activity => "activity",
            Self::BackupRuns => "backup_runs",
            Self::Seats => "seats",
        })
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Jsonl,
    Csv,
    Parquet,
}

impl Format {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Text,
    Bool,
    Int,
    Float,
    /// Milliseconds since 1970, UTC.
    Time,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

pub(crate) fn field(name: &str, kind: Kind) -> Field {
    Field { name: name.to_owned(), kind }
}

/// The columns that are put in front of those of a record, then its own; sensitive ones are left out.
pub(crate) fn fields<T: Columnar>(front: &[&str], columns: &Columns<T>) -> Vec<Field> {
    let own = columns.iter().map(|column| {
        let kind = match column.kind {
            ColumnKind::Bool => Kind::Bool,
            ColumnKind::Int => Kind::Int,
            ColumnKind::Float => Kind::Float,
            ColumnKind::Time => Kind::Time,
            _ => Kind::Text,
        };
        field(&column.name, kind)
    });
    front.iter().map(|name| field(name, Kind::Text)).chain(own).collect()
}

/// As a value of a staged row: what it is follows from the column.
pub(crate) fn value(scalar: Scalar) -> serde_json::Value {
    match scalar {
        Scalar::Text(text) => text.into(),
        Scalar::Bool(flag) => flag.into(),
        Scalar::Int(number) | Scalar::Time(number) => number.into(),
        Scalar::Float(number) => number.into(),
        _ => serde_json::Value::Null,
    }
}
