//! A connection that more than one side can write to, so that an answer can come which nobody has asked for.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::patience::Patience;

/// A shared connection. It is closed when the last handle is dropped, and breaks off where the other side takes nothing
/// for too long.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: Arc<TcpStream>,
    patience: Patience,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, patience: Option<Duration>) -> Self {
        Self { stream: Arc::new(stream), patience: Patience::new(patience) }
    }

    /// Another handle, which can only send.
    pub(crate) fn other_end(&self) -> OtherEnd {
        OtherEnd(Arc::clone(&self.stream))
    }

    /// Tries a write until it is done or the connection is not ready.
    fn write(
        &mut self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let Poll::Ready(ready) = self.stream.poll_write_ready(context) else {
                let ends = self.patience.ends(context);
                return if ends { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending };
            };
            ready?;
            match attempt(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => {
                    self.patience.renew();
                    return Poll::Ready(done);
                }
            }
        }
    }
}

/// A handle of a connection through which an answer can be sent that nobody has asked for.
#[derive(Debug, Clone)]
pub(crate) struct OtherEnd(Arc<TcpStream>);

impl OtherEnd {
    /// Sends what fits into the buffer of the connection, which is enough for a stray answer of a record.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let _ = self.0.try_write(bytes);
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(buffer.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(read) => {
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(context, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Whoever shuts down drops it next.
        Poll::Ready(Ok(()))
    }
}
