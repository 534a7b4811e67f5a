//! The connection.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datto_common::{Error, ErrorKind, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError};

use crate::RedisLogins;

/// How long a command may take: who waits has half a second.
const TIME: Duration = Duration::from_millis(400);

/// A Redis or Valkey server where processes share limits and logins. Cheap to clone; clones share one connection, which is made
/// when it is first needed, and anew when it broke.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    client: Client,
    manager: Mutex<Option<ConnectionManager>>,
    pub(crate) take: redis::Script,
    pub(crate) tell: redis::Script,
}

impl RedisStore {
    /// A store at this address: `redis://[user:password@]host[:port][/database]`. Nothing is sent, and no runtime is needed.
    ///
    /// # Errors
    /// `Config` if the address cannot be read.
    pub fn new(url: &str) -> Result<Self> {
        let client = Client::open(url)
            .map_err(|_| Error::new(ErrorKind::Config, "the address of the store is none that Redis clients know"))
            .map_err(|error| error.with_hint("it looks like redis://host:6379/0"))?;
        Ok(Self(Arc::new(Inner {
            client,
            manager: Mutex::new(None),
            take: redis::Script::new(include_str!("take.lua")),
            tell: redis::Script::new(include_str!("tell.lua")),
        })))
    }

    /// Logins of an account, shared by all processes that name it so.
    pub fn logins(&self, account: impl Into<String>) -> RedisLogins {
        RedisLogins::new(self.clone(), account.into())
    }

    pub(crate) fn connection(&self) -> Result<ConnectionManager> {
        let mut manager = self.0.manager.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(manager) = &*manager {
            return Ok(manager.clone());
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIME))
            .set_response_timeout(Some(TIME))
            .set_number_of_retries(1);
        let made = ConnectionManager::new_lazy_with_config(self.0.client.clone(), config).map_err(failure)?;
        Ok(manager.insert(made).clone())
    }

    pub(crate) fn take_script(&self) -> &redis::Script {
        &self.0.take
    }

    pub(crate) fn tell_script(&self) -> &redis::Script {
        &self.0.tell
    }
}

/// What a failure of the store is for its caller. The text of the driver may hold values.
pub(crate) fn failure(error: RedisError) -> Error {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Connect };
    Error::new(kind, format!("the store does not answer: {}", error.category()))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}
