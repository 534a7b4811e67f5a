//! The records of the API, as tolerant as what is known of it is thin.

mod item;
mod lenient;

pub use item::{Item, Lock};

pub use crate::metadata::Metadata;
