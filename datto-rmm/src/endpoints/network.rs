//! What Datto Networking knows.

use datto_common::internal::{Call, Core};

use crate::models::DnetSiteMapping;
use crate::operations;

/// Datto Networking, from [`RmmClient::network`](crate::RmmClient::network).
#[derive(Debug, Clone)]
pub struct NetworkApi {
    core: Core,
}

datto_common::list_builder! {
    /// Lists the networks of Datto Networking by site: [`NetworkApi::mappings`].
    pub struct ListNetworkMappings -> DnetSiteMapping {}
}

impl NetworkApi {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }

    /// Lists which networks of Datto Networking belong to which site.
    ///
    /// `GET /v2/account/dnet-site-mappings` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see sites.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let mappings = rmm.network().mappings().collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn mappings(&self) -> ListNetworkMappings {
        ListNetworkMappings::new(&self.core, Call::new(&operations::NETWORK_MAPPINGS, &[]))
    }
}
