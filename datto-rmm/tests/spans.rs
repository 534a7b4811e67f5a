//! Spans follow the OpenTelemetry conventions. Alone in its program: a subscriber of one thread misses what others began.
// The whole crate is tests: helpers fail as tests do, and only functions marked as tests are exempt by themselves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use datto_rmm::RmmClient;
use datto_sandbox::{Fault, Sandbox};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// A span that has ended or not, with its fields.
#[derive(Debug, Clone, Default)]
struct Seen {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
    integers: BTreeSet<&'static str>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.integers.insert(field.name());
        self.record_debug(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps the spans of this library, in the order in which they began.
#[derive(Debug, Clone, Default)]
struct Spans(Arc<Mutex<Vec<(u64, Seen)>>>);

impl Spans {
    fn named(&self, name: &str) -> Vec<Seen> {
        self.0.lock().unwrap().iter().map(|(_, seen)| seen.clone()).filter(|seen| seen.name == name).collect()
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent().map(|parent| parent.name()));
        let mut seen = Seen { name: attributes.metadata().name(), parent, ..Seen::default() };
        attributes.record(&mut seen);
        self.0.lock().unwrap().push((id.into_u64(), seen));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().unwrap();
        if let Some((_, seen)) = spans.iter_mut().rev().find(|(other, _)| *other == id.into_u64()) {
            values.record(seen);
        }
    }
}

fn fields(seen: &Seen) -> Vec<(&str, &str)> {
    seen.fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn spans_follow_the_conventions_and_hold_templates_alone() {
    let sandbox = Sandbox::builder().devices(3).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    sandbox.inject(Fault::status(503).path_contains("/account/devices"));
    rmm.devices().list().hostname("WS-SECRET").send().await.unwrap();
    rmm.devices().get("no-such-uid").await.unwrap_err();

    let port = sandbox.rmm_url().rsplit(':').next().unwrap().to_owned();
    let attempts = spans.named("datto.attempt");
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|seen| seen.parent == Some("datto.call")));
    assert_eq!(
        fields(&attempts[1]),
        [
            ("http.request.method", "GET"),
            ("http.request.resend_count", "1"),
            ("http.response.status_code", "200"),
            ("otel.kind", "client"),
            ("otel.name", "GET /v2/account/devices"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("url.template", "/v2/account/devices"),
        ]
    );
    assert_eq!(attempts[0].fields["http.response.status_code"], "503");
    assert_eq!(attempts[0].fields["error.type"], "server");
    assert_eq!(attempts[0].fields["otel.status_code"], "ERROR");
    assert!(!attempts[0].fields.contains_key("http.request.resend_count"), "it was sent once");
    assert_eq!(attempts[2].fields["url.template"], "/v2/device/{deviceUid}");
    let integers = ["http.request.resend_count", "http.response.status_code", "server.port"];
    assert_eq!(attempts[1].integers, integers.into());
    let login = &spans.named("datto.login")[0];
    assert_eq!((&*login.fields["otel.name"], login.parent), ("RMM login", Some("datto.call")));
    let calls = spans.named("datto.call");
    assert_eq!((calls[1].integers.len(), &*calls[1].fields["otel.status_code"]), (1, "ERROR"));
    assert_eq!(
        fields(&calls[0]),
        [
            ("datto.attempts", "2"),
            ("datto.operation", "devices.list"),
            ("datto.product", "RMM"),
            ("otel.kind", "internal"),
            ("otel.name", "RMM devices.list"),
        ]
    );
    assert_eq!((&*calls[1].fields["datto.attempts"], &*calls[1].fields["error.type"]), ("1", "not_found"));
    let all = format!("{:?}", spans.0.lock().unwrap());
    for value in ["WS-SECRET", "no-such-uid", "http://", "hostname", "?"] {
        assert!(!all.contains(value), "{value}: {all}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_fetched_ahead_stay_below_the_span_of_whoever_walks() {
    use tracing::Instrument as _;
    let sandbox = Sandbox::builder().devices(30).start().await.unwrap();
    let (key, secret) = sandbox.rmm_key();
    let rmm = RmmClient::builder().url(sandbox.rmm_url()).api_key(key, secret).build().unwrap();
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    let walk = async { rmm.devices().list().page_size(5).concurrency(4).collect().await };
    let devices = walk.instrument(tracing::info_span!("sync")).await.unwrap();
    let calls = spans.named("datto.call");
    assert!(calls.len() >= devices.len() / 5);
    assert!(calls.iter().all(|seen| seen.parent == Some("sync")), "{calls:?}");
}
