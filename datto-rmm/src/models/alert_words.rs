//! An alert as one line for a ticket, and as a key that finds the ticket again.

use super::alerts::Alert;

/// The most characters of a sentence: ticket systems cut longer titles.
const SENTENCE: usize = 180;

impl Alert {
    /// One line for the title of a ticket: which device, which site, what happened.
    ///
    /// ```
    /// let alert: datto_rmm::Alert = serde_json::from_str(r#"{
    ///     "alertContext": {"@class": "srvc_status_ctx", "serviceName": "Spooler", "status": "STOPPED"},
    ///     "alertSourceInfo": {"deviceName": "WS-042", "siteName": "Contoso"}
    /// }"#)?;
    /// assert_eq!(alert.sentence(), "WS-042 (Contoso): service Spooler is stopped");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn sentence(&self) -> String {
        let source = self.alert_source_info.as_ref();
        let name = |name: Option<&String>| name.filter(|name| !name.trim().is_empty()).cloned();
        let device = name(source.and_then(|source| source.device_name.as_ref()));
        let site = name(source.and_then(|source| source.site_name.as_ref()));
        let place = match (device, site) {
            (Some(device), Some(site)) => format!("{device} ({site}): "),
            (Some(name), None) | (None, Some(name)) => format!("{name}: "),
            (None, None) => String::new(),
        };
        let diagnostics = || name(self.diagnostics.as_ref()).unwrap_or_else(|| "alert without a context".to_owned());
        let what = self.alert_context.as_ref().map_or_else(diagnostics, |context| context.words());
        one_line(&(place + &what))
    }

    /// A stable key for deduplication, 16 hexadecimal digits: the same for two alerts about the same thing on the same device,
    /// whatever was read there and however often it is raised.
    ///
    /// It is the FNV-1a hash (64 bit) of the device, the kind of monitor and the fields of the context that name what is watched:
    /// the disk, the service, the event. Where the kind or the device is not known, it is that of the alert alone, so that nothing is taken for
    /// a duplicate that is none. The service does not send which monitor raised an alert: two script monitors on one device
    /// with samples of the same names share a key, as do two WMI queries or two performance counters.
    pub fn fingerprint(&self) -> String {
        let device = self.alert_source_info.as_ref().map(|source| &source.device_uid).filter(|uid| !uid.is_empty());
        let context = self.alert_context.as_ref();
        let watched = context.and_then(|context| Some((context.kind()?, context.identity()?)));
        let mut hash = Fnv1a::new();
        match (device, watched) {
            (Some(device), Some((kind, identity))) => {
                hash.part(device.as_str());
                hash.part(kind);
                identity.iter().for_each(|value| hash.part(value));
            }
            _ => hash.part(self.alert_uid.as_str()),
        }
        format!("{:016x}", hash.0)
    }
}

/// Without line breaks, control characters and runs of spaces; cut at the end of a character.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SENTENCE) {
        Some(_) => line.chars().take(SENTENCE - 1).chain(['…']).collect(),
        None => line,
    }
}

/// The hash by Fowler, Noll and Vo: small, and the same on every machine and in every version.
struct Fnv1a(u64);

impl Fnv1a {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// With an end, so that "ab" + "c" differs from "a" + "bc".
    fn part(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn alert(context: Value) -> Alert {
        let source = json!({"deviceUid": "d-1", "deviceName": "WS-1", "siteName": "Contoso"});
        serde_json::from_value(json!({"alertUid": "a-1", "alertContext": context, "alertSourceInfo": source})).unwrap()
    }

    #[test]
    fn the_hash_is_the_published_one() {
        for (text, hash) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            let mut fnv = Fnv1a::new();
            fnv.bytes(text.as_bytes());
            assert_eq!(fnv.0, hash);
        }
    }

    #[test]
    fn alerts_speak_in_words() {
        for (context, words) in [
            (
                json!({"@class": "antivirus_ctx", "status": "NOTRUNNING", "productName": "Defender"}),
                "antivirus not running (Defender)",
            ),
            (
                json!({"@class": "comp_script_ctx", "samples": {"Alert": "BSOD\r\n seen", "": "x"}}),
                "x; Alert: BSOD seen",
            ),
            (json!({"@class": "comp_script_ctx", "samples": {}}), "component monitor raised an alert"),
            (
                json!({"@class": "custom_snmp_ctx", "displayName": "Load", "currentValue": "9", "monitorInstance": "1"}),
                "Load 1 is 9",
            ),
            (json!({"@class": "disk_health_ctx", "reason": "SMART failure"}), "disk health: SMART failure"),
            (
                json!({"@class": "eventlog_ctx", "logName": "System", "code": "41", "source": "Kernel-Power", "triggerCount": 3, "description": "rebooted"}),
                "event 41 from Kernel-Power in System, 3 times: rebooted",
            ),
            (json!({"@class": "fan_ctx", "reason": "stopped"}), "fan: stopped"),
            (json!({"@class": "fs_object_ctx", "path": "C:\\x", "condition": "REMOVED"}), "C:\\x was removed"),
            (json!({"@class": "online_offline_status_ctx", "status": "OFFLINE"}), "is offline"),
            (json!({"@class": "patch_ctx", "result": "failed", "info": "KB1"}), "patching: failed, KB1"),
            (
                json!({"@class": "perf_disk_usage_ctx", "diskName": "C:", "totalVolume": 249_037_000.0, "freeSpace": 4_404_019.2}),
                "disk C: has 4.2 GB free of 237.5 GB",
            ),
            (json!({"@class": "perf_mon_ctx", "value": 2.5}), "performance counter at 2.5"),
            (json!({"@class": "perf_resource_usage_ctx", "percentage": 97.0, "type": "CPU"}), "CPU at 97%"),
            (
                json!({"@class": "process_resource_usage_ctx", "processName": "sqlservr", "sample": 88.04, "type": "MEMORY"}),
                "process sqlservr: memory at 88",
            ),
            (json!({"@class": "srvc_resource_usage_ctx", "serviceName": "W3SVC", "type": "CPU"}), "service W3SVC: CPU"),
            (
                json!({"@class": "process_status_ctx", "processName": "app", "status": "RUNNING"}),
                "process app is running",
            ),
            (
                json!({"@class": "srvc_status_ctx", "serviceName": "Spooler", "status": "STOPPED"}),
                "service Spooler is stopped",
            ),
            (json!({"@class": "ping_ctx", "instanceName": "gw", "roundtripTime": 800}), "ping of gw: 800 ms"),
            (json!({"@class": "psu_ctx", "reason": "lost"}), "power supply: lost"),
            (
                json!({"@class": "ransomware_ctx", "affectedDirectories": ["C:\\a", "C:\\b"]}),
                "ransomware detected in C:\\a, C:\\b",
            ),
            (json!({"@class": "sec_management_ctx", "productName": "AV", "virusName": "EICAR"}), "AV found EICAR"),
            (
                json!({"@class": "sw_action_ctx", "packageName": "Tool", "actionType": "VERSION_CHANGED", "prevVersion": "1", "version": "2"}),
                "Tool changed from 1 to 2",
            ),
            (
                json!({"@class": "sw_action_ctx", "packageName": "Tool", "actionType": "INSTALLED", "version": "2"}),
                "Tool 2 was installed",
            ),
            (json!({"@class": "temperature_ctx", "degree": 71.25}), "temperature at 71.3 degrees"),
            (json!({"@class": "wmi_ctx", "value": "0"}), "WMI query gave 0"),
            (json!({"@class": "endpoint_security_threat_ctx", "description": "Detected threat"}), "Detected threat"),
            (json!({"@class": "EndpointSecurityWindowsDefenderContext"}), "Windows Defender raised an alert"),
            (json!({"@class": "BackupManagementContext", "errorMessage": "disk full"}), "backup alert: disk full"),
            (json!({"@class": "NetworkMonitorContext", "description": "switch down"}), "switch down"),
            (json!({"@class": "PrinterContext", "markerSupplyIndex": 2, "currentLevel": 5}), "printer supply 2 at 5"),
            (
                json!({"@class": "SecCenterContext", "productName": "Firewall", "alertType": "DISABLED"}),
                "Firewall is disabled",
            ),
            (
                json!({"@class": "SNMPProbeContext", "ruleName": "Toner", "ipAddress": "10.0.0.9", "responseValue": "3"}),
                "Toner on 10.0.0.9: 3",
            ),
            (json!({"@class": "quantum_ctx"}), "alert of an unknown kind (quantum_ctx)"),
            (Value::Null, "alert without a context"),
        ] {
            assert_eq!(alert(context).sentence(), format!("WS-1 (Contoso): {words}"));
        }
    }

    #[test]
    fn a_sentence_is_one_line_of_bounded_length() {
        let sentence = alert(json!({"@class": "wmi_ctx", "value": "ä\n\u{7}b ".repeat(500)})).sentence();
        assert_eq!(sentence.chars().count(), SENTENCE);
        assert!(sentence.ends_with('…') && !sentence.contains(char::is_control));
    }

    #[test]
    fn a_fingerprint_ignores_the_reading_and_keeps_what_is_watched() {
        let disk = |disk: &str, free: f64| {
            alert(json!({"@class": "perf_disk_usage_ctx", "diskName": disk, "freeSpace": free})).fingerprint()
        };
        assert_eq!(disk("C:", 1.0), disk("C:", 2.0));
        assert_ne!(disk("C:", 1.0), disk("D:", 1.0));
        let document = alert(json!({"@class": "DiskUsageContext", "diskName": "C:"})).fingerprint();
        assert_eq!(document, disk("C:", 1.0), "both spellings are one kind");
        assert_eq!(disk("C:", 1.0), "84b11879967dadc1", "stable over versions");
    }

    #[test]
    fn what_is_not_understood_is_never_merged() {
        let of = |uid: &str, context: Value| {
            let mut alert = alert(context);
            alert.alert_uid = uid.into();
            alert.fingerprint()
        };
        assert_ne!(of("a-1", json!({"@class": "quantum_ctx"})), of("a-2", json!({"@class": "quantum_ctx"})));
        assert_ne!(of("a-1", Value::Null), of("a-2", Value::Null));
        let wmi = json!({"@class": "wmi_ctx"});
        assert_eq!(of("a-1", wmi.clone()), of("a-2", wmi));
    }
}
