//! The body of a request as it comes in: only so large, and from a client that does not keep one waiting.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

/// How long the other side may keep one waiting; for ever if not set.
#[derive(Debug)]
pub(crate) struct Patience {
    most: Option<Duration>,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(crate) fn new(most: Option<Duration>) -> Self {
        Self { most, wait: None }
    }

    /// Whether it has ended. It begins with the first time that this is asked after something came.
    pub(crate) fn ends(&mut self, context: &mut Context<'_>) -> bool {
        let Some(most) = self.most else { return false };
        self.wait.get_or_insert_with(|| Box::pin(sleep(most))).as_mut().poll(context).is_ready()
    }

    /// Notes that something came.
    pub(crate) fn renew(&mut self) {
        self.wait = None;
    }
}

/// A body that ends in an error where it is larger than allowed, or where the next piece does not come.
#[derive(Debug)]
pub(crate) struct Bounded {
    body: Incoming,
    left: u64,
    patience: Patience,
}

impl Bounded {
    pub(crate) fn new(body: Incoming, limit: u64, most: Option<Duration>) -> Self {
        Self { body, left: limit, patience: Patience::new(most) }
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            let ends = self.patience.ends(context);
            return if ends { Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into()))) } else { Poll::Pending };
        };
        self.patience.renew();
        let Some(frame) = frame else { return Poll::Ready(None) };
        let frame = frame.map_err(io::Error::other)?;
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        match self.left.checked_sub(size) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Some(Err(io::Error::other("the body is too large")))),
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
