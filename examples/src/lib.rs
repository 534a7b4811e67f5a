//! Runnable examples of the Datto clients.
