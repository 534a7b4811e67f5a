//! A local, stateful stand-in for the Datto RMM, BCDR and Workplace services, with their oddities.
//!
//! The sandbox opens one listener on the loopback address per product and fills it with a fleet made from a seed, so
//! that the same seed gives the same fleet. It knows what it planted: [`Sandbox::truth`] is the answer to which a
//! client's figures can be compared. It can be told to fail: [`Sandbox::inject`]. It remembers what it was asked:
//! [`Sandbox::journal`].
//!
//! Everything runs on the caller's tokio runtime and waits by tokio's clock alone, so that a test with paused time
//! (`#[tokio::test(start_paused = true)]`) needs no real seconds for retries, token lifetimes or rate windows.
//!
//! ```
//! # async fn example() -> std::io::Result<()> {
//! use datto_sandbox::{Fault, Product, Sandbox};
//!
//! let sandbox = Sandbox::builder().devices(1_200).seed(7).start().await?;
//! sandbox.inject(Fault::status(503).product(Product::Rmm).path_contains("/v2/account/devices").times(2));
//! let (key, secret) = sandbox.rmm_key();
//! // … point a client at sandbox.rmm_url() with this pair, and compare with sandbox.truth().rmm
//! # drop((key, secret));
//! # Ok(())
//! # }
//! ```
//!
//! The program `datto-sandbox` serves the same to clients in any language: `datto-sandbox --devices 1200 --seed 7`
//! prints three URLs and three pairs of keys, and runs until Ctrl-C.
//!
//! Where the services differ from their documents, the sandbox follows what was observed. What nobody has observed is
//! a guess and says so where it is made.

mod alter;
mod basic;
mod bcdr;
mod calendar;
mod change;
mod choice;
mod clock;
mod config;
mod control;
mod estate;
mod fault;
mod fault_form;
mod journal;
mod links;
mod patience;
mod random;
mod rmm;
mod sandbox;
mod scenario;
mod schedule;
mod serve;
mod settings;
mod start;
mod state;
mod strike;
mod text;
#[cfg(feature = "tls")]
mod tls;
mod truth;
mod wire;
mod workplace;
mod world;

pub use bcdr::{AssetCase, BcdrTruth, PlantedAsset, SaasCase};
pub use change::{Change, Refused};
pub use choice::{
    Booleans, BudgetFormat, BulkAnswer, Challenge, CreatedShape, DateForm, KeyScope, LastSeen, LinkHost, ListShape,
    NameRule, Totals, TrailingSlash,
};
pub use fault::{Fault, Product};
pub use journal::Entry;
pub use links::{LinkTruth, PlantedCompany, PlantedLink, ProtectionKind};
pub use rmm::RmmTruth;
pub use sandbox::{Sandbox, SandboxBuilder};
pub use schedule::When;
pub use settings::{Reach, Setting};
pub use truth::Truth;
pub use workplace::{PlantedProject, StoredItem, WorkplaceTruth};
