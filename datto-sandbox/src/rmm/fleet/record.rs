//! The truth about the account, told from what is in it.

use super::{Account, Device, Family, Patching};
use crate::rmm::truth::RmmTruth;

impl Account {
    /// What is there now.
    pub(crate) fn truth(&self) -> RmmTruth {
        let mut truth = self.fixtures.clone();
        truth.total_devices = self.devices.len();
        truth.site_uids = self.sites.iter().map(|site| site.uid.clone()).collect();
        truth.total_sites = self.sites.len();
        let deleted = self.site(&truth.deleted_devices_site).map(|site| site.id);
        let on_demand = self.site(&truth.on_demand_site).map(|site| site.id);
        for device in &self.devices {
            let gone = device.deleted == Some(true) || Some(device.site_id) == deleted;
            record(&mut truth, device, gone);
            if !gone {
                record_times(&mut truth, device);
                if on_demand == Some(device.site_id) {
                    truth.on_demand_devices.push(device.uid.clone());
                }
            }
        }
        for alert in &self.alerts {
            if alert.resolved.is_some() {
                truth.resolved_alerts += 1;
            } else {
                truth.open_alerts.push(alert.uid.clone());
                *truth.open_alerts_by_priority.entry(alert.priority.to_owned()).or_default() += 1;
            }
        }
        truth
    }
}

/// Records when a device was what; years before 1970 stand for never.
fn record_times(truth: &mut RmmTruth, device: &Device) {
    let uid = || device.uid.clone();
    if device.suspended {
        truth.suspended_devices.push(uid());
    }
    truth.last_seen.extend(device.last_seen.filter(|moment| *moment > 0).map(|moment| (uid(), moment)));
    truth.last_reboots.extend(device.last_reboot.filter(|moment| *moment > 0).map(|moment| (uid(), moment)));
    truth.warranties.extend(device.warranty.clone().map(|date| (uid(), date)));
    truth.restarts_required.extend(device.reboot_required.map(|required| (uid(), required)));
}

/// Records a device. Of a deleted one nothing counts but that.
fn record(truth: &mut RmmTruth, device: &Device, gone: bool) {
    let uid = &device.uid;
    if gone {
        truth.deleted_devices.push(uid.clone());
        return;
    }
    let state = if device.online { &mut truth.online_devices } else { &mut truth.offline_devices };
    state.push(uid.clone());
    let class = match device.class {
        "device" => &mut truth.computers,
        "printer" => &mut truth.printers,
        "esxihost" => &mut truth.esxi_hosts,
        "rmmnetworkdevice" => &mut truth.network_devices,
        _ => &mut truth.unclassified,
    };
    class.push(uid.clone());
    if device.class == "device" {
        record_system(truth, uid, device.family);
        if let Some(ends) = device.updates_end {
            truth.updates_end.insert(uid.clone(), ends.to_owned());
        }
        if let Some((Some(product), _)) = device.antivirus {
            truth.antivirus_products.insert(uid.clone(), product.to_owned());
        }
        record_antivirus(truth, uid, device.antivirus.map(|(_, status)| status));
        record_patches(truth, uid, device.patching);
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
    truth.patch_reporters.push(uid.to_owned());
    match figures.pending + figures.not_approved {
        0 => truth.missing_no_patches.push(uid.to_owned()),
        1..=5 => {}
        _ => truth.missing_patches.push(uid.to_owned()),
    }
}
