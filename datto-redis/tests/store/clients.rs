//! Clients of one account in several "processes": each with a limiter, a login and connections of its own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use datto_common::{RateLimiter, Result, Secret, Token, TokenSource, async_trait};
use datto_redis::RedisStore;
use datto_rmm::RmmClient;
use datto_sandbox::Sandbox;
use futures_util::future::join_all;

use crate::server::Server;

fn client(sandbox: &Sandbox, store: &RedisStore) -> RmmClient {
    let (key, secret) = sandbox.rmm_key();
    let logins = store.logins("acme");
    let builder = RmmClient::builder()
        .url(sandbox.rmm_url())
        .api_key(key, secret)
        .rate_limiter(RateLimiter::shared(store.clone(), "acme"))
        .login_through(move |login| logins.share(login));
    // Without certificates, whose reading takes longer than a test.
    builder.configure_http(|http| http.tls_certs_only([])).build().unwrap()
}

fn refused(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.status == Some(429)).count()
}

#[tokio::test]
async fn twenty_processes_log_in_once_and_once_again() {
    let Some(server) = Server::start() else { return };
    let sandbox = Sandbox::builder().devices(3).latency(Duration::from_millis(20)).start().await.unwrap();
    let clients: Vec<_> = (0..20).map(|_| client(&sandbox, &server.store())).collect();
    let call_all = async || {
        for outcome in join_all(clients.iter().map(|rmm| rmm.account().get().send())).await {
            outcome.unwrap();
        }
    };
    call_all().await;
    assert_eq!(sandbox.logins(), 1);
    call_all().await;
    assert_eq!(sandbox.logins(), 1);
    sandbox.expire_tokens();
    call_all().await;
    assert_eq!(sandbox.logins(), 2, "the first that is refused logs in for all");
    assert_eq!(refused(&sandbox), 0);
}

type Seen = Arc<Mutex<String>>;

/// Notes the token of a login.
#[derive(Debug)]
struct Spy(Box<dyn TokenSource>, Seen);

#[async_trait]
impl TokenSource for Spy {
    async fn login(&self) -> Result<Token> {
        let token = self.0.login().await?;
        *self.1.lock().unwrap() = token.value.expose().to_owned();
        Ok(token)
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }
}

#[tokio::test]
async fn the_store_sees_no_token() {
    let Some(server) = Server::start() else { return };
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let (logins, seen) = (server.store().logins("acme"), Seen::default());
    let spy = seen.clone();
    let rmm = RmmClient::builder()
        .url(sandbox.rmm_url())
        .api_key(&*key, &*secret)
        .rate_limiter(RateLimiter::shared(server.store(), "acme"))
        .login_through(move |login| logins.share(Box::new(Spy(login, spy.clone()))))
        .build()
        .unwrap();
    rmm.account().get().await.unwrap();
    let mut redis = redis::Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await.unwrap();
    assert!(keys.iter().any(|key| key.contains(":token:")), "{keys:?}");
    assert!(keys.iter().all(|key| key.starts_with("datto:{acme")), "in one slot of a cluster: {keys:?}");
    let token = seen.lock().unwrap().clone();
    assert!(token.len() > 20);
    for key in keys {
        let dump: Vec<u8> = redis::cmd("DUMP").arg(&key).query_async(&mut redis).await.unwrap();
        let dump = String::from_utf8_lossy(&dump).into_owned();
        assert!(!dump.contains(&token[..12]) && !dump.contains(&*secret), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_killed_in_the_middle_draws_no_error_and_no_429() {
    let Some(mut server) = Server::start() else { return };
    let sandbox = Sandbox::builder().devices(3).rate_window(Duration::from_secs(6)).start().await.unwrap();
    let store = server.store();
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let rmm = client(&sandbox, &store);
            tokio::spawn(async move {
                for _ in 0..120 {
                    rmm.account().get().await.unwrap();
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.kill();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(refused(&sandbox), 0);
}
