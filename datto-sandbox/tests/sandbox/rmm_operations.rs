//! Every operation once, with arguments that work.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Rmm;

/// One call: method, path of the document, path to send, body.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// What the calls are about.
struct Subjects {
    site: String,
    device: String,
    device_id: i64,
    address: String,
    esxi_host: String,
    printer: String,
    alert: String,
    job: String,
    account_variable: i64,
    site_variable: i64,
}

async fn subjects(rmm: &Rmm) -> Subjects {
    let truth = rmm.sandbox.truth().rmm;
    let device = rmm.read(&format!("/v2/device/{}", truth.missing_patches[0])).await;
    let (device_uid, site) = (device["uid"].as_str().unwrap(), device["siteUid"].as_str().unwrap());
    let audit = rmm.read(&format!("/v2/audit/device/{device_uid}")).await;
    let body = json!({"jobName": "Audit", "jobComponent": {"componentUid": truth.failing_component}});
    let online = rmm.read("/v2/account/devices").await;
    let online = online["devices"].as_array().unwrap().iter().find(|device| device["online"] == true).unwrap();
    let online = online["uid"].as_str().unwrap().to_owned();
    let job = rmm.send("PUT", &format!("/v2/device/{online}/quickjob"), Some(&body)).await.json();
    tokio::time::sleep(Duration::from_secs(10)).await;
    rmm.send("PUT", &format!("/v2/site/{site}/variable"), Some(&json!({"name": "n", "value": "v"}))).await;
    let variable = async |path: &str| {
        let list = rmm.read(path).await;
        list["variables"].as_array().unwrap().last().unwrap()["id"].as_i64().unwrap()
    };
    Subjects {
        device_id: device["id"].as_i64().unwrap(),
        address: audit["nics"][0]["macAddress"].as_str().unwrap().to_owned(),
        esxi_host: truth.esxi_hosts[0].clone(),
        printer: truth.printers[0].clone(),
        alert: truth.open_alerts[0].clone(),
        job: format!("{}/results/{online}", job["job"]["uid"].as_str().unwrap()),
        account_variable: variable("/v2/account/variables").await,
        site_variable: variable(&format!("/v2/site/{site}/variables")).await,
        site: site.to_owned(),
        device: device_uid.to_owned(),
    }
}

/// All operations in an order that works; the last one ends the access.
pub(crate) async fn all(rmm: &Rmm) -> Vec<Call> {
    let subjects = subjects(rmm).await;
    let mut calls = Vec::new();
    let mut add = |method, template: &'static str, body: Option<Value>| {
        calls.push(Call { method, template, path: fill(template, &subjects), body });
    };
    for template in READS {
        add("GET", template, None);
    }
    let component = rmm.sandbox.truth().rmm.working_component;
    let job = json!({"jobName": "Job", "jobComponent": {"componentUid": component, "variables": []}});
    let variable = json!({"name": "name", "value": "value"});
    add("PUT", "/v2/site", Some(json!({"name": "Made"})));
    add("POST", "/v2/site/{siteUid}", Some(json!({"name": "Renamed"})));
    add("POST", "/v2/site/{siteUid}/settings/proxy", Some(json!({"host": "p.example.com", "port": 1, "type": "http"})));
    add("DELETE", "/v2/site/{siteUid}/settings/proxy", None);
    add("PUT", "/v2/site/{siteUid}/variable", Some(variable.clone()));
    add("POST", "/v2/site/{siteUid}/variable/{variableId}", Some(variable.clone()));
    add("DELETE", "/v2/site/{siteUid}/variable/{variableId}", None);
    add("PUT", "/v2/account/variable", Some(variable.clone()));
    add("POST", "/v2/account/variable/{variableId}", Some(variable));
    add("DELETE", "/v2/account/variable/{variableId}", None);
    add("PUT", "/v2/device/{deviceUid}/quickjob", Some(job));
    add("PUT", "/v2/device/{deviceUid}/site/{siteUid}", None);
    add("POST", "/v2/device/{deviceUid}/udf", Some(json!({"udf9": "nine"})));
    add("POST", "/v3/device/{deviceUid}/udf", Some(json!({"udfs": [{"ordinal": 9, "valueString": "nine"}]})));
    add("POST", "/v2/device/{deviceUid}/warranty", Some(json!({"warrantyDate": "2030-01-01"})));
    add("POST", "/v2/alert/{alertUid}/mute", None);
    add("POST", "/v2/alert/{alertUid}/unmute", None);
    add("POST", "/v2/alert/{alertUid}/resolve", None);
    add("POST", "/v2/user/resetApiKeys", None);
    calls
}

fn fill(template: &str, subjects: &Subjects) -> String {
    let variable = if template.starts_with("/v2/site") { subjects.site_variable } else { subjects.account_variable };
    let (job, online) = subjects.job.split_once("/results/").unwrap();
    let device = match template {
        template if template.contains("esxihost") => &subjects.esxi_host,
        template if template.contains("printer") => &subjects.printer,
        template if template.contains("/results/") => online,
        _ => &subjects.device,
    };
    template
        .replace("{siteUid}", &subjects.site)
        .replace("{deviceUid}", device)
        .replace("{deviceId}", &subjects.device_id.to_string())
        .replace("{macAddress}", &subjects.address)
        .replace("{alertUid}", &subjects.alert)
        .replace("{jobUid}", job)
        .replace("{variableId}", &variable.to_string())
}

const READS: [&str; 46] = [
    "/v2/account",
    "/v2/account/alerts/open",
    "/v2/account/alerts/resolved",
    "/v2/account/components",
    "/v2/account/devices",
    "/v2/account/dnet-site-mappings",
    "/v2/account/sites",
    "/v2/account/users",
    "/v2/account/variables",
    "/v2/activity-logs",
    "/v2/alert/{alertUid}",
    "/v2/audit/device/macAddress/{macAddress}",
    "/v2/audit/device/{deviceUid}",
    "/v2/audit/device/{deviceUid}/software",
    "/v2/audit/esxihost/{deviceUid}",
    "/v2/audit/printer/{deviceUid}",
    "/v2/device/id/{deviceId}",
    "/v2/device/macAddress/{macAddress}",
    "/v2/device/{deviceUid}",
    "/v2/device/{deviceUid}/alerts/open",
    "/v2/device/{deviceUid}/alerts/resolved",
    "/v2/device/{deviceUid}/patches",
    "/v2/filter/custom-filters",
    "/v2/filter/default-filters",
    "/v2/job/{jobUid}",
    "/v2/job/{jobUid}/components",
    "/v2/job/{jobUid}/results/{deviceUid}",
    "/v2/job/{jobUid}/results/{deviceUid}/stderr",
    "/v2/job/{jobUid}/results/{deviceUid}/stdout",
    "/v2/site/{siteUid}",
    "/v2/site/{siteUid}/alerts/open",
    "/v2/site/{siteUid}/alerts/resolved",
    "/v2/site/{siteUid}/devices",
    "/v2/site/{siteUid}/devices/network-interface",
    "/v2/site/{siteUid}/filters",
    "/v2/site/{siteUid}/patches",
    "/v2/site/{siteUid}/settings",
    "/v2/site/{siteUid}/variables",
    "/v2/system/pagination",
    "/v2/system/request_rate",
    "/v2/system/status",
    "/v3/account/devices",
    "/v3/device/id/{deviceId}",
    "/v3/device/macAddress/{macAddress}",
    "/v3/device/{deviceUid}",
    "/v3/site/{siteUid}/devices",
];
