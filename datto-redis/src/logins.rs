//! One login for all processes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use datto_common::{Result, Secret, Token, TokenSource, async_trait};
use hkdf::Hkdf;
use redis::AsyncCommands as _;
use sha2::Sha256;
use url::Url;

use crate::RedisStore;
use crate::store::failure;

/// How long one process may take to log in, before another tries.
const LOCKED: Duration = Duration::from_secs(35);
/// How often the others look whether it has.
const LOOK: Duration = Duration::from_millis(50);
/// A token whose life is not known is kept so long.
const UNKNOWN_LIFE: Duration = Duration::from_secs(3_600);
/// A token with less life than this is as good as none.
const TOO_SHORT: Duration = Duration::from_secs(30);
/// The length of a nonce.
const NONCE: usize = 24;

/// Logins of one account that processes share. [`share`](Self::share) is what `login_through` of a client's builder takes.
#[derive(Debug, Clone)]
pub struct RedisLogins {
    store: RedisStore,
    account: String,
}

impl RedisLogins {
    pub(crate) fn new(store: RedisStore, account: String) -> Self {
        Self { store, account }
    }

    /// A login that looks for the token of another process first, and else logs in and leaves its own for the others. A token that
    /// the service refused, or that is due, is replaced by the first process that notices.
    ///
    /// The token is encrypted with a key made from the secrets of the login: processes with the same secrets share it, others do
    /// not see it.
    pub fn share(&self, login: Box<dyn TokenSource>) -> Box<dyn TokenSource> {
        let keys = Keys::new(&self.account, &login.secrets());
        let shared =
            SharedLogin { store: self.store.clone(), account: self.account.clone(), login, keys, last: Arc::default() };
        Box::new(shared)
    }
}

/// A login through the store.
struct SharedLogin {
    store: RedisStore,
    account: String,
    login: Box<dyn TokenSource>,
    /// None where the login has no secret: then nothing is shared.
    keys: Option<Keys>,
    /// The token that was handed out last: who comes again does not want it any more.
    last: Arc<Mutex<Option<Secret>>>,
}

impl fmt::Debug for SharedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedLogin").field("login", &self.login).finish_non_exhaustive()
    }
}

#[async_trait]
impl TokenSource for SharedLogin {
    async fn login(&self) -> Result<Token> {
        let Some(keys) = &self.keys else { return self.login.login().await };
        match self.shared(keys).await {
            Ok(Some(token)) => Ok(self.hand_out(token)),
            Ok(None) => self.log_in_for_all(keys).await,
            // The store does not answer: each process for itself.
            Err(_) => self.login.login().await.map(|token| self.hand_out(token)),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        self.login.secrets()
    }

    fn at(&self, url: &Url) -> Option<Box<dyn TokenSource>> {
        self.login.at(url)
    }
}

impl SharedLogin {
    fn last(&self) -> MutexGuard<'_, Option<Secret>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_out(&self, token: Token) -> Token {
        *self.last() = Some(token.value.clone());
        token
    }

    /// Different logins of one account lie apart.
    fn key(&self, part: &str, keys: &Keys) -> String {
        format!("datto:{{{}}}:{part}:{}", self.account, keys.name)
    }

    /// The token of another process, or `None` with the lock taken: this one is to log in.
    async fn shared(&self, keys: &Keys) -> Result<Option<Token>> {
        let mut store = self.store.connection()?;
        let options = redis::SetOptions::default()
            .conditional_set(redis::ExistenceCheck::NX)
            .with_expiration(redis::SetExpiry::PX(millis(LOCKED)));
        loop {
            let sealed: Option<Vec<u8>> = store.get(self.key("token", keys)).await.map_err(failure)?;
            let found = sealed.and_then(|sealed| open(&keys.cipher, &self.account, &sealed));
            let fresh = |token: &Token| self.last().as_ref() != Some(&token.value);
            if let Some(token) = found.filter(fresh) {
                return Ok(Some(token));
            }
            let locked: Option<String> =
                store.set_options(self.key("login", keys), 1, options.clone()).await.map_err(failure)?;
            if locked.is_some() {
                return Ok(None);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Logs in, leaves the token for the others, and lets them come.
    async fn log_in_for_all(&self, keys: &Keys) -> Result<Token> {
        let outcome = self.login.login().await;
        if let Ok(mut store) = self.store.connection() {
            if let Ok(token) = &outcome
                && let Some(sealed) = seal(&keys.cipher, &self.account, token)
            {
                let life = millis(token.lifetime.unwrap_or(UNKNOWN_LIFE)).max(1);
                let _: redis::RedisResult<()> = store.pset_ex(self.key("token", keys), sealed, life).await;
            }
            let _: redis::RedisResult<()> = store.del(self.key("login", keys)).await;
        }
        outcome.map(|token| self.hand_out(token))
    }
}

/// What every process can make of the secrets of a login, and the store cannot.
struct Keys {
    cipher: XChaCha20Poly1305,
    /// Tells logins of one account apart.
    name: String,
}

impl Keys {
    fn new(account: &str, secrets: &[Secret]) -> Option<Self> {
        let mut material = Vec::new();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            material.extend_from_slice(&u64::try_from(secret.expose().len()).unwrap_or(0).to_be_bytes());
            material.extend_from_slice(secret.expose().as_bytes());
        }
        if material.is_empty() {
            return None;
        }
        let made = Hkdf::<Sha256>::new(Some(b"datto-redis"), &material);
        let (mut key, mut name) = (Key::default(), [0; 8]);
        made.expand(format!("token of {account}").as_bytes(), &mut key).ok()?;
        made.expand(format!("name of {account}").as_bytes(), &mut name).ok()?;
        Some(Self { cipher: XChaCha20Poly1305::new(&key), name: format!("{:016x}", u64::from_be_bytes(name)) })
    }
}

/// A nonce, and what it seals: when the token ends (milliseconds since the epoch; 0 if nobody knows), and the token.
fn seal(cipher: &XChaCha20Poly1305, account: &str, token: &Token) -> Option<Vec<u8>> {
    let ends = token.lifetime.map_or(0, |life| millis(now() + life));
    let mut plain = ends.to_be_bytes().to_vec();
    plain.extend_from_slice(token.value.expose().as_bytes());
    let nonce = XNonce::generate();
    let sealed = cipher.encrypt(&nonce, Payload { msg: &plain, aad: account.as_bytes() }).ok()?;
    Some([nonce.as_slice(), &sealed].concat())
}

fn open(cipher: &XChaCha20Poly1305, account: &str, sealed: &[u8]) -> Option<Token> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let plain = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: account.as_bytes() }).ok()?;
    let (ends, value) = plain.split_first_chunk::<8>()?;
    let lifetime = match u64::from_be_bytes(*ends) {
        0 => None,
        ends => Some(Duration::from_millis(ends).checked_sub(now()).filter(|left| *left > TOO_SHORT)?),
    };
    Some(Token { value: Secret::new(std::str::from_utf8(value).ok()?), lifetime })
}

/// By the clock of this machine: a token whose end is told wrongly is refused, and replaced.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(value: &str, life: Option<u64>) -> Token {
        Token { value: Secret::new(value), lifetime: life.map(Duration::from_secs) }
    }

    fn with(secrets: &[&str]) -> XChaCha20Poly1305 {
        Keys::new("acme", &secrets.iter().map(|secret| Secret::new(*secret)).collect::<Vec<_>>()).unwrap().cipher
    }

    #[test]
    fn a_token_is_read_by_who_has_the_secret_and_by_nobody_else() {
        let ours = with(&["key", "secret"]);
        let sealed = seal(&ours, "acme", &token("the-token", Some(3_600))).unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("the-token"));
        let read = open(&with(&["key", "secret"]), "acme", &sealed).unwrap();
        assert_eq!(read.value.expose(), "the-token");
        let life = read.lifetime.unwrap();
        assert!(life <= Duration::from_secs(3_600) && life > Duration::from_secs(3_500));
        assert!(open(&with(&["key", "other"]), "acme", &sealed).is_none());
        assert!(open(&with(&["keys", "ecret"]), "acme", &sealed).is_none());
        assert!(open(&ours, "other", &sealed).is_none(), "nor under another name");
        for broken in [&sealed[..10], &sealed[..sealed.len() - 1], b""] {
            assert!(open(&ours, "acme", broken).is_none());
        }
        assert_ne!(seal(&ours, "acme", &token("the-token", None)), seal(&ours, "acme", &token("the-token", None)));
    }

    #[test]
    fn a_token_that_ends_soon_is_none() {
        let ours = with(&["key", "secret"]);
        for (life, good) in [(Some(10), false), (Some(100), true), (None, true)] {
            let sealed = seal(&ours, "acme", &token("t", life)).unwrap();
            assert_eq!(open(&ours, "acme", &sealed).is_some(), good, "{life:?}");
        }
        assert!(Keys::new("acme", &[]).is_none(), "without a secret nothing is shared");
    }
}
