//! What tells one monitored thing from another: the fields of a context that are no reading.

use super::{AlertContext, ResourceKind};

impl AlertContext {
    /// The values that name what is watched, not what was read there. `None` where this version cannot tell them apart.
    pub(crate) fn identity(&self) -> Option<Vec<String>> {
        let named = |names: &[&Option<String>]| {
            names.iter().map(|name| name.as_deref().unwrap_or_default().to_owned()).collect()
        };
        let resource =
            |kind: &Option<ResourceKind>| kind.as_ref().map(ToString::to_string).into_iter().collect::<Vec<_>>();
        Some(match self {
            Self::Script(c) => c.samples.iter().flatten().map(|(name, _)| name.clone()).collect(),
            Self::CustomSnmp(c) => named(&[&c.display_name, &c.monitor_instance]),
            Self::DiskHealth(c) => resource(&c.kind),
            Self::EventLog(c) => named(&[&c.log_name, &c.source, &c.code]),
            Self::Fan(c) => resource(&c.kind),
            Self::FileSystem(c) => named(&[&c.path]),
            Self::Patch(c) => named(&[&c.patch_uid, &c.policy_uid]),
            Self::DiskUsage(c) => named(&[&c.disk_name]),
            Self::ResourceUsage(c) => resource(&c.kind),
            Self::ProcessResourceUsage(c) => [named(&[&c.process_name]), resource(&c.kind)].concat(),
            Self::ServiceResourceUsage(c) => [named(&[&c.service_name]), resource(&c.kind)].concat(),
            Self::ProcessStatus(c) => named(&[&c.process_name]),
            Self::ServiceStatus(c) => named(&[&c.service_name]),
            Self::Ping(c) => named(&[&c.instance_name]),
            Self::Psu(c) => resource(&c.kind),
            Self::SecurityManagement(c) => named(&[&c.product_name]),
            Self::SoftwareAction(c) => {
                let action = c.action_type.as_ref().map(ToString::to_string);
                named(&[&c.package_name, &action])
            }
            Self::Temperature(c) => resource(&c.kind),
            Self::EndpointSecurityThreat(c) => named(&[&c.es_alert_id]),
            Self::EndpointSecurityWindowsDefender(c) => named(&[&c.es_alert_id]),
            Self::NetworkMonitor(c) => named(&[&c.description]),
            Self::Printer(c) => {
                let supply = c.marker_supply_index.map(|index| index.to_string());
                named(&[&c.mac_address, &c.ip_address, &supply])
            }
            Self::SecurityCenter(c) => named(&[&c.product_name]),
            Self::SnmpProbe(c) => named(&[&c.ip_address, c.object_id(), &c.rule_name, &c.monitor_name]),
            // A device has one of these, or nothing in them tells two apart.
            Self::Antivirus(_)
            | Self::OnlineOfflineStatus(_)
            | Self::WindowsPerformance(_)
            | Self::Ransomware(_)
            | Self::Wmi(_)
            | Self::BackupManagement(_) => Vec::new(),
            Self::Unknown { .. } => return None,
        })
    }
}

impl super::SnmpProbeContext {
    /// The object id, under whichever spelling it came.
    pub(crate) fn object_id(&self) -> &Option<String> {
        if self.oid.is_some() { &self.oid } else { &self.oid_capital }
    }
}
