//! Contexts of alerts: every kind that is known on the wire, and what a client must survive besides.

use serde_json::{Value, json};

use crate::random::Random;

/// How many kinds there are: thirty by name, an unknown name, no name at all, and null.
pub(super) const KINDS: usize = 33;

/// The context of one kind. The names from `endpoint_security_windows_defender_ctx` on to `snmp_probe_ctx` are
/// guesses, made like the observed ones; so is how their dates are written.
pub(super) fn context(kind: usize, random: &mut Random, now: i64) -> Value {
    let percent = random.between(80, 100) as f64 + 0.5;
    let when = now - random.between(1, 10_000) * 60_000;
    match kind {
        0..10 => of_the_machine(kind, random, percent),
        10..20 => of_its_parts(kind, random, percent, when),
        20..24 => of_its_safety(kind, when),
        _ => seldom(kind, random),
    }
}

fn of_the_machine(kind: usize, random: &mut Random, percent: f64) -> Value {
    let service = random.pick(&["Spooler", "W32Time", "BITS"]);
    let program = random.pick(&["outlook.exe", "sqlservr.exe", "java.exe"]);
    match kind {
        0 => json!({"@class": "comp_script_ctx", "samples": {"Alert": "The check has failed", "": "no name"}}),
        1 => json!({"@class": "online_offline_status_ctx", "status": random.pick(&["OFFLINE", "ONLINE"])}),
        2 => {
            json!({"@class": "perf_resource_usage_ctx", "percentage": percent, "type": random.pick(&["CPU", "MEMORY", "SNMP_THROUGHPUT"])})
        }
        3 => {
            json!({"@class": "perf_disk_usage_ctx", "diskName": "C:", "totalVolume": 249_123_840.5, "freeSpace": 12_458_624.25,
            "unitOfMeasure": random.pick(&["PERCENT", "USED", "FREE"]),
            "diskNameDesignation": random.pick(&["ANY_VOLUME", "ALL_VOLUMES", "SINGLE_VOLUME"])})
        }
        4 => json!({"@class": "perf_mon_ctx", "value": percent}),
        5 => json!({"@class": "process_status_ctx", "processName": program, "status": "STOPPED"}),
        6 => {
            json!({"@class": "srvc_status_ctx", "serviceName": service, "status": random.pick(&["STOPPED", "PAUSED", "STARTPENDING"])})
        }
        7 => json!({"@class": "process_resource_usage_ctx", "processName": program, "sample": percent, "type": "CPU"}),
        8 => json!({"@class": "srvc_resource_usage_ctx", "serviceName": service, "sample": percent, "type": "MEMORY"}),
        _ => {
            json!({"@class": "ping_ctx", "instanceName": "gateway.example.com", "roundtripTime": random.between(200, 900),
            "reasons": ["ROUNDTRIP_TIME"]})
        }
    }
}

fn of_its_parts(kind: usize, random: &mut Random, percent: f64, when: i64) -> Value {
    match kind {
        10 => {
            json!({"@class": "eventlog_ctx", "logName": "System", "code": "41", "type": "Critical", "source": "Kernel-Power",
            "description": "The system has rebooted without cleanly shutting down first.", "triggerCount": random.between(1, 9),
            "lastTriggered": when, "causedSuspension": random.chance(10)})
        }
        11 => {
            json!({"@class": "fs_object_ctx", "path": "C:\\Data\\export.csv", "condition": "ABOVE_THRESHOLD", "threshold": 10.0,
            "sample": percent, "objectType": "FILE"})
        }
        12 => json!({"@class": "disk_health_ctx", "reason": "Predicted failure of disk 1", "type": "DISKHEALTH"}),
        13 => json!({"@class": "fan_ctx", "reason": "Fan 2 has stopped", "type": "FAN"}),
        14 => json!({"@class": "psu_ctx", "reason": "No input on supply 1", "type": "PSU"}),
        15 => json!({"@class": "temperature_ctx", "degree": percent, "type": "TEMPERATURE"}),
        16 => json!({"@class": "custom_snmp_ctx", "displayName": "Toner", "currentValue": "4", "monitorInstance": "1"}),
        17 => json!({"@class": "wmi_ctx", "value": "Stopped"}),
        18 => json!({"@class": "sw_action_ctx", "packageName": "Example Reader", "actionType": "VERSION_CHANGED",
            "prevVersion": "1.0", "version": "1.1"}),
        _ => {
            json!({"@class": "patch_ctx", "patchUid": random.guid(), "policyUid": random.guid(), "result": "FAILED", "info": null})
        }
    }
}

fn of_its_safety(kind: usize, when: i64) -> Value {
    match kind {
        20 => json!({"@class": "antivirus_ctx", "status": "NOTRUNNING", "productName": "Windows Defender"}),
        21 => {
            json!({"@class": "ransomware_ctx", "state": 1, "confidenceFactor": 90, "affectedDirectories": ["C:\\Shares"],
            "watchPaths": ["C:\\Shares", "C:\\Users"], "rwextension": ".locked", "metaAlertTime": when, "alertTime": when})
        }
        22 => {
            json!({"@class": "sec_management_ctx", "status": 2, "productName": "Datto AV", "infoTime": 1_787_643, "virusName": "Test.File",
            "infectedFiles": ["C:\\Temp\\test.com"], "productNotUpdatedForDays": 3, "systemRemainsInfectedForHours": 1,
            "expiryLicenseForDays": 30})
        }
        _ => {
            json!({"@class": "endpoint_security_threat_ctx", "esAlertId": "10000001", "description": "Detected threat from Datto AV"})
        }
    }
}

fn seldom(kind: usize, random: &mut Random) -> Value {
    match kind {
        24 => {
            json!({"@class": "endpoint_security_windows_defender_ctx", "esAlertId": "10000002", "description": "Detected threat"})
        }
        25 => json!({"@class": "backup_management_ctx", "errorMessage": "No backup in time", "timeout": 60}),
        26 => json!({"@class": "network_monitor_ctx", "description": "A new device has appeared"}),
        27 => {
            json!({"@class": "printer_ctx", "ipAddress": "10.0.0.9", "macAddress": random.hex(12), "markerSupplyIndex": 1,
            "currentLevel": 3})
        }
        28 => json!({"@class": "seccenter_ctx", "productName": "Example Firewall", "alertType": "DISABLED"}),
        29 => {
            json!({"@class": "snmp_probe_ctx", "ipAddress": "10.0.0.3", "OID": "1.3.6.1.2.1.1.3.0", "oid": "1.3.6.1.2.1.1.3.0",
            "ruleName": "Uptime", "responseValue": "12", "deviceName": "NET-00001", "monitorName": "Uptime"})
        }
        30 => json!({"@class": "hologram_ctx", "beam": {"width": random.between(1, 9)}}),
        31 => json!({"note": "a context without a class"}),
        _ => Value::Null,
    }
}
