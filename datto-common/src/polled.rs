//! How far a call is that is polled in place: what is awaited in one place and handed to `join_all` in another.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use crate::{Error, ErrorKind, Pending, Result};

/// The future inside of something that describes a call. It begins with the first poll; a clone of it has not begun.
#[doc(hidden)]
pub struct Polled<T> {
    /// Locked by nobody: `&mut` leads past it. It lets the call be shared between threads.
    state: Mutex<State<T>>,
}

enum State<T> {
    New,
    Sent(Pending<T>),
    Over,
}

impl<T> Polled<T> {
    /// Goes on, or begins.
    pub fn poll(&mut self, begin: impl FnOnce() -> Pending<T>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if matches!(state, State::New) {
            *state = State::Sent(begin());
        }
        let outcome = match state {
            State::Sent(pending) => match pending.as_mut().poll(cx) {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => return Poll::Pending,
            },
            _ => Err(over()),
        };
        *state = State::Over;
        Poll::Ready(outcome)
    }

    /// What has begun, so that it goes on and is not begun again.
    ///
    /// # Errors
    /// If it is over.
    pub fn begun(&mut self) -> Result<Option<Pending<T>>> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(state, State::Over) {
            State::New => Ok(None),
            State::Sent(pending) => Ok(Some(pending)),
            State::Over => Err(over()),
        }
    }
}

fn over() -> Error {
    Error::new(ErrorKind::Internal, "the call was polled after its end")
}

impl<T> Default for Polled<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State::New) }
    }
}

impl<T> Clone for Polled<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> fmt::Debug for Polled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Polled")
    }
}
