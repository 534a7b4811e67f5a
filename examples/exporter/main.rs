//! Figures and the state of the calls as OpenMetrics, for Prometheus and whatever reads the same.
//!
//! ```text
//! cargo run --example exporter                       # http://127.0.0.1:9184/metrics; the account of the environment, else the sandbox
//! cargo run --example exporter -- --every 300        # figures anew every five minutes
//! ```
//!
//! A figure that is not known has no sample in `datto_figure`, and 0 in `datto_figure_known`: it is never a zero. Alert on both. One that is known in part is
//! a lower bound, and `datto_figure_known` is 0 too.

mod meters;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use clap::Parser;
use datto_bcdr::BcdrClient;
use datto_bcdr::metrics::BackupPolicy;
use datto_examples::settings::Settings;
use datto_examples::{demo, program, say};
use datto_rmm::metrics::FleetSummary;
use datto_rmm::{Measured, RmmClient};
use datto_sandbox::Sandbox;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use meters::{FigureName, Meters, Product};

/// Figures and the state of the calls as OpenMetrics.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9184", value_name = "ADDRESS")]
    listen: String,
    /// Seconds between two readings of the figures.
    #[arg(long, default_value_t = 900, value_name = "SECONDS")]
    every: u64,
    /// The name of the account in the labels.
    #[arg(long, default_value = "default")]
    account: String,
    /// Use the sandbox even where there are credentials.
    #[arg(long)]
    sandbox: bool,
}

/// The clients of one account; a product without credentials has none.
#[derive(Debug)]
struct Account {
    name: String,
    rmm: Option<RmmClient>,
    bcdr: Option<BcdrClient>,
    /// The figures of backups that were ever shown: where a later reading fails, none of them may stay as it was.
    shown: Mutex<BTreeSet<&'static str>>,
}

impl Account {
    fn new(name: String, settings: &Settings, meters: &Meters) -> anyhow::Result<Self> {
        let look = |name: &str| settings.get(name);
        let rmm = settings
            .has_rmm()
            .then(|| datto_rmm::RmmClientBuilder::from_vars(look)?.observer(meters.watch(&name, "rmm")).build());
        let bcdr = settings
            .has_bcdr()
            .then(|| datto_bcdr::BcdrClientBuilder::from_vars(look)?.observer(meters.watch(&name, "bcdr")).build());
        Ok(Self { rmm: rmm.transpose()?, bcdr: bcdr.transpose()?, name, shown: Mutex::new(["failed_backups"].into()) })
    }

    fn product(&self, product: &'static str) -> Product {
        Product { account: self.name.clone(), product }
    }

    fn shown(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads all figures anew.
    async fn read(&self, meters: &Meters) {
        let figure = |name: &str, measured: Measured<u64>| {
            let name = FigureName { account: self.name.clone(), figure: name.to_owned() };
            meters.figure(&name, measured.value().copied().map(count), measured.is_known());
        };
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        if let Some(rmm) = &self.rmm {
            let fleet = datto_rmm::metrics::fleet_summary(rmm).await;
            let of = |figure: &dyn Fn(&FleetSummary) -> Measured<u64>| match &fleet {
                Measured::Known(fleet) | Measured::Partial { value: fleet, .. } => figure(fleet),
                Measured::Unknown { cause } => Measured::unknown(cause.clone()),
            };
            figure("devices", of(&|fleet| fleet.devices.clone()));
            figure("devices_offline", of(&|fleet| fleet.offline.clone().map(|figure| figure.value)));
            figure("open_alerts", of(&|fleet| fleet.open_alerts.clone().map(|alerts| alerts.total())));
            meters.read(&self.product("rmm"), now());
        }
        if let Some(bcdr) = &self.bcdr {
            let health = datto_bcdr::metrics::backup_health(bcdr, &BackupPolicy::default()).await;
            match health {
                Measured::Known(health) | Measured::Partial { value: health, .. } => {
                    for (name, measured) in health.figures() {
                        self.shown().insert(name);
                        figure(name, measured.clone().map(|figure| figure.value));
                    }
                }
                Measured::Unknown { cause } => {
                    self.shown().iter().for_each(|name| figure(name, Measured::unknown(cause.clone())));
                }
            }
            meters.read(&self.product("bcdr"), now());
        }
    }

    /// The limits as they stand.
    fn look(&self, meters: &Meters) {
        if let Some(rmm) = &self.rmm {
            meters.limits(&self.product("rmm"), &rmm.rate_info());
        }
        if let Some(bcdr) = &self.bcdr {
            meters.limits(&self.product("bcdr"), &bcdr.rate_info());
        }
    }
}

#[allow(clippy::cast_precision_loss)] // a count of machines
fn count(value: u64) -> f64 {
    value as f64
}

#[tokio::main]
async fn main() -> ExitCode {
    program::run(run).await
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let enough = |settings: &Settings| !arguments.sandbox && (settings.has_rmm() || settings.has_bcdr());
    let (settings, _sandbox) =
        demo::settings_or_sandbox(enough, Sandbox::builder().devices(120), Some(demo::NO_ACCOUNT)).await?;
    let meters = Meters::default();
    let mut registry = Registry::default();
    meters.register(&mut registry);
    let account = Arc::new(Account::new(arguments.account, &settings, &meters)?);

    let (reader, reads) = (Arc::clone(&account), meters.clone());
    let every = Duration::from_secs(arguments.every.max(1));
    tokio::spawn(async move {
        loop {
            reader.read(&reads).await;
            tokio::time::sleep(every).await;
        }
    });

    let listener =
        TcpListener::bind(&arguments.listen).await.with_context(|| format!("{} cannot be used", arguments.listen))?;
    say!("http://{}/metrics", listener.local_addr()?);
    let registry = Arc::new(registry);
    let page = move || {
        account.look(&meters);
        let mut text = String::new();
        let outcome = prometheus_client::encoding::text::encode(&mut text, &registry);
        let status = if outcome.is_ok() { 200_u16 } else { 500 };
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
        async move { (status, [(axum::http::header::CONTENT_TYPE, kind)], text) }
    };
    axum::serve(listener, axum::Router::new().route("/metrics", axum::routing::get(page))).await?;
    Ok(ExitCode::SUCCESS)
}
