//! Direct-to-Cloud.

use datto_common::internal::{Answer, read_all};
use datto_common::{Request, Result};
use serde::Serialize;

use crate::screenshot::Screenshot;
use crate::{
    AgentUuid, AssetUuid, BandwidthSettings, ClientId, DtcAsset, DtcAssetDetails, RmmTemplate, StoragePool, operations,
};

datto_common::api! {
    /// Direct-to-Cloud, from [`BcdrClient::dtc`](crate::BcdrClient::dtc).
    ///
    /// The calls are official; no answer of theirs was seen, so the shape of the lists is a guess: pages, a bare array and an object keyed by index
    /// are read, anything else is an error.
    pub struct DtcApi;
}

datto_common::list_builder! {
    /// Lists assets of all clients: [`DtcApi::assets`].
    pub struct ListDtcAssets -> DtcAsset, by asset_uuid {
        /// Of this client alone.
        client_id: ClientId => "clientId",
    }
}

datto_common::list_builder! {
    /// Lists assets of a client: [`DtcApi::client_assets`].
    pub struct ListDtcClientAssets -> DtcAsset, by asset_uuid {}
}

datto_common::list_builder! {
    /// Lists templates by which an RMM installs agents: [`DtcApi::rmm_templates`].
    pub struct ListRmmTemplates -> RmmTemplate {
        /// Of this client alone.
        client_id: ClientId => "clientId",
    }
}

datto_common::call_builder! {
    /// Gets the use of the storage pools: [`DtcApi::storage_pool`].
    pub struct GetStoragePool -> Vec<StoragePool> {
        /// Of this pool alone.
        pool_name: &str => "poolName",
    }
}

/// How fast an agent may send: what [`DtcApi::set_bandwidth`] sets. A limit that is not given is lifted.
///
/// ```
/// let limits = datto_bcdr::Bandwidth::new(true).maximum_bits(20_000_000).throttled_bits(2_000_000);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Bandwidth {
    /// Whether it waits while the machine is on a metered network.
    pub pause_while_metered: bool,
    /// The most that it sends, in bits a second.
    #[serde(rename = "maximumBandwidthInBits")]
    pub maximum_bits: Option<u64>,
    /// The most that it sends while it is throttled, in bits a second.
    #[serde(rename = "maximumThrottledBandwidthInBits")]
    pub throttled_bits: Option<u64>,
}

impl Bandwidth {
    /// Without limits; waits while the machine is on a metered network, or not.
    pub fn new(pause_while_metered: bool) -> Self {
        Self { pause_while_metered, maximum_bits: None, throttled_bits: None }
    }

    /// The most that it sends, in bits a second.
    #[must_use]
    pub fn maximum_bits(mut self, bits: u64) -> Self {
        self.maximum_bits = Some(bits);
        self
    }

    /// The most that it sends while it is throttled, in bits a second.
    #[must_use]
    pub fn throttled_bits(mut self, bits: u64) -> Self {
        self.throttled_bits = Some(bits);
        self
    }
}

impl DtcApi {
    /// Lists the assets of all clients.
    ///
    /// `GET /dtc/assets` · read · official, the shape of the list a guess
    ///
    /// # Errors
    /// `Decode` if the answer has another shape than those that are known.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let failed = bcdr.dtc().assets().collect().await?;
    /// let failed = failed.iter().filter(|asset| asset.backup_state_successful == Some(false));
    /// # Ok(())
    /// # }
    /// ```
    pub fn assets(&self) -> ListDtcAssets {
        self.core.call(&operations::DTC_ASSETS, []).list()
    }

    /// Lists the assets of a client. Its id is the number that appliances have as `organization_id`.
    ///
    /// `GET /dtc/{clientId}/assets` · read · official, the shape of the list a guess
    ///
    /// # Errors
    /// `NotFound` if there is no such client.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let assets = bcdr.dtc().client_assets(20_017).collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_assets(&self, client_id: impl Into<ClientId>) -> ListDtcClientAssets {
        self.core.call(&operations::DTC_CLIENT_ASSETS, [client_id.into().as_str()]).list()
    }

    /// Gets one asset in full.
    ///
    /// `GET /dtc/{clientId}/assets/{assetUuid}` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is none.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let asset = bcdr.dtc().asset(20_017, "00000000-0000-4000-8000-000000000001").await?;
    /// println!("{:?}", asset.last_checkin);
    /// # Ok(())
    /// # }
    /// ```
    pub fn asset(&self, client_id: impl Into<ClientId>, asset_uuid: impl Into<AssetUuid>) -> Request<DtcAssetDetails> {
        let (client_id, asset_uuid) = (client_id.into(), asset_uuid.into());
        self.core.call(&operations::DTC_ASSET, [client_id.as_str(), asset_uuid.as_str()]).json()
    }

    /// Downloads the last screenshot of an asset.
    ///
    /// `GET /dtc/{clientId}/assets/{assetUuid}/screenshot/latest` · read · guess: that it exists is official, its path is not known
    ///
    /// # Errors
    /// `NotFound` if there is none; `Decode` if what comes is no image.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let screenshot = bcdr.dtc().screenshot(20_017, "00000000-0000-4000-8000-000000000001").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn screenshot(&self, client_id: impl Into<ClientId>, asset_uuid: impl Into<AssetUuid>) -> Request<Screenshot> {
        let (client_id, asset_uuid) = (client_id.into(), asset_uuid.into());
        Screenshot::of(self.core.call(&operations::DTC_SCREENSHOT, [client_id.as_str(), asset_uuid.as_str()]))
    }

    /// Sets how fast an agent may send, and says what holds then. Sending it twice does no harm.
    ///
    /// `PUT /dtc/agent/{agentUuid}/bandwidth` · repeatable write · official
    ///
    /// # Errors
    /// `NotFound` if there is no such agent.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// use datto_bcdr::Bandwidth;
    /// let agent = "00000000-0000-4000-8000-000000000001";
    /// let settings = bcdr.dtc().set_bandwidth(agent, Bandwidth::new(true).maximum_bits(20_000_000)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_bandwidth(&self, agent_uuid: impl Into<AgentUuid>, bandwidth: Bandwidth) -> Request<BandwidthSettings> {
        self.core.call(&operations::DTC_SET_BANDWIDTH, [agent_uuid.into().as_str()]).sending(&bandwidth).json()
    }

    /// Lists the templates by which an RMM installs agents. Their tokens are secret.
    ///
    /// `GET /dtc/rmm-templates` · read · official, the shape of the list a guess
    ///
    /// # Errors
    /// `Decode` if the answer has another shape than those that are known.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let templates = bcdr.dtc().rmm_templates().client_id(20_017).collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rmm_templates(&self) -> ListRmmTemplates {
        self.core.call(&operations::DTC_RMM_TEMPLATES, []).list()
    }

    /// Gets the use of the storage pools. The fields are not known: what comes is in `extra`.
    ///
    /// `GET /dtc/storage-pool` · read · official, the shape a guess: a list, or one record
    ///
    /// # Errors
    /// `Decode` if the answer is neither.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// for pool in bcdr.dtc().storage_pool().await? {
    ///     println!("{:?}: {:?}", pool.pool_name, pool.extra);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn storage_pool(&self) -> GetStoragePool {
        GetStoragePool(self.core.call(&operations::DTC_STORAGE_POOL, []).read(pools))
    }
}

/// A list in any shape, else one record.
fn pools(answer: &Answer) -> Result<Vec<StoragePool>> {
    match read_all(answer, &operations::LOOSE) {
        Ok(pools) => Ok(pools),
        Err(error) => {
            let record: serde_json::Map<String, serde_json::Value> = answer.json()?;
            let is_wrapping = ["pagination", "items", "code"].iter().any(|name| record.contains_key(*name));
            let is_record = !record.is_empty() && !is_wrapping;
            if is_record { answer.json().map(|pool| vec![pool]) } else { Err(error) }
        }
    }
}
