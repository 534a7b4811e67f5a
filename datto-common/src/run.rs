//! One call on its way: attempts, waits between them, and the times by which all has to be over.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::auth::Authorization;
use crate::call::Call;
use crate::core::Core;
use crate::exchange::{Failed, Reply, exchange};
use crate::observer::Event;
use crate::retry::{Ending, tries_again};
use crate::{Error, ErrorKind, Result, RetryPolicy, span};

/// When a call has to be over. Waits in the limiter move it, unless the caller set it.
struct Deadline {
    at: Option<Instant>,
    fixed: bool,
}

impl Deadline {
    fn left(&self, now: Instant) -> Option<Duration> {
        self.at.map(|at| at.saturating_duration_since(now))
    }

    fn after_limiter(&mut self, waited: Duration) {
        if !self.fixed {
            self.at = self.at.map(|at| at + waited);
        }
    }

    fn for_limiter(&self) -> Option<Instant> {
        self.at.filter(|_| self.fixed)
    }
}

/// One call on its way: what the attempts so far left behind.
pub(crate) struct Run<'a> {
    core: &'a Core,
    call: &'a Call,
    started: Instant,
    deadline: Deadline,
    attempts: u32,
    failed_500: u32,
    /// An earlier attempt may have been carried out.
    ambiguous: bool,
    replayed: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(core: &'a Core, call: &'a Call) -> Self {
        let started = Instant::now();
        let inner = &core.0;
        let limit = match (call.timeout, &call.stall) {
            (Some(limit), _) => Some(limit),
            (None, Some(_)) => None,
            (None, None) => {
                Some(call.operation.call_timeout.map_or(inner.call_timeout, |own| own.max(inner.call_timeout)))
            }
        };
        let deadline =
            Deadline { at: limit.and_then(|limit| started.checked_add(limit)), fixed: call.timeout.is_some() };
        Self { core, call, started, deadline, attempts: 0, failed_500: 0, ambiguous: false, replayed: false }
    }

    pub(crate) async fn go(mut self, whole: bool) -> Result<(Reply, u32, Duration)> {
        let outcome = self.attempts(whole).await;
        let elapsed = self.started.elapsed();
        match outcome {
            Ok(reply) => Ok((reply, self.attempts, elapsed)),
            Err(error) => Err(self.finished(error, elapsed)),
        }
    }

    fn policy(&self) -> RetryPolicy {
        self.call.retry.unwrap_or(self.core.0.retry)
    }

    /// Says in the error what the whole call went through.
    fn finished(&self, error: Error, elapsed: Duration) -> Error {
        let origin = self.core.origin(self.call, None);
        let error = match error.operation() {
            Some("login") => error,
            _ => error.with_context(origin.context(self.attempts, elapsed)),
        };
        if self.ambiguous { origin.after_a_write(error) } else { error }
    }

    async fn attempts(&mut self, whole: bool) -> Result<Reply> {
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.attempt(whole).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if let Some(reply) = self.deleted_before(&failed) {
                return Ok(reply);
            }
            self.ambiguous |= failed.ending.is_ambiguous();
            self.failed_500 += u32::from(failed.ending == Ending::Status(StatusCode::INTERNAL_SERVER_ERROR));
            let again = tries_again(self.call.effect, self.call.operation.retry_504, failed.ending, self.failed_500);
            if failed.hopeless || !again || tries >= self.policy().attempts {
                return Err(failed.error);
            }
            self.wait(tries, failed).await?;
        }
    }

    /// A delete whose earlier attempt may have been carried out, and whose record is gone now, has succeeded.
    fn deleted_before(&self, failed: &Failed) -> Option<Reply> {
        let gone = self.ambiguous
            && self.call.method == http::Method::DELETE
            && failed.ending == Ending::Status(StatusCode::NOT_FOUND);
        gone.then(|| Reply::Whole { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() })
    }

    async fn wait(&self, tries: u32, failed: Failed) -> Result<()> {
        let wait = failed.wait.unwrap_or_else(|| self.policy().back_off(tries));
        if self.deadline.left(Instant::now()).is_some_and(|left| wait >= left) {
            let message = format!(
                "{}; the wait of {:.1} s before the next attempt does not fit the time of the call",
                failed.error.message(),
                wait.as_secs_f64()
            );
            return Err(failed.error.with_message(message).with_retry_after(Some(wait)));
        }
        let operation = self.call.operation;
        self.core.observe(&Event::Retrying { operation, number: self.attempts, kind: failed.error.kind(), wait });
        tracing::debug!(operation = operation.name, attempt = self.attempts, kind = %failed.error.kind(), wait_ms = wait.as_millis(), "trying again");
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn attempt(&mut self, whole: bool) -> Result<Reply, Failed> {
        let core = self.core;
        let asked = Instant::now();
        let limited = |wait| core.observe(&Event::Limited { operation: self.call.operation, wait });
        let permit = core
            .0
            .lane
            .enter(self.call.bucket, self.deadline.for_limiter(), limited, || core.usage())
            .await
            .map_err(Failed::hopeless)?;
        self.deadline.after_limiter(asked.elapsed());
        let credentials = core.credentials();
        let authorization = match self.call.operation.anonymous {
            true => None,
            false => Some(self.within(credentials.authorize()).await.map_err(|error| self.no_login(error))?),
        };
        permit.sent();
        let outcome = self.send(authorization.as_ref(), whole).await;
        match outcome {
            Err(failed) if failed.ending == Ending::Status(StatusCode::UNAUTHORIZED) && !self.replayed => {
                self.replayed = true;
                let changed = !Arc::ptr_eq(&credentials, &core.credentials());
                let refused = |authorization: Authorization| credentials.refused(authorization.number());
                if changed || authorization.is_some_and(refused) {
                    Box::pin(self.attempt(whole)).await
                } else {
                    Err(failed)
                }
            }
            outcome => outcome,
        }
    }

    /// A block of the address found at the login holds for all calls.
    fn no_login(&self, error: Error) -> Failed {
        if error.kind() == ErrorKind::Blocked {
            self.core.0.lane.block();
        }
        Failed::at_login(error)
    }

    /// Ends with the time of the call.
    async fn within<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.deadline.at {
            None => work.await,
            Some(at) => tokio::time::timeout_at(at, work)
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "the time of the call ended at the login"))),
        }
    }

    async fn send(&mut self, authorization: Option<&Authorization>, whole: bool) -> Result<Reply, Failed> {
        let core = self.core;
        self.attempts += 1;
        let origin = core.origin(self.call, authorization);
        let started = Instant::now();
        let span = span::attempt(&core.0.base, self.call, self.attempts);
        let outcome =
            self.timed(exchange(core, self.call, authorization, &origin, whole)).instrument(span.clone()).await;
        let status = match &outcome {
            Ok(Reply::Whole { status, .. }) => Some(*status),
            Ok(Reply::Open(response)) => Some(response.status()),
            Err(failed) => failed.error.status(),
        };
        span::answered(&span, status, outcome.as_ref().err().map(|failed| failed.error.kind()));
        core.observe(&Event::Attempt {
            operation: self.call.operation,
            number: self.attempts,
            status,
            elapsed: started.elapsed(),
        });
        let lane = &core.0.lane;
        match &outcome {
            Ok(Reply::Whole { headers, .. }) => lane.answered(headers, true),
            Ok(Reply::Open(response)) => lane.answered(response.headers(), true),
            Err(failed) => {
                if let Some(headers) = &failed.headers {
                    lane.answered(headers, false);
                }
                if failed.error.kind() == ErrorKind::Blocked {
                    lane.block();
                } else if failed.is_throttled(lane.slows_after_503()) {
                    lane.pause(failed.wait.unwrap_or_else(|| self.policy().back_off(self.attempts)));
                }
            }
        }
        outcome
    }

    /// Ends with the time of the attempt or of the call, whichever is first; a transfer ends when it stalls.
    async fn timed(&self, work: impl Future<Output = Result<Reply, Failed>>) -> Result<Reply, Failed> {
        let late = |after: Duration| {
            Failed::lost(Error::new(ErrorKind::Timeout, format!("no answer in {:.1} s", after.as_secs_f64())))
        };
        if let Some(stall) = &self.call.stall {
            return until_stalled(work, stall, &self.deadline).await;
        }
        let limit = self
            .call
            .operation
            .attempt_timeout
            .map_or(self.core.0.attempt_timeout, |own| own.max(self.core.0.attempt_timeout));
        let limit = self.deadline.left(Instant::now()).map_or(limit, |left| left.min(limit));
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late(limit)))
    }
}

/// Runs a transfer until it is done or its progress has not moved for too long.
async fn until_stalled(
    work: impl Future<Output = Result<Reply, Failed>>,
    stall: &crate::call::Stall,
    deadline: &Deadline,
) -> Result<Reply, Failed> {
    tokio::pin!(work);
    stall.moved.touch();
    loop {
        let moved = stall.moved.last();
        let ends = [moved.checked_add(stall.after), deadline.at].into_iter().flatten().min();
        let end = async {
            match ends {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased; // an answer that is there counts, however late it is looked for
            outcome = &mut work => return outcome,
            () = end => {}
        }
        let late = |message: String| Err(Failed::lost(Error::new(ErrorKind::Timeout, message)));
        if deadline.at.is_some_and(|at| Instant::now() >= at) {
            return late("the time of the call ended before the transfer did".to_owned());
        }
        if stall.moved.last() == moved {
            return late(format!("the transfer stood still for {:.0} s", stall.after.as_secs_f64()));
        }
    }
}
