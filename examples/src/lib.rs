//! What the examples share: settings from the environment, a sandbox where there are none, progress on the terminal.

pub mod demo;
pub mod progress;
pub mod settings;
pub mod tour;
