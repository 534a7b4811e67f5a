//! The client against the sandbox, end to end.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod calls;
mod connection;
mod faults;
mod health;
mod hostile;
mod seats;

use std::collections::BTreeSet;

use datto_bcdr::metrics::{BackupHealth, BackupPolicy, Figure, backup_health};
use datto_bcdr::{BcdrClient, Measured};
use datto_sandbox::{BcdrTruth, Fault, Product, Sandbox, SandboxBuilder};

async fn start(builder: SandboxBuilder) -> (Sandbox, BcdrClient, BcdrTruth) {
    let sandbox = builder.start().await.unwrap();
    let (public_key, secret_key) = sandbox.bcdr_key();
    let bcdr = BcdrClient::builder().url(sandbox.bcdr_url()).api_key(public_key, secret_key).build().unwrap();
    let truth = sandbox.truth().bcdr;
    (sandbox, bcdr, truth)
}

fn fault(fault: Fault, path: &str) -> Fault {
    fault.product(Product::Bcdr).path_contains(path)
}

/// On a task of its own, as a service would ask for it.
async fn health(bcdr: &BcdrClient) -> Measured<BackupHealth> {
    let bcdr = bcdr.clone();
    tokio::spawn(async move { backup_health(&bcdr, &BackupPolicy::default()).await }).await.unwrap()
}

fn known(figure: &Measured<Figure>) -> &Figure {
    figure.known().unwrap_or_else(|| panic!("{figure:?}"))
}

/// The assets that a figure names.
fn assets(figure: &Figure) -> BTreeSet<(String, String)> {
    let names = figure.evidence.iter().map(|finding| {
        let (serial, volume) = (finding.serial_number.as_ref().unwrap(), finding.volume.as_ref().unwrap());
        (serial.to_string(), volume.to_string())
    });
    names.collect()
}

/// The applications that a figure names.
fn apps(figure: &Figure) -> BTreeSet<(i64, String)> {
    let names = figure
        .evidence
        .iter()
        .map(|finding| (finding.customer_id.as_ref().unwrap().as_i64().unwrap(), finding.app.clone().unwrap()));
    names.collect()
}

fn set<T: Ord + Clone>(planted: &[T]) -> BTreeSet<T> {
    planted.iter().cloned().collect()
}
