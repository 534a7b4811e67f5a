//! Reads the tables, page by page, into what is staged.

use std::future::Future;

use anyhow::Context as _;
use datto_bcdr::metrics::Snapshot;
use datto_bcdr::{BcdrClient, SeatsOrCounts};
use datto_common::{Columnar, Columns, ErrorKind, Listing, Measured, Verdict};
use datto_rmm::RmmClient;
use futures_util::{StreamExt as _, stream};
use indicatif::ProgressBar;
use serde_json::Value;

use crate::stage::{Run, Stage};
use crate::table::{Kind, TableName, field, fields, value};

/// After so many records or lists the reading is committed.
const RECORDS: u64 = 500;
const LISTS: usize = 20;

/// Where the records come from.
#[derive(Debug)]
pub(crate) struct Source {
    rmm: Option<RmmClient>,
    bcdr: Option<BcdrClient>,
    at_once: usize,
}

impl Source {
    pub(crate) fn new(rmm: Option<RmmClient>, bcdr: Option<BcdrClient>, at_once: usize) -> Self {
        Self { rmm, bcdr, at_once: at_once.clamp(1, 64) }
    }

    fn rmm(&self) -> anyhow::Result<&RmmClient> {
        self.rmm.as_ref().context("Datto RMM is not configured")
    }

    fn bcdr(&self) -> anyhow::Result<&BcdrClient> {
        self.bcdr.as_ref().context("Datto BCDR is not configured")
    }

    pub(crate) async fn read(
        &self,
        table: TableName,
        run: &Run,
        stage: &mut Stage,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        match table {
            TableName::Devices => list(self.rmm()?.devices().list(), stage, bar).await,
            TableName::Sites => list(self.rmm()?.sites().list(), stage, bar).await,
            TableName::Alerts => list(self.rmm()?.alerts().open(), stage, bar).await,
            TableName::AlertsResolved => list(self.rmm()?.alerts().resolved(), stage, bar).await,
            TableName::Activity => {
                let of_days = self.rmm()?.activity_logs().list().from(run.activity_from.clone());
                list(of_days.until(run.began.clone()).oldest_first(), stage, bar).await
            }
            TableName::Patches => {
                let devices = self.rmm()?.devices();
                self.of_each_device(run, |uid| devices.patches(uid), stage, bar).await
            }
            TableName::Software => {
                let audits = self.rmm()?.audits();
                self.of_each_device(run, |uid| audits.software(uid), stage, bar).await
            }
            TableName::BackupRuns => self.backup_runs(run, stage, bar).await,
            TableName::Seats => self.seats(stage, bar).await,
        }
    }

    /// A list for each computer. One that has none of it (it was never audited) has no rows; other devices have no agent that would tell.
    async fn of_each_device<L: Listing>(
        &self,
        run: &Run,
        list: impl Fn(&str) -> L,
        stage: &mut Stage,
        bar: &ProgressBar,
    ) -> anyhow::Result<()>
    where
        L::Record: Columnar,
    {
        let mut devices = Stage::of_table(run, TableName::Devices, ["uid", "hostname", "device_class"])?;
        devices.retain(|[.., class]| class == "device");
        let columns = Columns::new();
        stage.with_fields(fields(&["device_uid", "device_hostname"], &columns))?;
        let calls = devices.iter().enumerate().skip(stage.next()).map(|(place, [uid, name, _])| {
            let read = list(uid).collect_measured();
            async move { (place, [uid.as_str(), name.as_str()], read.await) }
        });
        each(calls, self.at_once, &columns, stage, bar).await
    }

    async fn seats(&self, stage: &mut Stage, bar: &ProgressBar) -> anyhow::Result<()> {
        let saas = self.bcdr()?.saas();
        let mut customers = saas.domains().await?;
        customers.sort_by_key(|customer| customer.saas_customer_id.to_string());
        customers.dedup_by_key(|customer| customer.saas_customer_id.to_string());
        let columns = Columns::new();
        stage.with_fields(fields(&["saas_customer_id", "saas_customer_name"], &columns))?;
        let names: Vec<[String; 2]> = customers
            .iter()
            .map(|customer| {
                [customer.saas_customer_id.to_string(), customer.client_name().unwrap_or_default().to_owned()]
            })
            .collect();
        let calls = names.iter().enumerate().skip(stage.next()).map(|(place, [id, name])| {
            let saas = &saas;
            async move {
                let seats = match saas.seats_or_counts(id.as_str()).await {
                    Ok(SeatsOrCounts::Exact(seats) | SeatsOrCounts::PerType(seats)) => Measured::Known(seats),
                    Ok(SeatsOrCounts::CountsOnly { listed, missing, .. }) => Measured::from_parts(listed, missing),
                    Ok(_) => Measured::unknown(datto_common::Cause::new(ErrorKind::Unsupported, "read in another way")),
                    Err(error) => Measured::unknown(error),
                };
                (place, [id.as_str(), name.as_str()], seats)
            }
        });
        // The service takes most of a minute for each.
        each(calls, 2, &columns, stage, bar).await
    }

    async fn backup_runs(&self, run: &Run, stage: &mut Stage, bar: &ProgressBar) -> anyhow::Result<()> {
        let text =
            ["asset_key", "serial_number", "asset", "client", "outcome", "message"].map(|name| field(name, Kind::Text));
        stage.with_fields(text.into_iter().chain([field("at", Kind::Time)]).collect())?;
        let snapshot = Snapshot::read(self.bcdr()?).await;
        let devices = match &snapshot.devices {
            Measured::Unknown { cause } => anyhow::bail!("{cause}"),
            devices => devices.value().into_iter().flatten(),
        };
        snapshot.devices.missing().iter().for_each(|missing| stage.lacks(missing.to_string()));
        for entry in devices {
            let serial = &entry.device.serial_number;
            if let Measured::Unknown { cause } = &entry.assets {
                stage.lacks(format!("assets of appliance {serial}: {cause}"));
            }
            entry.assets.missing().iter().for_each(|missing| stage.lacks(format!("appliance {serial}: {missing}")));
        }
        for run in snapshot.stored_runs(&run.began) {
            let outcome = serde_json::to_value(run.outcome)?;
            let values: [Value; 7] = [
                run.key.into(),
                run.serial_number.into(),
                run.asset.into(),
                run.client.into(),
                outcome,
                run.message.into(),
                run.at_ms.into(),
            ];
            stage.push(&values, 0)?;
            bar.inc(1);
        }
        stage.done()
    }
}

/// A list, from where an earlier run stood.
async fn list<L: Listing>(list: L, stage: &mut Stage, bar: &ProgressBar) -> anyhow::Result<()>
where
    L::Record: Columnar,
{
    let columns = Columns::<L::Record>::new();
    stage.with_fields(fields(&[], &columns))?;
    let mut records = list.concurrency(4).resume(stage.place()?).pager();
    while let Some(record) = records.next().await {
        match record {
            Ok(record) => {
                push(&columns, &[], &record, stage)?;
                bar.inc(1);
                if stage.rows().is_multiple_of(RECORDS) {
                    stage.commit(records.continuation().as_ref(), 0)?;
                }
            }
            Err(error) if error.record().is_some() => stage.lacks(error.to_string()),
            // The walk is over, and its pages do not fit together: what came is kept, and said to be not all.
            Err(error) if records.continuation().is_none() => stage.lacks(error.to_string()),
            Err(error) => {
                stage.commit(records.continuation().as_ref(), 0)?;
                return Err(error.into());
            }
        }
    }
    if let Verdict::Unproven = records.verdict() {
        records.look_again().await?;
    }
    match records.verdict() {
        Verdict::Complete => {}
        other if stage.facts_missing() == 0 => stage.lacks(format!("{other:?}")),
        _ => {}
    }
    stage.done()
}

/// Many short lists, in their order.
async fn each<'a, T: Columnar, F>(
    calls: impl Iterator<Item = F>,
    at_once: usize,
    columns: &Columns<T>,
    stage: &mut Stage,
    bar: &ProgressBar,
) -> anyhow::Result<()>
where
    F: Future<Output = (usize, [&'a str; 2], Measured<Vec<T>>)>,
{
    let mut answers = stream::iter(calls).buffered(at_once);
    while let Some((place, names, read)) = answers.next().await {
        match &read {
            Measured::Unknown { cause } if cause.kind == ErrorKind::NotFound => {}
            Measured::Unknown { cause } => stage.lacks(format!("{}: {cause}", names[1])),
            read => read.missing().iter().for_each(|missing| stage.lacks(format!("{}: {missing}", names[1]))),
        }
        for record in read.value().into_iter().flatten() {
            push(columns, &names, record, stage)?;
            bar.inc(1);
        }
        if (place + 1).is_multiple_of(LISTS) {
            stage.commit(None::<&()>, place + 1)?;
        }
    }
    stage.done()
}

fn push<T: Columnar>(columns: &Columns<T>, front: &[&str], record: &T, stage: &mut Stage) -> anyhow::Result<()> {
    let row = columns.row(record)?;
    let front = front.iter().map(|text| Value::from(*text));
    let values: Vec<Value> = front.chain(row.values.into_iter().map(value)).collect();
    stage.push(&values, row.odd)
}
