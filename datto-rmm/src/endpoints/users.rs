//! Users, and the keys of the caller.

use datto_common::Request;
use datto_common::internal::Answer;

use crate::{ApiKeys, Result, User, operations};

datto_common::api! {
    /// Users, from [`RmmClient::users`](crate::RmmClient::users).
    pub struct UsersApi;
}

datto_common::list_builder! {
    /// Lists the users of the account: [`UsersApi::list`].
    pub struct ListUsers -> User, by username {}
}

/// Says that the caller knows: after a reset of the keys its own login is over.
#[derive(Debug, Clone, Copy)]
pub struct EndsOwnAccess;

impl UsersApi {
    /// Lists the users of the account.
    ///
    /// `GET /v2/account/users` · read · official · pages of at most 250
    ///
    /// # Errors
    /// `Forbidden` if the user of the key may not see users.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// let users = rmm.users().list().collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListUsers {
        self.core.call(&operations::USERS_LIST, []).list()
    }

    /// Replaces the API keys of the caller. The keys in use, and their token, end at once (observed): keep the answer before anything else,
    /// and give it to [`set_credentials`](crate::RmmClient::set_credentials). Sent at most once.
    ///
    /// `POST /v2/user/resetApiKeys` · write, once, user-reset-keys · official
    ///
    /// # Errors
    /// Any error that says that it may have happened means that nobody has the new keys: they have to be made anew in the portal. No error
    /// holds the body.
    ///
    /// ```no_run
    /// # async fn run(rmm: datto_rmm::RmmClient) -> datto_rmm::Result<()> {
    /// use datto_rmm::EndsOwnAccess;
    /// let keys = rmm.users().reset_api_keys(EndsOwnAccess).await?;
    /// if let (Some(key), Some(secret)) = (keys.api_access_key, keys.api_secret_key) {
    ///     rmm.set_credentials(key, secret)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn reset_api_keys(&self, _known: EndsOwnAccess) -> Request<ApiKeys> {
        self.core.call(&operations::USERS_RESET_API_KEYS, []).read(new_keys)
    }
}

/// An error about this answer may not quote it: it holds the new keys.
fn new_keys(answer: &Answer) -> Result<ApiKeys> {
    answer.json().map_err(|error| error.without_snippet())
}
