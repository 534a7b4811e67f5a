//! A token that many callers share: one login at a time, its failure shared by all who wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;
use url::Url;

use super::{Authorization, Credentials};
use crate::{Error, ErrorKind, Result, Secret};

/// A login that nobody has driven for this long is given up; the next caller starts another.
const LOGIN_LIMIT: Duration = Duration::from_secs(60);
/// How long before its end a token is renewed: a tenth of its life, at most this.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
/// How long a refused login is answered from memory; doubles with each refusal up to [`REFUSAL_LONGEST`].
const REFUSAL_FIRST: Duration = Duration::from_secs(30);
const REFUSAL_LONGEST: Duration = Duration::from_secs(600);
/// So many tokens in a row may be refused while they are fresh before the next login is put off.
const FRESH_REFUSALS: u32 = 3;

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
    /// Logs in once. An error is remembered for a while, so that a wrong password does not hammer the service; only those of
    /// the kinds `Connect`, `Timeout`, `Transport` and `Server` are not.
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
}

impl State {
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
        if state.login.as_ref().is_some_and(|login| now.duration_since(login.started) >= LOGIN_LIMIT) {
            state.login = None; // parked by callers that went away: its timers have run out meanwhile
        }
        let valid = state.held.as_ref().filter(|held| held.is_valid(now)).cloned();
        if let Some(held) = &valid
            && (!held.is_due(now) || state.login.is_some())
        {
            return Step::Use(held.authorization.clone());
        }
        if let Some(refusal) = state.refusal.as_ref().filter(|refusal| now < refusal.until) {
            return match valid {
                Some(held) => Step::Use(held.authorization),
                None => Step::Fail(refusal.error.clone().with_retry_after(Some(refusal.until - now))),
            };
        }
        if let Some(login) = &state.login {
            return Step::Await(login.clone());
        }
        state.logins += 1;
        let source = Arc::clone(&self.source);
        let future = async move { source.login().await }.boxed().shared();
        let login = InFlight { number: state.logins, started: now, future };
        state.login = Some(login.clone());
        Step::Await(login)
    }

    /// The first of those who waited stores the outcome; the others find it stored.
    fn store(&self, login: &InFlight, outcome: Result<&(Authorization, Token), &Error>) {
        let mut state = self.lock();
        if state.login.as_ref().is_none_or(|current| current.number != login.number) {
            return;
        }
        state.login = None;
        match outcome {
            Ok((authorization, token)) => {
                state.held = Some(Held::new(authorization.clone(), token, login.started));
                state.refusal = None;
            }
            Err(error) => {
                let now = Instant::now();
                let last = state.refusal.take().map(|refusal| refusal.wait);
                // A login that failed on the way is remembered only where an old token still serves: it puts the renewal off.
                if !fails_on_the_way(error) || state.held.as_ref().is_some_and(|held| held.is_valid(now)) {
                    let wait = last.map_or(REFUSAL_FIRST, |last| last * 2);
                    let wait = error.retry_after().unwrap_or(wait).min(REFUSAL_LONGEST);
                    state.refusal = Some(Refusal { error: error.clone(), until: now + wait, wait });
                }
            }
        }
    }

    fn valid(&self, now: Instant) -> Option<Authorization> {
        self.lock().held.as_ref().filter(|held| held.is_valid(now)).map(|held| held.authorization.clone())
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
        let outcome = login.future.clone().await.and_then(|token| {
            let authorization = Authorization::bearer(&token.value)?.generation(login.number);
            Ok((authorization, token))
        });
        self.store(&login, outcome.as_ref());
        match outcome {
            Ok((authorization, _)) => Ok(authorization),
            Err(error) => self.valid(Instant::now()).ok_or(error),
        }
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

/// Whether the login came to no answer that is about who is calling.
fn fails_on_the_way(error: &Error) -> bool {
    use ErrorKind::{Connect, Server, Timeout, Transport};
    matches!(error.kind(), Connect | Server | Timeout | Transport)
}

#[cfg(test)]
mod tests;
