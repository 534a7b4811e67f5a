//! Every answer against the official OpenAPI document, whose path the variable `DATTO_RMM_OPENAPI` gives.

use std::collections::BTreeSet;

use datto_sandbox::Sandbox;
use serde_json::Value;

use crate::client::Rmm;
use crate::rmm_operations;

/// Fields that are served and not in the document: the older document has it, and it was seen since.
const SERVED_ALL_THE_SAME: [&str; 1] = ["udf"];

#[tokio::test(start_paused = true)]
async fn every_operation_answers_as_the_document_says() {
    let Ok(path) = std::env::var("DATTO_RMM_OPENAPI") else {
        println!("skipped: DATTO_RMM_OPENAPI is not set");
        return;
    };
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rmm = Rmm::start(Sandbox::builder().devices(600).seed(4).odd_values(false)).await;
    let mut done = BTreeSet::new();
    let mut wrong = Vec::new();
    for call in rmm_operations::all(&rmm).await {
        let place = format!("{} {}", call.method, call.template);
        let operation = &document["paths"][call.template][call.method.to_lowercase()];
        assert!(operation.is_object(), "{place} is not in the document");
        let answer = rmm.send(call.method, &call.path, call.body.as_ref()).await;
        assert_eq!(answer.status, 200, "{place}: {}", answer.text());
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            assert_eq!(answer.text(), "", "{place}");
        } else {
            Check { document: &document, wrong: &mut wrong }.value(schema, &answer.json(), &place);
        }
        done.insert(place);
    }
    wrong.sort();
    wrong.dedup();
    assert_eq!(wrong, Vec::<String>::new());
    let count =
        document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum::<usize>();
    assert_eq!((done.len(), count), (65, 65));
}

/// The names on the wire and those of the document. Three kinds are not in it: it has one schema for each pair of
/// twins, and that schema is the twin's.
const CONTEXTS: [(&str, &str); 27] = [
    ("antivirus_ctx", "AntivirusContext"),
    ("backup_management_ctx", "BackupManagementContext"),
    ("comp_script_ctx", "ScriptContext"),
    ("custom_snmp_ctx", "CustomSNMPContext"),
    ("disk_health_ctx", "DiskHealthContext"),
    ("endpoint_security_threat_ctx", "EndpointSecurityThreatContext"),
    ("endpoint_security_windows_defender_ctx", "EndpointSecurityWindowsDefenderContext"),
    ("eventlog_ctx", "EventLogContext"),
    ("fan_ctx", "FanContext"),
    ("fs_object_ctx", "FileSystemContext"),
    ("network_monitor_ctx", "NetworkMonitorContext"),
    ("online_offline_status_ctx", "OnlineOfflineStatusContext"),
    ("patch_ctx", "PatchContext"),
    ("perf_disk_usage_ctx", "DiskUsageContext"),
    ("perf_mon_ctx", "WindowsPerformanceContext"),
    ("ping_ctx", "PingContext"),
    ("printer_ctx", "PrinterContext"),
    ("process_resource_usage_ctx", "ResourceUsageContext"),
    ("process_status_ctx", "StatusContext"),
    ("psu_ctx", "PsuContext"),
    ("ransomware_ctx", "RansomWareContext"),
    ("sec_management_ctx", "SecurityManagementContext"),
    ("seccenter_ctx", "SecCenterContext"),
    ("snmp_probe_ctx", "SNMPProbeContext"),
    ("sw_action_ctx", "ActionContext"),
    ("temperature_ctx", "TemperatureContext"),
    ("wmi_ctx", "WmiContext"),
];

#[tokio::test(start_paused = true)]
async fn contexts_of_alerts_have_the_fields_of_the_document() {
    let Ok(path) = std::env::var("DATTO_RMM_OPENAPI") else {
        println!("skipped: DATTO_RMM_OPENAPI is not set");
        return;
    };
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rmm = Rmm::start(Sandbox::builder().devices(50)).await;
    let alerts = rmm.read("/v2/account/alerts/open").await;
    let mut wrong = Vec::new();
    for (wire, name) in CONTEXTS {
        let of_kind = |alert: &&Value| alert["alertContext"]["@class"] == wire;
        let context = &alerts["alerts"].as_array().unwrap().iter().find(of_kind).unwrap()["alertContext"];
        let parts = document["components"]["schemas"][name]["allOf"].as_array().unwrap();
        let mut properties = parts.iter().find_map(|part| part["properties"].as_object()).unwrap().clone();
        properties.insert("@class".to_owned(), serde_json::json!({"type": "string"}));
        Check { document: &document, wrong: &mut wrong }.object(&properties, context, wire);
    }
    assert_eq!(wrong, Vec::<String>::new());
}

struct Check<'a> {
    document: &'a Value,
    wrong: &'a mut Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, place: &str) {
        if value.is_null() {
            return;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
            // Its kinds are told apart by a name that the document does not give, and it may lack even that.
            if name != "AlertContext" {
                let document = self.document;
                self.value(&document["components"]["schemas"][name], value, place);
            }
            return;
        }
        if schema.get("oneOf").is_some() {
            return;
        }
        if let Some(properties) = schema["properties"].as_object() {
            self.object(properties, value, place);
        } else if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
            for value in values {
                self.value(items, value, &format!("{place}[]"));
            }
        } else if let (Some(member), Some(members)) = (schema["additionalProperties"].as_object(), value.as_object()) {
            for value in members.values() {
                self.value(&Value::Object(member.clone()), value, &format!("{place}{{}}"));
            }
        } else if !fits(schema, value) {
            self.wrong.push(format!("{place}: {value} does not fit {schema}"));
        }
    }

    fn object(&mut self, properties: &serde_json::Map<String, Value>, value: &Value, place: &str) {
        let Some(fields) = value.as_object() else {
            self.wrong.push(format!("{place}: {value} is no object"));
            return;
        };
        for (name, schema) in properties {
            match fields.get(name) {
                Some(field) => self.value(schema, field, &format!("{place}.{name}")),
                None if schema["writeOnly"] == true => {}
                None => self.wrong.push(format!("{place}.{name} is missing")),
            }
        }
        for name in fields.keys() {
            if !properties.contains_key(name) && !SERVED_ALL_THE_SAME.contains(&name.as_str()) {
                self.wrong.push(format!("{place}.{name} is not in the document"));
            }
        }
    }
}

fn fits(schema: &Value, value: &Value) -> bool {
    let known = schema["enum"].as_array().is_none_or(|members| members.contains(value));
    let typed = match (schema["type"].as_str(), schema["format"].as_str()) {
        // Declared as text, and mostly milliseconds on the wire.
        (Some("string"), Some("date-time")) => value.is_string() || value.is_i64(),
        (Some("string"), _) => value.is_string(),
        (Some("integer"), _) => value.is_i64() || value.is_u64(),
        (Some("number"), _) => value.is_number(),
        (Some("boolean"), _) => value.is_boolean(),
        _ => false,
    };
    known && typed
}
