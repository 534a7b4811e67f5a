//! Alerts as events: opened, changed, resolved, each once, from polls and from webhooks alike.
//!
//! An [`AlertWatch`] knows which alerts are open and which were resolved. Give it what a poll read and what a webhook brought, in any order and as often as it comes; it
//! answers with what is new. Store it together with what you did about its events, in one transaction: after a crash the same events come again, or not at
//! all.
//!
//! ```no_run
//! # async fn run(rmm: datto_rmm::RmmClient, stored: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
//! use datto_rmm::Timestamp;
//! use datto_rmm::watch::{AlertChange, AlertWatch};
//!
//! let mut watch: AlertWatch = stored.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default();
//! let poll = watch.look(&rmm).await?; // reads
//! for event in watch.apply(&poll, &Timestamp::now()) {
//!     match event.what {
//!         AlertChange::Opened => println!("open a ticket for {}: {}", event.alert_uid, event.sentence),
//!         AlertChange::Resolved => println!("close the ticket for {}", event.alert_uid),
//!         _ => {}
//!     }
//! }
//! let stored = serde_json::to_string(&watch)?; // in the same transaction as the tickets
//! # Ok(())
//! # }
//! ```
//!
//! A webhook is quicker than a poll and may be lost; a poll is slower and misses nothing that stays open. Use both: [`AlertWebhook`] reads what RMM posts.

mod state;
mod webhook;

pub use state::{AcknowledgePolicy, Acknowledgement, AlertChange, AlertEvent, AlertPoll, AlertWatch};
pub use webhook::{AlertWebhook, Delivered, Delivery, Rejected};
