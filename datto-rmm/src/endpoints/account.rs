//! The account of the key.

use datto_common::Request;

use crate::{Account, operations};

datto_common::api! {
    /// The account of the key, from [`RmmClient::account`](crate::RmmClient::account).
    pub struct AccountApi;
}

impl AccountApi {
    /// Gets the account.
    ///
    /// `GET /v2/account` · read · official
    ///
    /// # Errors
    /// `Login` if the key is wrong or belongs to another platform; `Forbidden` if its user may not use the API.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let account = rmm.account().get().await?;
    /// println!("{}", account.name.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self) -> Request<Account> {
        self.core.call(&operations::ACCOUNT_GET, []).json()
    }
}
