//! What the service tells of itself.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    account: String,
    list: String,
}

#[derive(Debug)]
pub(crate) struct Meters {
    registry: Registry,
    records: Family<Of, Counter>,
    deleted: Family<Of, Counter>,
    failed: Family<Of, Counter>,
    read_at: Family<Of, Gauge>,
}

impl Default for Meters {
    fn default() -> Self {
        let mut registry = Registry::default();
        let (records, deleted, failed, read_at) = <(Family<_, _>, Family<_, _>, Family<_, _>, Family<_, _>)>::default();
        registry.register("datto_sync_records", "Records that were written", records.clone());
        registry.register("datto_sync_deleted", "Records that are gone by a whole reading", deleted.clone());
        registry.register("datto_sync_failed", "Readings that could not be finished", failed.clone());
        registry.register("datto_sync_read_at_seconds", "When the list was read whole last", read_at.clone());
        Self { registry, records, deleted, failed, read_at }
    }
}

impl Meters {
    pub(crate) fn wrote(&self, account: &str, list: &str, records: usize) {
        self.records.get_or_create(&of(account, list)).inc_by(records as u64);
    }

    pub(crate) fn read(&self, account: &str, list: &str, deleted: u64, now_ms: i64) {
        self.deleted.get_or_create(&of(account, list)).inc_by(deleted);
        self.read_at.get_or_create(&of(account, list)).set(now_ms / 1_000);
    }

    pub(crate) fn failed(&self, account: &str, list: &str) {
        self.failed.get_or_create(&of(account, list)).inc();
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}

fn of(account: &str, list: &str) -> Of {
    Of { account: account.to_owned(), list: list.to_owned() }
}
