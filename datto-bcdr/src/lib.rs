//! Client of the Datto partner API: BCDR appliances, SaaS Protection, Direct-to-Cloud.

mod ids;
mod lenient;
mod models;
mod region;
mod sizes;

#[cfg(feature = "metrics")]
pub mod metrics;

pub use datto_common::{Cause, Error, ErrorKind, Extra, Measured, Missing, Result, Secret, Sensitive, Timestamp};

pub use ids::{
    AgentUuid, AssetId, AssetUuid, ClientId, ExternalSubscriptionId, OrganizationId, RemoteId, ResellerId, RestoreId,
    SaasCustomerId, SerialNumber, Volume,
};
pub use lenient::Flag;
pub use models::*;
pub use region::Region;
pub use sizes::StorageSize;
