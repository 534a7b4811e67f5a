//! Writes down the truth about appliances and assets, from what was planted.

use super::fleet::{Appliance, Asset, Kind, Seen};
use super::story::{DAY, HOUR, Story};
use super::truth::{BcdrTruth, PlantedAsset};

/// Notes every appliance, and returns the rest of the truth empty.
pub(crate) fn of_appliances(fleet: &[Appliance], one_client: i64, now: i64) -> BcdrTruth {
    let mut truth = BcdrTruth { one_client, ..BcdrTruth::default() };
    for appliance in fleet {
        note_appliance(&mut truth, appliance);
        for asset in &appliance.assets {
            note_asset(&mut truth, appliance, asset, now);
        }
    }
    truth
}

fn note_appliance(truth: &mut BcdrTruth, appliance: &Appliance) {
    let serial = || appliance.serial.clone();
    if appliance.kind == Kind::Hidden {
        truth.devices_hidden.push(serial());
    } else {
        truth.devices_visible.push(serial());
        truth.alerts_visible += appliance.alerts.len();
    }
    if appliance.kind == Kind::ChildReseller {
        truth.devices_of_child_resellers.push(serial());
    }
    if matches!(appliance.seen, Seen::At(_)) {
        truth.devices_offline.push(serial());
    }
    if appliance.service_ended {
        truth.devices_service_ended.push(serial());
    }
    if appliance.full {
        truth.devices_full.push(serial());
    }
    if appliance.assets.is_empty() {
        truth.devices_empty.push(serial());
    }
    if appliance.client.id == truth.one_client {
        truth.devices_of_one_client.push(serial());
    }
}

fn note_asset(truth: &mut BcdrTruth, appliance: &Appliance, asset: &Asset, now: i64) {
    let key = || (appliance.serial.clone(), asset.volume.clone());
    let (serial, volume) = key();
    truth.assets.push(PlantedAsset { serial, volume, case: asset.case, share: asset.share });
    if appliance.kind == Kind::Hidden {
        return;
    }
    truth.assets_visible += 1;
    let story = &asset.story;
    if story.paused {
        truth.paused.push(key());
    }
    if story.archived || story.paused {
        return;
    }
    truth.assets_watched += 1;
    let long_ago = now - 48 * HOUR;
    match (story.last_good, story.first_failure()) {
        (Some(good), _) if good < long_ago => truth.failed_backups.push(key()),
        (None, Some(failed)) if failed < long_ago || story.failures() >= 3 => truth.failed_backups.push(key()),
        (None, Some(_)) => truth.first_backup_pending.push(key()),
        (None, None) => truth.never_backed_up.push(key()),
        _ => {}
    }
    if story.volumes_left_out > 0 {
        truth.volumes_unprotected.push(key());
    }
    if offsite_is_expected(appliance, story, now) {
        truth.offsite_expected += 1;
        if story.offsite.is_none_or(|at| at < now - 7 * DAY) {
            truth.offsite_old.push(key());
        }
    }
    if story.last_good.is_none_or(|good| good < long_ago) {
        return;
    }
    if story.check() == Some(true) {
        truth.verifications_failed.push(key());
    }
    if let Some(screenshot) = story.screenshot {
        truth.screenshots_tried += 1;
        match screenshot.good {
            false => truth.screenshots_failed.push(key()),
            true if screenshot.at < long_ago => truth.screenshots_overdue.push(key()),
            true => {}
        }
    }
}

/// Whether an offsite point is there or should be: an appliance of the last three days may have none yet.
fn offsite_is_expected(appliance: &Appliance, story: &Story, now: i64) -> bool {
    let has_cloud = appliance.kind != Kind::CloudSiris && !appliance.local_only;
    let is_due = has_cloud && story.last_good.is_some() && appliance.registered < now - 3 * DAY;
    story.offsite.is_some() || is_due
}
