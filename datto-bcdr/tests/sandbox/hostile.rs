//! Answers that are anything.

use std::time::Duration;

use datto_bcdr::{BcdrClient, BulkSeatChange, Error, ErrorKind, SeatType};
use datto_sandbox::{Fault, Product, Sandbox};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::start;

/// Bodies that look like answers: envelopes, lists and records with parts that are missing, null or of another kind.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,10}".prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "items",
        "clients",
        "pagination",
        "totalPages",
        "count",
        "page",
        "perPage",
        "0",
        "1",
        "name",
        "volume",
        "backups",
        "suites",
        "appTypes",
        "backupHistory",
        "timestamp",
        "lastSnapshot",
        "serialNumber",
        "saasCustomerId",
        "code",
        "message",
        "agents",
    ]);
    let json = scalar.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    });
    let page =
        json.clone().prop_map(|items| json!({"pagination": {"page": 1, "totalPages": 1, "count": 1}, "items": items}));
    let endless = Just(json!({"pagination": {"totalPages": 4_000_000_000_u64}, "items": [], "clients": []}));
    prop_oneof![
        6 => json.prop_map(|value| value.to_string().into_bytes()),
        4 => page.prop_map(|value| value.to_string().into_bytes()),
        1 => endless.prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => Just([b"[".repeat(4_000), b"]".repeat(4_000)].concat()),
    ]
}

/// Makes every call once; gives the errors.
async fn every_call(bcdr: &BcdrClient) -> Vec<Error> {
    let change = BulkSeatChange::license(SeatType::User, ["r-1"]);
    let (serial, volume) = ("D05099000001", "0123456789abcdef0123456789abcdef");
    let errors = [
        bcdr.agents().list().collect().await.err(),
        bcdr.devices().list().collect().await.err(),
        bcdr.devices().get(serial).await.err(),
        bcdr.devices().alerts(serial).collect().await.err(),
        bcdr.devices().vm_restores(serial).collect().await.err(),
        bcdr.assets().list(serial).collect().await.err(),
        bcdr.assets().get(serial, volume).await.err(),
        bcdr.assets().screenshot(serial, volume).await.err(),
        bcdr.activity_log().list().collect().await.err(),
        bcdr.saas().domains().await.err(),
        bcdr.saas().seats(1).await.err(),
        bcdr.saas().seats_or_counts(1).await.err(),
        bcdr.saas().applications(1).await.err(),
        bcdr.saas().detailed_backup_stats(1).await.err(),
        bcdr.saas().bulk_seat_change(1, "Classic:Office365:1", &change).await.err(),
        bcdr.dtc().assets().collect().await.err(),
        bcdr.dtc().asset(1, "a-1").await.err(),
        bcdr.dtc().rmm_templates().collect().await.err(),
        bcdr.dtc().storage_pool().await.err(),
    ];
    errors.into_iter().flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answer_is_read_or_refused_in_bounded_time(body in any_body()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (sandbox, bcdr, _) = start(Sandbox::builder().appliances(1).saas_customers(1)).await;
            sandbox.inject(Fault::body("application/json", body).product(Product::Bcdr).always());
            let started = tokio::time::Instant::now();
            for error in every_call(&bcdr).await {
                let understood = matches!(error.kind(), ErrorKind::Decode | ErrorKind::Paging | ErrorKind::NotFound);
                prop_assert!(understood && error.operation().is_some(), "{:?}", error);
            }
            let health = crate::health(&bcdr).await;
            bcdr.check_connection().await;
            prop_assert!(started.elapsed() < Duration::from_secs(3_600));
            // No answer of this kind is a report of which all is known but one that says that there is nothing.
            if let Some(health) = health.known() {
                prop_assert!(health.figures().into_iter().all(|(_, figure)| crate::known(figure).evidence.is_empty()));
            }
            Ok(())
        })?;
    }
}
