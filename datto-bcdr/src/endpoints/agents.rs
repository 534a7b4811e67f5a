//! Agents of Endpoint Backup for PCs.

use crate::{BcdrClientAgents, operations};

datto_common::api! {
    /// Agents of Endpoint Backup for PCs, from [`BcdrClient::agents`](crate::BcdrClient::agents).
    pub struct AgentsApi;
}

datto_common::list_builder! {
    /// Lists endpoint agents, client by client: [`AgentsApi::list`].
    pub struct ListAgents -> BcdrClientAgents, by organization_id {}
}

impl AgentsApi {
    /// Lists the endpoint agents, client by client. Empty where the partner does not have the product.
    ///
    /// `GET /bcdr/agent` · read · official
    ///
    /// # Errors
    /// `Unauthenticated` if the key pair is wrong; `Forbidden` if it may not.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// for client in bcdr.agents().list().collect().await? {
    ///     println!("{:?}: {} agents", client.client_name, client.agents.map_or(0, |agents| agents.len()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListAgents {
        self.core.call(&operations::AGENTS_LIST, []).list()
    }
}
