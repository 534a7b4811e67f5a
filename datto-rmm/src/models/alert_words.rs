//! An alert as one line for a ticket, and as a key that finds the ticket again.

use datto_common::Incident;

use super::alerts::{Alert, AlertSourceInfo};
use super::plain::plain;

/// The most characters of a sentence: ticket systems cut longer titles.
const SENTENCE: usize = 180;

impl Alert {
    /// One line for the title of a ticket: which device, which site, what happened. Entities of HTML are decoded once; markup, terminal escapes
    /// and characters that cannot be seen are dropped: the text comes from endpoints. The fields keep it as it came.
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
        let name = |name: Option<&String>| name.filter(|name| !plain(name).is_empty()).cloned();
        let device = name(source.and_then(|source| source.device_name.as_ref()));
        let site = name(source.and_then(|source| source.site_name.as_ref()));
        let place = match (device, site) {
            (Some(device), Some(site)) => format!("{device} ({site}): "),
            (Some(name), None) | (None, Some(name)) => format!("{name}: "),
            (None, None) => String::new(),
        };
        let what = match self.alert_context.as_ref().filter(|context| !context.is_empty()) {
            Some(context) => context.words(),
            None => name(self.diagnostics.as_ref()).unwrap_or_else(|| "alert without a context".to_owned()),
        };
        one_line(&(place + &what))
    }

    /// A stable key for deduplication, 16 hexadecimal digits: the same for two alerts about the same thing on the same device,
    /// whatever was read there and however often it is raised.
    ///
    /// It is the FNV-1a hash (64 bit) of the device, the kind of monitor and the fields of the context that name what is watched:
    /// the disk, the service, the event, each as it reads in a sentence. Where the kind, the device or these fields are not known, it is that of the
    /// alert alone, so that nothing is taken for a duplicate that is none. The service does not send which monitor raised an alert: two script monitors on one device
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

/// As an incident. Its key is the fingerprint, so that what is raised again belongs to the same ticket.
impl From<&Alert> for Incident {
    fn from(alert: &Alert) -> Self {
        let source = alert.alert_source_info.as_ref();
        let name = |name: fn(&AlertSourceInfo) -> &Option<String>| {
            source.and_then(|source| name(source).clone()).map(|name| plain(&name))
        };
        let mut incident = Self::new(format!("alert:{}", alert.fingerprint()), alert.severity(), alert.sentence())
            .customer(name(|source| &source.site_name))
            .place(name(|source| &source.device_name))
            .since(alert.timestamp.clone());
        incident.evidence.push(format!("alert {}", alert.alert_uid));
        incident
    }
}

/// As people read it; cut at the end of a character.
fn one_line(text: &str) -> String {
    let line = plain(text);
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
    use crate::models::AlertContext;
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
            (json!({"@class": "quantum_ctx"}), "quantum alert"),
            (
                json!({"@class": "com.x.DeepFreezeContext", "frozenSince": 3, "map": {}, "reason": "a &amp; b", "none": null}),
                "deep freeze alert: frozen since: 3, reason: a & b",
            ),
            (json!({"value": 1}), "alert of an unknown kind: value: 1"),
            (json!({}), "alert without a context"),
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
    fn text_of_endpoints_is_cleaned_in_sentence_and_fingerprint_and_kept_in_the_record() {
        let event = |source: &str| json!({"@class": "eventlog_ctx", "code": 7, "logName": "System", "source": source, "description": "The &quot;Spooler&quot; <b>stopped</b>\u{202e}"});
        let (raw, clean) = (alert(event("Service\u{200b} &#39;Control&#39;")), alert(event("Service 'Control'")));
        assert_eq!(raw.sentence(), "WS-1 (Contoso): event 7 from Service 'Control' in System: The \"Spooler\" stopped");
        assert_eq!(raw.fingerprint(), clean.fingerprint());
        let Some(AlertContext::EventLog(context)) = &raw.alert_context else { panic!() };
        assert_eq!(context.description.as_deref(), Some("The &quot;Spooler&quot; <b>stopped</b>\u{202e}"));
    }

    #[test]
    fn diagnostics_of_any_form_are_read() {
        for (sent, words) in [
            (json!("disk &lt;C:&gt; full"), "disk <C:> full"),
            (json!({"free": 3}), "{\"free\":3}"),
            (json!([1, "a"]), "[1,\"a\"]"),
            (json!(null), "alert without a context"),
        ] {
            let alert: Alert = serde_json::from_value(json!({"alertUid": "a-1", "diagnostics": sent})).unwrap();
            assert_eq!(alert.sentence(), words);
        }
    }

    #[test]
    fn a_member_in_another_form_costs_neither_kind_nor_sentence_nor_fingerprint() {
        for (odd, plain, words) in [
            (
                json!({"@class": "patch_ctx", "result": 0, "patchUid": "p"}),
                json!({"@class": "patch_ctx", "patchUid": "p"}),
                "patching: 0",
            ),
            (
                json!({"@class": "perf_mon_ctx", "value": "12,5"}),
                json!({"@class": "perf_mon_ctx"}),
                "performance counter at 12.5",
            ),
            (
                json!({"@class": "ping_ctx", "instanceName": "gw", "roundtripTime": 12.5}),
                json!({"@class": "ping_ctx", "instanceName": "gw"}),
                "ping of gw: 12.5 ms",
            ),
            (
                json!({"@class": "perf_resource_usage_ctx", "percentage": "97.3", "type": "CPU"}),
                json!({"@class": "perf_resource_usage_ctx", "type": "CPU"}),
                "CPU at 97.3%",
            ),
            (
                json!({"@class": "perf_resource_usage_ctx", "percentage": "97,3 %", "type": "CPU"}),
                json!({"@class": "perf_resource_usage_ctx", "type": "CPU"}),
                "CPU at 97.3%",
            ),
            (
                json!({"@class": "eventlog_ctx", "code": "7", "triggerCount": "3"}),
                json!({"@class": "eventlog_ctx", "code": 7}),
                "event 7, 3 times",
            ),
            (
                json!({"@class": "comp_script_ctx", "samples": {"a": 1, "b": null, "c": [2]}}),
                json!({"@class": "comp_script_ctx", "samples": {"a": "x", "c": "y"}}),
                "a: 1; c: [2]",
            ),
            (
                json!({"@class": "custom_snmp_ctx", "displayName": "Toner", "currentValue": 4}),
                json!({"@class": "custom_snmp_ctx", "displayName": "Toner"}),
                "Toner is 4",
            ),
        ] {
            let odd = alert(odd);
            assert_eq!(odd.sentence(), format!("WS-1 (Contoso): {words}"));
            assert_eq!(odd.fingerprint(), alert(plain).fingerprint(), "{words}");
        }
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
        // The disk of one of them cannot be read, or is not told.
        for context in [
            json!({"@class": "perf_disk_usage_ctx", "diskName": {"label": "C:"}}),
            json!({"@class": "perf_disk_usage_ctx"}),
            json!({"@class": "comp_script_ctx", "samples": [{"name": "a"}]}),
            json!({"@class": "srvc_status_ctx", "serviceName": "\u{200b}"}),
        ] {
            assert_ne!(of("a-1", context.clone()), of("a-2", context.clone()), "{context}");
        }
        let wmi = json!({"@class": "wmi_ctx"});
        assert_eq!(of("a-1", wmi.clone()), of("a-2", wmi));
    }
}
