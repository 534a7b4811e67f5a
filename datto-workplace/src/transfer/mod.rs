//! Transfers: bytes that come and go as streams, counted, hashed, watched and verified. Memory stays the same whatever the size.

mod attempts;
mod copy;
mod download;
mod incoming;
mod multipart;
mod source;
mod stored;
mod tally;
mod temporary;
mod upload;

pub use copy::Moved;
pub use download::{Download, Downloaded, FileBytes};
pub use incoming::DownloadStream;
pub use upload::{Conflict, Upload, Uploaded, Uploading};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use datto_common::Operation;
use datto_common::internal::{Context, Core};
use tokio::time::Instant;

/// A transfer that does not move for this long is given up. The service may need a while after the last byte of an upload.
const STALL: Duration = Duration::from_secs(120);

/// How sure it is that the bytes are the right ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verified {
    /// Nothing was there to compare with.
    Nothing,
    /// The size is the one that was announced; no MD5 was.
    Size,
    /// The MD5 is the one that the service has.
    Md5,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the file so far. It begins anew where a transfer does.
    pub transferred: u64,
    /// How many there will be, where that is known.
    pub total: Option<u64>,
}

/// How a transfer is watched.
#[derive(Clone)]
pub(crate) struct Watch {
    stall: Duration,
    on_progress: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
}

impl Watch {
    fn tell(&self, transferred: u64, total: Option<u64>) {
        if let Some(tell) = &self.on_progress {
            tell(Progress { transferred, total });
        }
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self { stall: STALL, on_progress: None }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("stall", &self.stall).finish_non_exhaustive()
    }
}

/// What an error of a transfer says of its call.
fn context(core: &Core, operation: &'static Operation, attempts: u32, started: Instant) -> Context {
    Context {
        product: core.profile().product,
        operation: operation.name,
        template: operation.path,
        attempts,
        elapsed: started.elapsed(),
    }
}
