//! One account: its clients, and a round over all its lists.

use std::sync::Arc;

use datto_bcdr::{BcdrClient, BcdrClientBuilder};
use datto_common::{Batch, Listing, Measured, Reading, Timestamp, Verdict};
use datto_examples::say;
use datto_rmm::{RmmClient, RmmClientBuilder};
use serde::{Deserialize, Serialize};

use crate::database::{Database, Written};
use crate::meters::Meters;
use crate::{jobs, tickets};

/// So many records are committed together. The place that is written with them grows with the list, by six bytes a record.
const BATCH: usize = 500;
/// More than so many percent gone at once is doubted. Alerts come and go.
const LIKELY: i64 = 10;
const ALL: i64 = 100;

/// Where an account is, and its keys.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    name: String,
    rmm_url: Option<String>,
    rmm_key: Option<String>,
    rmm_secret: Option<String>,
    bcdr_url: Option<String>,
    bcdr_public_key: Option<String>,
    bcdr_secret_key: Option<String>,
}

impl Settings {
    pub(crate) fn of(name: &str, settings: &datto_examples::settings::Settings) -> Self {
        Self {
            name: name.to_owned(),
            rmm_url: settings.get("DATTO_RMM_URL"),
            rmm_key: settings.get("DATTO_RMM_API_KEY"),
            rmm_secret: settings.get("DATTO_RMM_API_SECRET"),
            bcdr_url: settings.get("DATTO_BCDR_URL"),
            bcdr_public_key: settings.get("DATTO_BCDR_PUBLIC_KEY"),
            bcdr_secret_key: settings.get("DATTO_BCDR_SECRET_KEY"),
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        match name {
            "DATTO_RMM_URL" => self.rmm_url.clone(),
            "DATTO_RMM_API_KEY" => self.rmm_key.clone(),
            "DATTO_RMM_API_SECRET" => self.rmm_secret.clone(),
            "DATTO_BCDR_URL" => self.bcdr_url.clone(),
            "DATTO_BCDR_PUBLIC_KEY" => self.bcdr_public_key.clone(),
            "DATTO_BCDR_SECRET_KEY" => self.bcdr_secret_key.clone(),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Account {
    name: String,
    rmm: Option<RmmClient>,
    bcdr: Option<BcdrClient>,
    database: Database,
    meters: Arc<Meters>,
}

impl Account {
    pub(crate) fn new(settings: Settings, database: Database, meters: Arc<Meters>) -> anyhow::Result<Self> {
        let rmm = settings
            .rmm_key
            .is_some()
            .then(|| RmmClientBuilder::from_vars(|name| settings.get(name))?.build())
            .transpose()?;
        let bcdr = settings
            .bcdr_public_key
            .is_some()
            .then(|| BcdrClientBuilder::from_vars(|name| settings.get(name))?.build())
            .transpose()?;
        Ok(Self { name: settings.name, rmm, bcdr, database, meters })
    }

    /// Every list once; whether all went well. One that fails stops no other.
    pub(crate) async fn round(&self, component: Option<&str>) -> bool {
        let mut whole = true;
        if let Some(rmm) = &self.rmm {
            whole &= self.told("sites", self.copy("sites", rmm.sites().list(), |site| site.uid.as_str(), LIKELY).await);
            let devices = rmm.devices().list().concurrency(2);
            whole &= self.told("devices", self.copy("devices", devices, |device| device.uid.as_str(), LIKELY).await);
            let alerts = self.copy("alerts", rmm.alerts().open(), |alert| alert.alert_uid.as_str(), ALL).await;
            let is_whole = alerts.is_ok();
            whole &= self.told("alerts", alerts);
            whole &= self.told("tickets", tickets::file(&self.database, &self.name, is_whole).await);
            if let Some(component) = component {
                whole &= self.told("jobs", jobs::run(rmm, &self.database, &self.name, component).await);
            }
        }
        if let Some(bcdr) = &self.bcdr {
            let devices = bcdr.devices().list();
            whole &= self.told(
                "appliances",
                self.copy("appliances", devices, |device| device.serial_number.as_str(), LIKELY).await,
            );
            whole &= self.told("machines", self.machines(bcdr).await);
            whole &= self.told("saas_customers", self.customers(bcdr).await);
        }
        whole
    }

    fn told(&self, list: &str, outcome: anyhow::Result<()>) -> bool {
        if let Err(error) = &outcome {
            self.meters.failed(&self.name, list);
            say!("{} {list}: {error:#}", self.name);
        }
        outcome.is_ok()
    }

    /// A list, batch by batch, from where an earlier process stood.
    async fn copy<L: Listing>(
        &self,
        list: &str,
        records: L,
        key: fn(&L::Record) -> &str,
        likely: i64,
    ) -> anyhow::Result<()>
    where
        L::Record: Serialize,
    {
        let (number, place) = self.database.begin(&self.name, list).await?;
        let of = (self.name.as_str(), list, number);
        let mut reading = Reading::of(records, place);
        let mut next = reading.next(BATCH).await?;
        while let Some(batch) = next {
            // The next batch is read while this one is written.
            let (read, written) = tokio::join!(reading.next(BATCH), self.store(of, batch, key));
            written?;
            next = read?;
        }
        let verdict = reading.end().await?;
        self.ended(of, &verdict, likely).await
    }

    async fn store<T: Serialize>(
        &self,
        of: (&str, &str, i64),
        batch: Batch<T>,
        key: fn(&T) -> &str,
    ) -> anyhow::Result<()> {
        let written = batch.records.iter().filter(|record| !key(record).is_empty());
        let written: Vec<Written> = written
            .map(|record| Ok(Written { key: key(record).to_owned(), body: serde_json::to_string(record)? }))
            .collect::<anyhow::Result<_>>()?;
        let unreadable: Vec<String> = batch.odd.iter().filter_map(|odd| odd.id.clone()).collect();
        self.meters.wrote(of.0, of.1, written.len());
        self.database.write(of, written, &unreadable, batch.place.as_ref()).await
    }

    async fn ended(&self, of: (&str, &str, i64), verdict: &Verdict, likely: i64) -> anyhow::Result<()> {
        let deleted = self.database.end(of, verdict, likely).await?;
        self.meters.read(of.0, of.1, deleted, Timestamp::now().as_millis().unwrap_or(0));
        Ok(())
    }

    /// Agents and shares of all appliances. Those of an appliance that could not be read stay as they are.
    async fn machines(&self, bcdr: &BcdrClient) -> anyhow::Result<()> {
        let read = bcdr.fleet().assets().await;
        let mut missing = read.missing().to_vec();
        let mut written = Vec::new();
        for entry in read.value().into_iter().flatten() {
            missing.extend_from_slice(entry.assets.missing());
            if let Measured::Unknown { cause } = &entry.assets {
                missing.push(datto_common::Missing::new(entry.device.serial_number.to_string(), cause.clone()));
            }
            for asset in entry.assets.value().into_iter().flatten() {
                let key = format!("{}/{}", entry.device.serial_number, asset.volume);
                written.push(Written { key, body: serde_json::to_string(asset)? });
            }
        }
        anyhow::ensure!(read.value().is_some(), "{:?}", read.cause());
        self.all_at_once("machines", written, missing).await
    }

    async fn customers(&self, bcdr: &BcdrClient) -> anyhow::Result<()> {
        let customers = bcdr.saas().domains().await?;
        let written = customers.iter().map(|customer| {
            let key = format!("{}/{}", customer.saas_customer_id, customer.domain.as_deref().unwrap_or_default());
            Ok(Written { key, body: serde_json::to_string(customer)? })
        });
        self.all_at_once("saas_customers", written.collect::<anyhow::Result<_>>()?, Vec::new()).await
    }

    /// A list that comes in one piece: whole unless something is missing.
    async fn all_at_once(
        &self,
        list: &str,
        written: Vec<Written>,
        missing: Vec<datto_common::Missing>,
    ) -> anyhow::Result<()> {
        let (number, _) = self.database.begin(&self.name, list).await?;
        let of = (self.name.as_str(), list, number);
        self.meters.wrote(&self.name, list, written.len());
        self.database.write(of, written, &[], None).await?;
        let verdict = if missing.is_empty() { Verdict::Complete } else { Verdict::Incomplete(missing) };
        self.ended(of, &verdict, LIKELY).await
    }
}
