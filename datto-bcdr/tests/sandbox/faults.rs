//! The report on backups while calls fail in any way.

use std::collections::BTreeSet;

use datto_bcdr::Measured;
use datto_bcdr::metrics::Figure;
use datto_sandbox::{Fault, Sandbox};
use proptest::prelude::*;

use crate::{fault, health, known, start};

/// The paths that a report rests on; one appliance's assets and one customer's applications are told apart by what follows.
const PATHS: [&str; 4] = ["/bcdr/device", "/asset", "/saas/domains", "/applications"];

fn any_fault() -> impl Strategy<Value = Fault> {
    prop::sample::select(PATHS.to_vec()).prop_flat_map(|path| {
        // An empty list of customers looks like a partner without SaaS Protection, and nothing in the answers says otherwise.
        let bodies = ["null", "{}", "{\"items\":null}", "{\"code\":\"x\",\"message\":\"y\"}", "7", "", "[]"];
        let bodies = if path == "/saas/domains" { &bodies[..6] } else { &bodies };
        let kind = prop_oneof![
            prop::sample::select(vec![400, 401, 403, 404, 429, 500, 502, 503, 504]).prop_map(Fault::status),
            Just(Fault::reset()),
            Just(Fault::html()),
            Just(Fault::stall()),
            (0_usize..2_000).prop_map(Fault::cut_body),
            prop::sample::select(bodies.to_vec()).prop_map(|body| Fault::body("application/json", body)),
        ];
        let times = prop_oneof![3 => (1_u64..6).prop_map(Some), 1 => Just(None)];
        (kind, 0_u64..12, times).prop_map(move |(kind, after, times)| {
            let placed = fault(kind, path).after(after);
            match times {
                Some(times) => placed.times(times),
                None => placed.always(),
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_failing_calls_make_a_report_say_less_than_it_knows(
        seed in 1_u64..1_000, faults in prop::collection::vec(any_fault(), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (sandbox, bcdr, _) = start(Sandbox::builder().seed(seed).appliances(9).saas_customers(4)).await;
            let calm = health(&bcdr).await;
            let calm = calm.known().unwrap();
            for fault in faults {
                sandbox.inject(fault);
            }
            let seen = health(&bcdr).await;
            let Some(report) = seen.value() else { return Ok(()) };
            let mut whole = true;
            for ((name, seen), (_, calm)) in report.figures().into_iter().zip(calm.figures()) {
                let calm = known(calm);
                let keys = |figure: &Figure| -> BTreeSet<String> {
                    figure.evidence.iter().map(|finding| finding.key.clone()).collect()
                };
                match seen {
                    Measured::Known(figure) => {
                        prop_assert_eq!((figure.value, figure.rests_on), (calm.value, calm.rests_on), "{}", name);
                        prop_assert_eq!(keys(figure), keys(calm), "{}", name);
                    }
                    Measured::Partial { value, missing } => {
                        whole = false;
                        prop_assert!(!missing.is_empty() && keys(value).is_subset(&keys(calm)), "{}", name);
                    }
                    Measured::Unknown { .. } => whole = false,
                }
            }
            prop_assert_eq!(seen.is_known(), whole);
            Ok(())
        })?;
    }
}
