//! Components.

use crate::{Component, operations};

datto_common::api! {
    /// Components, from [`RmmClient::components`](crate::RmmClient::components).
    pub struct ComponentsApi;
}

datto_common::list_builder! {
    /// Lists the components of the account: [`ComponentsApi::list`].
    pub struct ListComponents -> Component, by uid {}
}

impl ComponentsApi {
    /// Lists the components that the user of the key may run.
    ///
    /// `GET /v2/account/components` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see components.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// for component in rmm.components().list().collect().await? {
    ///     println!("{} {}", component.uid, component.name.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListComponents {
        self.core.call(&operations::COMPONENTS_LIST, []).list()
    }
}
