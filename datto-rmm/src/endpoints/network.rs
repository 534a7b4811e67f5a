//! What Datto Networking knows.

use crate::models::DnetSiteMapping;
use crate::operations;

datto_common::api! {
    /// Datto Networking, from [`RmmClient::network`](crate::RmmClient::network).
    pub struct NetworkApi;
}

datto_common::list_builder! {
    /// Lists the networks of Datto Networking by site: [`NetworkApi::mappings`].
    pub struct ListNetworkMappings -> DnetSiteMapping, by uid {}
}

impl NetworkApi {
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
        self.core.call(&operations::NETWORK_MAPPINGS, []).list()
    }
}
