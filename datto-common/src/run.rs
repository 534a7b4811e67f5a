//! One call on its way: attempts, waits between them, and the times by which all has to be over.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::answer::Answer;
use crate::auth::{Authorization, Credentials};
use crate::call::Call;
use crate::core::{Core, Opened};
use crate::limiter::{BLOCK, LONGEST_WAIT, News, Permit};
use crate::observer::Event;
use crate::retry::{Ending, tries_again};
use crate::wire::{Failed, Reply};
use crate::{Error, ErrorKind, Result, RetryPolicy, echo, span};

/// After a longer wait for a place, the authorization that a call began with may be out of date.
const FRESH: Duration = Duration::from_secs(1);

impl Core {
    /// Makes a call, receives its whole answer, and takes from it what `read` finds.
    pub async fn read<T>(&self, call: &Call, read: impl FnOnce(&Answer) -> Result<T>) -> Result<(Answer, T)> {
        let work = async {
            let (reply, attempts, elapsed) = Run::new(self, call).go(true).await?;
            let Reply::Whole { status, headers, body } = reply else {
                return Err(Error::new(ErrorKind::Internal, "the answer was not read"));
            };
            let answer = Answer::new(status, headers, body, (attempts, elapsed), self.origin(call, None));
            echo::check(call, &answer)?;
            let found = read(&answer)?;
            Ok((attempts, (answer, found)))
        };
        self.watched(call, work).await
    }

    /// Makes a call and hands its answer over unread.
    pub async fn open(&self, call: &Call) -> Result<Opened> {
        let work = async {
            match Run::new(self, call).go(false).await? {
                (Reply::Open(response), attempts, elapsed) => Ok((attempts, Opened { response, attempts, elapsed })),
                _ => Err(Error::new(ErrorKind::Internal, "the answer was read")),
            }
        };
        self.watched(call, work).await
    }

    /// A call in its span; observers hear of its end. A good answer that cannot be read is a failure too.
    async fn watched<T>(&self, call: &Call, work: impl Future<Output = Result<(u32, T)>>) -> Result<T> {
        if let Some(wrong) = &call.wrong {
            return Err(wrong.clone().with_context(self.origin(call, None).context(0, Duration::ZERO)));
        }
        if tokio::runtime::Handle::try_current().is_err() {
            let error = Error::new(ErrorKind::Config, "a call needs a tokio runtime, and there is none here")
                .with_hint("await it inside `#[tokio::main]`, a tokio task, or `Runtime::block_on`");
            return Err(error.with_context(self.origin(call, None).context(0, Duration::ZERO)));
        }
        let span = span::call(self.profile().product, call);
        let started = (!self.observers().is_empty()).then(Instant::now);
        let outcome = work.instrument(span.clone()).await;
        let (attempts, error) = match &outcome {
            Ok((attempts, _)) => (*attempts, None),
            Err(error) => (error.attempts(), Some(error.kind())),
        };
        span::finish(&span, attempts, error);
        if let Some(elapsed) = started.map(|started| started.elapsed()) {
            self.observers().tell(&Event::Finished { operation: call.operation, attempts, error, elapsed });
        }
        outcome.map(|(_, found)| found)
    }
}

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
            self.at = self.at.and_then(|at| at.checked_add(waited));
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
    /// How often it came no further than the login.
    logins: u32,
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
        Self { core, call, started, deadline, attempts: 0, logins: 0, failed_500: 0, ambiguous: false, replayed: false }
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
        let error = error.with_context(origin.context(self.attempts, elapsed)).with_login_attempts(self.logins);
        if self.ambiguous { origin.after_a_write(error) } else { error }
    }

    async fn attempts(&mut self, whole: bool) -> Result<Reply> {
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.attempt(whole).await {
                Ok(reply) => {
                    self.core.0.retry_budget.earn();
                    return Ok(reply);
                }
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
        let wait = failed.wait.unwrap_or_default().max(self.policy().back_off(tries));
        let left = self.deadline.left(Instant::now()).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        if wait >= left {
            let seconds = wait.as_secs_f64();
            let words = format!("the wait of {seconds:.1} s before the next attempt does not fit the time of the call");
            return Err(failed.error.with_more(words).with_retry_after(Some(wait)));
        }
        if failed.is_knocking() && !self.core.0.retry_budget.spend() {
            return Err(failed.error.with_more("not tried again, since too many calls of this client fail"));
        }
        let operation = self.call.operation;
        self.core.observers().tell(&Event::Retrying {
            operation,
            number: self.attempts,
            kind: failed.error.kind(),
            wait,
        });
        tracing::debug!(operation = operation.name, attempt = self.attempts, kind = %failed.error.kind(), wait_ms = wait.as_millis(), "trying again");
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// One attempt, and another after a 401.
    async fn attempt(&mut self, whole: bool) -> Result<Reply, Failed> {
        let core = self.core;
        loop {
            let now = Instant::now();
            core.0.lane.admits(now).map_err(Failed::hopeless)?;
            let credentials = core.credentials();
            let authorization = self.authorization(&*credentials).await?;
            let permit = self.place().await?;
            // Between here and the sending nothing is awaited: a place is taken when it is used.
            let authorization = match permit.waited() > FRESH {
                true => self.authorization(&*credentials).now_or_never().and_then(Result::ok).unwrap_or(authorization),
                false => authorization,
            };
            let sent = permit.sent();
            let work = self.send(authorization.as_ref(), sent, whole);
            let outcome = alongside(work, credentials.upkeep()).await;
            match outcome {
                Err(failed) if failed.ending == Ending::Status(StatusCode::UNAUTHORIZED) && !self.replayed => {
                    self.replayed = true;
                    let changed = !std::sync::Arc::ptr_eq(&credentials, &core.credentials());
                    let refused = |authorization: Authorization| credentials.refused(authorization.number());
                    if !changed && !authorization.is_some_and(refused) {
                        return Err(failed);
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// What the call is sent with; a call without credentials needs none.
    async fn authorization(&mut self, credentials: &dyn Credentials) -> Result<Option<Authorization>, Failed> {
        if self.call.operation.anonymous {
            return Ok(None);
        }
        let authorization = self.within(credentials.authorize()).await;
        self.core.tell_logins(credentials);
        match authorization {
            Ok(authorization) => Ok(Some(authorization)),
            Err(error) => {
                self.logins += 1;
                Err(self.no_login(error))
            }
        }
    }

    /// Waits for a place under the limits.
    async fn place(&mut self) -> Result<Permit<'a>, Failed> {
        let core = self.core;
        let limited = |wait| core.observers().tell(&Event::Limited { operation: self.call.operation, wait });
        let entered = core.0.lane.enter(self.call.bucket, self.deadline.for_limiter(), limited, || core.ask_usage());
        let permit = entered.await.map_err(Failed::hopeless)?;
        self.deadline.after_limiter(permit.waited());
        Ok(permit)
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

    async fn send(
        &mut self,
        authorization: Option<&Authorization>,
        sent: Instant,
        whole: bool,
    ) -> Result<Reply, Failed> {
        let core = self.core;
        self.attempts += 1;
        let span = span::attempt(core.base(), self.call, self.attempts);
        let origin = || core.origin(self.call, authorization);
        // Boxed, since what is around it would move its kilobytes.
        let exchange = Box::pin(core.0.wire.exchange(self.call, authorization, whole, origin));
        let mut outcome = self.timed(sent, exchange).instrument(span.clone()).await;
        let status = match &outcome {
            Ok(Reply::Whole { status, .. }) => Some(*status),
            Ok(Reply::Open(response)) => Some(response.status()),
            Err(failed) => failed.error.status(),
        };
        span::answered(&span, status, outcome.as_ref().err().map(|failed| failed.error.kind()));
        if !core.observers().is_empty() {
            let (operation, number, elapsed) = (self.call.operation, self.attempts, sent.elapsed());
            core.observers().tell(&Event::Attempt { operation, number, status, elapsed });
        }
        let lane = &core.0.lane;
        match &mut outcome {
            Ok(Reply::Whole { headers, .. }) => lane.answered(headers, true),
            Ok(Reply::Open(response)) => lane.answered(response.headers(), true),
            Err(failed) => Box::pin(self.failed(failed, sent)).await,
        }
        if let Some(news) = lane.budget_news() {
            Box::pin(lane.tell(news)).await;
        }
        outcome
    }

    /// What a failure means for the other calls.
    async fn failed(&self, failed: &mut Failed, sent: Instant) {
        let lane = &self.core.0.lane;
        if let Some(headers) = &failed.headers {
            lane.answered(headers, false);
        }
        if failed.is_throttled(lane.slows_after_503()) {
            let back_off = self.policy().back_off(self.attempts);
            let wait = lane.refused(self.call.bucket, sent, failed.wait, back_off);
            failed.wait = Some(wait);
            lane.tell(lane.pause_news(wait)).await;
        }
        if failed.error.kind() != ErrorKind::Blocked {
            return;
        }
        let Ok(blocked) = self.within(async { Ok(lane.is_blocked(|| self.core.ask_usage()).await) }).await else {
            return;
        };
        if blocked == Some(true) {
            lane.tell(News::Block(BLOCK)).await;
        } else if blocked == Some(false) {
            let error = failed.error.clone().with_kind(ErrorKind::Forbidden);
            failed.error = error.with_hint(
                "something refuses this call alone, while others pass: a firewall that takes a value of it for an attack, or a missing permission",
            );
        }
    }

    /// Ends with the time of the attempt or of the call, whichever is first; a transfer ends when it stalls.
    async fn timed(&self, sent: Instant, work: impl Future<Output = Result<Reply, Failed>>) -> Result<Reply, Failed> {
        if let Some(stall) = &self.call.stall {
            return until_stalled(work, stall, &self.deadline).await;
        }
        let usual = self.core.0.attempt_timeout;
        let limit = self.call.operation.attempt_timeout.map_or(usual, |own| own.max(usual));
        let ends = [sent.checked_add(limit), self.deadline.at].into_iter().flatten().min();
        let Some(ends) = ends else { return work.await };
        tokio::time::timeout_at(ends, work).await.unwrap_or_else(|_| {
            let after = ends.saturating_duration_since(sent);
            Err(Failed::lost(Error::new(ErrorKind::Timeout, format!("no answer in {:.1} s", after.as_secs_f64()))))
        })
    }
}

/// Drives what nobody waits for while a call is on its way.
async fn alongside<T>(work: impl Future<Output = T>, upkeep: Option<crate::auth::Upkeep>) -> T {
    let Some(upkeep) = upkeep else { return work.await };
    tokio::pin!(work);
    tokio::select! {
        biased;
        outcome = &mut work => outcome,
        () = upkeep => work.await,
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
            return late(format!("the transfer stood still for {:.1} s", stall.after.as_secs_f64()));
        }
    }
}
