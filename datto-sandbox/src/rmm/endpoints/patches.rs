//! Patches of a device, and of a site over its devices.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{Answer, Rmm, devices};
use crate::rmm::args::Args;
use crate::rmm::fleet::{Account, Device, Patch};
use crate::rmm::page::{Pages, as_text};
use crate::rmm::problem::Problem;

const BUCKETS: [&str; 3] = ["APPROVED_PENDING", "NOT_APPROVED", "INSTALLED"];

fn wanted_bucket(args: &Args) -> Result<Option<&str>, Problem> {
    match args.text("installStatus") {
        Some(status) if !BUCKETS.contains(&status) => Err(Problem::BAD_REQUEST),
        status => Ok(status),
    }
}

/// The patches of a device by place in the catalogue, as many in each bucket as its figures say. Where in the
/// catalogue they begin depends on the device, so that devices differ.
fn of(account: &Account, device: &Device) -> Vec<(usize, &'static str)> {
    let catalogue = account.patches.len();
    let Some(figures) = device.patching.filter(|figures| figures.status != "NoData") else { return Vec::new() };
    let counts = [figures.pending, figures.not_approved, figures.installed];
    let in_order = BUCKETS.into_iter().zip(counts).flat_map(|(bucket, count)| {
        let count = usize::try_from(count).unwrap_or(0);
        std::iter::repeat_n(bucket, count)
    });
    let start = usize::try_from(device.id).unwrap_or(0) % 17;
    in_order.take(catalogue).enumerate().map(|(index, bucket)| ((start + index) % catalogue, bucket)).collect()
}

fn patch_json(patch: &Patch, bucket: &str, own: (&str, Value)) -> Value {
    let mut json = json!({
        "patchId": patch.id,
        "category": patch.category,
        "type": patch.kind,
        "title": patch.title,
        "description": null,
        "releaseDate": patch.release,
        "severity": patch.severity,
        "maxSize": patch.size,
        "rebootRequired": patch.reboot,
        "requireUserInput": patch.input,
        "kbArticleId": patch.article,
        "installStatus": bucket,
    });
    if let Value::Object(fields) = &mut json {
        fields.insert(own.0.to_owned(), own.1);
    }
    json
}

pub(in crate::rmm) async fn of_device(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    let pages = Pages::new(&rmm, format!("/v2/device/{uid}/patches"), &args)?;
    let bucket = wanted_bucket(&args)?;
    let account = rmm.account();
    let device = account.device(&uid).ok_or(Problem::NOT_FOUND)?;
    let mut patches = of(&account, device);
    patches.retain(|(_, status)| bucket.is_none_or(|bucket| bucket == *status));
    Ok(pages.answer("patches", &patches, |(index, status)| {
        let own = ("manualOverride", json!(index % 29 == 0));
        let patch = account.patches.get(*index);
        patch.map(|patch| as_text(&patch_json(patch, status, own))).unwrap_or_default()
    }))
}

/// One row per patch and bucket, with the number of devices that have the patch in that bucket.
pub(in crate::rmm) async fn of_site(State(rmm): Rmm, Path(uid): Path<String>, args: Args) -> Answer {
    let pages = Pages::new(&rmm, format!("/v2/site/{uid}/patches"), &args)?;
    let bucket = wanted_bucket(&args)?;
    let account = rmm.account();
    let site = account.site(&uid).ok_or(Problem::NOT_FOUND)?;
    let mut counts: BTreeMap<(usize, &'static str), usize> = BTreeMap::new();
    for device in devices::in_site(&account, site) {
        for row in of(&account, device) {
            *counts.entry(row).or_default() += 1;
        }
    }
    let rows: Vec<((usize, &str), usize)> =
        counts.into_iter().filter(|((_, status), _)| bucket.is_none_or(|bucket| bucket == *status)).collect();
    Ok(pages.answer("patches", &rows, |((index, status), devices)| {
        let own = ("totalDevices", json!(devices));
        let patch = account.patches.get(*index);
        patch.map(|patch| as_text(&patch_json(patch, status, own))).unwrap_or_default()
    }))
}
