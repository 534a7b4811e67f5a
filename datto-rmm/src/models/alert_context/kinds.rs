//! One record for each kind of context.

use std::collections::BTreeMap;

use datto_common::Timestamp;

use super::values::*;
use crate::models::lenient;

/// Declares the record of a kind: the class that the service sent, then its own fields.
macro_rules! context {
    ($($(#[$meta:meta])* $name:ident { $($own:tt)* })+) => {
        datto_common::model! {$(
            $(#[$meta])*
            pub struct $name {
                /// The class as the service sent it.
                #[serde(rename = "@class")]
                pub class: Option<String>,
                $($own)*
            }
        )+}
    };
}

context! {
    /// Antivirus is missing, stopped or old.
    AntivirusContext {
        /// What is wrong.
        pub status: Option<AntivirusAlertStatus>,
        /// The product.
        #[serde(deserialize_with = "lenient::text")]
        pub product_name: Option<String>,
    }

    /// A component monitor raised it.
    ScriptContext {
        /// What the script reported, by name; a name may be empty (observed).
        #[serde(deserialize_with = "lenient::named_texts")]
        pub samples: Option<BTreeMap<String, String>>,
    }

    /// A value read by SNMP.
    CustomSnmpContext {
        /// What is read.
        #[serde(deserialize_with = "lenient::text")]
        pub display_name: Option<String>,
        /// The value.
        #[serde(deserialize_with = "lenient::text")]
        pub current_value: Option<String>,
        /// Which instance of it.
        #[serde(deserialize_with = "lenient::text")]
        pub monitor_instance: Option<String>,
    }

    /// The health of a disk.
    DiskHealthContext {
        /// What is wrong.
        #[serde(deserialize_with = "lenient::text")]
        pub reason: Option<String>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// An event of a Windows event log.
    EventLogContext {
        /// The log.
        #[serde(deserialize_with = "lenient::text")]
        pub log_name: Option<String>,
        /// The code of the event.
        #[serde(deserialize_with = "lenient::text")]
        pub code: Option<String>,
        /// The type of the event.
        #[serde(rename = "type")]
        #[serde(deserialize_with = "lenient::text")]
        pub kind: Option<String>,
        /// Its source.
        #[serde(deserialize_with = "lenient::text")]
        pub source: Option<String>,
        /// Its text.
        #[serde(deserialize_with = "lenient::text")]
        pub description: Option<String>,
        /// How many times it came.
        #[serde(deserialize_with = "lenient::integer")]
        pub trigger_count: Option<i64>,
        /// When it last came. Its form on the wire is a guess: every one is read.
        pub last_triggered: Option<Timestamp>,
        /// Whether the monitor was suspended for it.
        pub caused_suspension: Option<bool>,
    }

    /// A fan.
    FanContext {
        /// What is wrong.
        #[serde(deserialize_with = "lenient::text")]
        pub reason: Option<String>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// A file or directory.
    FileSystemContext {
        /// Its size, in the unit of the monitor.
        #[serde(deserialize_with = "lenient::number")]
        pub sample: Option<f64>,
        /// The limit, in the unit of the monitor.
        #[serde(deserialize_with = "lenient::number")]
        pub threshold: Option<f64>,
        /// Where it is.
        #[serde(deserialize_with = "lenient::text")]
        pub path: Option<String>,
        /// File or directory.
        pub object_type: Option<FileObjectKind>,
        /// What is wrong.
        pub condition: Option<FileCondition>,
    }

    /// A device went online or offline.
    OnlineOfflineStatusContext {
        /// Which of the two.
        pub status: Option<OnlineStatus>,
    }

    /// A patch.
    PatchContext {
        /// The patch.
        #[serde(deserialize_with = "lenient::text")]
        pub patch_uid: Option<String>,
        /// The patch policy.
        #[serde(deserialize_with = "lenient::text")]
        pub policy_uid: Option<String>,
        /// How it went.
        #[serde(deserialize_with = "lenient::text")]
        pub result: Option<String>,
        /// More about it.
        #[serde(deserialize_with = "lenient::text")]
        pub info: Option<String>,
    }

    /// The space of a disk.
    DiskUsageContext {
        /// The disk.
        #[serde(deserialize_with = "lenient::text")]
        pub disk_name: Option<String>,
        /// Its size in kilobytes (observed).
        #[serde(deserialize_with = "lenient::number")]
        pub total_volume: Option<f64>,
        /// Free kilobytes (observed).
        #[serde(deserialize_with = "lenient::number")]
        pub free_space: Option<f64>,
        /// What the limit of the monitor is measured in.
        pub unit_of_measure: Option<DiskUnit>,
        /// Which disks the monitor watches.
        pub disk_name_designation: Option<DiskDesignation>,
    }

    /// A Windows performance counter.
    WindowsPerformanceContext {
        /// Its value.
        #[serde(deserialize_with = "lenient::number")]
        pub value: Option<f64>,
    }

    /// Processor, memory or throughput of a whole device. The document lacks it; its fields are observed.
    ResourceUsageContext {
        /// How much is used, in percent.
        #[serde(deserialize_with = "lenient::number")]
        pub percentage: Option<f64>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// Processor or memory of a process.
    ProcessResourceUsageContext {
        /// The process.
        #[serde(deserialize_with = "lenient::text")]
        pub process_name: Option<String>,
        /// How much it uses.
        #[serde(deserialize_with = "lenient::number")]
        pub sample: Option<f64>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// Processor or memory of a service. The document lacks it; its fields are observed.
    ServiceResourceUsageContext {
        /// The service.
        #[serde(deserialize_with = "lenient::text")]
        pub service_name: Option<String>,
        /// How much it uses.
        #[serde(deserialize_with = "lenient::number")]
        pub sample: Option<f64>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// The state of a process.
    ProcessStatusContext {
        /// The process.
        #[serde(deserialize_with = "lenient::text")]
        pub process_name: Option<String>,
        /// Its state.
        pub status: Option<RunStatus>,
    }

    /// The state of a service. The document lacks it; its fields are observed.
    ServiceStatusContext {
        /// The service.
        #[serde(deserialize_with = "lenient::text")]
        pub service_name: Option<String>,
        /// Its state.
        pub status: Option<RunStatus>,
    }

    /// A ping.
    PingContext {
        /// What was pinged.
        #[serde(deserialize_with = "lenient::text")]
        pub instance_name: Option<String>,
        /// How long the answer took, in milliseconds (guess).
        #[serde(deserialize_with = "lenient::number")]
        pub roundtrip_time: Option<f64>,
        /// What is wrong.
        pub reasons: Option<Vec<String>>,
    }

    /// A power supply.
    PsuContext {
        /// What is wrong.
        #[serde(deserialize_with = "lenient::text")]
        pub reason: Option<String>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// Ransomware was detected.
    RansomwareContext {
        /// The state of the detection, a code.
        #[serde(deserialize_with = "lenient::integer")]
        pub state: Option<i64>,
        /// How sure it is.
        #[serde(deserialize_with = "lenient::integer")]
        pub confidence_factor: Option<i64>,
        /// The directories hit.
        pub affected_directories: Option<Vec<String>>,
        /// The paths watched.
        pub watch_paths: Option<Vec<String>>,
        /// The extension that the files got.
        #[serde(deserialize_with = "lenient::text")]
        pub rwextension: Option<String>,
        /// When the record was made. Its form on the wire is a guess: every one is read.
        pub meta_alert_time: Option<Timestamp>,
        /// When it was detected. Its form on the wire is a guess: every one is read.
        pub alert_time: Option<Timestamp>,
    }

    /// The security management of a device.
    SecurityManagementContext {
        /// A code for what is wrong.
        #[serde(deserialize_with = "lenient::integer")]
        pub status: Option<i64>,
        /// The product.
        #[serde(deserialize_with = "lenient::text")]
        pub product_name: Option<String>,
        /// When, as a number without a documented unit.
        #[serde(deserialize_with = "lenient::integer")]
        pub info_time: Option<i64>,
        /// The virus.
        #[serde(deserialize_with = "lenient::text")]
        pub virus_name: Option<String>,
        /// The files hit.
        pub infected_files: Option<Vec<String>>,
        /// Days since the product was updated.
        #[serde(deserialize_with = "lenient::integer")]
        pub product_not_updated_for_days: Option<i64>,
        /// Hours that the system has been infected.
        #[serde(deserialize_with = "lenient::integer")]
        pub system_remains_infected_for_hours: Option<i64>,
        /// Days until the licence ends.
        #[serde(deserialize_with = "lenient::integer")]
        pub expiry_license_for_days: Option<i64>,
    }

    /// Software was installed, removed or changed.
    SoftwareActionContext {
        /// The software.
        #[serde(deserialize_with = "lenient::text")]
        pub package_name: Option<String>,
        /// What was done.
        pub action_type: Option<SoftwareActionKind>,
        /// The version before.
        #[serde(deserialize_with = "lenient::text")]
        pub prev_version: Option<String>,
        /// The version now.
        #[serde(deserialize_with = "lenient::text")]
        pub version: Option<String>,
    }

    /// A temperature.
    TemperatureContext {
        /// The temperature, in degrees.
        #[serde(deserialize_with = "lenient::number")]
        pub degree: Option<f64>,
        /// The resource.
        #[serde(rename = "type")]
        pub kind: Option<ResourceKind>,
    }

    /// The answer of a WMI query.
    WmiContext {
        /// The answer.
        #[serde(deserialize_with = "lenient::text")]
        pub value: Option<String>,
    }

    /// Endpoint security found a threat.
    EndpointSecurityThreatContext {
        /// Its id there, a number as text (observed).
        #[serde(deserialize_with = "lenient::text")]
        pub es_alert_id: Option<String>,
        /// What was found.
        #[serde(deserialize_with = "lenient::text")]
        pub description: Option<String>,
    }

    /// Endpoint security passes on what Windows Defender found.
    EndpointSecurityWindowsDefenderContext {
        /// Its id there, a number as text (guess).
        #[serde(deserialize_with = "lenient::text")]
        pub es_alert_id: Option<String>,
        /// What was found.
        #[serde(deserialize_with = "lenient::text")]
        pub description: Option<String>,
    }

    /// A backup.
    BackupManagementContext {
        /// What is wrong.
        #[serde(deserialize_with = "lenient::text")]
        pub error_message: Option<String>,
        /// After how long it was given up.
        #[serde(deserialize_with = "lenient::integer")]
        pub timeout: Option<i64>,
    }

    /// Network monitoring.
    NetworkMonitorContext {
        /// What is wrong.
        #[serde(deserialize_with = "lenient::text")]
        pub description: Option<String>,
    }

    /// A supply of a printer.
    PrinterContext {
        /// The address of the printer.
        #[serde(deserialize_with = "lenient::text")]
        pub ip_address: Option<String>,
        /// Its hardware address.
        #[serde(deserialize_with = "lenient::text")]
        pub mac_address: Option<String>,
        /// Which supply.
        #[serde(deserialize_with = "lenient::integer")]
        pub marker_supply_index: Option<i64>,
        /// How much is left.
        #[serde(deserialize_with = "lenient::integer")]
        pub current_level: Option<i64>,
    }

    /// The Windows security center.
    SecurityCenterContext {
        /// The product.
        #[serde(deserialize_with = "lenient::text")]
        pub product_name: Option<String>,
        /// What is wrong.
        pub alert_type: Option<SecurityCenterAlertKind>,
    }

    /// A probe by SNMP.
    SnmpProbeContext {
        /// The address asked.
        #[serde(deserialize_with = "lenient::text")]
        pub ip_address: Option<String>,
        /// The object id, under the member `OID`. The document has both spellings.
        #[serde(rename = "OID")]
        #[serde(deserialize_with = "lenient::text")]
        pub oid_capital: Option<String>,
        /// The rule.
        #[serde(deserialize_with = "lenient::text")]
        pub rule_name: Option<String>,
        /// The answer.
        #[serde(deserialize_with = "lenient::text")]
        pub response_value: Option<String>,
        /// The device asked.
        #[serde(deserialize_with = "lenient::text")]
        pub device_name: Option<String>,
        /// The monitor.
        #[serde(deserialize_with = "lenient::text")]
        pub monitor_name: Option<String>,
        /// The object id, under the member `oid`. The document has both spellings.
        #[serde(deserialize_with = "lenient::text")]
        pub oid: Option<String>,
    }
}
