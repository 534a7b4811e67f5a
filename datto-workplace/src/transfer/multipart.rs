//! The body of an upload: a form of three fields, the bytes first, as every known program sends it (observed).

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use datto_common::internal::{MakeBody, Moved, StreamBody};
use datto_common::{Error, ErrorKind, Result};
use futures_util::{StreamExt as _, stream};

use super::source::{Content, Source};
use super::tally::{Tally, Total};
use super::{Conflict, Watch};

/// The largest piece that is handed on at once.
const PIECE: usize = 256 * 1024;

/// Makes the form anew for each attempt, and knows how far the last one came.
#[derive(Debug)]
pub(super) struct Multipart {
    pub(super) source: Arc<dyn Source>,
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) conflict: Conflict,
    pub(super) watch: Watch,
    /// When it moved last, for the stall timeout.
    pub(super) moved: Arc<Moved>,
    pub(super) outcome: Arc<Mutex<Outcome>>,
}

/// What became of the source in the last attempt.
#[derive(Debug, Clone, Default)]
pub(super) enum Outcome {
    /// It was not read to its end.
    #[default]
    Unfinished,
    /// It failed: the service cannot have got the whole form.
    Failed(Error),
    /// All of it was read.
    Whole(Total),
}

impl Multipart {
    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn came_to(&self, outcome: Outcome) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }

    fn head(&self, boundary: &str) -> String {
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"partData\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(&self.name),
            self.content_type
        )
    }

    fn tail(&self, boundary: &str) -> String {
        let mut tail = String::from("\r\n");
        for (field, value) in [("fileName", self.name.as_str()), ("makeUnique", self.conflict.make_unique())] {
            let _ = write!(tail, "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        }
        let _ = write!(tail, "--{boundary}--\r\n");
        tail
    }
}

#[async_trait]
impl MakeBody for Multipart {
    async fn make(&self) -> Result<StreamBody> {
        self.came_to(Outcome::Unfinished);
        let opened = self.source.open().await;
        // Of a copy this is the failure of its download, with its own words and attempts.
        let (length, content) = opened.inspect_err(|error| self.came_to(Outcome::Failed(error.clone())))?;
        let boundary = boundary();
        let (head, tail) = (self.head(&boundary), self.tail(&boundary));
        let whole = length.checked_add((head.len() + tail.len()) as u64).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "the upload is longer than any file can be")
                .with_hint("nothing was sent")
        })?;
        let text = |text: String| stream::iter([Ok(Bytes::from(text))]);
        let form = text(head).chain(self.watched(length, content)).chain(text(tail));
        Ok(StreamBody {
            body: datto_common::reqwest::Body::wrap_stream(form),
            content_type: format!("multipart/form-data; boundary={boundary}"),
            length: Some(whole),
        })
    }
}

/// The content on its way.
struct Passing {
    content: Content,
    /// What is left of a large piece: small ones show whether the transfer moves.
    rest: Bytes,
    length: u64,
    tally: Tally,
    watch: Watch,
    moved: Arc<Moved>,
    outcome: Arc<Mutex<Outcome>>,
}

impl Multipart {
    /// Counts, hashes and watches the content. More or fewer bytes than announced are an error, and break the form off.
    fn watched(&self, length: u64, content: Content) -> impl stream::Stream<Item = Result<Bytes>> + Send + use<> {
        let passing = Passing {
            content,
            rest: Bytes::new(),
            length,
            tally: Tally::default(),
            watch: self.watch.clone(),
            moved: Arc::clone(&self.moved),
            outcome: Arc::clone(&self.outcome),
        };
        stream::try_unfold(
            passing,
            |mut passing| async move { Ok(passing.next().await?.map(|bytes| (bytes, passing))) },
        )
    }
}

impl Passing {
    async fn piece(&mut self) -> Option<Result<Bytes>> {
        while self.rest.is_empty() {
            match self.content.next().await? {
                Ok(bytes) => self.rest = bytes,
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(self.rest.split_to(self.rest.len().min(PIECE))))
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let next = match self.piece().await {
            Some(Ok(bytes)) if self.tally.size() + bytes.len() as u64 > self.length => Err(self.changed("grew")),
            Some(Ok(bytes)) => Ok(Some(bytes)),
            Some(Err(error)) => Err(error),
            None if self.tally.size() < self.length => Err(self.changed("shrank")),
            None => Ok(None),
        };
        let outcome = match &next {
            Ok(Some(bytes)) => {
                self.tally.add(bytes);
                self.moved.touch();
                self.watch.tell(self.tally.size(), Some(self.length));
                return next;
            }
            Ok(None) => Outcome::Whole(self.tally.total()),
            Err(error) => Outcome::Failed(error.clone()),
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        next
    }

    fn changed(&self, how: &str) -> Error {
        Error::new(
            ErrorKind::Io,
            format!("the source {how} while it was uploaded: it should have {} bytes", self.length),
        )
    }
}

/// A name inside the quotes of a header, by the rule that browsers follow (HTML standard). The field `fileName` has it as it is.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// 128 random bits: no file has them in it.
fn boundary() -> String {
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("datto-{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::super::source::InMemory;
    use super::*;

    fn form(name: &str, conflict: Conflict) -> Multipart {
        Multipart {
            source: Arc::new(InMemory(Bytes::from_static(b"bytes"))),
            name: name.to_owned(),
            content_type: "application/pdf".to_owned(),
            conflict,
            watch: Watch::default(),
            moved: Arc::default(),
            outcome: Arc::default(),
        }
    }

    #[test]
    fn the_form_is_the_one_that_programs_send() {
        let form = form("a \"b\" ü.pdf", Conflict::Replace);
        assert_eq!(
            form.head("X"),
            "--X\r\nContent-Disposition: form-data; name=\"partData\"; filename=\"a %22b%22 ü.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        assert_eq!(
            form.tail("X"),
            "\r\n--X\r\nContent-Disposition: form-data; name=\"fileName\"\r\n\r\na \"b\" ü.pdf\r\n--X\r\nContent-Disposition: form-data; name=\"makeUnique\"\r\n\r\nfalse\r\n--X--\r\n"
        );
        assert_ne!(boundary(), boundary());
    }

    async fn passed(length: u64, pieces: &[&'static str]) -> (Vec<Result<Bytes>>, Outcome) {
        let form = form("a", Conflict::MakeUnique);
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        let passed = form.watched(length, Box::pin(stream::iter(pieces))).collect().await;
        (passed, form.outcome())
    }

    #[tokio::test]
    async fn a_source_that_grows_or_shrinks_breaks_the_form_off() {
        let (pieces, outcome) = passed(4, &["ab", "cd"]).await;
        assert!(pieces.iter().all(Result::is_ok));
        assert!(matches!(outcome, Outcome::Whole(total) if total.size == 4));
        for (length, how) in [(3, "grew"), (5, "shrank")] {
            let (pieces, outcome) = passed(length, &["ab", "cd"]).await;
            assert!(pieces.last().is_some_and(Result::is_err), "{how}");
            assert!(matches!(outcome, Outcome::Failed(error) if error.message().contains(how)));
        }
    }
}
