//! What an alert saw, by the kind of monitor.
//!
//! The wire tells the kind by `@class`, with other names than the document (observed): short ones such as `eventlog_ctx`, where
//! the document has `EventLogContext`. Both are read, and what was sent is written back.

mod identity;
mod kinds;
mod values;
mod words;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use datto_common::internal::read_inner;
pub use kinds::*;
pub use values::*;

/// Declares the kinds: variant, record, the name on the wire, other names of it.
macro_rules! contexts {
    ($($(#[$meta:meta])* $variant:ident($record:ident) = $wire:literal $(| $alias:literal)*,)+) => {
        /// What an alert saw, by the kind of monitor.
        ///
        /// A kind that this version does not know is kept whole as [`Unknown`](Self::Unknown); a member that cannot be read is kept in
        /// the `extra` of its record. No context ever costs an alert.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum AlertContext {
            $($(#[$meta])* $variant($record),)+
            /// A context that this version cannot read.
            Unknown {
                /// Its class, if it has one.
                class: Option<String>,
                /// The context as it came.
                raw: Value,
            },
        }

        impl AlertContext {
            /// The names of the kinds that this version knows, as the wire has them.
            pub const KINDS: &'static [&'static str] = &[$($wire),+];

            /// The class as the service sent it.
            pub fn class(&self) -> Option<&str> {
                match self {
                    $(Self::$variant(record) => record.class.as_deref(),)+
                    Self::Unknown { class, .. } => class.as_deref(),
                }
            }

            /// The name of the kind on the wire, whichever spelling was sent; for an unknown one its class.
            pub fn kind(&self) -> Option<&str> {
                match self {
                    $(Self::$variant(_) => Some($wire),)+
                    Self::Unknown { class, .. } => class.as_deref(),
                }
            }

            fn typed(class: &str, raw: &Value) -> Option<Self> {
                match class {
                    $($wire $(| $alias)* => read_inner::<$record>(raw).map(Self::$variant),)+
                    "ResourceUsageContext" | "resource_usage_ctx" if raw.get("serviceName").is_some() => Self::typed("srvc_resource_usage_ctx", raw),
                    "ResourceUsageContext" | "resource_usage_ctx" if raw.get("percentage").is_some() => Self::typed("perf_resource_usage_ctx", raw),
                    "ResourceUsageContext" | "resource_usage_ctx" => Self::typed("process_resource_usage_ctx", raw),
                    "StatusContext" | "status_ctx" if raw.get("serviceName").is_some() => Self::typed("srvc_status_ctx", raw),
                    "StatusContext" | "status_ctx" => Self::typed("process_status_ctx", raw),
                    _ => None,
                }
            }
        }

        impl Serialize for AlertContext {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(record) => record.serialize(serializer),)+
                    Self::Unknown { raw, .. } => raw.serialize(serializer),
                }
            }
        }
    };
}

// The document merges kinds whose records have the same name (`ResourceUsageContext`, `StatusContext`): their fields tell them apart.
contexts! {
    /// Antivirus is missing, stopped or old.
    Antivirus(AntivirusContext) = "antivirus_ctx" | "AntivirusContext",
    /// A component monitor raised it.
    Script(ScriptContext) = "comp_script_ctx" | "ScriptContext",
    /// A value read by SNMP.
    CustomSnmp(CustomSnmpContext) = "custom_snmp_ctx" | "CustomSNMPContext",
    /// The health of a disk.
    DiskHealth(DiskHealthContext) = "disk_health_ctx" | "DiskHealthContext",
    /// An event of a Windows event log.
    EventLog(EventLogContext) = "eventlog_ctx" | "EventLogContext",
    /// A fan.
    Fan(FanContext) = "fan_ctx" | "FanContext",
    /// A file or directory.
    FileSystem(FileSystemContext) = "fs_object_ctx" | "FileSystemContext" | "filesystem_ctx",
    /// A device went online or offline.
    OnlineOfflineStatus(OnlineOfflineStatusContext) = "online_offline_status_ctx" | "OnlineOfflineStatusContext",
    /// A patch.
    Patch(PatchContext) = "patch_ctx" | "PatchContext",
    /// The space of a disk.
    DiskUsage(DiskUsageContext) = "perf_disk_usage_ctx" | "DiskUsageContext" | "disk_usage_ctx",
    /// A Windows performance counter.
    WindowsPerformance(WindowsPerformanceContext) = "perf_mon_ctx" | "WindowsPerformanceContext" | "windows_performance_ctx",
    /// Processor, memory or throughput of a whole device.
    ResourceUsage(ResourceUsageContext) = "perf_resource_usage_ctx",
    /// Processor or memory of a process.
    ProcessResourceUsage(ProcessResourceUsageContext) = "process_resource_usage_ctx",
    /// Processor or memory of a service.
    ServiceResourceUsage(ServiceResourceUsageContext) = "srvc_resource_usage_ctx",
    /// The state of a process.
    ProcessStatus(ProcessStatusContext) = "process_status_ctx",
    /// The state of a service.
    ServiceStatus(ServiceStatusContext) = "srvc_status_ctx",
    /// A ping.
    Ping(PingContext) = "ping_ctx" | "PingContext",
    /// A power supply.
    Psu(PsuContext) = "psu_ctx" | "PsuContext",
    /// Ransomware was detected.
    Ransomware(RansomwareContext) = "ransomware_ctx" | "RansomWareContext",
    /// The security management of a device.
    SecurityManagement(SecurityManagementContext) = "sec_management_ctx" | "SecurityManagementContext" | "security_management_ctx",
    /// Software was installed, removed or changed.
    SoftwareAction(SoftwareActionContext) = "sw_action_ctx" | "ActionContext" | "action_ctx",
    /// A temperature.
    Temperature(TemperatureContext) = "temperature_ctx" | "TemperatureContext",
    /// The answer of a WMI query.
    Wmi(WmiContext) = "wmi_ctx" | "WmiContext",
    /// Endpoint security found a threat.
    EndpointSecurityThreat(EndpointSecurityThreatContext) = "endpoint_security_threat_ctx" | "EndpointSecurityThreatContext",
    /// Endpoint security passes on what Windows Defender found. Its name on the wire is a guess.
    EndpointSecurityWindowsDefender(EndpointSecurityWindowsDefenderContext) =
        "endpoint_security_windows_defender_ctx" | "EndpointSecurityWindowsDefenderContext",
    /// A backup. Its name on the wire is a guess.
    BackupManagement(BackupManagementContext) = "backup_management_ctx" | "BackupManagementContext",
    /// Network monitoring. Its name on the wire is a guess.
    NetworkMonitor(NetworkMonitorContext) = "network_monitor_ctx" | "NetworkMonitorContext",
    /// A supply of a printer. Its name on the wire is a guess.
    Printer(PrinterContext) = "printer_ctx" | "PrinterContext",
    /// The Windows security center. Its name on the wire is a guess.
    SecurityCenter(SecurityCenterContext) = "seccenter_ctx" | "SecCenterContext",
    /// A probe by SNMP. Its name on the wire is a guess.
    SnmpProbe(SnmpProbeContext) = "snmp_probe_ctx" | "SNMPProbeContext",
}

impl AlertContext {
    /// Whether nothing came in it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Unknown { class: None, raw } if raw.as_object().is_some_and(serde_json::Map::is_empty) || raw.is_null())
    }
}

impl<'de> Deserialize<'de> for AlertContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Value::deserialize(deserializer)?;
        let class = raw.get("@class").and_then(Value::as_str).map(str::to_owned);
        let typed = class.as_deref().and_then(|class| Self::typed(class, &raw));
        Ok(typed.unwrap_or(Self::Unknown { class, raw }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(raw: Value) -> AlertContext {
        let context: AlertContext = serde_json::from_value(raw.clone()).unwrap();
        assert_eq!(serde_json::to_value(&context).unwrap(), raw, "is written back as it came");
        context
    }

    #[test]
    fn every_kind_is_typed_under_its_name_on_the_wire() {
        assert_eq!(AlertContext::KINDS.len(), 30);
        for kind in AlertContext::KINDS {
            let context = read(json!({"@class": kind, "brandNew": {"x": 1}}));
            assert!(!matches!(context, AlertContext::Unknown { .. }), "{kind}");
            assert_eq!((context.class(), context.kind()), (Some(*kind), Some(*kind)));
        }
    }

    #[test]
    fn the_names_of_the_document_are_read_too() {
        for (class, member, kind) in [
            ("EventLogContext", "logName", "eventlog_ctx"),
            ("ActionContext", "packageName", "sw_action_ctx"),
            ("action_ctx", "packageName", "sw_action_ctx"),
            ("StatusContext", "processName", "process_status_ctx"),
            ("StatusContext", "serviceName", "srvc_status_ctx"),
            ("status_ctx", "serviceName", "srvc_status_ctx"),
            ("ResourceUsageContext", "processName", "process_resource_usage_ctx"),
            ("ResourceUsageContext", "serviceName", "srvc_resource_usage_ctx"),
            ("SNMPProbeContext", "OID", "snmp_probe_ctx"),
        ] {
            let context = read(json!({"@class": class, member: "x"}));
            assert_eq!((context.class(), context.kind()), (Some(class), Some(kind)));
        }
        let whole = read(json!({"@class": "ResourceUsageContext", "percentage": 97.5, "type": "CPU"}));
        assert_eq!(whole.kind(), Some("perf_resource_usage_ctx"));
    }

    #[test]
    fn what_cannot_be_read_is_kept_and_fails_nothing() {
        for raw in [
            json!({"@class": "quantum_ctx", "spin": "up"}),
            json!({"value": 1}),
            json!({"@class": 7}),
            json!("text"),
            json!([1]),
        ] {
            assert!(matches!(read(raw), AlertContext::Unknown { .. }));
        }
    }

    #[test]
    fn a_member_in_another_form_costs_itself_and_not_the_kind() {
        for (raw, unread) in [
            (json!({"@class": "temperature_ctx", "degree": "hot"}), "degree"),
            (json!({"@class": "comp_script_ctx", "samples": [1, 2]}), "samples"),
            (json!({"@class": "eventlog_ctx", "logName": "System", "source": {"name": "x"}}), "source"),
            (json!({"@class": "ping_ctx", "instanceName": "gw", "reasons": {"a": 1}}), "reasons"),
        ] {
            let context = read(raw);
            assert!(!matches!(context, AlertContext::Unknown { .. }), "{context:?}");
            assert!(format!("{context:?}").contains(unread), "kept beside: {context:?}");
        }
    }

    #[test]
    fn a_sample_may_have_an_empty_name() {
        let AlertContext::Script(script) = read(json!({"@class": "comp_script_ctx", "samples": {"": "ok"}})) else {
            panic!()
        };
        assert_eq!(script.samples.unwrap()[""], "ok");
    }
}
