//! Every decoder meets arbitrary JSON: records of the fixtures with anything put in anywhere, and anything at all.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::sync::LazyLock;

use datto_rmm::models::*;
use datto_rmm::{Platform, Timestamp};
use datto_test_support::arbitrary::{self, anything, meets, record};
use proptest::prelude::*;
use serde_json::Value;

static RECORDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let records = arbitrary::records(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
    assert!(records.len() > 100, "only {} records", records.len());
    records
});

/// Decodes it as each of these.
macro_rules! meet {
    ($value:expr; $($model:ty),+ $(,)?) => {
        $(meets::<$model>($value);)+
    };
}

fn meet_all(value: &Value) {
    meet!(value;
        Account, AccountDescriptor, AccountDevicesStatus, ActivityLog, ActivitySite, ActivityUser, Alert, AlertContext,
        AlertMonitorInfo, AlertSourceInfo, Antivirus, AttachedDevice, BaseBoard, Bios, Component, ComponentVariable,
        CreatedQuickJob, Device, DeviceAudit, DeviceNetworkInterfaces, DeviceType, DeviceV3, DevicesStatus, DisplayDevice,
        DnetSiteMapping, EsxiDataExtent, EsxiDatastore, EsxiHostAudit, EsxiNic, EsxiProcessor, EsxiSystemInfo, Filter,
        GeneralSettings, Guest, Job, JobComponent, JobComponentResult, JobComponentVariable, JobResults, JobStdData,
        LogicalDisk, MailRecipient, MobileInfo, NetworkInterface, OperationRate, PaginationConfiguration, Patch,
        PatchManagement, PhysicalMemory, Printer, PrinterAudit, PrinterMarkerSupply, PrinterSystemInfo, Processor,
        ProxySettings, RequestRate, ResponseAction, Site, SitePatch, SiteSettings, SnmpInfo, Software,
        SystemInfo, SystemStatus, Timestamp, UdfItem, Udfs, User, Variable, VideoBoard,
    );
    let _: Result<ApiKeys, _> = serde_json::from_value(value.clone());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_model_meets_records_with_anything_in_them(value in record(&RECORDS)) {
        meet_all(&value);
    }

    #[test]
    fn every_model_meets_anything(value in anything()) {
        meet_all(&value);
    }

    #[test]
    fn every_address_meets_any_text(text in ".{0,60}", host in "[a-z.:@/?#%\\[\\]0-9-]{0,40}") {
        for text in [text, format!("https://{host}"), format!("http://{host}"), host] {
            let _ = Platform::from_url(&text);
            let _ = text.parse::<Platform>();
        }
    }
}

#[test]
fn every_model_meets_the_fixtures_of_the_others() {
    RECORDS.iter().for_each(meet_all);
}
