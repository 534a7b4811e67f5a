//! Contexts in words: what happened, without who and where.

use std::fmt::Display;

use serde_json::Value;

use super::{
    AlertContext, AntivirusAlertStatus, DiskUsageContext, FileCondition, FileSystemContext, OnlineStatus, ResourceKind,
    RunStatus, SecurityCenterAlertKind, SecurityManagementContext, SoftwareActionContext, SoftwareActionKind,
};
use crate::models::plain::plain;

impl AlertContext {
    /// What happened, as the rest of a sentence whose beginning names the device.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Antivirus(c) => {
                let state = match &c.status {
                    Some(AntivirusAlertStatus::NotDetected) => "antivirus not detected",
                    Some(AntivirusAlertStatus::NotRunning) => "antivirus not running",
                    Some(AntivirusAlertStatus::RunningNotUpToDate) => "antivirus not up to date",
                    Some(AntivirusAlertStatus::Other(other)) => other,
                    None => "antivirus alert",
                };
                with("", state, " (", &c.product_name, ")")
            }
            Self::Script(c) => {
                let samples = c
                    .samples
                    .iter()
                    .flatten()
                    .map(|(name, value)| if name.is_empty() { value.clone() } else { format!("{name}: {value}") });
                or(samples.collect::<Vec<_>>().join("; "), "component monitor raised an alert")
            }
            Self::CustomSnmp(c) => {
                let name = with("", name(&c.display_name, "SNMP value"), " ", &c.monitor_instance, "");
                with("", name, " is ", &c.current_value, "")
            }
            Self::DiskHealth(c) => with("disk health", "", ": ", &c.reason, ""),
            Self::EventLog(c) => {
                let event = with("event ", name(&c.code, "?"), " from ", &c.source, "");
                let event = with("", event, " in ", &c.log_name, "");
                let times = c.trigger_count.filter(|count| *count > 1).map(|count| format!(", {count} times"));
                with("", event + &times.unwrap_or_default(), ": ", &c.description, "")
            }
            Self::Fan(c) => with("fan", "", ": ", &c.reason, ""),
            Self::FileSystem(c) => file(c),
            Self::OnlineOfflineStatus(c) => match &c.status {
                Some(OnlineStatus::Offline) => "is offline".to_owned(),
                Some(OnlineStatus::Online) => "is online".to_owned(),
                Some(OnlineStatus::Other(other)) => format!("is {other}"),
                None => "online status changed".to_owned(),
            },
            Self::Patch(c) => with("", with("patching", "", ": ", &c.result, ""), ", ", &c.info, ""),
            Self::DiskUsage(c) => disk(c),
            Self::WindowsPerformance(c) => with("performance counter", "", " at ", &c.value, ""),
            Self::ResourceUsage(c) => {
                with("", resource(&c.kind), " at ", &c.percentage.map(|percent| format!("{}%", round(percent))), "")
            }
            Self::ProcessResourceUsage(c) => usage("process", &c.process_name, &c.kind, c.sample),
            Self::ServiceResourceUsage(c) => usage("service", &c.service_name, &c.kind, c.sample),
            Self::ProcessStatus(c) => format!("process {} {}", name(&c.process_name, "?"), state(&c.status)),
            Self::ServiceStatus(c) => format!("service {} {}", name(&c.service_name, "?"), state(&c.status)),
            Self::Ping(c) => {
                let reasons =
                    c.reasons.as_ref().filter(|reasons| !reasons.is_empty()).map(|reasons| reasons.join(", "));
                let time = c.roundtrip_time.map(|millis| format!("{} ms", round(millis)));
                with("ping", "", " of ", &c.instance_name, "") + &with("", "", ": ", &reasons.or(time), "")
            }
            Self::Psu(c) => with("power supply", "", ": ", &c.reason, ""),
            Self::Ransomware(c) => {
                let hit = c.affected_directories.as_ref().filter(|hit| !hit.is_empty()).map(|hit| hit.join(", "));
                with("ransomware detected", "", " in ", &hit, "")
            }
            Self::SecurityManagement(c) => security(c),
            Self::SoftwareAction(c) => software(c),
            Self::Temperature(c) => {
                with("temperature", "", " at ", &c.degree.map(|degree| format!("{} degrees", round(degree))), "")
            }
            Self::Wmi(c) => with("WMI query", "", " gave ", &c.value, ""),
            Self::EndpointSecurityThreat(c) => name(&c.description, "endpoint security found a threat").to_owned(),
            Self::EndpointSecurityWindowsDefender(c) => {
                name(&c.description, "Windows Defender raised an alert").to_owned()
            }
            Self::BackupManagement(c) => with("backup alert", "", ": ", &c.error_message, ""),
            Self::NetworkMonitor(c) => name(&c.description, "network monitor raised an alert").to_owned(),
            Self::Printer(c) => {
                let supply = with("printer supply", "", " ", &c.marker_supply_index, "");
                with("", supply, " at ", &c.current_level, "")
            }
            Self::SecurityCenter(c) => {
                let state = match &c.alert_type {
                    Some(SecurityCenterAlertKind::Disabled) => "is disabled",
                    Some(SecurityCenterAlertKind::NotUpToDate) => "is not up to date",
                    Some(SecurityCenterAlertKind::Other(other)) => other,
                    None => "raised an alert",
                };
                format!("{} {state}", name(&c.product_name, "security product"))
            }
            Self::SnmpProbe(c) => {
                let probe = name(&c.rule_name, name(&c.monitor_name, "SNMP probe")).to_owned();
                let probe =
                    with("", probe, " on ", if c.device_name.is_some() { &c.device_name } else { &c.ip_address }, "");
                with("", probe, ": ", &c.response_value, "")
            }
            Self::Unknown { class, raw } => unknown(class.as_deref(), raw),
        }
    }
}

/// A kind that this version does not know: its class in words, and the first few of its members.
fn unknown(class: Option<&str>, raw: &Value) -> String {
    let class = class.map(class_words).filter(|words| !words.is_empty());
    let kind = class.map_or_else(|| "alert of an unknown kind".to_owned(), |words| format!("{words} alert"));
    let members = raw.as_object().into_iter().flatten().filter(|(name, _)| *name != "@class");
    let members = members.filter_map(|(name, value)| {
        let value = match value {
            Value::String(text) if !plain(text).is_empty() => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        Some(format!("{}: {value}", spaced(name)))
    });
    let members: Vec<String> = members.take(4).collect();
    with("", kind, ": ", &Some(members.join(", ")), "")
}

/// "endpoint security new" of `EndpointSecurityNewContext`, "quantum" of `quantum_ctx`.
fn class_words(class: &str) -> String {
    let last = class.rsplit(['.', '$']).next().unwrap_or_default();
    let name = ["_ctx", "Context", "Ctx"].iter().find_map(|end| last.strip_suffix(end)).unwrap_or(last);
    spaced(name)
}

/// A name of the wire as words in lower case.
fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before: Option<char> = None;
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit()) {
            words.push(' ');
        }
        before = Some(letter);
        if matches!(letter, '_' | '-') { words.push(' ') } else { words.extend(letter.to_lowercase()) }
    }
    words
}

/// `head` and `text`; after them the value between its two marks, if there is one.
fn with<T: Display>(head: &str, text: impl Display, before: &str, value: &Option<T>, after: &str) -> String {
    match value.as_ref().map(ToString::to_string).filter(|value| !plain(value).is_empty()) {
        Some(value) => format!("{head}{text}{before}{value}{after}"),
        None => format!("{head}{text}"),
    }
}

fn name<'a>(value: &'a Option<String>, otherwise: &'a str) -> &'a str {
    value.as_deref().filter(|value| !plain(value).is_empty()).unwrap_or(otherwise)
}

fn or(text: String, otherwise: &str) -> String {
    if plain(&text).is_empty() { otherwise.to_owned() } else { text }
}

/// To one decimal, without a trailing zero.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn resource(kind: &Option<ResourceKind>) -> &str {
    match kind {
        Some(ResourceKind::Cpu) => "CPU",
        Some(ResourceKind::Memory) => "memory",
        Some(ResourceKind::SnmpThroughput) => "throughput",
        Some(other) => other.as_str(),
        None => "resource usage",
    }
}

fn state(status: &Option<RunStatus>) -> String {
    match status {
        Some(RunStatus::Stopped) => "is stopped".to_owned(),
        Some(RunStatus::Running) => "is running".to_owned(),
        Some(RunStatus::Paused) => "is paused".to_owned(),
        Some(RunStatus::StartPending) => "is starting".to_owned(),
        Some(RunStatus::StopPending) => "is stopping".to_owned(),
        Some(RunStatus::ContinuePending) => "is resuming".to_owned(),
        Some(RunStatus::PausePending) => "is pausing".to_owned(),
        Some(RunStatus::Other(other)) => format!("is {other}"),
        None => "changed its state".to_owned(),
    }
}

fn usage(what: &str, named: &Option<String>, kind: &Option<ResourceKind>, sample: Option<f64>) -> String {
    let subject = format!("{what} {}: {}", name(named, "?"), resource(kind));
    with("", subject, " at ", &sample.map(round), "")
}

fn file(c: &FileSystemContext) -> String {
    let path = name(&c.path, "a watched path");
    match &c.condition {
        Some(FileCondition::Removed) => format!("{path} was removed"),
        Some(FileCondition::Created) => format!("{path} was created"),
        Some(FileCondition::AboveThreshold) => {
            with("", with(path, "", " is above ", &c.threshold, ""), " (", &c.sample, ")")
        }
        Some(FileCondition::BelowThreshold) => {
            with("", with(path, "", " is below ", &c.threshold, ""), " (", &c.sample, ")")
        }
        Some(FileCondition::Other(other)) => format!("{path}: {other}"),
        None => format!("{path} changed"),
    }
}

/// Sizes come in kilobytes (observed).
fn disk(c: &DiskUsageContext) -> String {
    let gigabytes = |kilobytes: f64| format!("{} GB", round(kilobytes / 1024.0 / 1024.0));
    let disk = format!("disk {}", name(&c.disk_name, "?"));
    match (c.free_space, c.total_volume) {
        (Some(free), Some(total)) => format!("{disk} has {} free of {}", gigabytes(free), gigabytes(total)),
        (Some(free), None) => format!("{disk} has {} free", gigabytes(free)),
        (None, _) => format!("{disk} is short of space"),
    }
}

fn security(c: &SecurityManagementContext) -> String {
    let product = name(&c.product_name, "security product");
    if let Some(virus) = c.virus_name.as_deref().filter(|virus| !virus.is_empty()) {
        return format!("{product} found {virus}");
    }
    let days = |days: Option<i64>| days.filter(|days| *days > 0);
    if let Some(days) = days(c.product_not_updated_for_days) {
        return format!("{product} not updated for {days} days");
    }
    if let Some(days) = days(c.expiry_license_for_days) {
        return format!("licence of {product} ends in {days} days");
    }
    format!("{product} raised an alert")
}

fn software(c: &SoftwareActionContext) -> String {
    let package = name(&c.package_name, "software");
    match &c.action_type {
        Some(SoftwareActionKind::Installed) => {
            with("", with(package, "", " ", &c.version, ""), "", &Some(" was installed"), "")
        }
        Some(SoftwareActionKind::Uninstalled) => format!("{package} was removed"),
        Some(SoftwareActionKind::VersionChanged) => {
            let changed = with(package, " changed", " from ", &c.prev_version, "");
            with("", changed, " to ", &c.version, "")
        }
        Some(SoftwareActionKind::Other(other)) => format!("{package}: {other}"),
        None => format!("{package} changed"),
    }
}
