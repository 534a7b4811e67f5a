//! Client of the Datto partner API: BCDR appliances, SaaS Protection, Direct-to-Cloud.

mod client;
mod connection;
mod endpoints;
mod fleet;
mod ids;
mod lenient;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod models;
pub mod operations;
mod profile;
mod region;
mod screenshot;
mod sizes;

pub use client::{BcdrClient, BcdrClientBuilder};
pub use datto_common::shared::*;
pub use endpoints::*;
pub use fleet::{CustomerApplications, DeviceAlerts, DeviceAssets, FleetApi};
pub use ids::{
    AgentUuid, AssetId, AssetUuid, ClientId, ExternalSubscriptionId, OrganizationId, RemoteId, ResellerId, RestoreId,
    SaasCustomerId, SerialNumber, Volume,
};
pub use lenient::Flag;
pub use models::*;
pub use region::{Region, UnknownRegion};
pub use screenshot::Screenshot;
pub use sizes::StorageSize;
