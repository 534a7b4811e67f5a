//! Values that calls return, made by hand, for unit tests of code that takes them; see [`datto_common::testing`].
//!
//! ```
//! use datto_workplace::testing;
//!
//! let stored = testing::uploaded("file-1", "report.pdf", 1_024);
//! assert_eq!((stored.name.as_str(), stored.size), ("report.pdf", 1_024));
//! assert_eq!(testing::file_bytes("text").bytes.len(), 4);
//! ```

use bytes::Bytes;
pub use datto_common::testing::*;

use crate::{Downloaded, FileBytes, FileId, Uploaded, Verified};

/// The MD5 of nothing.
const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What was stored, with MD5 and size compared; the MD5 itself is that of nothing. Its fields can be set afterwards.
pub fn uploaded(id: impl Into<FileId>, name: impl Into<String>, size: u64) -> Uploaded {
    let (id, name) = (id.into(), name.into());
    Uploaded { id, name, size, md5: MD5.to_owned(), verified: Verified::Md5, unseen: None }
}

/// What was downloaded, with MD5 and size compared; the MD5 itself is that of nothing. Its fields can be set afterwards.
pub fn downloaded(size: u64) -> Downloaded {
    Downloaded { size, md5: MD5.to_owned(), verified: Verified::Md5, content_type: None, attempts: 1 }
}

/// A file in memory.
pub fn file_bytes(bytes: impl Into<Bytes>) -> FileBytes {
    let bytes = bytes.into();
    let downloaded = downloaded(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    FileBytes { bytes, downloaded }
}
