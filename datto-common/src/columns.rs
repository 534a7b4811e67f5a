//! Records as rows of named, typed columns: for tables, files of columns, and whoever analyses them.

use std::fmt::Write as _;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::{Field, Holds, Model};
use crate::{Error, ErrorKind, Result, Timestamp};

/// How deep records inside records become columns of their own; what lies deeper is JSON.
const DEEPEST: usize = 4;
/// The column for everything else: unknown members, and values that do not fit their column.
const EXTRA: &str = "extra";

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text; open enumerations and ids too.
    Text,
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A moment, in UTC.
    Time,
    /// A list or a map, as JSON text.
    Json,
}

/// A column of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name in snake case: that of the field, behind those of the records around it (`antivirus_antivirus_status`).
    pub name: String,
    /// Where it stands on the wire (`antivirus.antivirusStatus`).
    pub wire: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether its values are private (user-defined fields, variables). Such a column is left out unless it is named.
    pub sensitive: bool,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Scalar {
    /// The record does not say.
    Null,
    /// Of a text or JSON column.
    Text(String),
    /// Of a column of kind `Bool`.
    Bool(bool),
    /// Of a column of kind `Int`.
    Int(i64),
    /// Of a column of kind `Float`.
    Float(f64),
    /// Of a column of kind `Time`: milliseconds since 1970, UTC.
    Time(i64),
}

/// One record as values, in the order of the columns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// A value for each column.
    pub values: Vec<Scalar>,
    /// How many values did not fit their columns: they are null there, and as they came in the column `extra`.
    pub odd: usize,
}

/// How records of one kind become rows.
///
/// Each declared field is a column; records inside become columns of their own, lists JSON. The last column, `extra`, is a JSON object of what
/// the record holds besides, by its place on the wire. No value costs its row.
///
/// ```
/// # fn run<Device: datto_common::Columnar>(devices: Vec<Device>) -> datto_common::Result<()> {
/// use datto_common::Columns;
/// let columns = Columns::<Device>::new();
/// let mut table = columns.csv_header();
/// for device in &devices {
///     columns.csv_line(device, &mut table)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Columns<T> {
    all: Vec<Column>,
    chosen: Vec<usize>,
    records: PhantomData<fn(&T)>,
}

/// A record that can become a row: every record of the product crates.
pub trait Columnar: Model + Serialize {}

impl<T: Model + Serialize> Columnar for T {}

impl<T: Columnar> Columns<T> {
    /// All columns but the sensitive ones.
    pub fn new() -> Self {
        let mut all = Vec::new();
        collect(T::FIELDS, "", "", false, 0, &mut all);
        all.push(Column { name: EXTRA.to_owned(), wire: String::new(), kind: ColumnKind::Json, sensitive: false });
        let chosen = all.iter().enumerate().filter(|(_, column)| !column.sensitive).map(|(place, _)| place).collect();
        Self { all, chosen, records: PhantomData }
    }

    /// These columns alone, in this order; a sensitive one too, if it is named.
    ///
    /// # Errors
    /// `InvalidInput` if there is no such column.
    pub fn only<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Result<Self> {
        let place = |name: S| {
            let found = self.all.iter().position(|column| column.name == name.as_ref());
            found.ok_or_else(|| no_column(name.as_ref()))
        };
        self.chosen = names.into_iter().map(place).collect::<Result<_>>()?;
        Ok(self)
    }

    /// This sensitive column too.
    ///
    /// # Errors
    /// `InvalidInput` if there is no such column.
    pub fn with(mut self, name: &str) -> Result<Self> {
        let place = self.all.iter().position(|column| column.name == name).ok_or_else(|| no_column(name))?;
        if !self.chosen.contains(&place) {
            self.chosen.push(place);
            self.chosen.sort_unstable();
        }
        Ok(self)
    }

    /// Every column that there is, chosen or not.
    pub fn all(&self) -> &[Column] {
        &self.all
    }

    /// The chosen columns, in the order of a row.
    pub fn iter(&self) -> impl Iterator<Item = &Column> {
        self.chosen.iter().filter_map(|place| self.all.get(*place))
    }

    /// A record as values.
    ///
    /// # Errors
    /// `Internal` if the record cannot be written as JSON.
    pub fn row(&self, record: &T) -> Result<Row> {
        let mut whole = match serde_json::to_value(record) {
            Ok(Value::Object(members)) => members,
            Ok(_) => Map::new(),
            Err(error) => {
                return Err(Error::new(ErrorKind::Internal, "the record cannot be written").with_source(error));
            }
        };
        let mut values: Vec<Scalar> = Vec::with_capacity(self.all.len());
        let (mut extra, mut odd) = (Map::new(), 0);
        for column in self.all.iter().filter(|column| !column.wire.is_empty()) {
            let Some(value) = take(&mut whole, &column.wire) else {
                values.push(Scalar::Null);
                continue;
            };
            match scalar(column.kind, value) {
                Ok(value) => values.push(value),
                Err(value) => {
                    odd += 1;
                    values.push(Scalar::Null);
                    if !column.sensitive {
                        extra.insert(column.wire.clone(), value);
                    }
                }
            }
        }
        rest(whole, "", &mut extra);
        values.push(match extra.is_empty() {
            true => Scalar::Null,
            false => Scalar::Text(Value::Object(extra).to_string()),
        });
        let values = self.chosen.iter().map(|place| values.get(*place).cloned().unwrap_or(Scalar::Null)).collect();
        Ok(Row { values, odd })
    }

    /// The names of the columns as a line of CSV.
    pub fn csv_header(&self) -> String {
        let mut line = String::new();
        for (place, column) in self.iter().enumerate() {
            line.push_str(if place == 0 { "" } else { "," });
            quoted(&column.name, &mut line);
        }
        line.push('\n');
        line
    }

    /// Appends a record as a line of CSV (RFC 4180): null is empty, an empty text is `""`, a moment RFC 3339.
    ///
    /// # Errors
    /// As [`row`](Self::row).
    pub fn csv_line(&self, record: &T, out: &mut String) -> Result<()> {
        for (place, value) in self.row(record)?.values.into_iter().enumerate() {
            out.push_str(if place == 0 { "" } else { "," });
            match value {
                Scalar::Null => {}
                Scalar::Text(text) => quoted(&text, out),
                other => out.push_str(&other.to_string()),
            }
        }
        out.push('\n');
        Ok(())
    }

    /// Appends a record as a line of JSON, with all chosen columns.
    ///
    /// # Errors
    /// As [`row`](Self::row).
    pub fn json_line(&self, record: &T, out: &mut String) -> Result<()> {
        let row = self.row(record)?;
        let pairs = self.iter().zip(row.values).map(|(column, value)| {
            let value = match value {
                // A JSON column of a JSON line is JSON, not text about it.
                Scalar::Text(text) if column.kind == ColumnKind::Json => {
                    serde_json::from_str(&text).unwrap_or(text.into())
                }
                Scalar::Text(text) => Value::from(text),
                Scalar::Null => Value::Null,
                Scalar::Bool(value) => value.into(),
                Scalar::Int(value) => value.into(),
                Scalar::Float(value) => value.into(),
                time @ Scalar::Time(_) => time.to_string().into(),
            };
            (column.name.clone(), value)
        });
        let members: Map<String, Value> = pairs.collect();
        let _ = writeln!(out, "{}", Value::Object(members)); // writing to a text cannot fail
        Ok(())
    }
}

impl<T: Columnar> Default for Columns<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// As it stands in CSV, without quotes: nothing for null, a moment in RFC 3339.
impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Time(millis) => write!(f, "{}", Timestamp::from_millis(*millis)),
        }
    }
}

fn no_column(name: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("there is no column `{name}`"))
}

fn collect(fields: &[Field], name: &str, wire: &str, sensitive: bool, depth: usize, columns: &mut Vec<Column>) {
    for field in fields {
        let joined = |before: &str, mark: &str, own: &str| match before {
            "" => own.to_owned(),
            _ => format!("{before}{mark}{own}"),
        };
        let (name, wire) = (joined(name, "_", field.name), joined(wire, ".", &field.wire_name()));
        let sensitive = sensitive || field.sensitive;
        match field.holds {
            Holds::Record(fields) if depth < DEEPEST => {
                collect(fields(), &name, &wire, sensitive, depth + 1, columns);
            }
            Holds::Record(_) => columns.push(Column { name, wire, kind: ColumnKind::Json, sensitive }),
            Holds::Column(kind) => columns.push(Column { name, wire, kind, sensitive }),
        }
    }
}

/// Takes the value at this place out of the record; none where it is null.
fn take(members: &mut Map<String, Value>, wire: &str) -> Option<Value> {
    let value = match wire.split_once('.') {
        Some((first, rest)) => match members.get_mut(first)? {
            Value::Object(inner) => take(inner, rest),
            _ => None,
        },
        None => members.remove(wire),
    };
    value.filter(|value| !value.is_null())
}

/// What no column took, by its place on the wire.
fn rest(members: Map<String, Value>, before: &str, extra: &mut Map<String, Value>) {
    for (name, value) in members {
        match value {
            Value::Null => {}
            Value::Object(inner) if before.is_empty() && inner.is_empty() => {}
            Value::Object(inner) if is_emptied(&inner) => {}
            value => drop(extra.insert(format!("{before}{name}"), value)),
        }
    }
}

/// A record whose members all became columns.
fn is_emptied(members: &Map<String, Value>) -> bool {
    members.values().all(|value| value.is_null() || value.as_object().is_some_and(is_emptied))
}

/// The value as its column wants it; itself, if it does not fit.
fn scalar(kind: ColumnKind, value: Value) -> std::result::Result<Scalar, Value> {
    let scalar = match (kind, &value) {
        (ColumnKind::Text, Value::String(text)) => Some(Scalar::Text(text.clone())),
        (ColumnKind::Text, Value::Number(_) | Value::Bool(_)) => Some(Scalar::Text(value.to_string())),
        (ColumnKind::Bool, Value::Bool(value)) => Some(Scalar::Bool(*value)),
        // Flags as texts and numbers are kept as they came; here they are what they mean.
        (ColumnKind::Bool, Value::String(text)) => match text.as_str() {
            "1" | "true" => Some(Scalar::Bool(true)),
            "" | "0" | "false" => Some(Scalar::Bool(false)),
            _ => None,
        },
        (ColumnKind::Bool, Value::Number(number)) => match number.as_i64() {
            Some(0) => Some(Scalar::Bool(false)),
            Some(1) => Some(Scalar::Bool(true)),
            _ => None,
        },
        (ColumnKind::Int, Value::Number(number)) => number.as_i64().map(Scalar::Int),
        (ColumnKind::Float, Value::Number(number)) => number.as_f64().map(Scalar::Float),
        (ColumnKind::Time, Value::String(_) | Value::Number(_)) => {
            let moment: Option<Timestamp> = serde_json::from_value(value.clone()).ok();
            moment.and_then(|moment| moment.as_millis()).map(Scalar::Time)
        }
        (ColumnKind::Json, _) => Some(Scalar::Text(value.to_string())),
        _ => None,
    };
    scalar.ok_or(value)
}

/// Text in quotes where CSV needs them.
fn quoted(text: &str, out: &mut String) {
    let needs =
        text.is_empty() || text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
    if needs {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
#[allow(unreachable_pub, dead_code)] // the macros declare public items
mod tests {
    use super::*;
    use crate::Sensitive;

    crate::text_id! {
        /// An id for the tests.
        ThingUid;
    }

    crate::open_enum! {
        /// A state for the tests.
        pub enum State {
            /// On.
            On = "on",
        }
    }

    crate::model! {
        /// What is inside.
        pub struct Inner {
            /// How many.
            pub how_many: Option<i64>,
        }

        /// A thing.
        pub struct Thing {
            /// Its id.
            pub uid: ThingUid,
            /// Its state.
            pub state: Option<State>,
            /// Its share.
            pub share: Option<f64>,
            /// When it was seen.
            pub last_seen: Option<Timestamp>,
            /// What is inside.
            pub inner: Option<Inner>,
            /// Its names.
            pub names: Option<Vec<String>>,
            /// Its key.
            pub key: Option<Sensitive<String>>,
        }
    }

    fn thing(text: &str) -> Thing {
        serde_json::from_str(text).unwrap()
    }

    const WHOLE: &str = r#"{"uid":"a-1","state":"odd, \"new\"","share":0.5,"lastSeen":1787643495000,"inner":{"howMany":3,"fresh":1},
        "names":["x","y"],"key":"recovery-key","more":{"deep":true}}"#;

    #[test]
    fn fields_are_columns_and_what_is_new_is_in_the_last() {
        let columns = Columns::<Thing>::new();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["uid", "state", "share", "last_seen", "inner_how_many", "names", "extra"]);
        let row = columns.row(&thing(WHOLE)).unwrap();
        let text = |text: &str| Scalar::Text(text.to_owned());
        let extra = r#"{"inner":{"fresh":1},"more":{"deep":true}}"#;
        let values =
            [text("a-1"), text("odd, \"new\""), Scalar::Float(0.5), Scalar::Time(1_787_643_495_000), Scalar::Int(3)];
        assert_eq!(row.values[..5], values);
        assert_eq!(row.values[5..], [text(r#"["x","y"]"#), text(extra)]);
        assert_eq!(row.odd, 0);
    }

    #[test]
    fn a_private_value_is_written_where_it_is_named_alone() {
        let (columns, thing) = (Columns::<Thing>::new(), thing(WHOLE));
        let mut line = String::new();
        columns.json_line(&thing, &mut line).unwrap();
        columns.csv_line(&thing, &mut line).unwrap();
        assert!(!line.contains("recovery"), "{line}");
        let named = columns.clone().with("key").unwrap().row(&thing).unwrap();
        assert!(named.values.contains(&Scalar::Text("recovery-key".to_owned())));
        let error = columns.only(["uid", "nothing"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn an_odd_date_costs_itself() {
        let row = Columns::<Thing>::new().row(&thing(r#"{"uid":"a","lastSeen":"yesterday"}"#)).unwrap();
        assert_eq!(row.odd, 1);
        assert_eq!(row.values.last(), Some(&Scalar::Text(r#"{"lastSeen":"yesterday"}"#.to_owned())));
    }

    #[test]
    fn lines_are_read_back_as_they_were_meant() {
        let columns = Columns::<Thing>::new();
        let mut json = String::new();
        columns.json_line(&thing(WHOLE), &mut json).unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["names"][1], "y");
        assert_eq!(read["last_seen"], "2026-08-25T07:38:15Z");
        assert_eq!(read["extra"]["more"]["deep"], true);
        let mut csv = columns.csv_header();
        columns.csv_line(&thing(WHOLE), &mut csv).unwrap();
        assert_eq!(
            csv,
            "uid,state,share,last_seen,inner_how_many,names,extra\n\
             a-1,\"odd, \"\"new\"\"\",0.5,2026-08-25T07:38:15Z,3,\"[\"\"x\"\",\"\"y\"\"]\",\"{\"\"inner\"\":{\"\"fresh\"\":1},\"\"more\"\":{\"\"deep\"\":true}}\"\n"
        );
        let mut empty = String::new();
        columns.csv_line(&thing(r#"{"state":""}"#), &mut empty).unwrap();
        assert_eq!(empty, ",\"\",,,,,\n");
    }
}
