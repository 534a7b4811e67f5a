//! Limits and logins of the Datto clients, shared by many processes in Redis or Valkey.
//!
//! The services count calls for the whole account, whoever makes them. Replicas that count by themselves lose half of what the
//! account allows, and log in once each. With a store they get all of it, ask the service for all at once, and log in once.
//!
//! ```no_run
//! use datto_common::{RateLimiter, Secret};
//! use datto_redis::RedisStore;
//!
//! # async fn run() -> datto_common::Result<()> {
//! let store = RedisStore::new("redis://127.0.0.1/")?;
//! // One name for all keys of one account, the same in every process.
//! let limiter = RateLimiter::shared(store.clone(), "acme");
//! let logins = store.logins("acme");
//! let rmm = datto_rmm::RmmClient::builder()
//!     .platform(datto_rmm::Platform::Merlot)
//!     .api_key("key", "secret")
//!     .rate_limiter(limiter)
//!     .login_through(move |login| logins.share(login))
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! # When the store does not answer
//! It has half a second. Then each process goes by its own count for five seconds, and logs in by itself: no call fails for it.
//!
//! # What is stored
//! Times of calls, limits, pauses; and tokens, encrypted with a key that is made from the API secret, which every process has and
//! the store does not. Keys look like `datto:{acme/RMM}:state`; all of one account lie in one slot of a cluster. What is not used
//! for an hour goes by itself.

mod limits;
mod logins;
mod store;

pub use logins::RedisLogins;
pub use store::RedisStore;
