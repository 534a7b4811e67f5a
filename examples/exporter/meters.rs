//! What is counted while calls go on, and what is read off the clients when somebody looks.
//!
//! Labels have few values: the account's name, the product, the name of the operation, a kind of failure, a status.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use datto_rmm::{ErrorKind, Event, Observer, RateInfo};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

type Seconds = Counter<f64, AtomicU64>;
type Level = Gauge<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Product {
    pub(crate) account: String,
    pub(crate) product: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    account: String,
    product: &'static str,
    operation: &'static str,
    /// `ok`, or the kind of the failure.
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    account: String,
    product: &'static str,
    /// The HTTP status; `none` where no answer came.
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Retry {
    account: String,
    product: &'static str,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Window {
    account: String,
    product: &'static str,
    window: String,
}

/// A figure of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct FigureName {
    pub(crate) account: String,
    pub(crate) figure: String,
}

/// Every series.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meters {
    calls: Family<Call, Counter>,
    call_seconds: Family<Product, Seconds>,
    attempts: Family<Attempt, Counter>,
    retries: Family<Retry, Counter>,
    waits: Family<Product, Counter>,
    wait_seconds: Family<Product, Seconds>,
    limit: Family<Window, Level>,
    used: Family<Window, Level>,
    used_by_others: Family<Window, Level>,
    budget: Family<Product, Level>,
    held_for: Family<Product, Level>,
    figures: Family<FigureName, Level>,
    known: Family<FigureName, Gauge>,
    read_at: Family<Product, Level>,
}

impl Meters {
    /// Enters every series under `datto_…`.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("datto");
        registry.register("calls", "Calls that are over, by operation and outcome", self.calls.clone());
        registry.register_with_unit(
            "call_time",
            "How long calls took, with all waits",
            Unit::Seconds,
            self.call_seconds.clone(),
        );
        registry.register("attempts", "Requests that were sent, by status", self.attempts.clone());
        registry.register("retries", "Calls that were sent again, by what went wrong", self.retries.clone());
        registry.register("waits", "How often the client's own limiter held a call back", self.waits.clone());
        registry.register_with_unit("wait_time", "For how long in all", Unit::Seconds, self.wait_seconds.clone());
        registry.register("limit", "Calls that the service allows in a window", self.limit.clone());
        registry.register("limit_used", "Calls of this program in the window", self.used.clone());
        registry.register(
            "limit_used_by_others",
            "Calls of others of the account in the window, when last asked",
            self.used_by_others.clone(),
        );
        registry.register(
            "budget_remaining",
            "What is left of the service's budget, in its units",
            self.budget.clone(),
        );
        registry.register_with_unit(
            "held_for",
            "How long all calls wait or fail, since the service asked for it",
            Unit::Seconds,
            self.held_for.clone(),
        );
        registry.register("figure", "A figure of the account; absent where it is not known", self.figures.clone());
        registry.register(
            "figure_known",
            "1 where the figure is known, 0 where it is not or in part",
            self.known.clone(),
        );
        registry.register_with_unit(
            "figures_read_at",
            "When the figures were read, since 1970",
            Unit::Seconds,
            self.read_at.clone(),
        );
    }

    /// An observer that counts for one account at one product.
    pub(crate) fn watch(&self, account: &str, product: &'static str) -> Watch {
        Watch { meters: self.clone(), of: Product { account: account.to_owned(), product } }
    }

    /// The limits as they stand.
    pub(crate) fn limits(&self, of: &Product, info: &RateInfo) {
        for window in &info.windows {
            let name = Window { account: of.account.clone(), product: of.product, window: window.name.clone() };
            if let Some(limit) = window.limit {
                self.limit.get_or_create(&name).set(f64::from(limit));
            }
            self.used.get_or_create(&name).set(f64::from(window.ours));
            self.used_by_others.get_or_create(&name).set(f64::from(window.others));
        }
        if let Some(budget) = info.budget {
            self.budget.get_or_create(of).set(budget.remaining);
        }
        let held = info.blocked_for.max(info.paused_for).unwrap_or_default();
        self.held_for.get_or_create(of).set(held.as_secs_f64());
    }

    /// A figure: its value where it is known, and whether it is. What is known in part is at least so much, and not known.
    pub(crate) fn figure(&self, name: &FigureName, value: Option<f64>, is_known: bool) {
        match value {
            Some(value) => drop(self.figures.get_or_create(name).set(value)),
            None => drop(self.figures.remove(name)),
        }
        self.known.get_or_create(name).set(i64::from(is_known));
    }

    /// The figures of a product were read at this time.
    pub(crate) fn read(&self, of: &Product, at: Duration) {
        self.read_at.get_or_create(of).set(at.as_secs_f64());
    }
}

/// Counts the calls of one client.
pub(crate) struct Watch {
    meters: Meters,
    of: Product,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("of", &self.of).finish_non_exhaustive()
    }
}

impl Observer for Watch {
    fn on_event(&self, event: &Event<'_>) {
        let (meters, Product { account, product }) = (&self.meters, self.of.clone());
        match event {
            Event::Limited { wait, .. } => {
                meters.waits.get_or_create(&self.of).inc();
                meters.wait_seconds.get_or_create(&self.of).inc_by(wait.as_secs_f64());
            }
            Event::Attempt { status, .. } => {
                let status = status.map_or_else(|| "none".to_owned(), |status| status.as_u16().to_string());
                meters.attempts.get_or_create(&Attempt { account, product, status }).inc();
            }
            Event::Retrying { kind, .. } => {
                meters.retries.get_or_create(&Retry { account, product, kind: label(*kind) }).inc();
            }
            Event::Finished { operation, error, elapsed, .. } => {
                let outcome = error.map_or("ok", label);
                meters.calls.get_or_create(&Call { account, product, operation: operation.name, outcome }).inc();
                meters.call_seconds.get_or_create(&self.of).inc_by(elapsed.as_secs_f64());
            }
            _ => {}
        }
    }
}

fn label(kind: ErrorKind) -> &'static str {
    kind.as_str()
}
