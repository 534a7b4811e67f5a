//! The question what the service has counted for the account, as a future that needs nobody: whoever waits for it drives it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::StatusCode;

use crate::answer::Origin;
use crate::auth::Credentials;
use crate::call::Call;
use crate::limiter::{ASK_LIMIT, AskUsage, Asked};
use crate::observer::Observers;
use crate::retry::Ending;
use crate::wire::{Failed, Reply, Wire};
use crate::{Effect, ErrorKind};

/// Asks once. Whatever goes wrong, a panic of the caller's credentials included, is an answer too.
pub(crate) fn ask(wire: &Arc<Wire>, credentials: Arc<dyn Credentials>, how: AskUsage) -> BoxFuture<'static, Asked> {
    let wire = Arc::clone(wire);
    let work = async move {
        // The login has a time of its own.
        let Ok(authorization) = credentials.authorize().await else { return Asked::NotSent };
        let call = Call::new(how.operation, &[]);
        let origin = || Origin {
            profile: wire.profile,
            operation: how.operation,
            effect: Effect::Read,
            marker: None,
            credentials: Arc::clone(&credentials),
            authorization: Some(authorization.clone()),
            observers: Observers::default(),
        };
        let sent = wire.exchange(&call, Some(&authorization), true, origin);
        let Ok(outcome) = tokio::time::timeout(ASK_LIMIT, sent).await else { return Asked::Unanswered };
        if is_refused(&outcome) {
            credentials.refused(authorization.number());
        }
        answer(outcome, how)
    };
    AssertUnwindSafe(work).catch_unwind().map(|outcome| outcome.unwrap_or(Asked::Unanswered)).boxed()
}

fn is_refused(outcome: &Result<Reply, Failed>) -> bool {
    outcome.as_ref().is_err_and(|failed| failed.ending == Ending::Status(StatusCode::UNAUTHORIZED))
}

fn answer(outcome: Result<Reply, Failed>, how: AskUsage) -> Asked {
    match outcome {
        Ok(Reply::Whole { body, .. }) => {
            serde_json::from_slice(&body).ok().and_then(|body| (how.read)(&body)).map_or(Asked::Refused, Asked::Told)
        }
        Ok(Reply::Open(_)) => Asked::Unanswered,
        Err(failed) if failed.error.kind() == ErrorKind::Blocked => Asked::Blocked,
        Err(failed) => match failed.ending {
            Ending::Status(StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => Asked::Refused,
            Ending::Status(StatusCode::TOO_MANY_REQUESTS) => Asked::TooFast(failed.wait),
            _ => Asked::Unanswered,
        },
    }
}
