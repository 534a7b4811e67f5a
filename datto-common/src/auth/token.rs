//! A token that many callers share: one login at a time, its failure shared by all who wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::{Authorization, Credentials};
use crate::{Error, ErrorKind, Result, Secret};

/// A login that nobody has driven for this long is given up; the next caller starts another.
const LOGIN_LIMIT: Duration = Duration::from_secs(60);
/// How long before its end a token is renewed: a tenth of its life, at most this.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
/// How long a refused login is answered from memory; doubles with each refusal up to [`REFUSAL_LONGEST`].
const REFUSAL_FIRST: Duration = Duration::from_secs(30);
const REFUSAL_LONGEST: Duration = Duration::from_secs(600);

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
    /// Logs in once. An error of kind `Login` is remembered for a while, so that a wrong password does not hammer the service.
    async fn login(&self) -> Result<Token>;

    /// What must never be shown.
    fn secrets(&self) -> Vec<Secret>;
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
    /// Counts logins, started and finished.
    logins: u64,
}

#[derive(Debug, Clone)]
struct Held {
    authorization: Authorization,
    secret: Secret,
    ends: Option<Instant>,
    renew: Option<Instant>,
}

impl Held {
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
    fn store(&self, login: &InFlight, outcome: &Result<Token>) -> Result<()> {
        let mut state = self.lock();
        if state.login.as_ref().is_none_or(|current| current.number != login.number) {
            return Ok(());
        }
        state.login = None;
        match outcome {
            Ok(token) => {
                let authorization = Authorization::bearer(&token.value)?.generation(login.number);
                let ends = token.lifetime.and_then(|life| login.started.checked_add(life));
                let renew =
                    token.lifetime.and_then(|life| login.started.checked_add(life - RENEW_BEFORE.min(life / 10)));
                state.held = Some(Held { authorization, secret: token.value.clone(), ends, renew });
                state.refusal = None;
            }
            Err(error) => {
                let now = Instant::now();
                let last = state.refusal.take().map(|refusal| refusal.wait);
                let lasting = error.kind() == ErrorKind::Login;
                // A login that failed on the way is remembered only where an old token still serves: it puts the renewal off.
                if lasting || state.held.as_ref().is_some_and(|held| held.is_valid(now)) {
                    let wait = last.map_or(REFUSAL_FIRST, |last| (last * 2).min(REFUSAL_LONGEST));
                    state.refusal = Some(Refusal { error: error.clone(), until: now + wait, wait });
                }
            }
        }
        Ok(())
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
        let outcome = login.future.clone().await;
        self.store(&login, &outcome)?;
        match outcome {
            Ok(token) => Ok(Authorization::bearer(&token.value)?.generation(login.number)),
            Err(error) => self.valid(Instant::now()).ok_or(error),
        }
    }

    fn refused(&self, generation: u64) -> bool {
        let mut state = self.lock();
        if state.held.as_ref().is_some_and(|held| held.authorization.number() == generation) {
            state.held = None;
        }
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.source.secrets();
        secrets.extend(self.lock().held.as_ref().map(|held| held.secret.clone()));
        secrets
    }
}
