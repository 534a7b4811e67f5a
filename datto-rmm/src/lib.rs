//! Client of the Datto RMM API: devices, sites, alerts, jobs, patches.

mod api_url;
mod client;
mod connection;
mod endpoints;
mod ids;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod models;
pub mod operations;
mod platform;
mod profile;

pub use client::{RmmClient, RmmClientBuilder};
pub use datto_common::shared::*;
pub use endpoints::*;
pub use ids::*;
pub use models::{
    Account, ActivityLog, Alert, AlertContext, AlertPriority, ApiKeys, Component, Device, DeviceAudit, DeviceClass,
    DeviceV3, EsxiHostAudit, Filter, Job, JobDeploymentStatus, JobResults, NewSite, NewVariable, Patch,
    PatchInstallStatus, PrinterAudit, ProxySettings, QuickJob, Site, SitePatch, SiteSettings, SiteUpdate, StartedJob,
    UdfUpdate, UdfV3Update, Udfs, User, Variable, VariableUpdate,
};
pub use platform::{Platform, UrlError};
