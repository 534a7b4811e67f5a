//! Components.

use datto_common::internal::{Call, Core};

use crate::{Component, operations};

/// Components, from [`RmmClient::components`](crate::RmmClient::components).
#[derive(Debug, Clone)]
pub struct ComponentsApi {
    core: Core,
}

datto_common::list_builder! {
    /// Lists the components of the account: [`ComponentsApi::list`].
    pub struct ListComponents -> Component {}
}

impl ComponentsApi {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }

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
        ListComponents::new(&self.core, Call::new(&operations::COMPONENTS_LIST, &[]))
    }
}
