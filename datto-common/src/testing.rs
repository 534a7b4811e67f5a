//! Values that calls return, made by hand, for unit tests of code that takes them. Behind the feature `testing`, which belongs among the
//! dev-dependencies.
//!
//! To test code that makes the calls itself, use the stand-in of the services, `datto-sandbox`: it has their oddities, which a value made by hand has
//! not. Records need no help: they are `Default` and can be read from JSON.
//!
//! ```
//! use datto_common::{Error, ErrorKind, Pager, testing};
//!
//! /// The code under test.
//! async fn sum(mut numbers: Pager<u32>) -> Result<u32, Error> {
//!     let mut sum = 0;
//!     while let Some(number) = numbers.next().await {
//!         sum += number?;
//!     }
//!     Ok(sum)
//! }
//!
//! # async fn run() -> datto_common::Result<()> {
//! assert_eq!(sum(testing::pager(vec![1, 2], None)?).await?, 3);
//! let lost = testing::error(ErrorKind::Server).status(503).operation("devices.list");
//! assert!(sum(testing::pager(vec![1, 2], Some(lost.into()))?).await.is_err());
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::Basic;
use crate::call::Call;
use crate::error::Context;
use crate::model::Extra;
use crate::profile::{Failure, Profile};
use crate::query::Query;
use crate::setup::Setup;
use crate::{Error, ErrorKind, Operation, Page, Pager, Paging, Response, Result, Scheme};

static PROFILE: Profile = Profile {
    product: "testing",
    user_agent: "testing",
    wait_headers: &[],
    hint: |_: &Failure<'_>, _: ErrorKind| None,
    is_block: |_: &Failure<'_>| false,
    limits: || crate::limiter::Rules::NONE,
};

const PAGING: Paging =
    Paging::new("records", "", "", (1, 1), Scheme::Link { param: "page", first: 0, next: "next", total: "total" });
static LIST: Operation = Operation::read("testing.list", "/testing").paged(PAGING);

/// An error in the making: [`error`].
#[derive(Debug, Clone)]
#[must_use = "it is no error until it is made into one"]
pub struct MadeError {
    error: Error,
    context: Context,
}

/// An error of this kind, of one attempt. `into()` makes it.
pub fn error(kind: ErrorKind) -> MadeError {
    let context = Context { product: PROFILE.product, operation: LIST.name, attempts: 1, ..Context::default() };
    MadeError { error: Error::new(kind, "made by hand"), context }
}

impl MadeError {
    /// Of this operation: `devices.list`.
    pub fn operation(mut self, name: &'static str) -> Self {
        self.context.operation = name;
        self
    }

    /// After so many attempts.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.context.attempts = attempts;
        self
    }

    /// Answered with this status; one that is none is left out.
    pub fn status(mut self, status: u16) -> Self {
        if let Ok(status) = StatusCode::from_u16(status) {
            self.error = self.error.with_status(status);
        }
        self
    }

    /// With this message.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.error = self.error.with_message(message);
        self
    }

    /// The service asks to wait for so long.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.error = self.error.with_retry_after(Some(wait));
        self
    }

    /// What was asked for may have happened; this is what to look for.
    pub fn may_have_happened(mut self, marker: impl Into<String>) -> Self {
        self.error = self.error.that_may_have_happened().with_marker(marker);
        self
    }
}

impl From<MadeError> for Error {
    fn from(made: MadeError) -> Self {
        made.error.with_context(made.context)
    }
}

/// The only page of a list. Its other fields can be set afterwards.
pub fn page<T>(items: Vec<T>) -> Page<T> {
    let total = u64::try_from(items.len()).ok();
    Page { items, odd: Vec::new(), total, next: None, extra: Extra::default() }
}

/// A walk over these records, which ends in this error, or is complete. It calls nothing.
///
/// # Errors
/// `Config` if no HTTP client can be built on this machine.
pub fn pager<T: DeserializeOwned + Send + 'static>(records: Vec<T>, end: Option<Error>) -> Result<Pager<T>> {
    let nowhere = Url::parse("http://127.0.0.1:1")
        .map_err(|error| Error::new(ErrorKind::Internal, "the address of nowhere").with_source(error))?;
    let mut setup = Setup::default();
    setup.check(&nowhere)?;
    // Nothing is called, so the certificates of the machine need not be read.
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    {
        setup.configure = Some(Box::new(|http| http.tls_certs_only([])));
    }
    let http = setup.http(&nowhere, &PROFILE)?;
    let core = setup.finish(&PROFILE, nowhere, http, Arc::new(Basic::new("testing", "testing")));
    let query = Query::new(core, Call::new(&LIST, &[]), PAGING, None, (1, 1), None);
    Ok(Pager::new(Arc::new(query)).of_these(records, end))
}

/// A good answer, of one attempt, with the status 200 and no headers.
pub fn response<T>(body: T) -> Response<T> {
    Response { status: StatusCode::OK, headers: HeaderMap::new(), attempts: 1, elapsed: Duration::ZERO, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[tokio::test]
    async fn a_pager_made_by_hand_is_walked_like_any() {
        let mut whole = pager(vec![1, 2, 3], None).unwrap();
        assert_eq!(whole.total(), Some(3));
        let mut records = Vec::new();
        while let Some(record) = whole.next().await {
            records.push(record.unwrap());
        }
        assert_eq!((records, whole.verdict()), (vec![1, 2, 3], Verdict::Complete));

        let mut broken = pager(vec![1], Some(error(ErrorKind::Timeout).into())).unwrap();
        assert_eq!(broken.next().await.unwrap().unwrap(), 1);
        assert_eq!(broken.next().await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
        assert!(broken.next().await.is_none() && !matches!(broken.verdict(), Verdict::Complete));

        let mut empty = pager(Vec::<u32>::new(), None).unwrap();
        assert!(empty.next().await.is_none());
        assert_eq!(empty.verdict(), Verdict::Complete);
    }

    #[test]
    fn an_error_made_by_hand_says_what_it_was_made_of() {
        let error =
            error(ErrorKind::Server).status(503).operation("devices.quick_job").attempts(2).may_have_happened("job-7");
        let error = Error::from(error.message("no answer").retry_after(Duration::from_secs(3)));
        assert_eq!(
            (error.kind(), error.attempts(), error.operation()),
            (ErrorKind::Server, 2, Some("devices.quick_job"))
        );
        assert_eq!((error.may_have_happened(), error.marker()), (true, Some("job-7")));
        assert_eq!(
            (error.status(), error.retry_after()),
            (Some(StatusCode::SERVICE_UNAVAILABLE), Some(Duration::from_secs(3)))
        );
        assert_eq!(page(vec![1]).items, response(page(vec![1])).into_body().items);
    }
}
