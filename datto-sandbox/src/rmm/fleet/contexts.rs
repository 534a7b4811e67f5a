//! Contexts of alerts: every kind that is known on the wire, and what a client must survive besides.

use serde_json::{Value, json};

use crate::random::Random;

/// How many kinds there are: thirty by name, an unknown name, no name at all, and null.
pub(super) const KINDS: usize = 33;

/// The context of an alert, which is written anew whenever it is asked for: as values, those of a large account take
/// more memory than all its devices.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    kind: usize,
    random: Random,
    now: i64,
}

impl Context {
    pub(super) fn new(kind: usize, random: &mut Random, now: i64) -> Self {
        Self { kind, random: random.fork(), now }
    }

    pub(crate) fn value(&self) -> Value {
        context(self.kind, &mut self.random.clone(), self.now)
    }
}

fn context(kind: usize, random: &mut Random, now: i64) -> Value {
    let number = random.between(80, 100) as f64 + 0.5;
    let when = now - random.between(1, 10_000) * 60_000;
    match kind {
        0..10 => of_the_machine(kind, random, number),
        10..20 => of_its_parts(kind, random, number, when),
        20..24 => of_its_safety(kind, when),
        24..30 => guessed(kind, random),
        30 => named("hologram_ctx", json!({"beam": {"width": random.between(1, 9)}})),
        31 => json!({"note": "a context without a class"}),
        _ => Value::Null,
    }
}

fn named(class: &str, mut fields: Value) -> Value {
    if let Value::Object(fields) = &mut fields {
        fields.insert("@class".to_owned(), json!(class));
    }
    fields
}

fn of_the_machine(kind: usize, random: &mut Random, number: f64) -> Value {
    let service = random.pick(&["Spooler", "W32Time", "BITS"]);
    let program = random.pick(&["outlook.exe", "sqlservr.exe", "java.exe"]);
    let resource = random.pick(&["CPU", "MEMORY", "SNMP_THROUGHPUT"]);
    let state = random.pick(&["STOPPED", "PAUSED", "STARTPENDING"]);
    match kind {
        0 => named("comp_script_ctx", json!({"samples": {"Alert": "The check has failed", "": "no name"}})),
        1 => named("online_offline_status_ctx", json!({"status": random.pick(&["OFFLINE", "ONLINE"])})),
        2 => named("perf_resource_usage_ctx", json!({"percentage": number, "type": resource})),
        3 => named(
            "perf_disk_usage_ctx",
            json!({
                "diskName": "C:",
                "totalVolume": 249_123_840.5,
                "freeSpace": 12_458_624.25,
                "unitOfMeasure": random.pick(&["PERCENT", "USED", "FREE"]),
                "diskNameDesignation": random.pick(&["ANY_VOLUME", "ALL_VOLUMES", "SINGLE_VOLUME"]),
            }),
        ),
        4 => named("perf_mon_ctx", json!({"value": number})),
        5 => named("process_status_ctx", json!({"processName": program, "status": state})),
        6 => named("srvc_status_ctx", json!({"serviceName": service, "status": state})),
        7 => named("process_resource_usage_ctx", json!({"processName": program, "sample": number, "type": "CPU"})),
        8 => named("srvc_resource_usage_ctx", json!({"serviceName": service, "sample": number, "type": "MEMORY"})),
        _ => named(
            "ping_ctx",
            json!({
                "instanceName": "gateway.example.com",
                "roundtripTime": random.between(200, 900),
                "reasons": ["ROUNDTRIP_TIME"],
            }),
        ),
    }
}

fn of_its_parts(kind: usize, random: &mut Random, number: f64, when: i64) -> Value {
    match kind {
        10 => named(
            "eventlog_ctx",
            json!({
                "logName": "System",
                "code": "41",
                "type": "Critical",
                "source": "Kernel-Power",
                "description": "The system has rebooted without cleanly shutting down first.",
                "triggerCount": random.between(1, 9),
                // Milliseconds are a guess; the document says date-time.
                "lastTriggered": when,
                "causedSuspension": random.chance(10),
            }),
        ),
        11 => named(
            "fs_object_ctx",
            json!({
                "path": "C:\\Data\\export.csv",
                "condition": "ABOVE_THRESHOLD",
                "threshold": 10.0,
                "sample": number,
                "objectType": "FILE",
            }),
        ),
        12 => named("disk_health_ctx", json!({"reason": "Predicted failure of disk 1", "type": "DISKHEALTH"})),
        13 => named("fan_ctx", json!({"reason": "Fan 2 has stopped", "type": "FAN"})),
        14 => named("psu_ctx", json!({"reason": "No input on supply 1", "type": "PSU"})),
        15 => named("temperature_ctx", json!({"degree": number, "type": "TEMPERATURE"})),
        16 => named("custom_snmp_ctx", json!({"displayName": "Toner", "currentValue": "4", "monitorInstance": "1"})),
        17 => named("wmi_ctx", json!({"value": "Stopped"})),
        18 => named(
            "sw_action_ctx",
            json!({
                "packageName": "Example Reader",
                "actionType": random.pick(&["INSTALLED", "UNINSTALLED", "VERSION_CHANGED"]),
                "prevVersion": "1.0",
                "version": "1.1",
            }),
        ),
        _ => named(
            "patch_ctx",
            json!({"patchUid": random.guid(), "policyUid": random.guid(), "result": "FAILED", "info": null}),
        ),
    }
}

fn of_its_safety(kind: usize, when: i64) -> Value {
    match kind {
        20 => named("antivirus_ctx", json!({"status": "NOTRUNNING", "productName": "Windows Defender"})),
        21 => named(
            "ransomware_ctx",
            json!({
                "state": 1,
                "confidenceFactor": 90,
                "affectedDirectories": ["C:\\Shares"],
                "watchPaths": ["C:\\Shares", "C:\\Users"],
                "rwextension": ".locked",
                "metaAlertTime": when,
                "alertTime": when,
            }),
        ),
        22 => named(
            "sec_management_ctx",
            json!({
                "status": 2,
                "productName": "Datto AV",
                "infoTime": 1_787_643,
                "virusName": "Test.File",
                "infectedFiles": ["C:\\Temp\\test.com"],
                "productNotUpdatedForDays": 3,
                "systemRemainsInfectedForHours": 1,
                "expiryLicenseForDays": 30,
            }),
        ),
        _ => named(
            "endpoint_security_threat_ctx",
            json!({"esAlertId": "10000001", "description": "Detected threat from Datto AV"}),
        ),
    }
}

/// Kinds whose names are guesses, made like the observed ones; their fields are those of the document.
fn guessed(kind: usize, random: &mut Random) -> Value {
    match kind {
        24 => named(
            "endpoint_security_windows_defender_ctx",
            json!({"esAlertId": "10000002", "description": "Detected threat from Windows Defender"}),
        ),
        25 => named("backup_management_ctx", json!({"errorMessage": "No backup in time", "timeout": 60})),
        26 => named("network_monitor_ctx", json!({"description": "A new device has appeared"})),
        27 => named(
            "printer_ctx",
            json!({
                "ipAddress": "10.0.0.9",
                "macAddress": random.hex(12),
                "markerSupplyIndex": 1,
                "currentLevel": 3,
            }),
        ),
        28 => named("seccenter_ctx", json!({"productName": "Example Firewall", "alertType": "DISABLED"})),
        _ => named(
            "snmp_probe_ctx",
            json!({
                "ipAddress": "10.0.0.3",
                "OID": "1.3.6.1.2.1.1.3.0",
                "oid": "1.3.6.1.2.1.1.3.0",
                "ruleName": "Uptime",
                "responseValue": "12",
                "deviceName": "NET-00001",
                "monitorName": "Uptime",
            }),
        ),
    }
}
