//! Device filters.

use crate::{Filter, operations};

datto_common::api! {
    /// Device filters, from [`RmmClient::filters`](crate::RmmClient::filters).
    pub struct FiltersApi;
}

datto_common::list_builder! {
    /// Lists device filters.
    pub struct ListFilters -> Filter, by id {}
}

impl FiltersApi {
    /// Lists the filters that the account has made.
    ///
    /// `GET /v2/filter/custom-filters` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see filters.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let filters = rmm.filters().custom().collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn custom(&self) -> ListFilters {
        self.core.call(&operations::FILTERS_CUSTOM, []).list()
    }

    /// Lists the filters that come with the product.
    ///
    /// `GET /v2/filter/default-filters` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see filters.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let filters = rmm.filters().default().collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn default(&self) -> ListFilters {
        self.core.call(&operations::FILTERS_DEFAULT, []).list()
    }
}
