//! Makes a file of what is staged, row by row: memory stays the same whatever the size.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use datto_bcdr::Timestamp;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value};

use crate::stage::{Facts, Stage};
use crate::table::{Field, Format, Kind};

/// Rows of one batch.
const BATCH: usize = 8_192;

/// Writes the staged rows as a file, and returns where it lies.
pub(crate) fn file(stage: &Stage, format: Format, facts: &Facts) -> anyhow::Result<PathBuf> {
    let path = stage.beside(format.extension());
    match format {
        Format::Jsonl => json_lines(stage, &path)?,
        Format::Csv => csv(stage, &path)?,
        Format::Parquet => parquet(stage, &path, facts)?,
    }
    Ok(path)
}

/// A moment as people and other programs read it.
fn shown(field: &Field, value: Value) -> Value {
    match (field.kind, value.as_i64()) {
        (Kind::Time, Some(millis)) => Timestamp::from_millis(millis).to_string().into(),
        _ => value,
    }
}

fn json_lines(stage: &Stage, path: &PathBuf) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    for row in stage.each()? {
        let members = stage.fields().iter().zip(row?).map(|(field, value)| (field.name.clone(), shown(field, value)));
        serde_json::to_writer(&mut out, &members.collect::<Map<_, _>>())?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn csv(stage: &Stage, path: &PathBuf) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let names: Vec<&str> = stage.fields().iter().map(|field| field.name.as_str()).collect();
    writeln!(out, "{}", names.join(","))?;
    for row in stage.each()? {
        let cells = stage.fields().iter().zip(row?).map(|(field, value)| match shown(field, value) {
            Value::Null => String::new(),
            Value::String(text) => quoted(&text),
            other => other.to_string(),
        });
        writeln!(out, "{}", cells.collect::<Vec<_>>().join(","))?;
    }
    Ok(out.flush()?)
}

/// RFC 4180; an empty text is `""`, so that it is not taken for nothing.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains([',', '"', '\n', '\r']) && text.trim() == text;
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

fn parquet(stage: &Stage, path: &PathBuf, facts: &Facts) -> anyhow::Result<()> {
    let fields: Vec<ArrowField> =
        stage.fields().iter().map(|field| ArrowField::new(&field.name, arrow_type(field.kind), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(metadata(facts)?))
        .set_max_row_group_row_count(Some(BATCH * 8))
        .build();
    let mut writer = ArrowWriter::try_new(BufWriter::new(File::create(path)?), Arc::clone(&schema), Some(properties))?;
    let (mut columns, mut rows) = (builders(stage), 0);
    for row in stage.each()? {
        columns.iter_mut().zip(row?).for_each(|(column, value)| column.push(&value));
        rows += 1;
        if rows == BATCH {
            writer.write(&batch(&schema, &mut columns)?)?;
            rows = 0;
        }
    }
    if rows > 0 {
        writer.write(&batch(&schema, &mut columns)?)?;
    }
    writer.close()?;
    Ok(())
}

fn batch(schema: &Arc<Schema>, columns: &mut [Column]) -> anyhow::Result<RecordBatch> {
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.iter_mut().map(Column::finish).collect())?)
}

fn metadata(facts: &Facts) -> anyhow::Result<Vec<KeyValue>> {
    let entry = |name: &str, value: String| KeyValue::new(format!("datto.{name}"), value);
    Ok(vec![
        entry("complete", facts.complete.to_string()),
        entry("missing", serde_json::to_string(&facts.missing)?),
        entry("observed_at", facts.observed_at.clone()),
        entry("odd_values", facts.odd_values.to_string()),
    ])
}

fn arrow_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Bool => DataType::Boolean,
        Kind::Int => DataType::Int64,
        Kind::Float => DataType::Float64,
        // Of the spellings of UTC the one that every engine reads.
        Kind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("+00:00".into())),
    }
}

/// A column of the batch in the making.
enum Column {
    Text(StringBuilder),
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Time(TimestampMillisecondBuilder),
}

fn builders(stage: &Stage) -> Vec<Column> {
    let of = |field: &Field| match field.kind {
        Kind::Text => Column::Text(StringBuilder::new()),
        Kind::Bool => Column::Bool(BooleanBuilder::new()),
        Kind::Int => Column::Int(Int64Builder::new()),
        Kind::Float => Column::Float(Float64Builder::new()),
        Kind::Time => Column::Time(TimestampMillisecondBuilder::new().with_timezone("+00:00")),
    };
    stage.fields().iter().map(of).collect()
}

impl Column {
    fn push(&mut self, value: &Value) {
        match self {
            Self::Text(column) => column.append_option(value.as_str()),
            Self::Bool(column) => column.append_option(value.as_bool()),
            Self::Int(column) => column.append_option(value.as_i64()),
            Self::Float(column) => column.append_option(value.as_f64()),
            Self::Time(column) => column.append_option(value.as_i64()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Float(column) => Arc::new(column.finish()),
            Self::Time(column) => Arc::new(column.finish()),
        }
    }
}
