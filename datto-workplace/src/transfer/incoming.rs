//! The bytes of a download as they come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use datto_common::internal::{Core, Opened};
use datto_common::{Error, ErrorKind, Result};
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use super::download::Expected;
use super::tally::{Tally, Total};
use super::{Verified, Watch, context};
use crate::operations;

type Body = Pin<Box<dyn Stream<Item = datto_common::reqwest::Result<Bytes>> + Send>>;

/// The bytes of a file as they come, from [`Download::stream`](crate::Download::stream).
///
/// Whether they are the right ones is known at their end only: a wrong size or MD5 is an error in place of the end.
pub struct DownloadStream {
    core: Core,
    body: Body,
    watch: Watch,
    /// Runs while somebody waits for bytes: a reader that takes its time is no stall.
    stalled: Option<Pin<Box<Sleep>>>,
    tally: Tally,
    expected: Expected,
    content_type: Option<String>,
    length: Option<u64>,
    attempts: u32,
    started: Instant,
    ended: bool,
    verified: Option<Verified>,
}

impl DownloadStream {
    pub(super) fn new(core: &Core, opened: Opened, expected: Expected, watch: Watch) -> Self {
        let Opened { response, attempts, elapsed } = opened;
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let now = Instant::now();
        Self {
            core: core.clone(),
            content_type: header("content-type"),
            length: response.content_length(),
            body: Box::pin(response.bytes_stream()),
            stalled: None,
            watch,
            tally: Tally::default(),
            expected,
            attempts,
            started: now.checked_sub(elapsed).unwrap_or(now),
            ended: false,
            verified: None,
        }
    }

    /// The next bytes; `None` at the end, once they are verified. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// How many bytes there will be, where that is known.
    pub fn size(&self) -> Option<u64> {
        self.expected.size.or(self.length)
    }

    /// The type of the content, as the service says.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// What was verified; `None` before the end.
    pub fn verified(&self) -> Option<Verified> {
        self.verified
    }

    pub(super) fn total(&self) -> Total {
        self.tally.total()
    }

    pub(super) fn sent_attempts(&self) -> u32 {
        self.attempts
    }

    /// An error of this download.
    pub(super) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, message).with_context(context(
            &self.core,
            &operations::FILES_DOWNLOAD,
            self.attempts,
            self.started,
        ))
    }

    /// Known before anything is written.
    fn announces_another_size(&self) -> Option<Error> {
        let (expected, announced) = (self.expected.size?, self.length?);
        let message = format!("{announced} bytes are announced where the file has {expected}");
        (announced != expected).then(|| self.error(ErrorKind::Integrity, message))
    }

    fn verify(&self) -> Result<Verified> {
        let total = self.tally.total();
        if let Some(size) = self.size().filter(|size| *size != total.size) {
            let message = format!("{} bytes came where there should be {size}", total.size);
            return Err(self.error(ErrorKind::Integrity, message));
        }
        if let Some(md5) = &self.expected.md5 {
            return if md5.trim().eq_ignore_ascii_case(&total.md5) {
                Ok(Verified::Md5)
            } else {
                Err(self.error(ErrorKind::Integrity, "the MD5 of what came is not that of the file"))
            };
        }
        if self.is_a_page_instead() {
            return Err(self
                .error(ErrorKind::Decode, "a page of HTML came where the file should be")
                .with_hint("maintenance, or a proxy or firewall on the way; `unchecked` takes it all the same"));
        }
        Ok(if self.size().is_some() { Verified::Size } else { Verified::Nothing })
    }

    /// HTML for a file whose name is known and is not that of a page.
    fn is_a_page_instead(&self) -> bool {
        let html = self.content_type.as_deref().is_some_and(|kind| kind.trim_start().starts_with("text/html"));
        let name = self.expected.name.as_deref().map(str::to_ascii_lowercase);
        html && name.is_some_and(|name| ![".html", ".htm", ".xhtml"].iter().any(|ending| name.ends_with(ending)))
    }

    fn end(&mut self, error: Error) -> Poll<Option<Result<Bytes>>> {
        self.ended = true;
        self.body = Box::pin(futures_util::stream::empty()); // nothing more is received
        Poll::Ready(Some(Err(error)))
    }
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(error) = self.announces_another_size() {
            return self.end(error);
        }
        match self.body.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(bytes))) => {
                self.stalled = None;
                if let Some(size) = self.size().filter(|size| self.tally.size() + bytes.len() as u64 > *size) {
                    let message = format!("more than the {size} bytes came that the file has");
                    let error = self.error(ErrorKind::Integrity, message);
                    return self.end(error);
                }
                self.tally.add(&bytes);
                self.watch.tell(self.tally.size(), self.size());
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => {
                let message = format!("the download broke off after {} bytes", self.tally.size());
                let error = self.error(ErrorKind::Transport, message).with_source(error.without_url());
                self.end(error)
            }
            Poll::Ready(None) => match self.verify() {
                Ok(verified) => {
                    self.ended = true;
                    self.verified = Some(verified);
                    Poll::Ready(None)
                }
                Err(error) => self.end(error),
            },
            Poll::Pending => {
                let after = self.watch.stall;
                let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
                std::task::ready!(stalled.as_mut().poll(cx));
                let seconds = after.as_secs_f64();
                let error = self.error(ErrorKind::Timeout, format!("the transfer stood still for {seconds:.1} s"));
                self.end(error)
            }
        }
    }
}

impl fmt::Debug for DownloadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadStream")
            .field("size", &self.size())
            .field("received", &self.tally.size())
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}
