//! The truth about a machine, written down while it is planted.

use super::Patching;
use super::machine::{Family, Machine};
use crate::rmm::truth::RmmTruth;

/// Records a machine under its uid. Of a deleted one nothing counts but that.
pub(super) fn record(truth: &mut RmmTruth, uid: &str, machine: &Machine) {
    if machine.gone {
        truth.deleted_devices.push(uid.to_owned());
        return;
    }
    let state = if machine.online { &mut truth.online_devices } else { &mut truth.offline_devices };
    state.push(uid.to_owned());
    let class = match machine.kind.class {
        "device" => &mut truth.computers,
        "printer" => &mut truth.printers,
        "esxihost" => &mut truth.esxi_hosts,
        "rmmnetworkdevice" => &mut truth.network_devices,
        _ => &mut truth.unclassified,
    };
    class.push(uid.to_owned());
    if machine.is_computer() {
        record_system(truth, uid, machine.kind.family);
        record_antivirus(truth, uid, machine.antivirus.map(|(_, status)| status));
        record_patches(truth, uid, machine.patching);
    }
}

fn record_system(truth: &mut RmmTruth, uid: &str, family: Family) {
    let list = match family {
        Family::Windows7 => &mut truth.windows_7,
        Family::Windows8 => &mut truth.windows_8,
        Family::Windows10 => &mut truth.windows_10,
        Family::Windows11 => &mut truth.windows_11,
        Family::WindowsServer => &mut truth.windows_servers,
        Family::None => &mut truth.without_system,
        Family::Other | Family::OtherServer => return,
    };
    list.push(uid.to_owned());
}

fn record_antivirus(truth: &mut RmmTruth, uid: &str, status: Option<&str>) {
    let list = match status {
        None => {
            truth.not_reporting_antivirus += 1;
            return;
        }
        Some("NotDetected") => &mut truth.without_antivirus,
        Some("NotRunning") => &mut truth.antivirus_not_running,
        Some("RunningAndNotUpToDate") => &mut truth.antivirus_outdated,
        Some("RunningAndUpToDate") => &mut truth.antivirus_protected,
        Some(_) => &mut truth.antivirus_of_unknown_status,
    };
    list.push(uid.to_owned());
}

fn record_patches(truth: &mut RmmTruth, uid: &str, patching: Option<Patching>) {
    let Some(figures) = patching.filter(|figures| !matches!(figures.status, "NoData" | "NoPolicy")) else {
        truth.not_reporting_patches += 1;
        return;
    };
    truth.reporting_patches += 1;
    match figures.pending + figures.not_approved {
        0 => truth.missing_no_patches.push(uid.to_owned()),
        1..=5 => {}
        _ => truth.missing_patches.push(uid.to_owned()),
    }
}
