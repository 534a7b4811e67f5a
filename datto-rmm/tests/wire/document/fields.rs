//! The fields of every model against the schemas of the document.

use std::collections::{BTreeMap, BTreeSet};

use datto_common::internal::{Field, Model};
use datto_rmm::models::*;
use serde_json::Value;

use super::schema::document;

/// A model and the schema it stands for.
type Pair = (&'static str, &'static [Field], &'static str);

fn pair<M: Model>(schema: &'static str) -> Pair {
    (M::NAME, M::FIELDS, schema)
}

fn pairs() -> Vec<Pair> {
    let mut pairs = vec![
        pair::<Account>("Account"),
        pair::<AccountDescriptor>("Account Descriptor"),
        pair::<AccountDevicesStatus>("AccountDevicesStatus"),
        pair::<ActivityLog>("ActivityLog"),
        pair::<ActivitySite>("SiteBasicDto"),
        pair::<ActivityUser>("UserDto"),
        pair::<Alert>("Alert"),
        pair::<AlertMonitorInfo>("AlertMonitorInfo"),
        pair::<AlertSourceInfo>("AlertSourceInfo"),
        pair::<Antivirus>("Antivirus"),
        pair::<AttachedDevice>("AttachedDevice"),
        pair::<BaseBoard>("BaseBoard"),
        pair::<Bios>("Bios"),
        pair::<Component>("Component"),
        pair::<ComponentVariable>("ComponentVariable"),
        pair::<CreatedQuickJob>("CreateQuickJobResponse"),
        pair::<Device>("Device"),
        pair::<DeviceV3>("DeviceV3"),
        pair::<DeviceAudit>("DeviceAudit"),
        pair::<DeviceNetworkInterfaces>("Device Network Interface"),
        pair::<DeviceType>("DevicesType"),
        pair::<DevicesStatus>("DevicesStatus"),
        pair::<DisplayDevice>("Display"),
        pair::<DnetSiteMapping>("DnetSiteMappingsDto"),
        pair::<EsxiDataExtent>("ESXiDataExtent"),
        pair::<EsxiDatastore>("ESXiDatastore"),
        pair::<EsxiHostAudit>("ESXiHostAudit"),
        pair::<EsxiNic>("ESXiNic"),
        pair::<EsxiProcessor>("ESXiProcessor"),
        pair::<EsxiSystemInfo>("ESXiSystemInfo"),
        pair::<Filter>("Filter"),
        pair::<GeneralSettings>("GeneralSettings"),
        pair::<Guest>("Guest"),
        pair::<Job>("Job"),
        pair::<JobComponent>("JobComponent"),
        pair::<JobComponentResult>("JobComponentResult"),
        pair::<JobComponentVariable>("JobComponentVariable"),
        pair::<JobResults>("JobResults"),
        pair::<JobStdData>("JobStdData"),
        pair::<LogicalDisk>("LogicalDisk"),
        pair::<MailRecipient>("MailRecipient"),
        pair::<MobileInfo>("MobileInfo"),
        pair::<NetworkInterface>("NetworkInterface"),
        pair::<OperationRate>("OperationRateStatus"),
        pair::<PaginationConfiguration>("PaginationConfiguration"),
        pair::<Patch>("Patch"),
        pair::<PatchManagement>("PatchManagement"),
        pair::<PhysicalMemory>("PhysicalMemory"),
        pair::<Printer>("Printer"),
        pair::<PrinterAudit>("PrinterAudit"),
        pair::<PrinterMarkerSupply>("PrinterMarkerSupply"),
        pair::<PrinterSystemInfo>("PrinterSystemInfo"),
        pair::<Processor>("Processor"),
        pair::<ProxySettings>("ProxySettings"),
        pair::<RequestRate>("RateStatusResponse"),
        pair::<ResponseAction>("ResponseAction"),
        pair::<Site>("Site"),
        pair::<SitePatch>("SitePatch"),
        pair::<SiteSettings>("SiteSettings"),
        pair::<SnmpInfo>("SnmpInfo"),
        pair::<Software>("Software"),
        pair::<SystemInfo>("SystemInfo"),
        pair::<SystemStatus>("StatusResponse"),
        pair::<UdfItem>("UdfItem"),
        pair::<User>("AuthUser"),
        pair::<Variable>("Variable"),
        pair::<VideoBoard>("VideoBoard"),
    ];
    pairs.extend(contexts());
    pairs
}

fn contexts() -> Vec<Pair> {
    vec![
        pair::<AntivirusContext>("AntivirusContext"),
        pair::<ScriptContext>("ScriptContext"),
        pair::<CustomSnmpContext>("CustomSNMPContext"),
        pair::<DiskHealthContext>("DiskHealthContext"),
        pair::<EventLogContext>("EventLogContext"),
        pair::<FanContext>("FanContext"),
        pair::<FileSystemContext>("FileSystemContext"),
        pair::<OnlineOfflineStatusContext>("OnlineOfflineStatusContext"),
        pair::<PatchContext>("PatchContext"),
        pair::<DiskUsageContext>("DiskUsageContext"),
        pair::<WindowsPerformanceContext>("WindowsPerformanceContext"),
        pair::<ProcessResourceUsageContext>("ResourceUsageContext"),
        pair::<ProcessStatusContext>("StatusContext"),
        pair::<PingContext>("PingContext"),
        pair::<PsuContext>("PsuContext"),
        pair::<RansomwareContext>("RansomWareContext"),
        pair::<SecurityManagementContext>("SecurityManagementContext"),
        pair::<SoftwareActionContext>("ActionContext"),
        pair::<TemperatureContext>("TemperatureContext"),
        pair::<WmiContext>("WmiContext"),
        pair::<EndpointSecurityThreatContext>("EndpointSecurityThreatContext"),
        pair::<EndpointSecurityWindowsDefenderContext>("EndpointSecurityWindowsDefenderContext"),
        pair::<BackupManagementContext>("BackupManagementContext"),
        pair::<NetworkMonitorContext>("NetworkMonitorContext"),
        pair::<PrinterContext>("PrinterContext"),
        pair::<SecurityCenterContext>("SecCenterContext"),
        pair::<SnmpProbeContext>("SNMPProbeContext"),
    ]
}

/// Fields that the document does not have, and why they are there.
const OURS_ALONE: &[(&str, &str, &str)] =
    &[("Device", "udf", "observed: the wire still sends it; the newest document alone leaves it out")];

/// Fields whose type is another than the document's, and why.
const OTHER_TYPE: &[(&str, &str, &str)] =
    &[("ActivityLog", "date", "official: seconds since 1970 with a fraction, so it is a moment")];

/// Schemas without a model of their own, and why.
const WITHOUT_MODEL: &[(&str, &str)] = &[
    ("ErrorResponse", "the core reads failures"),
    ("PaginationData", "the core reads pages"),
    ("AlertContext", "the base of the contexts: its one member is a field of each"),
    ("AuthUserKey", "`ApiKeys` holds secrets, so it is no record that can be written"),
    ("Udf", "`Udfs` holds the fields by their ordinals"),
    ("Warranty", "the body of one call, made by its arguments"),
    ("CreateSiteRequest", "`NewSite`, compared as it is sent"),
    ("SiteRequest", "`SiteUpdate`, compared as it is sent"),
    ("CreateQuickJobRequest", "`QuickJob`, compared as it is sent"),
    ("JobComponentRequest", "`QuickJob`, compared as it is sent"),
    ("Variable Creation Request", "`NewVariable`, compared as it is sent"),
    ("Variable Update Request", "`VariableUpdate`, compared as it is sent"),
    ("SetUserDefinedFieldsRequest", "`UdfV3Update`, compared as it is sent"),
    ("UdfItemRequest", "`UdfV3Update`, compared as it is sent"),
];

#[test]
fn models_have_the_fields_of_the_document_and_no_other() {
    let Some(document) = document() else { return };
    for (model, fields, schema) in pairs() {
        let official: BTreeMap<&str, &Value> = document.properties(document.schema(schema)).into_iter().collect();
        let mut ours: BTreeSet<String> = fields.iter().map(Field::wire_name).collect();
        assert_eq!(ours.len(), fields.len(), "{model}: no two fields have one name");
        for (_, field, _) in OURS_ALONE.iter().filter(|(other, ..)| *other == model) {
            assert!(ours.remove(*field), "{model}.{field} is not in the model, so it is no difference");
            assert!(!official.contains_key(field), "{model}.{field} is in the document, so it is no difference");
        }
        let official_names: BTreeSet<String> = official.keys().map(|name| (*name).to_owned()).collect();
        assert_eq!(ours, official_names, "{model}");
        for field in fields {
            let Some(schema) = official.get(field.wire_name().as_str()) else { continue };
            let fits = fits(field.kind, document.resolve(schema));
            let differs = OTHER_TYPE.iter().any(|(other, name, _)| *other == model && *name == field.wire_name());
            assert_eq!(fits, !differs, "{model}.{}: {} for {schema}", field.name, field.kind);
        }
    }
}

#[test]
fn every_schema_has_a_model_or_a_reason() {
    let Some(document) = document() else { return };
    let modelled: BTreeSet<&str> = pairs().into_iter().map(|(_, _, schema)| schema).collect();
    for (name, _) in document.schemas() {
        let page = name.contains("Page")
            && document.properties(document.schema(name)).iter().any(|(name, _)| *name == "pageDetails");
        let excused = WITHOUT_MODEL.iter().any(|(other, _)| other == name);
        assert!(page || excused || modelled.contains(name.as_str()), "{name} has no model");
        assert!(!(excused && modelled.contains(name.as_str())), "{name} has a model, so it is no exception");
    }
}

/// Whether a field of this type can hold what the schema describes.
fn fits(kind: &str, schema: &Value) -> bool {
    let kind: String = kind.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut inner = kind.as_str();
    for wrapper in ["Option<", "Sensitive<"] {
        inner = inner.strip_prefix(wrapper).and_then(|rest| rest.strip_suffix('>')).unwrap_or(inner);
    }
    let is_id = inner.ends_with("Id") || inner.ends_with("Uid");
    match schema["type"].as_str() {
        Some("boolean") => inner == "bool",
        Some("integer") => inner == "i64" || is_id,
        Some("number") => inner == "f64" || inner == "Number",
        Some("array") => {
            inner.strip_prefix("Vec<").is_some_and(|item| fits(item.trim_end_matches('>'), &schema["items"]))
        }
        Some("string") if schema["enum"].is_array() => !matches!(inner, "String" | "bool" | "i64" | "f64"),
        Some("string") if schema["format"] == "date-time" => inner == "Timestamp",
        Some("string") => inner == "String" || is_id,
        _ => !matches!(inner, "String" | "bool" | "i64" | "f64" | "Timestamp"),
    }
}
