//! Everything that begins anew when a sandbox is reset: the accounts, and the clock.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::request::Parts;
use tower::ServiceExt;

use crate::change::Change;
use crate::clock::Clock;
use crate::config::{Config, Origins};
use crate::fault::Product;
use crate::links::{LinkTruth, PlantedCompany};
use crate::sandbox::SandboxBuilder;
use crate::schedule::{Schedule, When};
use crate::settings::Settings;
use crate::{bcdr, rmm, workplace};

/// The name of the first account.
const MAIN: &str = "main";

/// The accounts behind the listeners.
#[derive(Debug)]
pub(crate) struct World {
    first: Arc<Account>,
    others: Vec<Arc<Account>>,
    pub(crate) clock: Arc<Clock>,
    /// Who is served at which listener, in the order of the listeners.
    tenants: BTreeMap<Door, Arc<[Tenant]>>,
}

/// A listener: of a product, and of RMM one for each platform.
pub(crate) type Door = (Product, String);

/// One account of each product.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) config: Config,
    pub(crate) rmm: Arc<rmm::Service>,
    pub(crate) bcdr: Arc<bcdr::Service>,
    pub(crate) workplace: Arc<workplace::Service>,
    pub(crate) schedule: Schedule,
}

/// One account at a listener.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) account: Arc<Account>,
    pub(crate) router: Router,
}

impl World {
    /// Plants the accounts behind listeners that are open.
    ///
    /// # Errors
    /// If two accounts have the same name or the same keys, or if one is on a platform without a listener.
    pub(crate) fn plant(builder: &SandboxBuilder, doors: &BTreeMap<Door, String>) -> io::Result<Self> {
        let clock = Arc::new(Clock::new(builder.settings.now_ms, builder.settings.speed));
        let mut tenants: BTreeMap<Door, Vec<Tenant>> = BTreeMap::new();
        let mut accounts = Vec::new();
        for (name, SandboxBuilder { settings, events, .. }) in named(builder.clone())? {
            let platform = settings.platform.clone();
            let origin = |product, place: &str| {
                let missing = || wrong(format!("account {name}: nothing listens for platform {platform}"));
                doors.get(&(product, place.to_owned())).cloned().ok_or_else(missing)
            };
            let origins = Origins {
                rmm: origin(Product::Rmm, &platform)?,
                bcdr: origin(Product::Bcdr, "")?,
                workplace: origin(Product::Workplace, "")?,
            };
            let config = Config::new(settings, Arc::clone(&clock), Arc::new(origins));
            let (account, routers) = Account::new(name, config, events);
            let account = Arc::new(account);
            for (product, router) in routers {
                let place = if product == Product::Rmm { platform.clone() } else { String::new() };
                let tenant = Tenant { account: Arc::clone(&account), router };
                tenants.entry((product, place)).or_default().push(tenant);
            }
            accounts.push(account);
        }
        let tenants = tenants.into_iter().map(|(door, tenants)| (door, tenants.into())).collect();
        let mut accounts = accounts.into_iter();
        let first = accounts.next().ok_or_else(|| wrong("there is no account".to_owned()))?;
        Ok(Self { first, others: accounts.collect(), clock, tenants })
    }

    /// The accounts, the first one first.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Arc<Account>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The account of this name, or the first.
    pub(crate) fn account(&self, name: Option<&str>) -> &Arc<Account> {
        self.others.iter().find(|account| name == Some(account.name.as_str())).unwrap_or(&self.first)
    }

    /// Carries a request out for an account, whatever it carries to say so.
    pub(crate) async fn carry_out(&self, product: Product, account: &str, request: Request<Body>) {
        let doors = self.tenants.iter().filter(|((served, _), _)| *served == product);
        let tenant = doors.flat_map(|(_, tenants)| tenants.iter()).find(|tenant| tenant.account.name == account);
        if let Some(tenant) = tenant {
            let Ok(_) = tenant.router.clone().oneshot(request).await;
        }
    }

    /// Whose account is served at a listener.
    pub(crate) fn tenants(&self, door: &Door) -> Arc<[Tenant]> {
        self.tenants.get(door).cloned().unwrap_or_default()
    }
}

impl Tenant {
    /// Whether a request carries a key or a token of this account.
    pub(crate) fn claims(&self, product: Product, parts: &Parts, body: &Bytes) -> bool {
        match product {
            Product::Rmm => self.account.rmm.claims(parts, body),
            Product::Bcdr => self.account.bcdr.claims(parts),
            Product::Workplace => self.account.workplace.claims(parts),
        }
    }
}

impl Account {
    fn new(name: String, config: Config, events: Vec<(When, Change)>) -> (Self, [(Product, Router); 3]) {
        let (rmm_router, rmm) = rmm::build(&config);
        let (bcdr_router, bcdr) = bcdr::build(&config, &rmm.account());
        let (workplace_router, workplace) = workplace::build(&config, &rmm.account().companies);
        let routers =
            [(Product::Rmm, rmm_router), (Product::Bcdr, bcdr_router), (Product::Workplace, workplace_router)];
        let schedule = Schedule::new(events, config.life.then_some((config.seed, config.devices)));
        (Self { name, config, rmm, bcdr, workplace, schedule }, routers)
    }

    /// Who is who across the products.
    pub(crate) fn links(&self) -> LinkTruth {
        let mut links = LinkTruth::default();
        let account = self.rmm.account();
        for (index, company) in account.companies.iter().enumerate() {
            links.companies.push(PlantedCompany {
                id: company.id,
                name: company.legal.clone(),
                short_name: company.name.clone(),
                domains: vec![company.domain.clone()],
                sites: account.sites_of_company(index),
                projects: self.workplace.projects_of_company(index),
                ..PlantedCompany::default()
            });
        }
        self.bcdr.link_clients(&mut links);
        self.bcdr.with_protections(|protections| links.of_machines(&account.machines(), protections));
        links
    }
}

fn wrong(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

/// The accounts by their names, each with keys of its own.
pub(crate) fn named(mut builder: SandboxBuilder) -> io::Result<Vec<(String, SandboxBuilder)>> {
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
    for (index, (name, SandboxBuilder { settings, .. })) in accounts.iter().enumerate() {
        for (other, SandboxBuilder { settings: others, .. }) in accounts.iter().take(index) {
            let same_platform = settings.platform == others.platform;
            let shared = [
                ("name", name == other),
                ("RMM key", same_platform && settings.rmm_key_pair.0 == others.rmm_key_pair.0),
                ("BCDR key", settings.bcdr_key_pair.0 == others.bcdr_key_pair.0),
                ("Workplace key", settings.workplace_key_pair.0 == others.workplace_key_pair.0),
            ];
            if let Some((what, _)) = shared.into_iter().find(|(_, same)| *same) {
                return Err(wrong(format!("two accounts have the same {what}: {name}")));
            }
        }
    }
    Ok(accounts)
}
