//! From a builder to running services.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::change::Change;
use crate::clock::Clock;
use crate::config::{Config, Origins};
use crate::fault::{Faults, Product};
use crate::journal::Journal;
use crate::sandbox::{Account, Running, Sandbox, SandboxBuilder};
use crate::schedule::{Schedule, When};
use crate::serve::{self, Shared, Tenant};
use crate::settings::Settings;
use crate::{bcdr, rmm, workplace};

/// The name of the first account.
const MAIN: &str = "main";

impl SandboxBuilder {
    /// Opens the listeners and spawns their tasks on the caller's runtime.
    ///
    /// # Errors
    /// If a port, which the error names, or a folder for temporary files cannot be had, or if two accounts have the
    /// same name or the same keys.
    pub async fn start(self) -> io::Result<Sandbox> {
        let (first, faults) = (self.settings.clone(), self.faults.clone());
        let accounts = named(self)?;
        let bcdr = Listener::bind(first.bind, first.bcdr_port, "--bcdr-port").await?;
        let workplace = Listener::bind(first.bind, first.workplace_port, "--workplace-port").await?;
        let platforms = platforms(&accounts, first.bind).await?;

        let clock = Arc::new(Clock::new(first.now_ms, first.speed));
        let mut tenants: BTreeMap<(Product, String), Vec<Tenant>> = BTreeMap::new();
        let mut running = Vec::new();
        for (name, builder) in accounts {
            let SandboxBuilder { settings, events, .. } = builder;
            let platform = settings.platform.clone();
            let origins = Origins {
                rmm: platforms.get(&platform).map(|listener| listener.origin.clone()).unwrap_or_default(),
                bcdr: bcdr.origin.clone(),
                workplace: workplace.origin.clone(),
            };
            let config = Config::new(settings, Arc::clone(&clock), Arc::new(origins));
            let (account, routers) = Account::new(name, config, events)?;
            let account = Arc::new(account);
            for (product, router) in routers {
                let place = if product == Product::Rmm { platform.clone() } else { String::new() };
                let tenant = Tenant { account: Arc::clone(&account), router };
                tenants.entry((product, place)).or_default().push(tenant);
            }
            running.push(account);
        }
        let shared =
            Arc::new(Shared { faults: Faults::new(faults), journal: Journal::default(), clock: Arc::clone(&clock) });
        let mut listeners = Vec::new();
        let products = [(Product::Bcdr, String::new(), bcdr), (Product::Workplace, String::new(), workplace)];
        let rmm = platforms.into_iter().map(|(platform, listener)| (Product::Rmm, platform, listener));
        for (product, place, listener) in rmm.chain(products) {
            let tenants = tenants.remove(&(product, place)).unwrap_or_default();
            listeners.push(serve::spawn(listener.socket, product, tenants.into(), Arc::clone(&shared)));
        }
        let Some(account) = running.first().cloned() else { return Err(io::ErrorKind::NotFound.into()) };
        let running = Arc::new(Running { accounts: running, shared, clock, listeners });
        Ok(Sandbox { running, account })
    }
}

impl Account {
    fn new(
        name: String,
        config: Config,
        events: Vec<(When, Change)>,
    ) -> io::Result<(Self, [(Product, axum::Router); 3])> {
        let (rmm_router, rmm) = rmm::build(&config);
        let (bcdr_router, bcdr) = bcdr::build(&config, &rmm.account());
        let (workplace_router, workplace) = workplace::build(&config, &rmm.account().companies)?;
        let routers =
            [(Product::Rmm, rmm_router), (Product::Bcdr, bcdr_router), (Product::Workplace, workplace_router)];
        let schedule = Schedule::new(events, config.life.then_some((config.seed, config.devices)));
        Ok((Self { name, config, rmm, bcdr, workplace, schedule }, routers))
    }
}

/// The accounts by their names, each with keys of its own.
fn named(mut builder: SandboxBuilder) -> io::Result<Vec<(String, SandboxBuilder)>> {
    let default = Settings::default();
    let others = std::mem::take(&mut builder.accounts);
    let mut accounts = vec![(MAIN.to_owned(), builder)];
    for (name, mut other) in others {
        let settings = &mut other.settings;
        let own = |(key, secret): (String, String), default: &(String, String)| {
            if (&key, &secret) == (&default.0, &default.1) {
                (format!("{key}-{name}"), format!("{secret}-{name}"))
            } else {
                (key, secret)
            }
        };
        settings.rmm_key_pair = own(settings.rmm_key_pair.clone(), &default.rmm_key_pair);
        settings.bcdr_key_pair = own(settings.bcdr_key_pair.clone(), &default.bcdr_key_pair);
        settings.workplace_key_pair = own(settings.workplace_key_pair.clone(), &default.workplace_key_pair);
        accounts.push((name, other));
    }
    let wrong = |what: &str, name: &str| {
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("two accounts have the same {what}: {name}")))
    };
    for (index, (name, SandboxBuilder { settings, .. })) in accounts.iter().enumerate() {
        let before = accounts.iter().take(index);
        for (other, SandboxBuilder { settings: others, .. }) in before {
            if name == other {
                return wrong("name", name);
            }
            if settings.platform == others.platform && settings.rmm_key_pair.0 == others.rmm_key_pair.0 {
                return wrong("RMM key", name);
            }
            if settings.bcdr_key_pair.0 == others.bcdr_key_pair.0 {
                return wrong("BCDR key", name);
            }
            if settings.workplace_key_pair.0 == others.workplace_key_pair.0 {
                return wrong("Workplace key", name);
            }
        }
    }
    Ok(accounts)
}

/// A listener for each platform that an account is on.
async fn platforms(accounts: &[(String, SandboxBuilder)], bind: IpAddr) -> io::Result<BTreeMap<String, Listener>> {
    let mut platforms = BTreeMap::new();
    for (_, SandboxBuilder { settings, .. }) in accounts {
        if !platforms.contains_key(&settings.platform) {
            let listener = Listener::bind(bind, settings.rmm_port, "--rmm-port").await?;
            platforms.insert(settings.platform.clone(), listener);
        }
    }
    Ok(platforms)
}

/// An open port.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// How a program on this machine gets there.
    pub(crate) origin: String,
}

impl Listener {
    /// # Errors
    /// If the port cannot be had; the error names it and the flag that sets it.
    pub(crate) async fn bind(address: IpAddr, port: u16, flag: &str) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}:{port} ({flag}): {error}"));
        let socket = TcpListener::bind((address, port)).await.map_err(named)?;
        let mut at = socket.local_addr()?;
        if at.ip().is_unspecified() {
            at.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Ok(Self { socket, origin: format!("http://{at}") })
    }
}
