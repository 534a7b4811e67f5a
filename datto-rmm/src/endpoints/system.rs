//! The service itself.

use datto_common::Request;

use crate::models::{PaginationConfiguration, RequestRate, SystemStatus};
use crate::operations;

datto_common::api! {
    /// The service itself, from [`RmmClient::system`](crate::RmmClient::system).
    pub struct SystemApi;
}

impl SystemApi {
    /// Gets the state of the service. Needs no login, and sends none.
    ///
    /// `GET /v2/system/status` · read · official
    ///
    /// # Errors
    /// `Connect` if the host cannot be reached.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// println!("{:?}", rmm.system().status().await?.version);
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(&self) -> Request<SystemStatus> {
        self.core.call(&operations::SYSTEM_STATUS, []).json()
    }

    /// Gets how much of its requests the account has used. The call counts as a read itself.
    ///
    /// `GET /v2/system/request_rate` · read · official
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not use the API.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let rate = rmm.system().request_rate().await?;
    /// println!("{:?} of {:?} reads", rate.account_count, rate.account_rate_limit);
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_rate(&self) -> Request<RequestRate> {
        self.core.call(&operations::SYSTEM_REQUEST_RATE, []).json()
    }

    /// Gets how long a page may be, alerts excepted.
    ///
    /// `GET /v2/system/pagination` · read · official
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not use the API.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// println!("{:?}", rmm.system().pagination().await?.max);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pagination(&self) -> Request<PaginationConfiguration> {
        self.core.call(&operations::SYSTEM_PAGINATION, []).json()
    }
}
