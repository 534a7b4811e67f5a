//! The account of the key.

use datto_common::Request;
use datto_common::internal::{Call, Core};

use crate::{Account, operations};

/// The account of the key, from [`RmmClient::account`](crate::RmmClient::account).
#[derive(Debug, Clone)]
pub struct AccountApi {
    core: Core,
}

impl AccountApi {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }

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
        Request::new(&self.core, Call::new(&operations::ACCOUNT_GET, &[]), |answer| answer.json())
    }
}
