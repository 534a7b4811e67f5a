//! What the examples share: settings from the environment, a sandbox where there are none, output, progress on the terminal, exit codes.

pub mod demo;
pub mod output;
pub mod program;
pub mod progress;
pub mod settings;
pub mod tour;
pub mod writes;
