//! Images of machines that were started from their backups.

use std::fmt;

use bytes::Bytes;
use datto_common::internal::{Answer, Prepared};
use datto_common::{Request, Result};

/// The image of a machine that was started from its backup. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Screenshot {
    /// The image.
    pub bytes: Bytes,
    /// What it is, by its first bytes: `image/jpeg` (observed) or another.
    pub media_type: &'static str,
}

impl Screenshot {
    pub(crate) fn of(call: Prepared) -> Request<Self> {
        call.accepting("image/*").read(Self::read)
    }

    fn read(answer: &Answer) -> Result<Self> {
        let media_type = media_type(&answer.body).ok_or_else(|| answer.unreadable("what came is no image"))?;
        Ok(Self { bytes: answer.body.clone(), media_type })
    }
}

/// The header may say anything; a page of HTML or an error in JSON begins otherwise.
fn media_type(body: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 3] =
        [(b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif")];
    KINDS.iter().find(|(begins, _)| body.starts_with(begins)).map(|(_, name)| *name)
}

impl fmt::Debug for Screenshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Screenshot({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_told_by_its_first_bytes() {
        assert_eq!(media_type(b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        for other in [&b""[..], b"<html>", b"{\"code\":1}", b"\xff\xd8"] {
            assert_eq!(media_type(other), None, "{other:?}");
        }
    }
}
