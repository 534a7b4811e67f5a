//! Which schema of the official document each record stands for, and where the two differ on purpose. The comparison with the document
//! reads this, in the tests and in the program that looks for changes of the document.

use datto_common::internal::{Field, Model};

use super::*;

/// A record: its name, its fields as they are declared, and the schema of the document.
pub type Pair = (&'static str, &'static [Field], &'static str);

const fn pair<M: Model>(schema: &'static str) -> Pair {
    (M::NAME, M::FIELDS, schema)
}

/// Every record that has a schema in the document.
pub const PAIRS: &[Pair] = &[
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
];

/// Fields that the document does not have, and why they are there.
pub const OURS_ALONE: &[(&str, &str, &str)] =
    &[("Device", "udf", "observed: the wire still sends it; the newest document alone leaves it out")];

/// Fields whose type is another than the document's, and why.
pub const OTHER_TYPE: &[(&str, &str, &str)] = &[
    ("ActivityLog", "date", "official: seconds since 1970 with a fraction, so it is a moment"),
    ("PingContext", "roundtripTime", "a fraction of a millisecond is read too"),
];

/// Schemas without a model of their own, and why.
pub const WITHOUT_MODEL: &[(&str, &str)] = &[
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
