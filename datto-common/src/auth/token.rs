//! A token that many callers share: one login at a time, its failure shared by all who wait.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;
use url::Url;

use super::{Authorization, Credentials, Upkeep};
use crate::{Error, ErrorKind, Result, Secret};

/// A login that nobody has driven for this long is given up; the next caller starts another.
const LOGIN_LIMIT: Duration = Duration::from_secs(60);
/// How long before its end a token is renewed: a tenth of its life, at most this.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
/// How long a refused login is answered from memory; doubles with each refusal up to [`REFUSAL_LONGEST`].
const REFUSAL_FIRST: Duration = Duration::from_secs(30);
const REFUSAL_LONGEST: Duration = Duration::from_secs(600);
/// The same for a login that came to no answer about who is calling, so that many callers knock once.
const FAILURE_FIRST: Duration = Duration::from_millis(250);
const FAILURE_LONGEST: Duration = Duration::from_secs(8);
/// So many tokens in a row may be refused while they are fresh before the next login is put off.
const FRESH_REFUSALS: u32 = 3;

/// So many logins are kept for whoever wants to hear of them.
const MOST_UNTOLD: usize = 16;

/// What a login gives.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// How long it is good, counted from before the login was sent; `None` if the service does not say.
    pub lifetime: Option<Duration>,
}

/// Logs in.
#[async_trait]
pub trait TokenSource: std::fmt::Debug + Send + Sync + 'static {
    /// Logs in once. An error is remembered for a while, so that a wrong password does not hammer the service: for 30 seconds and
    /// longer each time, those of the kinds `Connect`, `Timeout`, `Transport` and `Server` for a quarter of a second and longer
    /// each time, and where the error says how long to wait, that long.
    async fn login(&self) -> Result<Token>;

    /// What must never be shown.
    fn secrets(&self) -> Vec<Secret>;

    /// The same login at another address.
    #[doc(hidden)]
    fn at(&self, url: &Url) -> Option<Box<dyn TokenSource>> {
        let _ = url;
        None
    }
}

#[async_trait]
impl TokenSource for Box<dyn TokenSource> {
    async fn login(&self) -> Result<Token> {
        (**self).login().await
    }

    fn secrets(&self) -> Vec<Secret> {
        (**self).secrets()
    }

    fn at(&self, url: &Url) -> Option<Box<dyn TokenSource>> {
        (**self).at(url)
    }
}

/// Credentials from a login: keeps the token, renews it before its end, and again when the service refuses it.
#[derive(Debug)]
pub struct TokenCache {
    source: Arc<dyn TokenSource>,
    state: Mutex<State>,
}

type Login = Shared<BoxFuture<'static, Result<Token>>>;

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    login: Option<InFlight>,
    refusal: Option<Refusal>,
    /// How many tokens in a row the service refused soon after it gave them.
    refused_fresh: u32,
    /// Counts logins, started and finished.
    logins: u64,
    /// Those that ended and were not told of yet.
    ended: Vec<(Duration, Option<ErrorKind>)>,
}

impl State {
    /// The authorization of a token that serves.
    fn valid(&self, now: Instant) -> Option<Authorization> {
        self.held.as_ref().filter(|held| held.is_valid(now)).map(|held| held.authorization.clone())
    }

    /// Stores the outcome of the login under way, if it is over: whoever looks first does.
    fn take_finished(&mut self, now: Instant) {
        let Some(outcome) = self.login.as_ref().and_then(|login| login.future.peek()).cloned() else { return };
        let Some(login) = self.login.take() else { return };
        if self.ended.len() < MOST_UNTOLD {
            let error = outcome.as_ref().err().map(Error::kind);
            self.ended.push((now.saturating_duration_since(login.started), error));
        }
        let outcome = outcome.and_then(|token| {
            let authorization = Authorization::bearer(&token.value)?.generation(login.number);
            Ok(Held::new(authorization, &token, login.started))
        });
        match outcome {
            Ok(held) => {
                self.held = Some(held);
                self.refusal = None;
            }
            Err(error) => {
                let last = self.refusal.take().map(|refusal| refusal.wait);
                // Where an old token still serves, a failure puts the renewal off.
                let (first, longest) = match fails_on_the_way(&error) && self.valid(now).is_none() {
                    true => (FAILURE_FIRST, FAILURE_LONGEST),
                    false => (REFUSAL_FIRST, REFUSAL_LONGEST),
                };
                let wait = last.map_or(first, |last| last.saturating_mul(2)).min(longest).max(first);
                let wait = error.retry_after().unwrap_or(wait).min(REFUSAL_LONGEST);
                self.refusal = Some(Refusal { error, until: now + wait, wait });
            }
        }
    }

    /// How old the token has to be before its refusal is worth another login.
    fn brake(&self) -> Duration {
        match self.refused_fresh.checked_sub(FRESH_REFUSALS) {
            None => Duration::ZERO,
            Some(over) => REFUSAL_FIRST.saturating_mul(2_u32.saturating_pow(over.min(16))).min(REFUSAL_LONGEST),
        }
    }
}

#[derive(Debug, Clone)]
struct Held {
    authorization: Authorization,
    secret: Secret,
    since: Instant,
    ends: Option<Instant>,
    renew: Option<Instant>,
}

impl Held {
    fn new(authorization: Authorization, token: &Token, since: Instant) -> Self {
        // A life of no time at all would mean a login for each call.
        let life = token.lifetime.filter(|life| !life.is_zero());
        let ends = life.and_then(|life| since.checked_add(life));
        let renew = life.and_then(|life| since.checked_add(life - RENEW_BEFORE.min(life / 10)));
        Self { authorization, secret: token.value.clone(), since, ends, renew }
    }

    fn is_valid(&self, now: Instant) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }

    fn is_due(&self, now: Instant) -> bool {
        self.renew.is_some_and(|renew| now >= renew)
    }
}

#[derive(Debug, Clone)]
struct InFlight {
    number: u64,
    started: Instant,
    future: Login,
}

#[derive(Debug)]
struct Refusal {
    error: Error,
    until: Instant,
    wait: Duration,
}

/// What a caller does next.
enum Step {
    Use(Authorization),
    Await(InFlight),
    Fail(Error),
}

impl TokenCache {
    /// A cache over a login.
    pub fn new(source: impl TokenSource) -> Self {
        Self { source: Arc::new(source), state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, now: Instant) -> Step {
        let mut state = self.lock();
        state.take_finished(now);
        if state.login.as_ref().is_some_and(|login| now.duration_since(login.started) >= LOGIN_LIMIT) {
            state.login = None; // parked by callers that went away: its timers have run out meanwhile
        }
        let valid = state.valid(now);
        let due = state.held.as_ref().is_some_and(|held| held.is_due(now));
        let refused = state.refusal.as_ref().filter(|refusal| now < refusal.until);
        match (valid, refused) {
            (Some(valid), refused) if !due || refused.is_some() => Step::Use(valid),
            // It is renewed on the way of the calls, and delays none.
            (Some(valid), _) => {
                self.begin(&mut state, now);
                Step::Use(valid)
            }
            (None, Some(refusal)) if state.login.is_none() => {
                Step::Fail(refusal.error.clone().with_retry_after(Some(refusal.until - now)))
            }
            (None, _) => Step::Await(self.begin(&mut state, now)),
        }
    }

    /// The login under way, or a new one. One that panics, or whose runtime ends, is a failure like others.
    fn begin(&self, state: &mut State, now: Instant) -> InFlight {
        if let Some(login) = &state.login {
            return login.clone();
        }
        state.logins += 1;
        let source = Arc::clone(&self.source);
        let login = async move { source.login().await };
        let future =
            AssertUnwindSafe(login).catch_unwind().map(|outcome| outcome.unwrap_or_else(|_| Err(broken()))).boxed();
        state.login.insert(InFlight { number: state.logins, started: now, future: future.shared() }).clone()
    }
}

#[async_trait]
impl Credentials for TokenCache {
    async fn authorize(&self) -> Result<Authorization> {
        let login = match self.step(Instant::now()) {
            Step::Use(authorization) => return Ok(authorization),
            Step::Fail(error) => return Err(error),
            Step::Await(login) => login,
        };
        let outcome = login.future.clone().await;
        self.lock().take_finished(Instant::now());
        let fresh = |token: Token| Ok(Authorization::bearer(&token.value)?.generation(login.number));
        outcome.and_then(fresh).or_else(|error| {
            let (state, now) = (self.lock(), Instant::now());
            let wait = state.refusal.as_ref().map(|refusal| refusal.until.saturating_duration_since(now));
            state.valid(now).ok_or_else(|| error.with_retry_after(wait))
        })
    }

    fn upkeep(&self) -> Option<Upkeep> {
        let login = self.lock().login.as_ref()?.future.clone();
        Some(login.map(|_| ()).boxed())
    }

    fn ended_logins(&self) -> Vec<(Duration, Option<ErrorKind>)> {
        let mut state = self.lock();
        state.take_finished(Instant::now());
        std::mem::take(&mut state.ended)
    }

    /// A service that refuses each new token would have a login for each call: while its tokens are refused fresh, the last
    /// one is kept and the next login put off, longer each time.
    fn refused(&self, generation: u64) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        let Some(age) =
            state.held.as_ref().filter(|held| held.authorization.number() == generation).map(|held| now - held.since)
        else {
            return true; // another one is there, or on its way
        };
        let brake = state.brake();
        if age < brake {
            return false;
        }
        let fresh = age < 2 * brake.max(REFUSAL_FIRST);
        state.refused_fresh = if fresh { state.refused_fresh.saturating_add(1) } else { 0 };
        state.held = None;
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.source.secrets();
        secrets.extend(self.lock().held.as_ref().map(|held| held.secret.clone()));
        secrets
    }

    fn login_at(&self, url: &Url) -> Option<Box<dyn TokenSource>> {
        self.source.at(url)
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Transport, "the login was cut off: its code panicked, or the runtime that drove it ended")
}

/// Whether the login came to no answer that is about who is calling.
fn fails_on_the_way(error: &Error) -> bool {
    use ErrorKind::{Connect, Server, Timeout, Transport};
    matches!(error.kind(), Connect | Server | Timeout | Transport)
}

#[cfg(test)]
mod tests;
