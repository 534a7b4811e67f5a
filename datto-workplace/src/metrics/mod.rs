//! Answers on top of the calls.
